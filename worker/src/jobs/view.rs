//! What the chain says about a job at one moment.

use mutirao_client::{AccountId, Balance, BlockNumber, Chain, Error};
use mutirao_types::{
	ActiveBlock, FinishedJob, Job, JobBuffer, JobState, OfferId, Sample, Transcript, Verdict,
};

use super::{shared::Shared, Ended, Record};

/// A job, as the last finalised block has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct View {
	/// The clock of deadlines.
	pub now: ActiveBlock,
	/// Everything up to this block is in the view.
	pub block: BlockNumber,
	/// How far the job is.
	pub stage: Stage,
	/// What the buyer set aside for computing drawn workgroups again, in planck; 0 if the job is over.
	pub audit_fee: Balance,
	/// What we attested.
	pub attested: Option<Attested>,
	/// What is drawn; `None` until it is.
	pub samples: Option<Vec<Sample>>,
	/// Demands that wait for an answer, of those that we know of.
	pub demands: Vec<PendingDemand>,
}

/// How far a job is, seen by us.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
	/// The chain does not know it: it was pruned.
	Unknown,
	/// Nobody has it.
	Open {
		/// In time to accept.
		until: ActiveBlock,
	},
	/// It is on an offer that this worker does not serve.
	Foreign,
	/// Ours to compute.
	Running {
		/// In time to attest.
		until: ActiveBlock,
	},
	/// Ours to open.
	Attested {
		/// In time to open.
		until: ActiveBlock,
	},
	/// Ours, and anybody's to contest.
	Contestable {
		/// In time to challenge.
		until: ActiveBlock,
	},
	/// Over.
	Ended {
		/// How.
		verdict: Verdict,
		/// When.
		at: ActiveBlock,
		/// Whether it was ours.
		ours: bool,
	},
}

/// An attestation, as far as it matters here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attested {
	/// What we committed to.
	pub transcript: Transcript,
	/// Workgroups are drawn from the blocks after this one.
	pub anchor: BlockNumber,
	/// Demands that wait for an answer, known to us or not.
	pub demands: u8,
}

/// A demand that waits for an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PendingDemand {
	/// Which buffer.
	pub buffer: JobBuffer,
	/// Which chunk.
	pub chunk: u32,
	/// The last moment to answer.
	pub until: ActiveBlock,
}

/// The moment that an observation starts from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
	/// The last finalised block, or an earlier one than what is read next.
	pub block: BlockNumber,
	/// The clock of deadlines.
	pub now: ActiveBlock,
}

impl Moment {
	/// The present one. The block is read first: what is read later is not older.
	///
	/// # Errors
	///
	/// Those of reads.
	pub async fn of(chain: &impl Chain) -> Result<Self, Error> {
		let block = chain.finalized_number().await?;
		Ok(Self { block, now: chain.now().await? })
	}
}

impl<C: Chain> Shared<C> {
	/// A job at a moment.
	pub(super) async fn view(&self, record: &Record, at: Moment) -> Result<View, Error> {
		match record.ended {
			// Nothing changes any more.
			Some(Ended { verdict, at: ended_at }) => {
				Ok(View::at(at, Stage::Ended { verdict, at: ended_at, ours: true }))
			}
			None => observe(&self.parts.chain, record, at).await,
		}
	}
}

impl View {
	/// What is known without a look at more.
	fn at(moment: Moment, stage: Stage) -> Self {
		Self {
			now: moment.now,
			block: moment.block,
			stage,
			audit_fee: 0,
			attested: None,
			samples: None,
			demands: Vec::new(),
		}
	}
}

/// Reads all that matters about a job.
///
/// # Errors
///
/// Those of reads.
pub async fn observe(chain: &impl Chain, record: &Record, at: Moment) -> Result<View, Error> {
	let id = record.job;
	let mut view = View::at(at, Stage::Unknown);
	let Some(job) = chain.job(id).await? else {
		if let Some(ended) = chain.finished_job(id).await? {
			view.stage = ended_stage(&ended, record.offer);
		}
		return Ok(view);
	};
	view.stage = live_stage(&job, record.offer);
	view.audit_fee = job.audit_fee;
	if !matches!(view.stage, Stage::Attested { .. } | Stage::Contestable { .. }) {
		return Ok(view);
	}
	view.attested = chain.attestation(id).await?.map(|attestation| Attested {
		transcript: attestation.transcript,
		anchor: attestation.anchor,
		demands: attestation.demands,
	});
	if matches!(view.stage, Stage::Attested { .. }) {
		view.samples = chain.samples(id).await?;
	}
	for (buffer, chunk) in &record.demands {
		if let Some(demand) = chain.pending_demand(id, *buffer, *chunk).await? {
			let (buffer, chunk) = (*buffer, *chunk);
			view.demands.push(PendingDemand { buffer, chunk, until: demand.until });
		}
	}
	Ok(view)
}

/// The stage of a job that has not ended. Whose offer it is on tells whose job it is.
pub(super) fn live_stage(job: &Job<AccountId, Balance>, offer: OfferId) -> Stage {
	let ours = job.state.deal().is_none_or(|deal| deal.offer == offer);
	match &job.state {
		_ if !ours => Stage::Foreign,
		JobState::Open { until } => Stage::Open { until: *until },
		JobState::Running { until, .. } => Stage::Running { until: *until },
		JobState::Attested { until, .. } => Stage::Attested { until: *until },
		JobState::Contestable { until, .. } => Stage::Contestable { until: *until },
	}
}

fn ended_stage(job: &FinishedJob<AccountId, Balance>, offer: OfferId) -> Stage {
	let ours = job.deal.as_ref().is_some_and(|deal| deal.offer == offer);
	Stage::Ended { verdict: job.verdict, at: job.ended_at, ours }
}
