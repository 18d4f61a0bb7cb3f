//! Calls that the chain refused: they are sent again in later blocks, with ever longer pauses, and not for
//! ever. Each has its fee.

use mutirao_client::{BlockNumber, Error};
use mutirao_types::WindowId;

use super::BenchmarkError;

/// The chain may refuse so many calls in a row in one window.
const MOST: u32 = 6;

/// Those of an offer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Refusals {
	window: Option<WindowId>,
	count: u32,
	not_before: BlockNumber,
}

impl Refusals {
	/// Whether a call may be sent at this block, while this window is the present one.
	pub(super) fn allow(&self, window: Option<WindowId>, block: BlockNumber) -> bool {
		self.window != window || self.count < MOST && block >= self.not_before
	}

	/// Takes note of what became of a call that was sent at this block.
	pub(super) fn note(
		&mut self,
		window: Option<WindowId>,
		block: BlockNumber,
		outcome: &Result<(), BenchmarkError>,
	) {
		match outcome {
			Ok(()) => *self = Self::default(),
			Err(BenchmarkError::Chain(Error::Failed { .. })) => {
				let before = if self.window == window { self.count } else { 0 };
				let not_before = block.saturating_add(1u32 << before.min(MOST));
				*self = Self { window, count: before.saturating_add(1), not_before };
			}
			// Nothing was paid.
			Err(_) => {}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_client::DispatchError;

	fn refused() -> Result<(), BenchmarkError> {
		let error = DispatchError::Runtime { name: "Other".into(), meaning: "no" };
		let failed = Error::Failed {
			error,
			transaction: Default::default(),
			block: Default::default(),
			fee: 0,
		};
		Err(failed.into())
	}

	#[test]
	fn a_refused_call_waits_for_another_block_each_time_longer_and_not_for_ever() {
		let (mut refusals, window, mut sent) = (Refusals::default(), Some(5), Vec::new());
		for block in 100..400 {
			if refusals.allow(window, block) {
				sent.push(block);
				refusals.note(window, block, &refused());
				assert!(!refusals.allow(window, block), "not twice at {block}");
			}
		}
		assert_eq!(sent, [100, 101, 103, 107, 115, 131]);
		assert!(refusals.allow(Some(6), 400) && refusals.allow(None, 400), "another window");
	}

	#[test]
	fn what_was_not_refused_is_sent_again_at_once() {
		let (mut refusals, window) = (Refusals::default(), Some(5));
		let unheard = Err(BenchmarkError::Chain(Error::Rejected("the pool is full".into())));
		refusals.note(window, 100, &unheard);
		assert!(refusals.allow(window, 100));
		refusals.note(window, 100, &refused());
		refusals.note(window, 101, &Ok(()));
		assert!(refusals.allow(window, 101));
	}
}
