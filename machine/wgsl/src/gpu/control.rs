//! The code: blocks marked in a stream to naga's nested blocks, without recursion.

use mutirao_machine_core::bytecode::{Memory, Operation};
use naga::{Barrier, Block, Statement};

use super::{builder::Value, vectors::Store, KernelLowerer};

/// An open block.
enum Open {
	/// The first block of an `if`.
	Accept { condition: Value, outer: Block },
	/// Its second.
	Reject { condition: Value, outer: Block, accept: Block },
	/// A loop's body, with the loop's place.
	Body { outer: Block, at: usize },
	/// A loop's continuing block, with its condition to leave.
	Continuing { outer: Block, at: usize, body: Block, break_if: Option<Value> },
}

/// What stops an invocation in these blocks: naga wants no return in a continuing block, nor in a
/// loop in there. Whoever leaves such a loop is stopped at the next one, for its counts stay as they
/// are.
fn stop(open: &[Open]) -> Statement {
	match open.iter().any(|block| matches!(block, Open::Continuing { .. })) {
		true => Statement::Break,
		false => Statement::Return { value: None },
	}
}

impl KernelLowerer<'_> {
	/// Lowers all operations. The program is valid, so every block that opens here ends.
	pub(super) fn code(&mut self) {
		let kernel = self.kernel;
		let mut open: Vec<Open> = Vec::new();
		for (at, operation) in kernel.code.iter().enumerate() {
			self.at = at;
			self.charge(at);
			match operation {
				Operation::If(condition) => {
					let condition = self.condition(*condition);
					let outer = self.b.replace_block(Block::new());
					open.push(Open::Accept { condition, outer });
				}
				Operation::Else => {
					if let Some(Open::Accept { condition, outer }) = open.pop() {
						let accept = self.b.replace_block(Block::new());
						open.push(Open::Reject { condition, outer, accept });
					}
				}
				Operation::Loop => {
					self.charge_loop(at);
					let outer = self.b.replace_block(Block::new());
					self.check_meter(at, stop(&open));
					open.push(Open::Body { outer, at });
				}
				Operation::Continuing => {
					if let Some(Open::Body { outer, at }) = open.pop() {
						let body = self.b.replace_block(Block::new());
						open.push(Open::Continuing { outer, at, body, break_if: None });
					}
				}
				Operation::End => {
					let ends = open.pop();
					self.end(ends, stop(&open));
				}
				Operation::BreakIf(condition) => {
					let condition = self.condition(*condition);
					match open.last_mut() {
						// Validation puts it last in a continuing block.
						Some(Open::Continuing { break_if, .. }) => *break_if = Some(condition),
						_ => self.b.when(condition, |b| b.statement(Statement::Break)),
					}
				}
				Operation::Break => self.leave(Statement::Break),
				Operation::Continue => self.leave(Statement::Continue),
				Operation::Return => self.leave(Statement::Return { value: None }),
				_ => self.simple(operation),
			}
		}
	}

	/// A jump. naga wants no statements after one in its block, which bytecode may have, so the
	/// jump goes into a block of its own.
	fn leave(&mut self, jump: Statement) {
		let always = self.b.name(naga::Expression::Literal(naga::Literal::Bool(true)));
		self.b.when(always, |b| b.statement(jump));
	}

	fn end(&mut self, open: Option<Open>, stop: Statement) {
		match open {
			Some(Open::Accept { condition, outer }) => {
				let accept = self.b.replace_block(outer);
				let reject = Block::new();
				self.b.statement(Statement::If { condition, accept, reject });
			}
			Some(Open::Reject { condition, outer, accept }) => {
				let reject = self.b.replace_block(outer);
				self.b.statement(Statement::If { condition, accept, reject });
			}
			Some(Open::Body { outer, at }) => {
				let body = self.b.replace_block(outer);
				let continuing = Block::new();
				self.b.statement(Statement::Loop { body, continuing, break_if: None });
				self.stop_after(at, stop);
			}
			Some(Open::Continuing { outer, at, body, break_if }) => {
				let continuing = self.b.replace_block(outer);
				self.b.statement(Statement::Loop { body, continuing, break_if });
				self.stop_after(at, stop);
			}
			None => {}
		}
	}

	fn simple(&mut self, operation: &Operation) {
		match *operation {
			Operation::Move { to, from } => {
				let value = self.operand(from);
				self.set(to, value);
			}
			Operation::Unary { function, to, a } => {
				let value = self.unary(function, a);
				self.set(to, value);
			}
			Operation::Binary { function, to, a, b } => {
				let value = self.binary(function, a, b);
				self.set(to, value);
			}
			Operation::Ternary { function, to, a, b, c } => {
				let value = self.ternary(function, a, b, c);
				self.set(to, value);
			}
			Operation::Quaternary { function, to, a, b, c, d } => {
				let value = self.quaternary(function, [a, b, c, d]);
				self.set(to, value);
			}
			Operation::Unpack4xI8 { to, a } => self.unpack(true, to, a),
			Operation::Unpack4xU8 { to, a } => self.unpack(false, to, a),
			Operation::BuiltIn { value, to } => {
				let value = self.builtin(value);
				self.set(to, value);
			}
			Operation::Load { memory, to, count, base, index, offset } => {
				self.load(memory, to, count, (base, index, offset));
			}
			Operation::Store { memory, base, index, offset, value } => {
				match self.vectors.store(self.at) {
					Store::Word => self.store(memory, (base, index, offset), value),
					Store::Vector(width) => self.store_vector(memory, (base, index, offset), width),
					Store::Part => {}
				}
			}
			Operation::Atomic { function, array, index, offset, value } => {
				self.atomic(function, array, (index, offset), value);
			}
			Operation::Barrier => self.barrier(),
			// Blocks and jumps are the caller's.
			_ => {}
		}
	}

	fn unpack(&mut self, signed: bool, to: u8, a: mutirao_machine_core::bytecode::Operand) {
		let word = self.operand(a);
		let bytes: Vec<Value> = (0..4).map(|byte| self.byte(signed, word, byte)).collect();
		for (register, byte) in (to..).zip(bytes) {
			self.set(register, byte);
		}
	}

	/// Orders workgroup memory, and the slice if the kernel reads what it wrote.
	fn barrier(&mut self) {
		let reads_slice = self.kernel.code.iter().any(|operation| {
			matches!(operation, Operation::Load { memory: Memory::Buffer(slot), .. }
				if self.slots[usize::from(*slot)].window.is_some())
		});
		let mut barrier = Barrier::WORK_GROUP;
		if reads_slice {
			barrier |= Barrier::STORAGE;
		}
		self.b.statement(Statement::ControlBarrier(barrier));
	}
}
