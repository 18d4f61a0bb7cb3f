//! Which invocations of a workgroup take part in an operation.

use crate::cost::MIN_LANES;

/// A set of up to 256 lanes (a lane is an invocation's local index).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mask([u64; 4]);

impl Mask {
	/// No lane.
	pub(super) const EMPTY: Self = Self([0; 4]);

	/// Lanes 0 to `lanes - 1`.
	pub(super) fn first(lanes: usize) -> Self {
		let mut mask = Self::EMPTY;
		for (index, word) in mask.0.iter_mut().enumerate() {
			let here = lanes.saturating_sub(64 * index).min(64) as u32;
			*word = if here == 0 { 0 } else { u64::MAX >> (64 - here) };
		}
		mask
	}

	pub(super) fn is_empty(&self) -> bool {
		self.0 == [0; 4]
	}

	pub(super) fn len(&self) -> usize {
		self.0.iter().map(|word| word.count_ones() as usize).sum()
	}

	/// Adds a lane (taken modulo 256) if `is_in`.
	#[inline(always)]
	pub(super) fn insert_if(&mut self, lane: usize, is_in: bool) {
		self.0[lane / 64 % 4] |= u64::from(is_in) << (lane % 64);
	}

	pub(super) fn union(self, other: Self) -> Self {
		self.zip(other, |a, b| a | b)
	}

	pub(super) fn without(self, other: Self) -> Self {
		self.zip(other, |a, b| a & !b)
	}

	fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
		let [a, b] = [self.0, other.0];
		Self([f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])])
	}

	/// Adds lanes of a group (taken modulo 16): those whose bit is set.
	#[inline(always)]
	pub(super) fn insert_group(&mut self, group: usize, lanes: u16) {
		self.0[group / GROUPS_OF_WORD % 4] |=
			u64::from(lanes) << (GROUP * (group % GROUPS_OF_WORD));
	}
}

/// Lanes that loops take together: they need no check for each lane, and can be unrolled.
pub(super) const GROUP: usize = 16;
const GROUPS_OF_WORD: usize = 64 / GROUP;

/// The lanes that execute, in the form in which loops over them are fastest.
pub(super) struct Active {
	mask: Mask,
	len: usize,
	/// For how many lanes an operation is charged.
	charged: u64,
	/// Lanes that have not returned.
	alive: Mask,
	is_whole: bool,
	/// The groups of which all lanes are active.
	groups: List<16>,
	/// The other active lanes.
	others: List<256>,
}

/// Numbers in ascending order.
struct List<const LEN: usize> {
	numbers: [u8; LEN],
	len: usize,
}

impl<const LEN: usize> List<LEN> {
	const EMPTY: Self = Self { numbers: [0; LEN], len: 0 };

	#[inline(always)]
	fn push(&mut self, number: usize) {
		if let Some(last) = self.numbers.get_mut(self.len) {
			*last = number as u8;
			self.len += 1;
		}
	}

	#[inline(always)]
	fn as_slice(&self) -> &[u8] {
		self.numbers.get(..self.len).unwrap_or_default()
	}
}

impl Active {
	pub(super) fn new(mask: Mask) -> Self {
		let mut active = Self {
			mask: Mask::EMPTY,
			len: 0,
			charged: MIN_LANES.into(),
			alive: mask,
			is_whole: false,
			groups: List::EMPTY,
			others: List::EMPTY,
		};
		active.set(mask);
		active
	}

	pub(super) fn set(&mut self, mask: Mask) {
		self.is_whole = mask == self.alive;
		if mask == self.mask {
			return;
		}
		self.mask = mask;
		self.len = mask.len();
		self.charged = (self.len as u64).max(MIN_LANES.into());
		self.groups.len = 0;
		self.others.len = 0;
		for (first, word) in (0..).step_by(64).zip(mask.0) {
			for lane in (0..64).step_by(GROUP) {
				let mut left = (word >> lane) as u16;
				if left == u16::MAX {
					self.groups.push((first + lane) / GROUP);
					continue;
				}
				while left != 0 {
					self.others.push(first + lane + left.trailing_zeros() as usize);
					left &= left - 1;
				}
			}
		}
	}

	/// The active lanes return; others are to be set.
	pub(super) fn retire(&mut self) {
		self.alive = self.alive.without(self.mask);
	}

	pub(super) fn mask(&self) -> Mask {
		self.mask
	}

	pub(super) fn len(&self) -> usize {
		self.len
	}

	#[inline(always)]
	pub(super) fn charged(&self) -> u64 {
		self.charged
	}

	/// Whether every lane that has not returned is active.
	#[inline(always)]
	pub(super) fn is_whole(&self) -> bool {
		self.is_whole
	}

	/// The groups of which all lanes are active.
	#[inline(always)]
	pub(super) fn groups(&self) -> impl Iterator<Item = usize> + '_ {
		self.groups.as_slice().iter().map(|group| usize::from(*group))
	}

	/// The active lanes of the other groups.
	#[inline(always)]
	pub(super) fn others(&self) -> impl Iterator<Item = usize> + '_ {
		self.others.as_slice().iter().map(|lane| usize::from(*lane))
	}
}

#[cfg(test)]
mod tests {
	use alloc::{vec, vec::Vec};

	use super::*;

	fn lists(active: &Active) -> (Vec<usize>, Vec<usize>) {
		(active.groups().collect(), active.others().collect())
	}

	#[test]
	fn first_lanes_are_groups_and_what_is_left() {
		for lanes in 1..=256 {
			let mask = Mask::first(lanes);
			let active = Active::new(mask);
			let full = lanes / GROUP;
			let left = (full * GROUP..lanes).collect();
			assert_eq!((mask.len(), lists(&active)), (lanes, ((0..full).collect(), left)));
		}
	}

	#[test]
	fn groups_and_others_are_the_inserted_lanes() {
		let mut mask = Mask::EMPTY;
		(63..130).for_each(|lane| mask.insert_if(lane, true));
		mask.insert_if(131, false);
		mask.insert_group(15, 0x8001);
		let others = vec![63, 128, 129, 240, 255];
		assert_eq!(lists(&Active::new(mask)), (vec![4, 5, 6, 7], others));
	}

	#[test]
	fn lanes_that_returned_do_not_count_for_the_whole() {
		let mut active = Active::new(Mask::first(40));
		active.set(Mask::first(10));
		assert!(!active.is_whole());
		active.retire();
		active.set(Mask::EMPTY);
		assert!(!active.is_whole());
		active.set(Mask::first(40).without(Mask::first(10)));
		assert!(active.is_whole());
		assert_eq!(lists(&active), (vec![1], (10..16).chain(32..40).collect()));
	}
}
