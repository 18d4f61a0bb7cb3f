//! Chunks that a job's buyer demanded on the chain, and what became of the deposits.

use mutirao_client::{
	pallets::{AttestationsEvent, AttestationsExt, JobsExt},
	types::{ActiveBlock, JobBuffer, JobStateKind},
	Balance, Error,
};
use serde::{Deserialize, Serialize};

use super::{record::Record, track::Standing};
use crate::show;

/// A demand of the buyer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demand {
	/// Whether the buffer is an input, and not one that a pass wrote.
	input: bool,
	/// Its place among those.
	buffer: u8,
	chunk: u32,
	/// The last moment to answer.
	until: ActiveBlock,
	/// Planck, in decimal digits.
	deposit: String,
	/// Whether the provider showed the chunk, and has the deposit.
	pub(crate) answered: bool,
}

impl Demand {
	/// One that waits for its answer.
	pub(crate) fn new(buffer: JobBuffer, chunk: u32, until: ActiveBlock, deposit: Balance) -> Self {
		let (input, buffer) = match buffer {
			JobBuffer::Input(place) => (true, place),
			JobBuffer::Written(place) => (false, place),
		};
		Self { input, buffer, chunk, until, deposit: deposit.to_string(), answered: false }
	}

	fn buffer(&self) -> JobBuffer {
		match self.input {
			true => JobBuffer::Input(self.buffer),
			false => JobBuffer::Written(self.buffer),
		}
	}

	fn is_of(&self, buffer: JobBuffer, chunk: u32) -> bool {
		(self.buffer(), self.chunk) == (buffer, chunk)
	}
}

impl Record {
	/// Takes over what an event tells of the buyer's demands. `deposit`: what each pays in advance.
	pub(crate) fn note_demand(&mut self, event: &AttestationsEvent, deposit: Balance) {
		match event {
			AttestationsEvent::Demanded { job, buffer, chunk, by, until } if *job == self.job => {
				let is_buyers = show::parse_account(&self.buyer).as_ref() == Ok(by);
				let is_known =
					|known: &Demand| known.is_of(*buffer, *chunk) && known.until == *until;
				if is_buyers && !self.demands.iter().any(is_known) {
					self.demands.push(Demand::new(*buffer, *chunk, *until, deposit));
				}
			}
			// Of the same chunk, one demand waits at a time.
			AttestationsEvent::Supplied { job, buffer, chunk } if *job == self.job => {
				let these = self.demands.iter_mut().filter(|one| one.is_of(*buffer, *chunk));
				these.for_each(|demand| demand.answered = true);
			}
			_ => {}
		}
	}

	/// Deposits that are the provider's now, in planck.
	pub(crate) fn lost_deposits(&self) -> Balance {
		if self.deal.as_ref().is_some_and(|deal| deal.provider == self.buyer) {
			return 0;
		}
		let answered = self.demands.iter().filter(|demand| demand.answered);
		let deposits = answered.filter_map(|demand| demand.deposit.parse().ok());
		deposits.fold(0, Balance::saturating_add)
	}

	fn waiting(&mut self) -> impl Iterator<Item = &mut Demand> {
		self.demands.iter_mut().filter(|demand| !demand.answered)
	}
}

/// Takes over what the state tells, where answers were not seen.
///
/// # Errors
///
/// Those of the chain.
pub(crate) async fn complete(
	chain: &(impl AttestationsExt + JobsExt),
	record: &mut Record,
	standing: &Standing,
) -> Result<(), Error> {
	match standing.stage() {
		// No job settles while a demand waits.
		Some(JobStateKind::Finished) if record.settled() => {
			record.waiting().for_each(|demand| demand.answered = true);
		}
		Some(JobStateKind::Contestable) => {
			let job = record.job;
			for demand in record.waiting() {
				let found = chain.pending_demand(job, demand.buffer(), demand.chunk).await?;
				// The end of a job gives deposits back: it must still be there.
				if found.is_none() && chain.job(job).await?.is_some() {
					demand.answered = true;
				}
			}
		}
		_ => {}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::job::record::tests::record;
	use mutirao_client::{
		types::{RefundReason, Verdict},
		AccountId,
	};

	const BUFFER: JobBuffer = JobBuffer::Written(1);

	fn demanded(by: [u8; 32], chunk: u32, until: ActiveBlock) -> AttestationsEvent {
		let by = AccountId::from(by);
		AttestationsEvent::Demanded { job: 3, buffer: BUFFER, chunk, by, until }
	}

	fn supplied(chunk: u32) -> AttestationsEvent {
		AttestationsEvent::Supplied { job: 3, buffer: BUFFER, chunk }
	}

	#[test]
	fn only_the_buyers_answered_demands_cost_and_each_once() {
		let mut ours = record(3);
		let events = [
			demanded([1; 32], 0, 200),
			// As the call's own events and the block's tell.
			demanded([1; 32], 0, 200),
			demanded([1; 32], 5, 200),
			demanded([2; 32], 6, 200),
			supplied(0),
			supplied(6),
			// The same chunk once more.
			demanded([1; 32], 0, 230),
		];
		for event in &events {
			ours.note_demand(event, 10);
		}
		assert_eq!((ours.demands.len(), ours.lost_deposits()), (3, 10));
		ours.note_demand(&supplied(0), 10);
		assert_eq!(ours.lost_deposits(), 20);
		let mut other = record(4);
		events.iter().for_each(|event| other.note_demand(event, 10));
		assert!(other.demands.is_empty());
	}

	#[test]
	fn a_deposit_that_is_not_answered_costs_nothing() {
		let mut ours = record(3);
		ours.note_demand(&demanded([1; 32], 0, 200), 10);
		ours.end(Verdict::Refunded(RefundReason::DemandUnanswered));
		assert_eq!(ours.lost_deposits(), 0);
	}
}
