//! What blocks tell of a job.

use mutirao_client::{
	pallets::{AttestationsEvent, AttestationsExt, JobsEvent, JobsExt},
	types::{FinishedJob, Job, JobId, JobState, JobStateKind, Transcript},
	AccountId, Balance, Block, BlockNumber, Blocks, Error, Event,
};

use super::{
	demands,
	kernel::Kernel,
	record::{Audit, Buffer, Record},
};

/// Blocks whose events a node that prunes still has.
const REMEMBERED: BlockNumber = 200;

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
	/// It has not ended.
	Live(Box<Job<AccountId, Balance>>),
	/// It has.
	Finished(Box<FinishedJob<AccountId, Balance>>),
	/// It was pruned, or never was.
	Gone,
}

impl Standing {
	/// Asks the chain.
	pub(crate) async fn of(chain: &impl JobsExt, job: JobId) -> Result<Self, Error> {
		if let Some(job) = chain.job(job).await? {
			return Ok(Self::Live(Box::new(job)));
		}
		let finished = chain.finished_job(job).await?;
		Ok(finished.map_or(Self::Gone, |finished| Self::Finished(Box::new(finished))))
	}

	/// The stage; `None` if it is gone.
	pub(crate) fn stage(&self) -> Option<JobStateKind> {
		match self {
			Self::Live(job) => Some(job.state.kind()),
			Self::Finished(_) => Some(JobStateKind::Finished),
			Self::Gone => None,
		}
	}
}

/// Reads what final blocks tell of the job since the last time. `demand_deposit`: what demands pay in
/// advance.
///
/// # Errors
///
/// Those of the chain. Blocks whose events the node no longer has are left out: what they told is asked
/// of the state, but for their heights.
pub(crate) async fn catch_up(
	chain: &impl Blocks,
	record: &mut Record,
	demand_deposit: Balance,
) -> Result<(), Error> {
	let head = chain.finalized_number().await?;
	record.next_block = record.next_block.max(head.saturating_sub(REMEMBERED));
	while record.next_block <= head {
		let block = chain.block(record.next_block).await?;
		apply(record, &block, demand_deposit);
		record.next_block = record.next_block.saturating_add(1);
	}
	Ok(())
}

/// Takes over what one block tells of the job.
fn apply(record: &mut Record, block: &Block, demand_deposit: Balance) {
	let height = Some(block.number);
	for event in &block.events {
		match event {
			Event::Jobs(JobsEvent::Posted { job, .. }) if *job == record.job => {
				record.heights.posted = height;
			}
			Event::Jobs(JobsEvent::Accepted { job, provider, offer, price, .. })
				if *job == record.job =>
			{
				record.heights.accepted = height;
				record.agree(provider, *offer, *price);
			}
			Event::Jobs(JobsEvent::Audited { job, .. }) if *job == record.job => {
				record.heights.audited = height;
			}
			Event::Jobs(JobsEvent::Finished { job, verdict, payout, .. }) if *job == record.job => {
				record.heights.finished = height;
				record.end(*verdict);
				record.returned = Some(payout.buyer.to_string());
				record.earned = Some(payout.provider.to_string());
			}
			Event::Attestations(event) => {
				attestation(record, event, block.number);
				record.note_demand(event, demand_deposit);
			}
			_ => {}
		}
	}
}

fn attestation(record: &mut Record, event: &AttestationsEvent, height: BlockNumber) {
	match event {
		AttestationsEvent::Attested { job, transcript, .. } if *job == record.job => {
			record.heights.attested = Some(height);
			note_transcript(record, transcript);
		}
		AttestationsEvent::Opened { job, workgroup, .. } if *job == record.job => {
			note_audit(record, workgroup.pass, workgroup.number, true);
		}
		AttestationsEvent::OpeningWrong { job, workgroup, .. } if *job == record.job => {
			note_audit(record, workgroup.pass, workgroup.number, false);
		}
		_ => {}
	}
}

/// One workgroup may be drawn twice; each draw is an audit.
fn note_audit(record: &mut Record, pass: u16, workgroup: u32, passed: bool) {
	record.audits.push(Audit { pass, workgroup, passed });
}

/// Names are put in by [`name_transcript`], which knows the program.
fn note_transcript(record: &mut Record, transcript: &Transcript) {
	if record.transcript.is_empty() {
		record.transcript = transcript.iter().map(|id| Buffer::new("", id)).collect();
	}
}

/// Takes over what the state tells, where events were not seen: deal, transcript, draws, verdict, answers.
pub(crate) async fn complete(
	chain: &(impl AttestationsExt + JobsExt),
	record: &mut Record,
	standing: &Standing,
) -> Result<(), Error> {
	match standing {
		Standing::Live(job) => {
			if let (None, Some(deal)) = (&record.deal, job.state.deal()) {
				record.agree(&deal.provider, deal.offer, deal.price);
			}
			let attested =
				matches!(job.state, JobState::Attested { .. } | JobState::Contestable { .. });
			if attested && record.transcript.is_empty() {
				if let Some(attestation) = chain.attestation(record.job).await? {
					note_transcript(record, &attestation.transcript);
				}
			}
			if matches!(job.state, JobState::Contestable { .. }) && record.audits.is_empty() {
				for sample in chain.samples(record.job).await?.unwrap_or_default() {
					let workgroup = sample.workgroup;
					note_audit(record, workgroup.pass, workgroup.number, sample.opened);
				}
			}
		}
		Standing::Finished(finished) => {
			if let (None, Some(deal)) = (&record.deal, &finished.deal) {
				record.agree(&deal.provider, deal.offer, deal.price);
			}
			record.end(finished.verdict);
		}
		Standing::Gone => {}
	}
	demands::complete(chain, record, standing).await
}

/// Gives the transcript's buffers the program's names.
pub(crate) fn name_transcript(record: &mut Record, kernel: &Kernel) {
	let Ok(summary) = kernel.program.summary(&record.values()) else { return };
	let buffers = &kernel.program.definition().buffers;
	for (named, slot) in record.transcript.iter_mut().zip(summary.written()) {
		if let Some(buffer) = buffers.get(slot.buffer) {
			named.name.clone_from(&buffer.name);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::job::record::tests::record;
	use mutirao_client::{
		pallets::Payout,
		types::{BufferId, RefundReason, Verdict, Workgroup},
	};

	fn block(number: BlockNumber, event: Event) -> Block {
		Block { number, hash: Default::default(), events: vec![event] }
	}

	#[test]
	fn events_of_the_job_and_of_no_other_are_taken_over() {
		let mut ours = record(3);
		let id = BufferId::of(&[1]);
		let transcript = Transcript::truncate_from(vec![id]);
		let workgroup = Workgroup { pass: 1, number: 9 };
		for job in [3, 4] {
			let provider = AccountId::from([job as u8; 32]);
			let events = [
				Event::Jobs(JobsEvent::Accepted {
					job,
					provider,
					offer: job,
					price: 50,
					collateral: 100,
					until: 9,
				}),
				Event::Attestations(AttestationsEvent::Attested {
					job,
					root: [0; 32],
					transcript: transcript.clone(),
					anchor: 1,
				}),
				Event::Attestations(AttestationsEvent::Opened {
					job,
					sample: 0,
					workgroup,
					steps: 1,
				}),
				Event::Jobs(JobsEvent::Audited { job, until: 9 }),
				Event::Jobs(JobsEvent::Finished {
					job,
					verdict: Verdict::Refunded(RefundReason::ChallengeUpheld),
					payout: Payout { buyer: 7, ..Payout::default() },
					slash: None,
				}),
			];
			for (at, event) in (10 * job as u32..).zip(events) {
				apply(&mut ours, &block(at, event), 5);
			}
		}
		let heights = ours.heights;
		assert_eq!((heights.accepted, heights.attested), (Some(30), Some(31)));
		assert_eq!((heights.audited, heights.finished), (Some(33), Some(34)));
		assert_eq!(ours.deal.as_ref().unwrap().offer, 3);
		assert_eq!(ours.audits, [Audit { pass: 1, workgroup: 9, passed: true }]);
		assert_eq!(ours.transcript, [Buffer::new("", &id)]);
		assert_eq!((ours.returned.as_deref(), ours.earned.as_deref()), (Some("7"), Some("0")));
		assert!(!ours.settled());
	}
}
