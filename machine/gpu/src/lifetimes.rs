//! Which buffers are on the device during which passes, and how much memory that takes.

use std::ops::RangeInclusive;

use mutirao_machine_core::Summary;

/// A length that is filled up with zeros to whole vectors.
pub(crate) const fn padded(bytes: u64) -> u64 {
	bytes.next_multiple_of(16)
}

/// For each buffer, the first and the last pass that use it.
pub(crate) struct Lifetimes {
	passes: Vec<Option<RangeInclusive<usize>>>,
	bytes: Vec<u64>,
}

impl Lifetimes {
	pub(crate) fn new(summary: &Summary) -> Self {
		let bytes: Vec<u64> =
			summary.buffer_words.iter().map(|words| 4 * u64::from(*words)).collect();
		let mut passes: Vec<Option<RangeInclusive<usize>>> = vec![None; bytes.len()];
		for (index, pass) in summary.passes.iter().enumerate() {
			for slot in &pass.slots {
				let known = &mut passes[slot.buffer];
				let first = known.as_ref().map_or(index, |known| *known.start());
				*known = Some(first..=index);
			}
		}
		Self { passes, bytes }
	}

	/// A buffer's length in bytes.
	pub(crate) fn bytes(&self, buffer: usize) -> u64 {
		self.bytes[buffer]
	}

	/// The buffers that a pass is the first to use.
	pub(crate) fn starting(&self, pass: usize) -> Vec<usize> {
		self.having(|passes| *passes.start() == pass)
	}

	/// The buffers that a pass is the last to use.
	pub(crate) fn ending(&self, pass: usize) -> Vec<usize> {
		self.having(|passes| *passes.end() == pass)
	}

	/// The buffers that any pass uses.
	pub(crate) fn used(&self) -> Vec<usize> {
		self.having(|_| true)
	}

	/// The pass during which most memory is taken, and how much.
	pub(crate) fn peak(&self) -> (usize, u64) {
		let last = self.passes.iter().flatten().map(|passes| *passes.end()).max().unwrap_or(0);
		let at = |pass| {
			let held = self.having(|passes| passes.contains(&pass)).into_iter();
			(pass, held.map(|buffer| padded(self.bytes[buffer])).sum())
		};
		(0..=last).map(at).max_by_key(|(_, bytes)| *bytes).unwrap_or((0, 0))
	}

	fn having(&self, condition: impl Fn(&RangeInclusive<usize>) -> bool) -> Vec<usize> {
		let numbered = self.passes.iter().enumerate();
		let held = numbered.filter(|(_, passes)| passes.as_ref().is_some_and(&condition));
		held.map(|(buffer, _)| buffer).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_machine_core::{ResolvedPass, ResolvedSlot};

	fn pass(buffers: &[(usize, u32)]) -> ResolvedPass {
		let slot = |(buffer, words): &(usize, u32)| ResolvedSlot {
			buffer: *buffer,
			words: *words,
			slice_words: None,
		};
		ResolvedPass {
			pass: 0,
			workgroups: [1; 3],
			workgroup_count: 1,
			fuel: 1,
			arguments: Vec::new(),
			slots: buffers.iter().map(slot).collect(),
		}
	}

	#[test]
	fn buffers_are_held_from_their_first_pass_to_their_last() {
		let summary = Summary {
			buffer_words: vec![4, 8, 5, 100, 400],
			passes: vec![
				pass(&[(0, 4), (1, 8)]),
				pass(&[(1, 8), (2, 5)]),
				pass(&[(0, 4), (2, 5), (3, 100)]),
			],
			declared_steps: 3,
		};
		let lifetimes = Lifetimes::new(&summary);
		assert_eq!(lifetimes.starting(0), [0, 1]);
		assert_eq!(lifetimes.starting(1), [2]);
		assert_eq!(lifetimes.ending(0), [0; 0]);
		assert_eq!(lifetimes.ending(1), [1]);
		assert_eq!(lifetimes.ending(2), [0, 2, 3]);
		assert_eq!(lifetimes.used(), [0, 1, 2, 3], "no pass uses the last");
		// Buffers 0, 2 and 3, each filled up to 16 bytes.
		assert_eq!(lifetimes.peak(), (2, 16 + 32 + 400));
	}
}
