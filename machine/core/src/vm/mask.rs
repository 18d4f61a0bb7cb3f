//! Which invocations of a workgroup take part in an operation.

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

	fn lowest(&self) -> usize {
		let at = self.0.iter().position(|word| *word != 0).unwrap_or(0);
		64 * at + (self.0[at].trailing_zeros() % 64) as usize
	}

	fn highest(&self) -> usize {
		let at = self.0.iter().rposition(|word| *word != 0).unwrap_or(0);
		64 * at + 63 - (self.0[at].leading_zeros() % 64) as usize
	}

	fn for_each(&self, mut f: impl FnMut(usize)) {
		for (index, word) in self.0.iter().enumerate() {
			let mut left = *word;
			while left != 0 {
				f(64 * index + left.trailing_zeros() as usize);
				left &= left - 1;
			}
		}
	}
}

/// The lanes that execute, in the form in which loops over them are fastest.
pub(super) struct Active {
	mask: Mask,
	len: usize,
	start: usize,
	/// The lanes one by one, if they are no range.
	list: [u8; 256],
	is_range: bool,
}

/// How to loop over the active lanes.
pub(super) enum Lanes<'a> {
	/// `start .. end`
	Range(usize, usize),
	/// These.
	List(&'a [u8]),
}

impl Active {
	pub(super) fn new(mask: Mask) -> Self {
		let mut active =
			Self { mask: Mask::EMPTY, len: 0, start: 0, list: [0; 256], is_range: true };
		active.set(mask);
		active
	}

	pub(super) fn set(&mut self, mask: Mask) {
		if mask == self.mask {
			return;
		}
		self.mask = mask;
		self.len = mask.len();
		self.start = mask.lowest();
		self.is_range = self.len == 0 || mask.highest() + 1 - self.start == self.len;
		if !self.is_range {
			let mut at = 0;
			mask.for_each(|lane| {
				if let Some(entry) = self.list.get_mut(at) {
					*entry = lane as u8;
				}
				at += 1;
			});
		}
	}

	pub(super) fn mask(&self) -> Mask {
		self.mask
	}

	pub(super) fn len(&self) -> usize {
		self.len
	}

	#[inline(always)]
	pub(super) fn lanes(&self) -> Lanes<'_> {
		if self.is_range {
			Lanes::Range(self.start, self.start + self.len)
		} else {
			Lanes::List(self.list.get(..self.len).unwrap_or_default())
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn first_lanes_are_a_range() {
		for lanes in 1..=256 {
			let mask = Mask::first(lanes);
			assert_eq!(mask.len(), lanes);
			assert_eq!((mask.lowest(), mask.highest()), (0, lanes - 1));
			assert!(matches!(Active::new(mask).lanes(), Lanes::Range(0, end) if end == lanes));
		}
	}

	#[test]
	fn ranges_and_lists_hold_the_inserted_lanes() {
		let mut mask = Mask::EMPTY;
		(63..130).for_each(|lane| mask.insert_if(lane, true));
		assert!(matches!(Active::new(mask).lanes(), Lanes::Range(63, 130)));
		mask.insert_if(255, true);
		let active = Active::new(mask);
		let Lanes::List(list) = active.lanes() else { panic!("has a gap") };
		assert_eq!(list.len(), 68);
		assert_eq!((list[0], list[66], list[67]), (63, 129, 255));
	}
}
