//! Rows, one word per lane, and the loops over them.
//!
//! Lanes lie in groups. Where all of a group are active, its words are computed without a check for
//! each, four at a time: first all are read, then all are written, so that a compiler may take the
//! four together. Groups are looked up one by one by numbers in memory, not by a counter: LLVM
//! would share that among the rows, and WASM would pay an addition for every word that it reads.

use core::cell::Cell;

use super::{
	mask::{Mask, GROUP},
	registers::Registers,
};

/// The words of neighbouring lanes. Cells, because an operation may write a row that it reads.
pub(super) type Group = [Cell<u32>; GROUP];

/// A group before anything is written.
#[allow(clippy::declare_interior_mutable_const)] // copied wherever it is named
pub(super) const NO_WORDS: Group = [const { Cell::new(0) }; GROUP];

/// One word per lane: the index of the first of its groups.
#[derive(Clone, Copy)]
pub(super) struct Row(pub(super) usize);

/// Words that are computed together.
const TOGETHER: usize = 4;

/// `group = f(lane)`
#[inline(always)]
fn map_group(group: &Group, f: impl Fn(usize) -> u32) {
	for first in (0..GROUP).step_by(TOGETHER) {
		let words: [u32; TOGETHER] = core::array::from_fn(|next| f(first + next));
		for (cell, word) in group[first..].iter().zip(words) {
			cell.set(word);
		}
	}
}

impl Registers {
	#[inline(always)]
	pub(super) fn group(&self, row: Row, group: usize) -> Option<&Group> {
		self.groups.get(row.0 + group)
	}

	/// A lane's word.
	#[inline(always)]
	pub(super) fn cell(&self, row: Row, lane: usize) -> Option<&Cell<u32>> {
		self.group(row, lane / GROUP).map(|group| &group[lane % GROUP])
	}

	#[inline(always)]
	fn at(&self, row: Row, lane: usize) -> u32 {
		self.cell(row, lane).map_or(0, Cell::get)
	}

	#[inline(always)]
	fn put(&self, row: Row, lane: usize, value: u32) {
		if let Some(cell) = self.cell(row, lane) {
			cell.set(value);
		}
	}

	/// Writes one value to all active lanes of a row.
	pub(super) fn fill(&self, row: Row, value: u32) {
		for group in self.active.groups().filter_map(|group| self.group(row, group)) {
			group.iter().for_each(|cell| cell.set(value));
		}
		self.active.others().for_each(|lane| self.put(row, lane, value));
	}

	/// `row = f(a)`
	#[inline(never)]
	pub(super) fn map1(&self, row: Row, a: Row, f: impl Fn(u32) -> u32) {
		for group in self.active.groups() {
			if let (Some(row), Some(a)) = (self.group(row, group), self.group(a, group)) {
				map_group(row, |lane| f(a[lane].get()));
			}
		}
		for lane in self.active.others() {
			self.put(row, lane, f(self.at(a, lane)));
		}
	}

	/// `row = f(a, b)`
	#[inline(never)]
	pub(super) fn map2(&self, row: Row, a: Row, b: Row, f: impl Fn(u32, u32) -> u32) {
		for group in self.active.groups() {
			if let (Some(row), Some(a), Some(b)) =
				(self.group(row, group), self.group(a, group), self.group(b, group))
			{
				map_group(row, |lane| f(a[lane].get(), b[lane].get()));
			}
		}
		for lane in self.active.others() {
			self.put(row, lane, f(self.at(a, lane), self.at(b, lane)));
		}
	}

	/// `row = f(a, b, c)`
	#[inline(never)]
	pub(super) fn map3(&self, row: Row, [a, b, c]: [Row; 3], f: impl Fn(u32, u32, u32) -> u32) {
		for at in self.active.groups() {
			let group = |row| self.group(row, at);
			if let (Some(row), Some(a), Some(b), Some(c)) =
				(group(row), group(a), group(b), group(c))
			{
				map_group(row, |lane| f(a[lane].get(), b[lane].get(), c[lane].get()));
			}
		}
		for lane in self.active.others() {
			self.put(row, lane, f(self.at(a, lane), self.at(b, lane), self.at(c, lane)));
		}
	}

	/// `row = f(a, b, c, d)`
	#[inline(always)]
	pub(super) fn map4(&self, row: Row, rows: [Row; 4], f: impl Fn([u32; 4]) -> u32) {
		self.for_each_lane(|lane| self.put(row, lane, f(rows.map(|row| self.at(row, lane)))));
	}

	/// Calls `f` with both rows' words of each active lane, and the lane: for what does more than
	/// to compute.
	#[inline(always)]
	pub(super) fn for_each_pair(
		&self,
		a: Row,
		b: Row,
		mut f: impl FnMut(&Cell<u32>, &Cell<u32>, usize),
	) {
		for group in self.active.groups() {
			if let (Some(a), Some(b)) = (self.group(a, group), self.group(b, group)) {
				for ((a, b), lane) in a.iter().zip(b).zip(group * GROUP..) {
					f(a, b, lane);
				}
			}
		}
		for lane in self.active.others() {
			if let (Some(a), Some(b)) = (self.cell(a, lane), self.cell(b, lane)) {
				f(a, b, lane);
			}
		}
	}

	/// `to = f(from)`, where `f` does more than to compute.
	#[inline(always)]
	pub(super) fn for_each_quad(&self, to: [Row; 4], from: Row, f: impl Fn(u32) -> [u32; 4]) {
		for at in self.active.groups() {
			let [a, b, c, d] = to.map(|row| self.group(row, at));
			let (Some(a), Some(b), Some(c), Some(d)) = (a, b, c, d) else { continue };
			for (lane, from) in self.group(from, at).into_iter().flatten().enumerate() {
				let words = f(from.get());
				[a, b, c, d].into_iter().zip(words).for_each(|(to, word)| to[lane].set(word));
			}
		}
		for lane in self.active.others() {
			let words = f(self.at(from, lane));
			to.into_iter().zip(words).for_each(|(row, word)| self.put(row, lane, word));
		}
	}

	/// Calls `f` with each active lane.
	#[inline(always)]
	pub(super) fn for_each_lane(&self, mut f: impl FnMut(usize)) {
		for group in self.active.groups() {
			(group * GROUP..(group + 1) * GROUP).for_each(&mut f);
		}
		self.active.others().for_each(f);
	}

	/// The active lanes whose word in a row is not 0.
	pub(super) fn nonzero(&self, row: Row) -> Mask {
		let mut mask = Mask::EMPTY;
		for group in self.active.groups() {
			if let Some(words) = self.group(row, group) {
				let bit = |(lane, cell): (usize, &Cell<u32>)| u16::from(cell.get() != 0) << lane;
				let lanes = words.iter().enumerate().map(bit).fold(0, |all, bit| all | bit);
				mask.insert_group(group, lanes);
			}
		}
		for lane in self.active.others() {
			mask.insert_if(lane, self.at(row, lane) != 0);
		}
		mask
	}
}
