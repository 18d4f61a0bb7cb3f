//! Whether the hot key can pay for what is owed, and for another job.

use mutirao_client::{AccountId, Balance, BlockNumber, Chain};
use mutirao_types::Job;

use crate::funds::{opening_advance, reckoned, Funds, JobFees, Owed, FEW_JOBS};

use super::{
	parts::Parts,
	plan::Plan,
	shared::Shared,
	view::{Stage, View},
	ActError, Refusal, What,
};

/// The provider is warned once in so many blocks: ten minutes.
const WARN_EVERY: BlockNumber = 200;

/// What a job still needs of the hot key.
fn owed_by(view: &View, fees: &JobFees, samples: u8) -> Option<(Balance, Balance)> {
	let fees = match view.stage {
		// `accept` is on its way.
		Stage::Open { .. } => fees.sum(),
		Stage::Running { .. } => fees.attest,
		Stage::Attested { .. } | Stage::Contestable { .. } => 0,
		Stage::Unknown | Stage::Foreign | Stage::Ended { .. } => return None,
	};
	Some((fees, opening_advance(view.audit_fee, samples)))
}

impl<C: Chain> Shared<C> {
	/// How the hot key's money stands against what these jobs still need.
	pub(super) async fn reckon(&self, plans: &[Plan]) -> Result<Funds, ActError> {
		let money = self.parts.purse.money().await?;
		let fees = self.job_fees();
		let owed =
			plans.iter().filter_map(|plan| owed_by(&plan.view, &fees, plan.record.request.samples));
		let owed = owed.fold(Owed::default(), |owed, (fees, advance)| owed.and(fees, advance));
		let funds = Funds { money, fees, owed };
		*self.funds() = Some(funds);
		Ok(funds)
	}

	/// Whether the hot key pays for one more job, and for what is owed already, as far as it was looked.
	pub(super) fn ensure_funds(&self, job: &Job<AccountId, Balance>) -> Result<(), Refusal> {
		let Some(funds) = *self.funds() else { return Ok(()) };
		let needed = funds.needed(opening_advance(job.audit_fee, job.request.samples));
		match funds.money.free < needed {
			true => Err(Refusal::HotKeyShort { free: funds.money.free, needed }),
			false => Ok(()),
		}
	}

	/// Counts a job that is about to be taken.
	pub(super) fn take_funds(&self, job: &Job<AccountId, Balance>) {
		if let Some(funds) = &mut *self.funds() {
			funds.take(opening_advance(job.audit_fee, job.request.samples));
		}
	}

	/// Takes note of what a call cost.
	pub(super) fn note_fee(&self, what: What, fee: Balance) -> Result<(), ActError> {
		let Parts { journal, .. } = &self.parts;
		journal.add_fee(fee)?;
		if fee > 0 {
			let mut fees = self.fees();
			match what {
				What::Accept => fees.accept = reckoned(fees.accept, fee),
				What::Attest => fees.attest = reckoned(fees.attest, fee),
				_ => {}
			}
		}
		Ok(())
	}
}

/// When the provider was warned last.
#[derive(Debug, Default)]
pub(super) struct Warned {
	last: Option<(BlockNumber, bool)>,
}

impl Warned {
	/// Whether to warn in this block: not again for a while, unless now no job is taken any more.
	pub(super) fn is_due(&mut self, funds: &Funds, block: BlockNumber) -> bool {
		if funds.jobs() >= FEW_JOBS {
			self.last = None;
			return false;
		}
		let is_out = funds.jobs() == 0;
		let is_due = self.last.is_none_or(|(at, was_out)| {
			block >= at.saturating_add(WARN_EVERY) || (is_out && !was_out)
		});
		if is_due {
			self.last = Some((block, is_out));
		}
		is_due
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::funds::Money;

	fn with(jobs: Balance) -> Funds {
		let fees = JobFees { accept: 1, attest: 1 };
		let owed = Owed::default();
		let money = Money { free: owed.sum() + jobs * fees.sum(), deposit: 0 };
		Funds { money, fees, owed }
	}

	#[test]
	fn a_warning_comes_once_in_a_while_and_at_once_when_nothing_is_left() {
		let mut warned = Warned::default();
		assert!(!warned.is_due(&with(FEW_JOBS), 1));
		assert!(warned.is_due(&with(FEW_JOBS - 1), 2));
		assert!(!warned.is_due(&with(5), 1 + WARN_EVERY));
		assert!(warned.is_due(&with(5), 2 + WARN_EVERY));
		assert!(warned.is_due(&with(0), 3 + WARN_EVERY));
		assert!(!warned.is_due(&with(0), 4 + WARN_EVERY));
		// Funded, and short again.
		assert!(!warned.is_due(&with(FEW_JOBS), 5 + WARN_EVERY));
		assert!(warned.is_due(&with(1), 6 + WARN_EVERY));
	}
}
