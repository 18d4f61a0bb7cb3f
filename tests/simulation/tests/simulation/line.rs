//! The line between the worker and its node, and all that goes wrong on it.
//!
//! What happens to a call or a read follows from the seed, from what it is, and from how often it was
//! tried: not from what else is under way, so that a seed meets the same faults again.

use fastrand::Rng;
use std::{
	collections::HashMap,
	hash::{DefaultHasher, Hash, Hasher},
};

/// A call meets at most so many faults in a row.
const MOST_IN_A_ROW: u32 = 3;

/// What happens to a call that the worker sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sending {
	/// A block takes it, and the answer arrives.
	Well,
	/// Nobody gets it, and the worker knows.
	Refused,
	/// Nobody gets it, and the worker does not know.
	Lost,
	/// A block takes it, and the answer does not arrive.
	Unanswered,
	/// The answer does not arrive, and a later block takes it.
	Late(u32),
	/// It is sent twice: two blocks take it.
	Twice,
	/// A block takes it that does not stay; a later one takes it too, or none.
	Forked(Option<u32>),
}

/// Chances in 1,000.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chances {
	/// That a read fails.
	pub(crate) reads: u32,
	/// That a read's answer is some blocks old when it arrives.
	pub(crate) slow_reads: u32,
	/// That something happens to a call that is sent.
	pub(crate) calls: u32,
}

/// The line.
pub(crate) struct Line {
	seed: u64,
	chances: Chances,
	/// No node answers at all.
	pub(crate) is_down: bool,
	counts: HashMap<String, u64>,
	in_a_row: HashMap<String, u32>,
	/// Faults so far.
	pub(crate) faults: usize,
}

impl Line {
	pub(crate) fn new(seed: u64, chances: Chances) -> Self {
		let (counts, in_a_row) = (HashMap::new(), HashMap::new());
		Self { seed, chances, is_down: false, counts, in_a_row, faults: 0 }
	}

	/// Nothing goes wrong any more.
	pub(crate) fn mend(&mut self) {
		self.is_down = false;
		self.chances = Chances { reads: 0, slow_reads: 0, calls: 0 };
	}

	/// What happens to a call.
	pub(crate) fn sending(&mut self, name: &str) -> Sending {
		let mut random = self.random(name);
		let row = self.in_a_row.entry(name.into()).or_default();
		if random.u32(0..1_000) >= self.chances.calls || *row >= MOST_IN_A_ROW {
			*row = 0;
			return Sending::Well;
		}
		*row += 1;
		self.faults += 1;
		match random.u8(0..12) {
			0..2 => Sending::Refused,
			2..4 => Sending::Lost,
			4..6 => Sending::Unanswered,
			// Most wait for some blocks, few for nearly as long as they may.
			6..8 => Sending::Late(if random.u8(0..6) == 0 { 60 } else { random.u32(1..16) }),
			8 => Sending::Twice,
			9..11 => Sending::Forked(Some(random.u32(2..8))),
			_ => Sending::Forked(None),
		}
	}

	/// Whether a read fails.
	pub(crate) fn read_fails(&mut self, name: &str) -> bool {
		let fails = self.is_down || self.random(name).u32(0..1_000) < self.chances.reads;
		self.faults += usize::from(fails);
		fails
	}

	/// How many blocks are made before a read's answer arrives.
	pub(crate) fn blocks_while_reading(&mut self, name: &str) -> u32 {
		let mut random = self.random(name);
		let slow = random.u32(0..1_000) < self.chances.slow_reads;
		self.faults += usize::from(slow);
		if slow {
			random.u32(1..4)
		} else {
			0
		}
	}

	/// Chances that nothing else takes part in.
	pub(crate) fn random(&mut self, name: &str) -> Rng {
		let count = self.counts.entry(name.into()).or_default();
		*count += 1;
		let mut hasher = DefaultHasher::new();
		(self.seed, name, *count).hash(&mut hasher);
		Rng::with_seed(hasher.finish())
	}
}
