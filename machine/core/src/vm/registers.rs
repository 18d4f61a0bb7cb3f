//! The register file: a row of one word per lane for each register.
//!
//! A register whose value is the same in every lane is kept as one word and marked uniform; loop
//! counters and addresses often are. A register that is moved into another shares its row with it
//! until one of them is written. Both save time, not steps. Private arrays have a row for each of
//! their words.

use alloc::{vec, vec::Vec};
use core::cell::Cell;

use super::{
	mask::{Active, Mask, GROUP},
	rows::{Group, Row, NO_WORDS},
};
use crate::bytecode::{Operand, Register};

/// An operand's value.
#[derive(Clone, Copy)]
pub(super) enum Value {
	/// One word per lane.
	Row(Row),
	/// One word for all.
	Uniform(u32),
}

/// Where a register's value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
	/// One word for all lanes; its row is stale.
	Uniform,
	/// In its row, which no other register has.
	Own,
	/// In its row, which others may have too.
	Shared,
}

/// A register.
struct Slot {
	state: Cell<State>,
	/// Its row's number.
	row: Cell<u8>,
	/// Its word, if it is uniform.
	uniform: Cell<u32>,
}

/// Rows of uniform operands that an operation needs in each lane, one for each of its operands.
const SPREAD_ROWS: usize = 4;
/// And one for what it computes on its way.
const SCRATCH_ROWS: usize = SPREAD_ROWS + 1;

pub(super) struct Registers {
	/// All rows' groups: those of the registers, of operations, of private arrays.
	pub(super) groups: Vec<Group>,
	/// Groups of one row.
	stride: usize,
	slots: Vec<Slot>,
	/// By row: how many registers have it. There are as many rows as registers, so a register that
	/// shares its row always finds a free one.
	sharers: Vec<Cell<u16>>,
	/// The rows that no register has, one bit for each.
	free: [Cell<u64>; 4],
	/// What all lanes of a row for a uniform operand hold: the same numbers come again and again.
	spread: [Cell<Option<u32>>; SPREAD_ROWS],
	lanes: usize,
	pub(super) active: Active,
}

impl Registers {
	/// So many registers, at most 256, of so many lanes, and more rows for private arrays.
	pub(super) fn new(count: usize, lanes: usize, private: usize) -> Self {
		let stride = lanes.div_ceil(GROUP);
		let slot = |row| Slot {
			state: Cell::new(State::Uniform),
			row: Cell::new(row),
			uniform: Cell::new(0),
		};
		Self {
			groups: vec![NO_WORDS; (count + SCRATCH_ROWS + private) * stride],
			stride,
			slots: (0..=u8::MAX).take(count).map(slot).collect(),
			sharers: vec![Cell::new(1); count],
			free: [const { Cell::new(0) }; 4],
			spread: [const { Cell::new(None) }; SPREAD_ROWS],
			lanes,
			active: Active::new(Mask::first(lanes)),
		}
	}

	pub(super) fn lanes(&self) -> usize {
		self.lanes
	}

	#[inline(always)]
	fn row(&self, number: usize) -> Row {
		Row(number * self.stride)
	}

	/// A row for what an operation computes on its way.
	#[inline(always)]
	pub(super) fn scratch(&self) -> Row {
		self.row(self.slots.len() + SPREAD_ROWS)
	}

	/// A row of private arrays.
	#[inline(always)]
	pub(super) fn private(&self, index: usize) -> Row {
		self.row(self.slots.len() + SCRATCH_ROWS + index)
	}

	/// All words of a row.
	fn words(&self, row: Row) -> &[Cell<u32>] {
		self.groups.get(row.0..row.0 + self.stride).unwrap_or_default().as_flattened()
	}

	fn slot(&self, register: Register) -> Option<&Slot> {
		self.slots.get(usize::from(register))
	}

	/// Makes a register share another's row: all active lanes' words at once.
	pub(super) fn share(&self, to: Register, from: Register) {
		let (Some(to), Some(from)) = (self.slot(to), self.slot(from)) else { return };
		let old = to.row.replace(from.row.get());
		self.count(from.row.get(), 1);
		self.count(old, -1);
		to.state.set(State::Shared);
		from.state.set(State::Shared);
	}

	fn count(&self, row: u8, change: i16) {
		let Some(sharers) = self.sharers.get(usize::from(row)) else { return };
		sharers.set(sharers.get().saturating_add_signed(change));
		let (bits, bit) = (&self.free[usize::from(row / 64)], 1 << (row % 64));
		let is_free = sharers.get() == 0;
		bits.set(if is_free { bits.get() | bit } else { bits.get() & !bit });
	}

	fn free_row(&self) -> Option<u8> {
		let at = self.free.iter().position(|bits| bits.get() != 0)?;
		u8::try_from(64 * at + self.free[at].get().trailing_zeros() as usize).ok()
	}

	#[inline(always)]
	pub(super) fn value(&self, operand: Operand) -> Value {
		let slot = match operand {
			Operand::Immediate(value) => return Value::Uniform(value),
			Operand::Register(register) => self.slot(register),
		};
		match slot {
			Some(slot) if slot.state.get() != State::Uniform => {
				Value::Row(self.row(slot.row.get().into()))
			}
			slot => Value::Uniform(slot.map_or(0, |slot| slot.uniform.get())),
		}
	}

	/// A register's row, for writing its active lanes.
	#[inline(always)]
	pub(super) fn target(&self, register: Register) -> Row {
		// Validation excludes a register that is not there.
		let Some(slot) = self.slot(register) else { return self.scratch() };
		if slot.state.get() != State::Own {
			self.own(slot);
		}
		self.row(slot.row.get().into())
	}

	/// Gives a register a row of its own. Its words are there unless all are about to be written.
	#[inline(never)]
	fn own(&self, slot: &Slot) {
		let old = slot.row.get();
		let is_shared = self.sharers.get(usize::from(old)).is_some_and(|sharers| sharers.get() > 1);
		if let (true, Some(free)) = (is_shared, self.free_row()) {
			slot.row.set(free);
			self.count(old, -1);
			self.count(free, 1);
		}
		let state = slot.state.replace(State::Own);
		if self.active.is_whole() {
			return;
		}
		let (from, to) = (self.row(old.into()), self.row(slot.row.get().into()));
		if state == State::Uniform {
			self.words(to).iter().for_each(|cell| cell.set(slot.uniform.get()));
		} else if is_shared {
			self.words(from).iter().zip(self.words(to)).for_each(|(from, to)| to.set(from.get()));
		}
	}

	/// Writes one value to all active lanes of a register.
	pub(super) fn set_uniform(&self, register: Register, value: u32) {
		match self.slot(register) {
			Some(slot) if self.active.is_whole() => {
				slot.uniform.set(value);
				slot.state.set(State::Uniform);
			}
			_ => self.fill(self.target(register), value),
		}
	}

	/// The value of an operation's operand as a row.
	#[inline(always)]
	pub(super) fn spread(&self, value: Value, operand: usize) -> Row {
		match value {
			Value::Row(row) => row,
			Value::Uniform(value) => self.repeated(value, operand % SPREAD_ROWS),
		}
	}

	/// A row with one value in all active lanes.
	#[inline(never)]
	fn repeated(&self, value: u32, operand: usize) -> Row {
		let row = self.row(self.slots.len() + operand);
		if self.spread[operand].get() != Some(value) {
			self.fill(row, value);
			self.spread[operand].set(self.active.is_whole().then_some(value));
		}
		row
	}
}
