//! Loads, stores and atomics, with their bounds written out.
//!
//! A read beyond the bounds gives 0: the index is cut to the last word, and the word is replaced by
//! 0. A write beyond them is skipped. Buffers that the pass writes are seen through the window of
//! the workgroup's slice.

use mutirao_machine_core::bytecode::{AtomicFunction as A, Memory, Operand};
use naga::{
	AtomicFunction, BinaryOperator as Op, Block, Expression, MathFunction as M, PredeclaredType,
	Scalar, Statement,
};

use super::{builder::Value, KernelLowerer};

/// Where a word is: the variable, the index in it, and whether that is in bounds (`None`: always).
pub(super) struct Target {
	pub(super) array: Value,
	pub(super) index: Value,
	pub(super) in_bounds: Option<Value>,
	pub(super) last: Value,
}

impl KernelLowerer<'_> {
	/// `base + index + offset`, wrapping.
	pub(super) fn address(
		&mut self,
		base: Operand,
		index: Operand,
		offset: u32,
	) -> (Value, Option<u32>) {
		let mut constant = offset;
		let mut sum: Option<Value> = None;
		for operand in [base, index] {
			match operand {
				Operand::Immediate(value) => constant = constant.wrapping_add(value),
				Operand::Register(_) => {
					let value = self.operand(operand);
					sum = Some(match sum {
						Some(sum) => self.b.op(Op::Add, sum, value),
						None => value,
					});
				}
			}
		}
		match (sum, constant) {
			(None, constant) => (self.b.number(constant), Some(constant)),
			(Some(sum), 0) => (sum, None),
			(Some(sum), constant) => (self.b.op_with(Op::Add, sum, constant), None),
		}
	}

	/// The words of an array whose length is in the code.
	fn fixed_words(&self, memory: Memory) -> Option<u32> {
		match memory {
			Memory::Buffer(_) => None,
			Memory::Workgroup(array) => {
				Some(self.kernel.workgroup_arrays[usize::from(array)].words)
			}
			Memory::Private(array) => {
				Some(u32::from(self.kernel.private_arrays[usize::from(array)]))
			}
			Memory::Constant(table) => Some(self.kernel.constants[usize::from(table)].len() as u32),
		}
	}

	/// Whether an address is known to be out of bounds, which naga does not accept.
	pub(super) fn is_outside(&self, memory: Memory, constant: Option<u32>) -> bool {
		let words = self.fixed_words(memory);
		matches!((words, constant), (Some(words), Some(constant)) if constant >= words)
	}

	pub(super) fn target(
		&mut self,
		memory: Memory,
		address: Value,
		constant: Option<u32>,
	) -> Target {
		let array = match memory {
			Memory::Buffer(slot) => return self.buffer_target(usize::from(slot), address),
			Memory::Workgroup(array) => self.workgroup[usize::from(array)].0,
			Memory::Private(array) => self.private[usize::from(array)],
			// Only the bounds matter; the word is found by `load_constant`.
			Memory::Constant(_) => address,
		};
		let words = self.fixed_words(memory).unwrap_or(0);
		let last = self.b.number(words.saturating_sub(1));
		let most = constant.or_else(|| *self.facts.most_address.get(self.at)?);
		let in_bounds = match most {
			Some(most) if most < words => None,
			_ => Some(self.b.op_with(Op::Less, address, words)),
		};
		Target { array, index: address, in_bounds, last }
	}

	fn buffer_target(&mut self, slot: usize, address: Value) -> Target {
		let array = self.slots[slot].array;
		match self.slots[slot].window {
			None => {
				let (words, last) = (self.slots[slot].words, self.slots[slot].last);
				let in_bounds = Some(self.b.op(Op::Less, address, words));
				Target { array, index: address, in_bounds, last }
			}
			Some((start, length, last)) => {
				let inside = self.b.op(Op::Subtract, address, start);
				let in_bounds = Some(self.b.op(Op::Less, inside, length));
				Target { array, index: address, in_bounds, last }
			}
		}
	}

	/// Loads `count` words to registers `to` on.
	pub(super) fn load(
		&mut self,
		memory: Memory,
		to: u8,
		count: u8,
		(base, index, offset): (Operand, Operand, u32),
	) {
		let (first, constant) = self.address(base, index, offset);
		let width = self.vectors.width(memory);
		if width > 1 {
			return self.load_vector(memory, width, to, (first, constant));
		}
		let mut values = Vec::new();
		for i in 0..u32::from(count) {
			let address = match (i, constant) {
				(0, _) => first,
				(_, Some(constant)) => self.b.number(constant.wrapping_add(i)),
				(_, None) => self.b.op_with(Op::Add, first, i),
			};
			let constant = constant.map(|constant| constant.wrapping_add(i));
			values.push(self.load_word(memory, address, constant));
		}
		for (register, value) in (to..).zip(values) {
			self.set(register, value);
		}
	}

	fn load_word(&mut self, memory: Memory, address: Value, constant: Option<u32>) -> Value {
		if self.is_outside(memory, constant) {
			return self.b.number(0);
		}
		let target = self.target(memory, address, constant);
		let index = match target.in_bounds {
			None => target.index,
			Some(_) if matches!(memory, Memory::Buffer(slot) if self.is_window(slot)) => {
				let in_bounds = target.in_bounds.unwrap_or(target.index);
				self.b.select(in_bounds, target.index, target.last)
			}
			Some(_) => self.b.math(M::Min, &[target.index, target.last]),
		};
		let word = match memory {
			Memory::Constant(table) => self.load_constant(usize::from(table), index),
			_ => {
				let pointer = self.b.access(target.array, index);
				let word = self.b.load(pointer);
				match memory {
					Memory::Workgroup(array) if self.workgroup[usize::from(array)].1 => {
						self.b.as_u32(word)
					}
					_ => word,
				}
			}
		};
		match target.in_bounds {
			None => word,
			Some(in_bounds) => {
				let zero = self.b.number(0);
				self.b.select(in_bounds, word, zero)
			}
		}
	}

	fn is_window(&self, slot: u8) -> bool {
		self.slots[usize::from(slot)].window.is_some()
	}

	fn load_constant(&mut self, table: usize, index: Value) -> Value {
		let start = self.table_starts[table];
		let at = self.b.op_with(Op::Add, index, start);
		let vector = self.b.op_with(Op::ShiftRight, at, 2);
		let part = self.b.op_with(Op::And, at, 3);
		let Some(tables) = self.tables else {
			return index;
		};
		let vector = self.b.access(tables, vector);
		let word = self.b.access(vector, part);
		self.b.load(word)
	}

	/// Stores a word where it is in bounds.
	pub(super) fn store(
		&mut self,
		memory: Memory,
		(base, index, offset): (Operand, Operand, u32),
		value: Operand,
	) {
		let (address, constant) = self.address(base, index, offset);
		if self.is_outside(memory, constant) {
			return;
		}
		let value = self.operand(value);
		let target = self.target(memory, address, constant);
		let signed =
			matches!(memory, Memory::Workgroup(array) if self.workgroup[usize::from(array)].1);
		let value = if signed { self.b.as_i32(value) } else { value };
		self.guarded(&target, |this| {
			let pointer = this.b.access(target.array, target.index);
			this.b.store(pointer, value);
		});
	}

	pub(super) fn guarded(&mut self, target: &Target, work: impl FnOnce(&mut Self)) {
		let Some(condition) = target.in_bounds else {
			return work(self);
		};
		let outer = self.b.replace_block(Block::new());
		work(self);
		let accept = self.b.replace_block(outer);
		self.b.statement(Statement::If { condition, accept, reject: Block::new() });
	}

	/// An atomic on a workgroup array.
	pub(super) fn atomic(
		&mut self,
		function: A,
		array: u8,
		(index, offset): (Operand, u32),
		value: Operand,
	) {
		let (address, constant) = self.address(Operand::Immediate(0), index, offset);
		if self.is_outside(Memory::Workgroup(array), constant) {
			return;
		}
		let value = self.operand(value);
		let target = self.target(Memory::Workgroup(array), address, constant);
		let signed = self.workgroup[usize::from(array)].1;
		let fun = match function {
			A::Add => AtomicFunction::Add,
			A::And => AtomicFunction::And,
			A::Or => AtomicFunction::InclusiveOr,
			A::Xor => AtomicFunction::ExclusiveOr,
			A::MinI32 | A::MinU32 => AtomicFunction::Min,
			A::MaxI32 | A::MaxU32 => AtomicFunction::Max,
		};
		let is_signed_order = matches!(function, A::MinI32 | A::MaxI32);
		let is_order = is_signed_order || matches!(function, A::MinU32 | A::MaxU32);
		self.guarded(&target, |this| {
			let pointer = this.b.access(target.array, target.index);
			if is_order && is_signed_order != signed {
				this.exchange_until_ordered(pointer, fun, value, is_signed_order);
				return;
			}
			let value = if signed { this.b.as_i32(value) } else { value };
			let ty = if signed { this.types.i32 } else { this.types.u32 };
			let result = this.b.name(Expression::AtomicResult { ty, comparison: false });
			this.b.statement(Statement::Atomic { pointer, fun, value, result: Some(result) });
		});
	}

	/// A minimum or maximum in the other signedness than the array's: exchanged by comparison until
	/// no other invocation came in between. Only the second of two signednesses takes this way.
	fn exchange_until_ordered(
		&mut self,
		pointer: Value,
		fun: AtomicFunction,
		value: Value,
		signed: bool,
	) {
		let fun = if matches!(fun, AtomicFunction::Min) { M::Min } else { M::Max };
		let result_ty = self.module.generate_predeclared_type(
			PredeclaredType::AtomicCompareExchangeWeakResult(if signed {
				Scalar::U32
			} else {
				Scalar::I32
			}),
		);
		let outer = self.b.replace_block(Block::new());
		let old = self.b.load(pointer);
		let old_word = self.b.as_u32(old);
		let wanted = match signed {
			true => self.b.signed_math(fun, &[old_word, value]),
			false => self.b.math(fun, &[old_word, value]),
		};
		let stays = self.b.op(Op::Equal, wanted, old_word);
		self.b.when(stays, |b| b.statement(Statement::Break));
		let wanted = if signed { wanted } else { self.b.as_i32(wanted) };
		let result = self.b.name(Expression::AtomicResult { ty: result_ty, comparison: true });
		self.b.statement(Statement::Atomic {
			pointer,
			fun: AtomicFunction::Exchange { compare: Some(old) },
			value: wanted,
			result: Some(result),
		});
		let exchanged = self.b.access_index(result, 1);
		self.b.when(exchanged, |b| b.statement(Statement::Break));
		let body = self.b.replace_block(outer);
		self.b.statement(Statement::Loop { body, continuing: Block::new(), break_if: None });
	}
}
