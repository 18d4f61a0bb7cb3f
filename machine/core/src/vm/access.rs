//! Loads, stores and atomic operations of a row of invocations.

use core::cell::Cell;

use super::{
	buffers::{Buffer, Buffers},
	execute::Machine,
	fault::{FaultReason, RunError},
	memory::{Private, Shared},
	registers::Value,
	rows::Row,
	shadow::Touch,
};
use crate::{
	bytecode::{Memory, Operand, Operation, Register},
	functions,
};

/// Where a load or store goes to, before bounds are checked.
#[derive(Clone, Copy)]
struct Address {
	base: Operand,
	index: Operand,
	offset: u32,
}

/// An access's operands.
const ADDRESS: usize = 0;
const VALUE: usize = 1;

impl<'a, B: Buffers> Machine<'a, B> {
	/// The sum of an address's parts. Its row may be a register's own only if each lane's word is
	/// `read_once`, before anything is written for that lane.
	fn address(&self, address: Address, read_once: bool) -> Value {
		let registers = &self.registers;
		let offset = address.offset;
		let row = registers.scratch();
		match (registers.value(address.base), registers.value(address.index)) {
			(Value::Uniform(base), Value::Uniform(index)) => {
				return Value::Uniform(base.wrapping_add(index).wrapping_add(offset));
			}
			(Value::Row(part), Value::Uniform(other))
			| (Value::Uniform(other), Value::Row(part)) => {
				let other = other.wrapping_add(offset);
				if other == 0 && read_once {
					return Value::Row(part);
				}
				registers.map1(row, part, move |part| part.wrapping_add(other));
			}
			(Value::Row(base), Value::Row(index)) => {
				registers.map2(row, base, index, move |a, b| a.wrapping_add(b).wrapping_add(offset))
			}
		}
		Value::Row(row)
	}

	/// A load of `count` words into as many registers.
	#[inline(never)]
	pub(super) fn load(&self, operation: &Operation) -> Result<(), RunError> {
		let Operation::Load { memory, to, count, base, index, offset } = *operation else {
			return Ok(());
		};
		let address = self.address(Address { base, index, offset }, count == 1);
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
				if let Some(array) = self.memories.private.get(usize::from(array)).copied() {
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
		address: Value,
	) -> Result<(), RunError> {
		match address {
			Value::Row(row) if count == 4 => self.load4(buffer, words, to, row),
			_ => {
				let mut word = buffer.reader();
				self.load_pure(to, count, address, |at| if at < words { word(at) } else { 0 });
			}
		}
		match self.given.missing_chunk() {
			Some(missing) => Err(RunError::MissingChunk(missing)),
			None => Ok(()),
		}
	}

	/// The commonest load: a `vec4` of a buffer.
	fn load4(&self, buffer: &B::Buffer, words: u32, to: Register, address: Row) {
		let registers = &self.registers;
		let rows = [0, 1, 2, 3].map(|part| registers.target(to.saturating_add(part)));
		let load = |at: u32| {
			if at < words.saturating_sub(3) {
				return buffer.words4(at);
			}
			[0, 1, 2, 3].map(|part| match at.wrapping_add(part) {
				at if at < words => buffer.word(at),
				_ => 0,
			})
		};
		registers.for_each_quad(rows, address, load);
	}

	/// A load from memory that nobody writes.
	#[inline(always)]
	fn load_pure(&self, to: Register, count: u8, address: Value, mut word: impl FnMut(u32) -> u32) {
		let registers = &self.registers;
		for part in 0..count {
			let to = to.saturating_add(part);
			match address {
				Value::Uniform(at) => {
					registers.set_uniform(to, word(at.wrapping_add(part.into())));
				}
				Value::Row(row) => {
					registers.for_each_pair(registers.target(to), row, |to, at, _| {
						to.set(word(at.get().wrapping_add(part.into())));
					});
				}
			}
		}
	}

	fn load_private(&self, array: Private, to: Register, count: u8, address: Value) {
		let registers = &self.registers;
		let address = match address {
			Value::Row(address) => address,
			Value::Uniform(address) => {
				for part in 0..count {
					let to = to.saturating_add(part);
					match array.row(address.wrapping_add(part.into())) {
						Some(row) => {
							let row = registers.private(row);
							registers.map1(registers.target(to), row, |word| word);
						}
						None => registers.set_uniform(to, 0),
					}
				}
				return;
			}
		};
		for part in 0..count {
			let row = registers.target(to.saturating_add(part));
			registers.for_each_pair(row, address, |to, at, lane| {
				let word = self.private(array, at.get().wrapping_add(part.into()), lane);
				to.set(word.map_or(0, Cell::get));
			});
		}
	}

	fn load_shared(
		&self,
		memory: Memory,
		to: Register,
		count: u8,
		address: Value,
	) -> Result<(), RunError> {
		let Some(shared) = self.shared(memory) else {
			return Ok(());
		};
		let registers = &self.registers;
		let mark = self.epoch.mark(Touch::Read);
		let address = registers.spread(address, ADDRESS);
		for part in 0..count {
			let row = registers.target(to.saturating_add(part));
			registers.for_each_pair(row, address, |to, at, lane| {
				to.set(shared.load(at.get().wrapping_add(part.into()), mark, lane));
			});
		}
		self.check_race(memory, shared)
	}

	/// A store of one word.
	#[inline(never)]
	pub(super) fn store(&self, operation: &Operation) -> Result<(), RunError> {
		let Operation::Store { memory, base, index, offset, value } = *operation else {
			return Ok(());
		};
		let registers = &self.registers;
		let address = self.address(Address { base, index, offset }, true);
		let address = registers.spread(address, ADDRESS);
		let value = registers.spread(registers.value(value), VALUE);
		match memory {
			Memory::Private(array) => {
				if let Some(array) = self.memories.private.get(usize::from(array)).copied() {
					self.store_private(array, address, value);
				}
				Ok(())
			}
			_ => self.store_shared(memory, address, value),
		}
	}

	fn store_private(&self, array: Private, address: Row, value: Row) {
		self.registers.for_each_pair(address, value, |at, value, lane| {
			if let Some(word) = self.private(array, at.get(), lane) {
				word.set(value.get());
			}
		});
	}

	/// A lane's word of a private array.
	#[inline(always)]
	fn private(&self, array: Private, address: u32, lane: usize) -> Option<&Cell<u32>> {
		let row = self.registers.private(array.row(address)?);
		self.registers.cell(row, lane)
	}

	fn store_shared(&self, memory: Memory, address: Row, value: Row) -> Result<(), RunError> {
		let Some(shared) = self.shared(memory) else {
			return Ok(());
		};
		let mark = self.epoch.mark(Touch::Write);
		self.registers.for_each_pair(address, value, |at, value, lane| {
			shared.store(at.get(), mark, lane, value.get());
		});
		self.check_race(memory, shared)
	}

	/// An atomic function on a workgroup array.
	#[inline(never)]
	pub(super) fn atomic(&self, operation: &Operation) -> Result<(), RunError> {
		let Operation::Atomic { function, array, index, offset, value } = *operation else {
			return Ok(());
		};
		let memory = Memory::Workgroup(array);
		let Some(shared) = self.shared(memory) else {
			return Ok(());
		};
		let registers = &self.registers;
		let base = Operand::Immediate(0);
		let address = self.address(Address { base, index, offset }, true);
		let address = registers.spread(address, ADDRESS);
		let value = registers.spread(registers.value(value), VALUE);
		let mark = self.epoch.mark(Touch::Atomic(function));
		registers.for_each_pair(address, value, |at, value, lane| {
			let value = value.get();
			shared.update(at.get(), mark, lane, |old| functions::atomic(function, old, value));
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
