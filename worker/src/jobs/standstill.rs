//! Whether the chain stands still. In safe mode and while a migration runs it takes no call of the market,
//! and deadlines come no nearer: calls wait. One that is sent all the same costs its fee.

use mutirao_client::{BlockNumber, DispatchError};
use mutirao_types::ActiveBlock;

use super::view::Moment;

/// Blocks in which the clock of deadlines has not moved, after which the chain is taken to stand still. One
/// may pass between reading a block's height and reading the clock.
const SURE: BlockNumber = 2;

/// What is known of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standstill {
	/// The clock as it was seen last, and the first block in which it was seen so.
	since: Option<(ActiveBlock, BlockNumber)>,
	/// The clock when the chain refused a call because it takes none.
	refused_at: Option<ActiveBlock>,
	stands_still: bool,
}

impl Standstill {
	/// Takes note of the clock at a moment, no earlier than the last; whether the chain stands still.
	pub(crate) fn observe(&mut self, moment: Moment) -> bool {
		let block = match self.since {
			Some((now, block)) if now == moment.now => block,
			_ => moment.block,
		};
		self.since = Some((moment.now, block));
		let refused = self.refused_at.is_some_and(|at| moment.now <= at);
		let stands_still = refused || moment.block >= block.saturating_add(SURE);
		if stands_still != self.stands_still {
			match stands_still {
				true => tracing::warn!("the chain stands still: calls wait until it goes on"),
				false => tracing::info!("the chain goes on"),
			}
		}
		self.stands_still = stands_still;
		stands_still
	}

	/// Takes note that the chain takes no calls while its clock shows this.
	pub(crate) fn refused(&mut self, now: ActiveBlock) {
		self.refused_at = Some(now);
		self.stands_still = true;
	}

	/// Whether it stood still when it was looked at last.
	pub(crate) fn is_known(&self) -> bool {
		self.stands_still
	}
}

/// Whether a call was refused because the chain takes none of its kind now.
pub(crate) fn is_filtered(error: &DispatchError) -> bool {
	matches!(error, DispatchError::Pallet { pallet, name, .. }
		if pallet == "System" && name == "CallFiltered")
}

#[cfg(test)]
mod tests {
	use super::*;

	fn observed(moments: &[(BlockNumber, ActiveBlock)]) -> Vec<bool> {
		let mut standstill = Standstill::default();
		moments.iter().map(|(block, now)| standstill.observe(moment(*block, *now))).collect()
	}

	fn moment(block: BlockNumber, now: ActiveBlock) -> Moment {
		Moment { block, now }
	}

	#[test]
	fn a_clock_that_does_not_move_while_blocks_are_made_is_a_standstill_until_it_moves() {
		let seen = [(10, 5), (11, 6), (12, 6), (13, 6), (14, 6), (15, 7), (16, 8)];
		assert_eq!(observed(&seen), [false, false, false, true, true, false, false]);
	}

	#[test]
	fn a_node_that_does_not_follow_or_a_clock_that_is_read_late_is_none() {
		assert_eq!(observed(&[(10, 5), (10, 5), (10, 5)]), [false; 3]);
		// The clock of the next block, twice.
		assert_eq!(observed(&[(10, 6), (11, 6), (12, 7), (20, 15)]), [false; 4]);
	}

	#[test]
	fn a_refusal_tells_at_once_and_for_as_long_as_the_clock_shows_the_same() {
		let mut standstill = Standstill::default();
		assert!(!standstill.observe(moment(10, 5)));
		standstill.refused(6);
		assert!(standstill.is_known());
		assert!(standstill.observe(moment(11, 6)));
		// One call was paused, and time goes on.
		assert!(!standstill.observe(moment(12, 7)) && !standstill.is_known());
	}
}
