//! Loads, stores and atomic operations of a row of invocations.

use core::cell::Cell;

use super::{
	buffers::{Buffer, Buffers},
	execute::Machine,
	fault::{FaultReason, RunError},
	memory::{Private, Shared},
	registers::{Row, Value},
	shadow::Touch,
};
use crate::{
	bytecode::{AtomicFunction, Memory, Operand, Register},
	functions,
};

/// Where a load or store goes to, before bounds are checked.
#[derive(Clone, Copy)]
pub(super) struct Address {
	pub(super) base: Operand,
	pub(super) index: Operand,
	pub(super) offset: u32,
}

/// Scratch rows: the address and a uniform value's copies.
const ADDRESS_ROW: usize = 0;
const VALUE_ROW: usize = 1;

impl<'a, B: Buffers> Machine<'a, B> {
	/// The sum of an address's parts.
	fn address(&self, address: Address) -> Value<'_> {
		let registers = &self.registers;
		let offset = address.offset;
		let row = registers.scratch(ADDRESS_ROW);
		match (registers.value(address.base), registers.value(address.index)) {
			(Value::Uniform(base), Value::Uniform(index)) => {
				return Value::Uniform(base.wrapping_add(index).wrapping_add(offset));
			}
			(Value::Row(part), Value::Uniform(other))
			| (Value::Uniform(other), Value::Row(part)) => {
				let other = other.wrapping_add(offset);
				registers.map1(row, part, |part| part.wrapping_add(other));
			}
			(Value::Row(base), Value::Row(index)) => {
				registers.map2(row, base, index, |a, b| a.wrapping_add(b).wrapping_add(offset))
			}
		}
		Value::Row(row)
	}

	/// A load of `count` words into as many registers.
	pub(super) fn load(
		&self,
		memory: Memory,
		to: Register,
		count: u8,
		address: Address,
	) -> Result<(), RunError> {
		let address = self.address(address);
		match memory {
			Memory::Constant(table) => {
				let words = self.kernel.constants.get(usize::from(table));
				let words = words.map_or(&[][..], |words| words.as_slice());
				self.load_pure(to, count, address, |at| {
					words.get(at as usize).copied().unwrap_or(0)
				});
				Ok(())
			}
			Memory::Private(array) => {
				if let Some(array) = self.memories.private.get(usize::from(array)) {
					self.load_private(array, to, count, address);
				}
				Ok(())
			}
			Memory::Workgroup(_) => self.load_shared(memory, to, count, address),
			Memory::Buffer(slot) => match self.buffers.get(usize::from(slot)) {
				Some((Some(buffer), words)) => {
					self.load_buffer(*buffer, *words, to, count, address)
				}
				_ => self.load_shared(memory, to, count, address),
			},
		}
	}

	fn load_buffer(
		&self,
		buffer: &B::Buffer,
		words: u32,
		to: Register,
		count: u8,
		address: Value<'_>,
	) -> Result<(), RunError> {
		match address {
			Value::Row(row) if count == 4 => self.load4(buffer, words, to, row),
			_ => self.load_pure(
				to,
				count,
				address,
				|at| {
					if at < words {
						buffer.word(at)
					} else {
						0
					}
				},
			),
		}
		match self.given.missing_chunk() {
			Some(missing) => Err(RunError::MissingChunk(missing)),
			None => Ok(()),
		}
	}

	/// The commonest load: a `vec4` of a buffer.
	#[inline(never)]
	fn load4(&self, buffer: &B::Buffer, words: u32, to: Register, address: &Row) {
		let registers = &self.registers;
		let rows = [0, 1, 2, 3].map(|part| registers.target(to.saturating_add(part)));
		registers.for_each_lane(|lane| {
			let at = address.get(lane).map_or(0, Cell::get);
			let loaded = if at < words.saturating_sub(3) {
				buffer.words4(at)
			} else {
				[0, 1, 2, 3].map(|part| match at.wrapping_add(part) {
					at if at < words => buffer.word(at),
					_ => 0,
				})
			};
			for (row, word) in rows.into_iter().zip(loaded) {
				if let Some(cell) = row.get(lane) {
					cell.set(word);
				}
			}
		});
	}

	/// A load from memory that nobody writes.
	#[inline(always)]
	fn load_pure(&self, to: Register, count: u8, address: Value<'_>, word: impl Fn(u32) -> u32) {
		let registers = &self.registers;
		for part in 0..count {
			let to = to.saturating_add(part);
			match address {
				Value::Uniform(at) => {
					registers.set_uniform(to, word(at.wrapping_add(part.into())));
				}
				Value::Row(row) => registers
					.map1(registers.target(to), row, |at| word(at.wrapping_add(part.into()))),
			}
		}
	}

	#[inline(never)]
	fn load_private(&self, array: &Private, to: Register, count: u8, address: Value<'_>) {
		let registers = &self.registers;
		let address = match address {
			Value::Row(address) => address,
			Value::Uniform(address) => {
				for part in 0..count {
					let to = to.saturating_add(part);
					match array.row(address.wrapping_add(part.into())) {
						Some(row) => registers.map1(registers.target(to), row, |word| word),
						None => registers.set_uniform(to, 0),
					}
				}
				return;
			}
		};
		for part in 0..count {
			let row = registers.target(to.saturating_add(part));
			registers.for_each_lane(|lane| {
				if let (Some(to), Some(at)) = (row.get(lane), address.get(lane)) {
					to.set(array.load(at.get().wrapping_add(part.into()), lane));
				}
			});
		}
	}

	#[inline(never)]
	fn load_shared(
		&self,
		memory: Memory,
		to: Register,
		count: u8,
		address: Value<'_>,
	) -> Result<(), RunError> {
		let Some(shared) = self.shared(memory) else {
			return Ok(());
		};
		let registers = &self.registers;
		let mark = self.epoch.mark(Touch::Read);
		let address = registers.spread(address, ADDRESS_ROW);
		for part in 0..count {
			let row = registers.target(to.saturating_add(part));
			registers.for_each_lane(|lane| {
				if let (Some(to), Some(at)) = (row.get(lane), address.get(lane)) {
					to.set(shared.load(at.get().wrapping_add(part.into()), mark, lane));
				}
			});
		}
		self.check_race(memory, shared)
	}

	/// A store of one word.
	pub(super) fn store(
		&self,
		memory: Memory,
		address: Address,
		value: Operand,
	) -> Result<(), RunError> {
		let registers = &self.registers;
		let address = registers.spread(self.address(address), ADDRESS_ROW);
		let value = registers.spread(registers.value(value), VALUE_ROW);
		match memory {
			Memory::Private(array) => {
				if let Some(array) = self.memories.private.get(usize::from(array)) {
					self.store_private(array, address, value);
				}
				Ok(())
			}
			_ => self.store_shared(memory, address, value),
		}
	}

	#[inline(never)]
	fn store_private(&self, array: &Private, address: &Row, value: &Row) {
		self.registers.for_each_lane(|lane| {
			if let (Some(at), Some(value)) = (address.get(lane), value.get(lane)) {
				array.store(at.get(), lane, value.get());
			}
		});
	}

	#[inline(never)]
	fn store_shared(&self, memory: Memory, address: &Row, value: &Row) -> Result<(), RunError> {
		let Some(shared) = self.shared(memory) else {
			return Ok(());
		};
		let mark = self.epoch.mark(Touch::Write);
		self.registers.for_each_lane(|lane| {
			if let (Some(at), Some(value)) = (address.get(lane), value.get(lane)) {
				shared.store(at.get(), mark, lane, value.get());
			}
		});
		self.check_race(memory, shared)
	}

	/// An atomic function on a workgroup array.
	pub(super) fn atomic(
		&self,
		function: AtomicFunction,
		array: u8,
		address: Address,
		value: Operand,
	) -> Result<(), RunError> {
		let memory = Memory::Workgroup(array);
		let Some(shared) = self.shared(memory) else {
			return Ok(());
		};
		let registers = &self.registers;
		let address = registers.spread(self.address(address), ADDRESS_ROW);
		let value = registers.spread(registers.value(value), VALUE_ROW);
		let mark = self.epoch.mark(Touch::Atomic(function));
		registers.for_each_lane(|lane| {
			if let (Some(at), Some(value)) = (address.get(lane), value.get(lane)) {
				let value = value.get();
				shared.update(at.get(), mark, lane, |old| functions::atomic(function, old, value));
			}
		});
		self.check_race(memory, shared)
	}

	fn shared(&self, memory: Memory) -> Option<&Shared> {
		match memory {
			Memory::Workgroup(array) => self.memories.workgroup.get(usize::from(array)),
			Memory::Buffer(slot) => self.memories.slices.get(usize::from(slot))?.as_ref(),
			Memory::Private(_) | Memory::Constant(_) => None,
		}
	}

	fn check_race(&self, memory: Memory, shared: &Shared) -> Result<(), RunError> {
		match shared.race() {
			Some(word) => Err(self.fault(FaultReason::Race { memory, word })),
			None => Ok(()),
		}
	}
}
