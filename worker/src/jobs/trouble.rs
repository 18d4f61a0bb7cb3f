//! Failures of a job in a row, and how long to wait after them.

use mutirao_client::BlockNumber;

use super::ActError;
use crate::chain::SubmitError;

/// The longest pause before something that failed is tried again, in blocks.
const LONGEST_PAUSE: BlockNumber = 32;
/// The chain may refuse a job's calls so many times in a row. After that nothing presses any more, and the
/// pauses are longer: each call has its fee.
const MOST_REFUSALS: u32 = 8;
/// The pause after that, in blocks: an hour.
const LAST_PAUSE: BlockNumber = 1_200;

/// Failures of a job in a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
	count: u32,
	/// How often the chain itself refused.
	refusals: u32,
	/// The block that was looked at last when it failed.
	at: BlockNumber,
	not_before: BlockNumber,
	error: String,
}

impl Trouble {
	/// Counts a failure, when this block was the last that was looked at.
	pub(super) fn note(&mut self, error: &ActError, block: BlockNumber) {
		let is_refused = matches!(error, ActError::Submit(SubmitError::Refused { .. }));
		self.refusals = self.refusals.saturating_add(u32::from(is_refused));
		self.count = self.count.saturating_add(1);
		let pause = 1u32.checked_shl(self.count.saturating_sub(1)).unwrap_or(LONGEST_PAUSE);
		let pause = match self.refusals >= MOST_REFUSALS {
			true => LAST_PAUSE,
			false => pause.min(LONGEST_PAUSE),
		};
		(self.at, self.not_before) = (block, block.saturating_add(pause));
		self.error = error.to_string();
	}

	/// Whether it failed so lately that another attempt must wait.
	pub(super) fn must_wait(&self, block: BlockNumber) -> bool {
		block < self.not_before
	}

	/// The same for what presses.
	pub(super) fn must_wait_pressing(&self, block: BlockNumber) -> bool {
		let is_hopeless = self.refusals >= MOST_REFUSALS && self.must_wait(block);
		block <= self.at || is_hopeless
	}

	/// What went wrong last.
	pub(super) fn error(&self) -> &str {
		&self.error
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_client::{DispatchError, Error};

	/// Blocks between attempts that all fail so.
	fn pauses(attempts: usize, error: impl Fn() -> ActError) -> Vec<BlockNumber> {
		let (mut trouble, mut block) = (Trouble::default(), 100);
		let pause = |_| {
			trouble.note(&error(), block);
			let pause = trouble.not_before - block;
			block = trouble.not_before;
			pause
		};
		(0..attempts).map(pause).collect()
	}

	#[test]
	fn pauses_double_up_to_the_longest() {
		let no_answer = || ActError::Chain(Error::NoEndpoint);
		assert_eq!(pauses(8, no_answer), [1, 2, 4, 8, 16, 32, 32, 32]);
	}

	#[test]
	fn what_the_chain_refused_often_waits_for_an_hour() {
		let refused = || {
			let error = DispatchError::Runtime { name: "Other".into(), meaning: "no" };
			ActError::Submit(SubmitError::Refused { call: "Jobs.settle".into(), error })
		};
		assert_eq!(pauses(9, refused)[5..], [32, 32, LAST_PAUSE, LAST_PAUSE]);
	}
}
