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

/// Registers that an index can name.
const REGISTERS: usize = 256;
/// Rows that an operation needs for a while.
const SCRATCH_ROWS: usize = 4;

pub(super) struct Registers {
	cells: Vec<Cell<u32>>,
	/// By register: its row's index in `cells`.
	rows: [Cell<u8>; REGISTERS],
	/// By row: how many registers have it. There are as many rows as registers, so a register that
	/// shares its row always finds a free one.
	sharers: [Cell<u16>; REGISTERS],
	/// The rows that no register has, one bit for each.
	free: [Cell<u64>; REGISTERS / 64],
	/// By register: whether its value is uniform, and then the value; its row is stale.
	is_uniform: [Cell<bool>; REGISTERS],
	uniform: [Cell<u32>; REGISTERS],
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
			rows: core::array::from_fn(|register| Cell::new(register as u8)),
			sharers: [const { Cell::new(1) }; REGISTERS],
			free: [const { Cell::new(0) }; REGISTERS / 64],
			is_uniform: [const { Cell::new(true) }; REGISTERS],
			uniform: [const { Cell::new(0) }; REGISTERS],
			scratch: vec![Cell::new(0); SCRATCH_ROWS * lanes],
			lanes,
			active: Active::new(all),
			alive: all,
		}
	}

	pub(super) fn lanes(&self) -> usize {
		self.lanes
	}

	fn row(&self, row: u8) -> &Row {
		let start = usize::from(row) * self.lanes;
		self.cells.get(start..start + self.lanes).unwrap_or_default()
	}

	/// Gives a register that shares its row one of its own, with the same words unless all lanes
	/// are about to be written.
	#[inline(never)]
	fn detach(&self, register: Register) {
		let Some(free) = self.free_row() else { return };
		let old = self.rows[usize::from(register)].replace(free);
		self.count(old, -1);
		self.count(free, 1);
		if !self.is_whole() && !self.is_uniform[usize::from(register)].get() {
			let (from, to) = (self.row(old), self.row(free));
			from.iter().zip(to).for_each(|(from, to)| to.set(from.get()));
		}
	}

	fn free_row(&self) -> Option<u8> {
		let at = self.free.iter().position(|bits| bits.get() != 0)?;
		u8::try_from(64 * at + self.free[at].get().trailing_zeros() as usize).ok()
	}

	fn count(&self, row: u8, change: i16) {
		let sharers = &self.sharers[usize::from(row)];
		sharers.set(sharers.get().saturating_add_signed(change));
		let (bits, bit) = (&self.free[usize::from(row / 64)], 1 << (row % 64));
		let is_free = sharers.get() == 0;
		bits.set(if is_free { bits.get() | bit } else { bits.get() & !bit });
	}

	/// Makes a register share another's row: all active lanes' words at once.
	pub(super) fn share(&self, to: Register, from: Register) {
		let new = self.rows[usize::from(from)].get();
		let old = self.rows[usize::from(to)].replace(new);
		self.count(new, 1);
		self.count(old, -1);
		self.is_uniform[usize::from(to)].set(false);
	}

	pub(super) fn scratch(&self, index: usize) -> &Row {
		let start = index * self.lanes;
		self.scratch.get(start..start + self.lanes).unwrap_or_default()
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
				let register = usize::from(register);
				if self.is_uniform[register].get() {
					Value::Uniform(self.uniform[register].get())
				} else {
					Value::Row(self.row(self.rows[register].get()))
				}
			}
		}
	}

	/// A register's row, for writing its active lanes.
	#[inline(always)]
	pub(super) fn target(&self, register: Register) -> &Row {
		let at = usize::from(register);
		if self.sharers[usize::from(self.rows[at].get())].get() > 1 {
			self.detach(register);
		}
		let row = self.row(self.rows[at].get());
		if self.is_uniform[at].replace(false) && !self.is_whole() {
			let value = self.uniform[at].get();
			row.iter().for_each(|cell| cell.set(value));
		}
		row
	}

	/// Writes one value to all active lanes of a register.
	pub(super) fn set_uniform(&self, register: Register, value: u32) {
		if self.is_whole() {
			self.uniform[usize::from(register)].set(value);
			self.is_uniform[usize::from(register)].set(true);
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
