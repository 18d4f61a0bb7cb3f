//! Statements.

use mutirao_machine_core::bytecode::{
	Access, BinaryFunction, BuiltIn, Memory, Operand, Operation, Register,
};

use super::{
	kernel::Phase,
	operands::{self, LOCAL_INDEX, OWN, UNIFORM, VARYING},
	Builder, OWN_WORDS,
};

/// Deepest nesting of blocks.
const MAX_DEPTH: usize = 6;

impl Builder<'_> {
	/// One statement in a block that is `depth` deep, whose control flow is uniform or not.
	/// Barriers need uniform control flow and a place where the phases of arrays may change.
	pub(crate) fn statement(&mut self, depth: usize, is_uniform: bool, may_sync: bool) {
		self.budget = self.budget.saturating_sub(1);
		match self.rng.u8(0..100) {
			0..=37 => self.arithmetic(),
			38..=43 => self.uniform_arithmetic(is_uniform),
			44..=57 => self.load(),
			58..=69 => self.store(),
			70..=75 => self.workgroup_access(),
			76..=80 => self.barrier(is_uniform && may_sync),
			81..=89 if depth < MAX_DEPTH => self.branch(depth, is_uniform),
			90..=97 if depth < MAX_DEPTH => self.repeat(depth, is_uniform, may_sync),
			98 if depth > 0 && !may_sync => self.return_some(),
			99 if self.rng.u8(0..8) == 0 => self.mischief(),
			_ => self.arithmetic(),
		}
	}

	pub(super) fn statements(&mut self, depth: usize, is_uniform: bool, may_sync: bool) {
		for _ in 0..self.rng.usize(0..6) {
			if self.budget > 0 {
				self.statement(depth, is_uniform, may_sync);
			}
		}
	}

	pub(super) fn arithmetic(&mut self) {
		let to = self.rng.u8(VARYING);
		self.compute(to, operands::any);
	}

	fn uniform_arithmetic(&mut self, is_uniform: bool) {
		let to = if is_uniform { self.rng.u8(UNIFORM) } else { self.rng.u8(VARYING) };
		self.compute(to, operands::uniform);
	}

	fn compute(&mut self, to: Register, operand: fn(&mut fastrand::Rng) -> Operand) {
		let rng = &mut *self.rng;
		let [a, b, c, d] = [operand(rng), operand(rng), operand(rng), operand(rng)];
		let four = to.min(VARYING.end - 4);
		let operation = match rng.u8(0..20) {
			0 => Operation::Move { to, from: a },
			1..=3 => Operation::Unary { function: operands::unary(rng), to, a },
			4..=11 => Operation::Binary { function: operands::binary(rng), to, a, b },
			12..=16 => Operation::Ternary { function: operands::ternary(rng), to, a, b, c },
			17 if UNIFORM.contains(&to) => Operation::Move { to, from: b },
			17 if rng.bool() => Operation::Unpack4xI8 { to: four, a },
			17 => Operation::Unpack4xU8 { to: four, a },
			_ => Operation::Quaternary { function: operands::quaternary(rng), to, a, b, c, d },
		};
		self.push(operation);
	}

	fn load(&mut self) {
		let count = [1, 1, 2, 3, 4][self.rng.usize(0..5)];
		let to = self.rng.u8(VARYING.start..VARYING.end - count + 1);
		let slots = self.kernel.slots.len();
		let (private, tables) = (self.kernel.private_arrays.len(), self.kernel.constants.len());
		let memory = match self.rng.u8(0..4) {
			0 if private > 0 => Memory::Private(self.rng.usize(0..private) as u8),
			1 if tables > 0 => Memory::Constant(self.rng.usize(0..tables) as u8),
			_ => {
				let slot = self.rng.usize(0..slots);
				if self.kernel.slots[slot] == Access::Write {
					return self.load_own(slot as u8, to);
				}
				Memory::Buffer(slot as u8)
			}
		};
		// Small addresses mostly, for they are in bounds.
		let index = operands::any(self.rng);
		let base = match self.rng.u8(0..4) {
			0 => operands::any(self.rng),
			_ => Operand::Immediate(0),
		};
		let index = if self.rng.u8(0..5) == 0 {
			index
		} else {
			let mask = Operand::Immediate([3, 7, 15, 255][self.rng.usize(0..4)]);
			self.push(Operation::Binary { function: BinaryFunction::And, to, a: index, b: mask });
			Operand::Register(to)
		};
		let offset = if self.rng.u8(0..6) == 0 { operands::word(self.rng) } else { 0 };
		self.push(Operation::Load { memory, to, count, base, index, offset });
	}

	/// A load of a word of the own slice, or of any word that is outside the slice.
	fn load_own(&mut self, slot: u8, to: Register) {
		let (base, offset) = (Operand::Register(OWN), self.rng.u32(0..OWN_WORDS));
		let index = Operand::Immediate(0);
		self.push(Operation::Load {
			memory: Memory::Buffer(slot),
			to,
			count: 1,
			base,
			index,
			offset,
		});
	}

	fn store(&mut self) {
		let value = operands::any(self.rng);
		let private = self.kernel.private_arrays.len();
		let zero = Operand::Immediate(0);
		if private > 0 && self.rng.bool() {
			let memory = Memory::Private(self.rng.usize(0..private) as u8);
			let index = operands::any(self.rng);
			let offset = self.rng.u32(0..4);
			return self.push(Operation::Store { memory, base: zero, index, offset, value });
		}
		let slot = self.rng.usize(0..self.kernel.slots.len());
		if self.kernel.slots[slot] == Access::Read {
			return self.arithmetic();
		}
		let memory = Memory::Buffer(slot as u8);
		// Far outside of the slice now and then: dropped.
		let far = [0, 0, 0, 0, 0x4000_0000, 0xfff0_0000][self.rng.usize(0..6)];
		let offset = self.rng.u32(0..OWN_WORDS) + far;
		let base = Operand::Register(OWN);
		self.push(Operation::Store { memory, base, index: zero, offset, value });
	}

	/// What the array's phase allows; of an array of vectors, whole ones only.
	fn workgroup_access(&mut self) {
		if self.phases.is_empty() {
			return self.arithmetic();
		}
		let array = self.rng.usize(0..self.phases.len());
		let memory = Memory::Workgroup(array as u8);
		let (base, value) = (Operand::Immediate(0), operands::any(self.rng));
		let to = self.rng.u8(VARYING.start..VARYING.end - 4);
		let any = operands::any(self.rng);
		let width = self.widths[array];
		let at_element = Operation::Binary {
			function: BinaryFunction::Mul,
			to,
			a: Operand::Register(to),
			b: Operand::Immediate(width),
		};
		match self.phases[array] {
			Phase::Own(with) => {
				let (a, b) = (Operand::Register(LOCAL_INDEX), Operand::Immediate(with));
				self.push(Operation::Binary { function: BinaryFunction::Xor, to, a, b });
				self.push(at_element);
				let index = Operand::Register(to);
				if self.rng.u8(0..3) > 0 {
					for offset in 0..width {
						let value = if offset == 0 { value } else { operands::any(self.rng) };
						self.push(Operation::Store { memory, base, index, offset, value });
					}
				} else {
					let (to, count) = (to + 1, width as u8);
					self.push(Operation::Load { memory, to, count, base, index, offset: 0 });
				}
			}
			Phase::Read => {
				let count = if width == 1 { self.rng.u8(1..=4) } else { width as u8 };
				let mask = Operand::Immediate(63);
				let function = BinaryFunction::And;
				self.push(Operation::Binary { function, to, a: any, b: mask });
				self.push(at_element);
				let index = Operand::Register(to);
				let offset = width * self.rng.u32(0..4);
				self.push(Operation::Load { memory, to, count, base, index, offset });
			}
			Phase::Atomic(function) => {
				let b = Operand::Immediate(self.rng.u32(0..32));
				self.push(Operation::Binary { function: BinaryFunction::And, to, a: any, b });
				let (array, index) = (array as u8, Operand::Register(to));
				self.push(Operation::Atomic { function, array, index, offset: 0, value });
			}
		}
	}

	/// A fault, probably: a store that all invocations aim at one word.
	fn mischief(&mut self) {
		let value = operands::any(self.rng);
		let (base, index) = (Operand::Immediate(0), Operand::Immediate(0));
		let memory = if self.phases.is_empty() {
			let to = self.rng.u8(VARYING);
			self.push(Operation::BuiltIn { value: BuiltIn::LocalIdX, to });
			Memory::Buffer(self.kernel.slots.len() as u8 - 1)
		} else {
			Memory::Workgroup(0)
		};
		self.push(Operation::Store { memory, base, index, offset: 0, value });
	}
}
