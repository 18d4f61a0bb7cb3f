//! Which pieces are there.

use mutirao_commitment::BufferId;

use crate::wire;

/// Which pieces are written, and which are being written.
#[derive(Clone, Debug)]
pub(in crate::store) struct Have {
	/// A byte a piece: at most 1 MiB.
	state: Vec<PieceState>,
	pub(super) missing: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PieceState {
	Missing,
	Busy,
	Written,
}

impl Have {
	pub(in crate::store) fn nothing(id: &BufferId) -> Self {
		let pieces = wire::pieces(id);
		Self { state: vec![PieceState::Missing; pieces as usize], missing: pieces }
	}

	pub(super) fn written(&mut self, piece: u32) {
		let state = &mut self.state[piece as usize];
		if *state != PieceState::Written {
			*state = PieceState::Written;
			self.missing -= 1;
		}
	}

	pub(super) fn is(&self, piece: u32, state: PieceState) -> bool {
		self.state.get(piece as usize) == Some(&state)
	}

	pub(super) fn set(&mut self, piece: u32, state: PieceState) {
		self.state[piece as usize] = state;
	}

	/// A write that a panic ended.
	pub(super) fn forget_busy(&mut self) {
		let busy = self.state.iter_mut().filter(|state| **state == PieceState::Busy);
		busy.for_each(|state| *state = PieceState::Missing);
	}

	pub(super) fn missing(&self) -> Vec<u32> {
		let missing = (0u32..).zip(&self.state);
		missing.filter(|(_, state)| **state != PieceState::Written).map(|(at, _)| at).collect()
	}
}
