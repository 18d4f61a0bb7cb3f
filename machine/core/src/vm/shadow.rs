//! Race detection: who touched a word since the last barrier.
//!
//! A shadow word remembers the epoch (barriers so far), the kind of access, and the lane, or that
//! there were several. Two lanes may share a word only if both read it, or both apply the same
//! atomic function to it: anything else has a result that depends on their order.

use alloc::{vec, vec::Vec};
use core::cell::Cell;

use crate::bytecode::AtomicFunction;

const LANE: u32 = 0xff;
const SEVERAL: u32 = 1 << 8;
const KIND_SHIFT: u32 = 9;
const EPOCH_SHIFT: u32 = 13;
const EPOCHS: u32 = 1 << (32 - EPOCH_SHIFT);

/// How a word is touched.
#[derive(Clone, Copy)]
pub(super) enum Touch {
	/// Read.
	Read,
	/// Written without an atomic.
	Write,
	/// Updated by an atomic function.
	Atomic(AtomicFunction),
}

impl Touch {
	const fn kind(self) -> u32 {
		match self {
			Self::Read => 0,
			Self::Write => 1,
			Self::Atomic(function) => 2 + function as u32,
		}
	}
}

/// The epoch that all shadows of a run share.
pub(super) struct Epoch(u32);

impl Epoch {
	pub(super) const FIRST: Self = Self(1);

	/// Starts the next epoch; true if shadows must be cleared because numbers start again.
	pub(super) fn advance(&mut self) -> bool {
		self.0 += 1;
		let is_exhausted = self.0 == EPOCHS;
		if is_exhausted {
			self.0 = 1;
		}
		is_exhausted
	}

	/// The mark of an access in this epoch, but for the lane.
	pub(super) const fn mark(&self, touch: Touch) -> Mark {
		Mark(self.0 << EPOCH_SHIFT | touch.kind() << KIND_SHIFT)
	}
}

/// An epoch and a kind of access.
#[derive(Clone, Copy)]
pub(super) struct Mark(u32);

/// The shadow words of one memory.
pub(super) struct Shadow(Vec<Cell<u32>>);

impl Shadow {
	pub(super) fn new(words: usize) -> Self {
		Self(vec![Cell::new(0); words])
	}

	pub(super) fn clear(&mut self) {
		self.0.fill(Cell::new(0));
	}

	/// Records an access; false if it races with an earlier one.
	#[inline(always)]
	pub(super) fn touch(&self, word: usize, mark: Mark, lane: usize) -> bool {
		let Some(cell) = self.0.get(word) else {
			return true;
		};
		let (old, new) = (cell.get(), mark.0 | lane as u32);
		if old >> EPOCH_SHIFT != new >> EPOCH_SHIFT {
			cell.set(new);
			return true;
		}
		old == new || old == mark.0 | SEVERAL || share(cell, new)
	}
}

/// A second, different access in one epoch.
#[inline(never)]
fn share(cell: &Cell<u32>, new: u32) -> bool {
	let old = cell.get();
	let kind = |state: u32| state >> KIND_SHIFT & 0xf;
	let write = Touch::Write.kind();
	if old & SEVERAL == 0 && old & LANE == new & LANE {
		// Whatever one lane does alone is in its own order; others must keep out.
		cell.set(new & !(0xf << KIND_SHIFT) | write << KIND_SHIFT);
		return true;
	}
	let may_share = kind(old) == kind(new) && kind(new) != write;
	if may_share {
		cell.set(new & !LANE | SEVERAL);
	}
	may_share
}

#[cfg(test)]
mod tests {
	use super::*;

	const ADD: Touch = Touch::Atomic(AtomicFunction::Add);
	const MAX: Touch = Touch::Atomic(AtomicFunction::MaxI32);

	fn races(accesses: &[(usize, Touch)]) -> bool {
		let shadow = Shadow::new(1);
		!accesses.iter().all(|(lane, touch)| shadow.touch(0, Epoch::FIRST.mark(*touch), *lane))
	}

	#[test]
	fn lanes_share_a_word_only_if_order_does_not_matter() {
		assert!(!races(&[(0, Touch::Read), (1, Touch::Read), (0, Touch::Read)]));
		assert!(!races(&[(0, ADD), (1, ADD), (2, ADD), (0, ADD)]));
		assert!(races(&[(0, Touch::Write), (1, Touch::Write)]));
		assert!(races(&[(0, Touch::Read), (1, Touch::Write)]));
		assert!(races(&[(0, Touch::Write), (1, Touch::Read)]));
		assert!(races(&[(0, ADD), (1, MAX)]));
		assert!(races(&[(0, ADD), (1, Touch::Read)]));
		assert!(races(&[(0, Touch::Read), (1, ADD)]));
		assert!(races(&[(0, Touch::Read), (1, Touch::Read), (0, Touch::Write)]));
		assert!(races(&[(0, ADD), (1, ADD), (1, Touch::Read)]));
	}

	#[test]
	fn one_lane_may_do_anything_but_then_alone() {
		let alone = [(3, Touch::Read), (3, Touch::Write), (3, ADD), (3, Touch::Read)];
		assert!(!races(&alone));
		assert!(races(&[alone[0], alone[2], (4, ADD)]));
		assert!(races(&[alone[2], alone[0], (4, Touch::Read)]));
	}

	#[test]
	fn a_barrier_forgets_also_when_epochs_start_again() {
		let mut epoch = Epoch::FIRST;
		let mut shadow = Shadow::new(1);
		for barrier in 0..EPOCHS + 3 {
			let lane = barrier as usize % 2;
			assert!(shadow.touch(0, epoch.mark(Touch::Write), lane), "barrier {barrier}");
			if epoch.advance() {
				shadow.clear();
			}
		}
	}
}
