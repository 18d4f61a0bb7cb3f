//! The register file: a row of one word per lane for each register.
//!
//! A register whose value is the same in every lane is kept as one word and marked uniform; loop
//! counters and addresses often are. A register that is moved into another shares its row with it
//! until one of them is written. Both save time, not steps.

use alloc::{vec, vec::Vec};
use core::cell::Cell;

use super::mask::{Active, Lanes, Mask};
use crate::bytecode::{Operand, Register};

/// One word per lane. Cells, because an operation may write a row that it reads.
pub(super) type Row = [Cell<u32>];

/// An operand's value.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
	/// One word per lane.
	Row(&'a Row),
	/// One word for all.
	Uniform(u32),
}

/// Rows that an operation needs for a while.
const SCRATCH_ROWS: usize = 4;

pub(super) struct Registers {
	cells: Vec<Cell<u32>>,
	/// By register: its row's index in `cells`.
	rows: Vec<Cell<u16>>,
	/// By row: how many registers have it. There are as many rows as registers, so a register that
	/// shares its row always finds a free one.
	sharers: Vec<Cell<u16>>,
	uniform: Vec<Cell<bool>>,
	scratch: Vec<Cell<u32>>,
	lanes: usize,
	pub(super) active: Active,
	/// Lanes that have not returned.
	pub(super) alive: Mask,
}

impl Registers {
	pub(super) fn new(registers: usize, lanes: usize) -> Self {
		let all = Mask::first(lanes);
		Self {
			cells: vec![Cell::new(0); registers * lanes],
			rows: (0..registers as u16).map(Cell::new).collect(),
			sharers: vec![Cell::new(1); registers],
			uniform: vec![Cell::new(true); registers],
			scratch: vec![Cell::new(0); SCRATCH_ROWS * lanes],
			lanes,
			active: Active::new(all),
			alive: all,
		}
	}

	pub(super) fn lanes(&self) -> usize {
		self.lanes
	}

	fn row(&self, register: Register) -> &Row {
		self.physical(self.rows.get(usize::from(register)).map_or(0, Cell::get))
	}

	fn physical(&self, row: u16) -> &Row {
		let start = usize::from(row) * self.lanes;
		self.cells
			.get(start..start + self.lanes)
			.unwrap_or_default()
	}

	fn count_sharers(&self, row: u16) -> u16 {
		self.sharers.get(usize::from(row)).map_or(1, Cell::get)
	}

	fn set_sharers(&self, row: u16, count: u16) {
		if let Some(cell) = self.sharers.get(usize::from(row)) {
			cell.set(count);
		}
	}

	/// Gives a register that shares its row one of its own, with the same words unless all lanes
	/// are about to be written.
	#[inline(never)]
	fn detach(&self, register: Register) {
		let Some(entry) = self.rows.get(usize::from(register)) else {
			return;
		};
		let free = self.sharers.iter().position(|sharers| sharers.get() == 0);
		let Some(free) = free.and_then(|free| u16::try_from(free).ok()) else {
			return;
		};
		let old = entry.get();
		self.set_sharers(old, self.count_sharers(old).saturating_sub(1));
		self.set_sharers(free, 1);
		entry.set(free);
		if !self.is_whole() {
			let (from, to) = (self.physical(old), self.physical(free));
			from.iter()
				.zip(to)
				.for_each(|(from, to)| to.set(from.get()));
		}
	}

	/// Makes a register share another's row: all active lanes' words at once.
	pub(super) fn share(&self, to: Register, from: Register) {
		let entries = (
			self.rows.get(usize::from(to)),
			self.rows.get(usize::from(from)),
		);
		let (Some(to_row), Some(from_row)) = entries else {
			return;
		};
		let (old, new) = (to_row.get(), from_row.get());
		if old != new {
			self.set_sharers(old, self.count_sharers(old).saturating_sub(1));
			self.set_sharers(new, self.count_sharers(new) + 1);
			to_row.set(new);
		}
		self.mark(to, false);
	}

	pub(super) fn scratch(&self, index: usize) -> &Row {
		let start = index * self.lanes;
		self.scratch
			.get(start..start + self.lanes)
			.unwrap_or_default()
	}

	fn uniform(&self, register: Register) -> bool {
		self.uniform
			.get(usize::from(register))
			.is_some_and(Cell::get)
	}

	fn mark(&self, register: Register, uniform: bool) {
		if let Some(mark) = self.uniform.get(usize::from(register)) {
			mark.set(uniform);
		}
	}

	/// Whether every lane that has not returned is active.
	pub(super) fn is_whole(&self) -> bool {
		self.active.mask() == self.alive
	}

	#[inline(always)]
	pub(super) fn value(&self, operand: Operand) -> Value<'_> {
		match operand {
			Operand::Immediate(value) => Value::Uniform(value),
			Operand::Register(register) => {
				let row = self.row(register);
				match row.first() {
					Some(first) if self.uniform(register) => Value::Uniform(first.get()),
					_ => Value::Row(row),
				}
			}
		}
	}

	/// A register's row, for writing its active lanes.
	pub(super) fn target(&self, register: Register) -> &Row {
		let shared = self.rows.get(usize::from(register)).map_or(0, Cell::get);
		if self.count_sharers(shared) > 1 {
			self.detach(register);
		}
		let row = self.row(register);
		if self.uniform(register) {
			self.mark(register, false);
			if !self.is_whole() {
				let value = row.first().map_or(0, Cell::get);
				row.iter().for_each(|cell| cell.set(value));
			}
		}
		row
	}

	/// Writes one value to all active lanes of a register.
	pub(super) fn set_uniform(&self, register: Register, value: u32) {
		if self.is_whole() {
			if let Some(first) = self.target(register).first() {
				first.set(value);
			}
			self.mark(register, true);
		} else {
			self.fill(self.target(register), value);
		}
	}

	/// Writes one value to all active lanes of a row.
	pub(super) fn fill(&self, row: &Row, value: u32) {
		match self.active.lanes() {
			Lanes::Range(start, end) => {
				let row = row.get(start..end).unwrap_or_default();
				row.iter().for_each(|cell| cell.set(value));
			}
			Lanes::List(list) => list.iter().for_each(|lane| put(row, *lane, value)),
		}
	}

	/// The value as a row; a uniform one is written to a scratch row.
	pub(super) fn spread<'a>(&'a self, value: Value<'a>, scratch: usize) -> &'a Row {
		match value {
			Value::Row(row) => row,
			Value::Uniform(value) => {
				let row = self.scratch(scratch);
				self.fill(row, value);
				row
			}
		}
	}

	/// `row = f(a)`
	#[inline(never)]
	pub(super) fn map1(&self, row: &Row, a: &Row, f: impl Fn(u32) -> u32) {
		match self.active.lanes() {
			Lanes::Range(start, end) => {
				let [row, a] = [row, a].map(|row| row.get(start..end).unwrap_or_default());
				let ((rows, last), (a, a_last)) = (row.as_chunks::<8>(), a.as_chunks::<8>());
				for (row, a) in rows.iter().zip(a) {
					for lane in 0..8 {
						row[lane].set(f(a[lane].get()));
					}
				}
				for (row, a) in last.iter().zip(a_last) {
					row.set(f(a.get()));
				}
			}
			Lanes::List(list) => {
				for lane in list {
					put(row, *lane, f(at(a, *lane)));
				}
			}
		}
	}

	/// `row = f(a, b)`
	#[inline(never)]
	pub(super) fn map2(&self, row: &Row, a: &Row, b: &Row, f: impl Fn(u32, u32) -> u32) {
		match self.active.lanes() {
			Lanes::Range(start, end) => {
				let [row, a, b] = [row, a, b].map(|row| row.get(start..end).unwrap_or_default());
				let (rows, last) = row.as_chunks::<8>();
				let ((a, a_last), (b, b_last)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
				for ((row, a), b) in rows.iter().zip(a).zip(b) {
					for lane in 0..8 {
						row[lane].set(f(a[lane].get(), b[lane].get()));
					}
				}
				for ((row, a), b) in last.iter().zip(a_last).zip(b_last) {
					row.set(f(a.get(), b.get()));
				}
			}
			Lanes::List(list) => {
				for lane in list {
					put(row, *lane, f(at(a, *lane), at(b, *lane)));
				}
			}
		}
	}

	/// `row = f(a, b, c)`
	#[inline(always)]
	pub(super) fn map3(&self, row: &Row, [a, b, c]: [&Row; 3], f: impl Fn(u32, u32, u32) -> u32) {
		match self.active.lanes() {
			Lanes::Range(start, end) => {
				let [row, a, b, c] =
					[row, a, b, c].map(|row| row.get(start..end).unwrap_or_default());
				let (rows, last) = row.as_chunks::<4>();
				let ((a, a_last), (b, b_last)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
				let (c, c_last) = c.as_chunks::<4>();
				for (((row, a), b), c) in rows.iter().zip(a).zip(b).zip(c) {
					for lane in 0..4 {
						row[lane].set(f(a[lane].get(), b[lane].get(), c[lane].get()));
					}
				}
				for (((row, a), b), c) in last.iter().zip(a_last).zip(b_last).zip(c_last) {
					row.set(f(a.get(), b.get(), c.get()));
				}
			}
			Lanes::List(list) => {
				for lane in list {
					put(row, *lane, f(at(a, *lane), at(b, *lane), at(c, *lane)));
				}
			}
		}
	}

	/// Calls `f` with each active lane.
	#[inline(always)]
	pub(super) fn for_each_lane(&self, mut f: impl FnMut(usize)) {
		match self.active.lanes() {
			Lanes::Range(start, end) => (start..end).for_each(f),
			Lanes::List(list) => list.iter().for_each(|lane| f(usize::from(*lane))),
		}
	}

	/// The active lanes whose word in a row is not 0.
	pub(super) fn nonzero(&self, row: &Row) -> Mask {
		let mut mask = Mask::EMPTY;
		self.for_each_lane(|lane| {
			mask.insert_if(lane, row.get(lane).map_or(0, Cell::get) != 0);
		});
		mask
	}
}

#[inline(always)]
fn at(row: &Row, lane: u8) -> u32 {
	row.get(usize::from(lane)).map_or(0, Cell::get)
}

#[inline(always)]
fn put(row: &Row, lane: u8, value: u32) {
	if let Some(cell) = row.get(usize::from(lane)) {
		cell.set(value);
	}
}
