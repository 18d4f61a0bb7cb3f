//! What the worker earned and lost.

use codec::{Decode, Encode};
use mutirao_client::Balance;
use mutirao_types::{verdict::Blame, Verdict};
use serde::Serialize;

use super::Record;

/// The protocol's part of a settled job's price: one fiftieth.
const PROTOCOL_SHARE: Balance = 50;
/// The provider's part of the price when the program is at fault: one tenth.
const FAULT_SHARE: Balance = 10;
/// A late or given-up job costs this part of its collateral.
const FAILURE_SHARE: Balance = 4;

/// Sums over all jobs of this journal, in planck. What the chain moved is in its events; these follow
/// from prices and collateral by the rules in `docs/protocol/economics.md`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Encode, Decode, Serialize)]
pub struct Earnings {
	/// Paid for settled jobs and for programs at fault.
	pub earned: Balance,
	/// Slashed.
	pub lost: Balance,
	/// Paid for calls.
	pub fees: Balance,
	/// Jobs that ended settled.
	pub settled: u64,
	/// Jobs that ended with the program at fault.
	pub faulted: u64,
	/// Jobs that were late or given up.
	pub failed: u64,
	/// Jobs that ended as lies.
	pub lies: u64,
	/// Declared steps of settled jobs.
	pub settled_steps: u128,
}

impl Earnings {
	/// Counts the end of a job, for which so much answered.
	pub fn count(&mut self, record: &Record, collateral: Balance, verdict: Verdict) {
		let price = record.price;
		let (earned, lost) = match verdict {
			Verdict::Settled => {
				self.settled = self.settled.saturating_add(1);
				let steps = u128::from(record.declared_steps);
				self.settled_steps = self.settled_steps.saturating_add(steps);
				(price.saturating_sub(price / PROTOCOL_SHARE), 0)
			}
			Verdict::Faulted(_) => {
				self.faulted = self.faulted.saturating_add(1);
				(price / FAULT_SHARE, 0)
			}
			Verdict::Refunded(reason) => match reason.blame() {
				Blame::Nobody => (0, 0),
				Blame::ProviderFailed => {
					self.failed = self.failed.saturating_add(1);
					(0, collateral.div_ceil(FAILURE_SHARE))
				}
				Blame::ProviderLied => {
					self.lies = self.lies.saturating_add(1);
					(0, collateral)
				}
			},
		};
		self.earned = self.earned.saturating_add(earned);
		self.lost = self.lost.saturating_add(lost);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::jobs::tests::support::record;
	use mutirao_types::{FaultKind, RefundReason};

	#[test]
	fn each_verdict_counts_as_the_economics_say() {
		let job = Record { price: 1_000, declared_steps: 5, ..record(1) };
		let after = |collateral, verdict| {
			let mut earnings = Earnings::default();
			earnings.count(&job, collateral, verdict);
			(earnings.earned, earnings.lost)
		};
		let refunded = Verdict::Refunded;
		assert_eq!(after(2_000, Verdict::Settled), (980, 0));
		assert_eq!(after(2_000, Verdict::Faulted(FaultKind::Race)), (100, 0));
		assert_eq!(after(2_000, refunded(RefundReason::Late)), (0, 500));
		assert_eq!(after(2_000, refunded(RefundReason::OpeningMissed)), (0, 2_000));
		assert_eq!(after(2_000, refunded(RefundReason::Cancelled)), (0, 0));
		// Its collateral is four audit fees, and more than twice its price.
		assert_eq!(after(10_001, refunded(RefundReason::Late)), (0, 2_501));
		assert_eq!(after(10_001, refunded(RefundReason::OpeningMissed)), (0, 10_001));
	}
}
