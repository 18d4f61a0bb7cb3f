//! The loop.

use std::{
	collections::{BTreeSet, HashMap},
	sync::Arc,
};

use mutirao_client::{BlockNumber, Chain};
use mutirao_types::JobId;
use tokio::sync::{watch, Notify};

use super::{
	acceptor::{Acceptor, Verdicts},
	decide::{decide, Means, Step},
	flights::{act, kind_of, until, Flights, Kind},
	gate::UploadGate,
	load::Loads,
	policy::blocks,
	run::{stopped, JobsError},
	shared::{ActError, Parts, Shared},
	status::{JobStatus, Status},
	view::{observe, Moment, Stage, View},
	Record,
};

/// The loop, a round at a time.
pub struct Worker<C> {
	pub(super) shared: Arc<Shared<C>>,
	pub(super) acceptor: Acceptor,
	pub(super) loads: Loads,
	pub(super) verdicts: Arc<Verdicts>,
	pub(super) flights: Flights,
	pub(super) wake: Arc<Notify>,
	pub(super) status: watch::Sender<Status>,
	/// The highest block that was looked at.
	pub(super) seen: BlockNumber,
	pub(super) looked_for_lost: Option<BlockNumber>,
	/// Since when the chain does not know a job.
	pub(super) unknown_since: HashMap<JobId, BlockNumber>,
	/// Pins that belong to no job, and since when.
	pub(super) stale_pins: HashMap<String, BlockNumber>,
	pub(super) stopping: bool,
}

/// What is next for a job.
pub(super) struct Plan {
	pub(super) record: Record,
	pub(super) view: View,
	pub(super) step: Step,
}

impl<C: Chain + Clone + Send + Sync + 'static> Worker<C> {
	/// A loop that has not looked yet.
	pub fn new(parts: Parts<C>) -> Self {
		let (status, _) = watch::channel(Status::default());
		Self {
			shared: Arc::new(Shared::new(parts)),
			acceptor: Acceptor::default(),
			loads: Loads::default(),
			verdicts: Arc::default(),
			flights: Flights::default(),
			wake: Arc::default(),
			status,
			seen: 0,
			looked_for_lost: None,
			unknown_since: HashMap::new(),
			stale_pins: HashMap::new(),
			stopping: false,
		}
	}

	/// How it stands, now and from now on.
	pub fn status(&self) -> watch::Receiver<Status> {
		self.status.subscribe()
	}

	/// Who may upload what, for the data plane's server.
	pub fn gate(&self, genesis: [u8; 32]) -> UploadGate<C> {
		let (shared, verdicts) = (self.shared.clone(), self.verdicts.clone());
		UploadGate::new(shared, genesis, verdicts, self.wake.clone())
	}

	/// Takes no more jobs from now on.
	pub fn stop_accepting(&mut self) {
		self.stopping = true;
	}

	/// Looks at everything once, and starts what is to be done. A node that does not answer, or lags
	/// behind what was seen, leaves it undone: the next round looks again.
	///
	/// # Errors
	///
	/// What the worker cannot go on after.
	pub async fn round(&mut self) -> Result<(), JobsError> {
		self.flights.collect(self.seen).map_err(stopped)?;
		match self.try_round().await {
			Ok(()) => Ok(()),
			Err(ActError::Journal(error)) => Err(error.into()),
			Err(error) if error.is_fatal() => Err(stopped(error)),
			Err(error) => {
				tracing::warn!("this round is left out: {error}");
				Ok(())
			}
		}
	}

	async fn try_round(&mut self) -> Result<(), ActError> {
		let moment = Moment::of(&self.shared.parts.chain).await?;
		if moment.block < self.seen {
			tracing::debug!(block = moment.block, seen = self.seen, "the node lags behind");
			return Ok(());
		}
		self.seen = moment.block;
		self.shared.observe(moment);
		match self.find_lost(moment).await {
			// Duties of jobs that are known do not wait for it.
			Err(error) if !error.is_fatal() && !matches!(error, ActError::Journal(_)) => {
				tracing::warn!("lost jobs are not looked for in this round: {error}");
			}
			outcome => outcome?,
		}
		let mut plans = Vec::new();
		for record in self.shared.parts.journal.records()? {
			// What is under way may be about to change its record: one that is seen changed is fine.
			plans.push(self.plan(record, moment).await?);
		}
		// Who owes something soonest goes first.
		plans.sort_by_key(|plan| (!plan.step.is_duty(), until(&plan.view)));
		let mut healthy = true;
		for plan in &plans {
			let fails = self.flights.error(plan.record.job).is_some();
			healthy &= !(plan.step.is_duty() && fails);
			self.start(plan, moment);
		}
		let jobs: BTreeSet<JobId> = plans.iter().map(|plan| plan.record.job).collect();
		let accepting = !self.stopping && healthy;
		let wanted = self.accept(accepting, &plans, &jobs, moment).await?;
		self.tidy(&jobs, &wanted)?;
		self.publish(accepting, &plans, moment)
	}

	/// What is next for a job.
	async fn plan(&mut self, record: Record, moment: Moment) -> Result<Plan, ActError> {
		let shared = &self.shared;
		let view = match record.ended {
			// Nothing changes any more.
			Some(ended) => View {
				now: moment.now,
				block: moment.block,
				stage: Stage::Ended { verdict: ended.verdict, at: ended.at, ours: true },
				attested: None,
				samples: None,
				demands: Vec::new(),
			},
			None => observe(&shared.parts.chain, &record, moment).await?,
		};
		let unknown_for = match view.stage {
			Stage::Unknown => {
				let since = *self.unknown_since.entry(record.job).or_insert(moment.block);
				moment.block.saturating_sub(since)
			}
			_ => {
				self.unknown_since.remove(&record.job);
				0
			}
		};
		let written = record.computed.iter().flat_map(|computed| &computed.written);
		let computing = self.flights.kind(record.job) == Some(Kind::Compute);
		let means = Means {
			inputs: shared.has(record.request.inputs.iter().copied()),
			outputs: shared.has(written.map(|(_, id)| *id)),
			compute: match computing {
				// It goes on to the deadline.
				true => Some(0),
				false => shared.best_seconds(&record).map(blocks),
			},
			keep: shared.parts.limits.keep,
			unknown_for,
		};
		let step = decide(&record, &view, &means);
		Ok(Plan { record, view, step })
	}

	/// Starts what is to be done for a job, unless something is under way for it; stops what is not to
	/// be done any more.
	fn start(&mut self, plan: &Plan, moment: Moment) {
		let job = plan.record.job;
		let wanted = kind_of(&plan.step);
		if let Some(flying) = self.flights.kind(job) {
			if flying == Kind::Compute && wanted != Some(Kind::Compute) {
				tracing::warn!(job, "what is under way is stopped: {:?}", plan.step);
				self.flights.cancel(job);
			}
			return;
		}
		let Some(kind) = wanted else { return };
		if self.stopping && kind == Kind::Compute {
			return;
		}
		// Deadlines stand still with the chain.
		if plan.step.is_call() && self.shared.stands_still() {
			return;
		}
		let waits = match is_pressing(plan) {
			true => self.flights.must_wait_pressing(job, moment.block),
			false => self.flights.must_wait(job, moment.block),
		};
		if waits {
			return;
		}
		tracing::debug!(job, "{:?}", plan.step);
		let shared = self.shared.clone();
		let (record, view, step) = (plan.record.clone(), plan.view.clone(), plan.step.clone());
		self.flights
			.start(job, kind, |progress, cancel| act(shared, record, view, step, progress, cancel));
	}

	fn publish(&self, accepting: bool, plans: &[Plan], moment: Moment) -> Result<(), ActError> {
		let jobs = plans.iter().map(|plan| JobStatus {
			job: plan.record.job,
			offer: plan.record.offer,
			step: format!("{:?}", plan.step),
			until: until(&plan.view),
			progress: self.flights.progress(plan.record.job),
			error: self.flights.error(plan.record.job),
		});
		let mut jobs: Vec<JobStatus> = jobs.collect();
		jobs.sort_by_key(|job| job.job);
		let refused = self.verdicts.refusals();
		self.status.send_replace(Status {
			block: moment.block,
			now: moment.now,
			accepting: accepting && self.shared.parts.policy.accept,
			stands_still: self.shared.stands_still(),
			jobs,
			refused: refused.into_iter().map(|(job, why)| (job, why.to_string())).collect(),
			earnings: self.shared.parts.journal.earnings()?,
		});
		Ok(())
	}

	/// Waits until something that is under way has ended.
	///
	/// # Errors
	///
	/// What the worker cannot go on after.
	pub async fn landed(&mut self) -> Result<(), JobsError> {
		self.flights.landed(self.seen).await.map_err(stopped)
	}

	/// Whether nothing is under way.
	pub fn is_idle(&self) -> bool {
		self.flights.is_empty()
	}
}

/// Whether so little time is left that a pause after a failure would cost more than it saves.
fn is_pressing(plan: &Plan) -> bool {
	let left = until(&plan.view).map(|until| until.saturating_sub(plan.view.now));
	plan.step.is_duty() && left.is_some_and(|left| left < super::PRESSING)
}
