//! Branches, loops and barriers.

use mutirao_machine_core::bytecode::{BinaryFunction, Compare, Condition, Operand, Operation};

use super::{
	kernel::Phase,
	operands::{self, COUNTERS},
	Builder,
};

/// Deepest nesting of loops.
const MAX_LOOPS: usize = 3;

impl Builder<'_> {
	/// A barrier, after which arrays serve something else.
	pub(super) fn barrier(&mut self, may_sync: bool) {
		if may_sync && !self.may_have_returned {
			self.push(Operation::Barrier);
			self.redraw_phases();
		} else {
			self.arithmetic();
		}
	}

	pub(super) fn branch(&mut self, depth: usize, is_uniform: bool) {
		let stays_uniform = is_uniform && self.rng.u8(0..3) == 0;
		let condition = if stays_uniform {
			operands::condition(self.rng, operands::uniform)
		} else if self.rng.u8(0..6) == 0 {
			self.one_lane()
		} else {
			operands::condition(self.rng, operands::any)
		};
		self.push(Operation::If(condition));
		self.statements(depth + 1, stays_uniform, false);
		if self.rng.bool() {
			self.push(Operation::Else);
			self.statements(depth + 1, stays_uniform, false);
		}
		self.push(Operation::End);
	}

	/// A loop that ends: a counter that nothing else writes leaves it.
	pub(super) fn repeat(&mut self, depth: usize, is_uniform: bool, may_sync: bool) {
		let open = self.open_loops();
		if open >= MAX_LOOPS {
			return self.arithmetic();
		}
		let counter = COUNTERS.start + open as u8;
		let stays_uniform = is_uniform && self.rng.bool();
		let syncs = stays_uniform && may_sync && !self.may_have_returned && self.rng.bool();
		let limit = self.limit(stays_uniform);
		let phases = self.sync_if(syncs);
		self.push(Operation::Move { to: counter, from: Operand::Immediate(0) });
		self.push(Operation::Loop);
		let done = Condition {
			compare: Compare::LessEqualU32,
			left: limit,
			right: Operand::Register(counter),
		};
		let tests_first = self.rng.bool();
		if tests_first {
			self.push(Operation::BreakIf(done));
		}
		self.body(depth + 1, stays_uniform, syncs);
		self.push(Operation::Continuing);
		if self.rng.bool() {
			self.arithmetic();
		}
		let (a, b) = (Operand::Register(counter), Operand::Immediate(1));
		self.push(Operation::Binary { function: BinaryFunction::Add, to: counter, a, b });
		if syncs {
			// The next iteration starts with the phases that the first one started with.
			self.push(Operation::Barrier);
			self.phases = phases;
		}
		if !tests_first {
			self.push(Operation::BreakIf(done));
		}
		self.push(Operation::End);
		self.sync_if(syncs);
	}

	/// A loop's body; invocations leave or go on early where that is harmless.
	fn body(&mut self, depth: usize, is_uniform: bool, syncs: bool) {
		self.statements(depth, is_uniform, syncs);
		if !is_uniform && self.rng.bool() {
			let condition = operands::condition(self.rng, operands::any);
			match self.rng.u8(0..3) {
				0 => self.push(Operation::BreakIf(condition)),
				1 => {
					self.push(Operation::If(condition));
					self.statements(depth + 1, false, false);
					self.push(Operation::Continue);
					self.push(Operation::End);
				}
				_ => {
					self.push(Operation::If(condition));
					self.push(Operation::Break);
					self.push(Operation::Else);
					self.statements(depth + 1, false, false);
					self.push(Operation::End);
				}
			}
			self.statements(depth, false, false);
		}
	}

	/// How often a loop runs.
	fn limit(&mut self, is_uniform: bool) -> Operand {
		if is_uniform || self.rng.bool() {
			return Operand::Immediate(self.rng.u32(0..6));
		}
		let to = COUNTERS.end - 1 - self.open_loops() as u8;
		let (a, b) = (operands::any(self.rng), Operand::Immediate(7));
		self.push(Operation::Binary { function: BinaryFunction::And, to, a, b });
		Operand::Register(to)
	}

	/// A barrier, and the phases that follow it.
	fn sync_if(&mut self, syncs: bool) -> Vec<Phase> {
		if syncs {
			self.push(Operation::Barrier);
			self.redraw_phases();
		}
		self.phases.clone()
	}

	fn open_loops(&self) -> usize {
		let open = |operation: &Operation| matches!(operation, Operation::Loop | Operation::If(_));
		let mut blocks = Vec::new();
		for operation in &self.kernel.code {
			match operation {
				Operation::End => {
					blocks.pop();
				}
				operation if open(operation) => blocks.push(*operation == Operation::Loop),
				_ => {}
			}
		}
		blocks.into_iter().filter(|is_loop| *is_loop).count()
	}

	/// Some invocations return; no barrier may follow, so it is in no loop, which might hold one.
	pub(super) fn return_some(&mut self) {
		if self.open_loops() > 0 {
			return self.arithmetic();
		}
		self.may_have_returned = true;
		let condition = operands::condition(self.rng, operands::any);
		self.push(Operation::If(condition));
		self.push(Operation::Return);
		self.push(Operation::End);
	}
}
