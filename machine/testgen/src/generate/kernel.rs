//! A kernel: a prologue that fills the registers, statements, and an epilogue that writes out what
//! they hold.

use fastrand::Rng;
use mutirao_machine_core::bytecode::{
	Access, AtomicFunction, BinaryFunction, BuiltIn, Compare, Condition, Kernel, Memory, Operand,
	Operation, Register, TernaryFunction, WorkgroupArray,
};

use super::{
	operands::{self, COUNTERS, LOCAL_INDEX, OWN, REGISTERS, UNIFORM, VARYING},
	Builder, OWN_WORDS,
};

/// What a workgroup array is for between two barriers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase {
	/// Each invocation has its own word: its local index, exclusive-or this number.
	Own(u32),
	/// All read.
	Read,
	/// All update with one function.
	Atomic(AtomicFunction),
}

/// Makes a kernel.
pub(super) fn kernel(rng: &mut Rng, size: [u16; 3], slots: Vec<Access>) -> Kernel {
	let lanes: u32 = size.iter().map(|side| u32::from(*side)).product();
	let (mut arrays, mut widths) = (Vec::new(), Vec::new());
	for _ in 0..rng.usize(0..3) {
		let elements = if rng.bool() { lanes.next_power_of_two() } else { rng.u32(1..300) };
		let atomic = rng.bool();
		let width = if atomic { 1 } else { [1, 1, 2, 4][rng.usize(0..4)] };
		arrays.push(WorkgroupArray { words: elements * width, atomic });
		widths.push(width);
	}
	let private_arrays = (0..rng.usize(0..3)).map(|_| rng.u16(1..20)).collect();
	let constants = (0..rng.usize(0..3))
		.map(|_| (0..rng.usize(0..24)).map(|_| operands::word(rng)).collect())
		.collect();
	let kernel = Kernel {
		workgroup_size: size,
		registers: REGISTERS,
		arguments: 2,
		slots,
		workgroup_arrays: arrays,
		private_arrays,
		constants,
		code: Vec::new(),
	};
	let budget = rng.usize(5..60);
	let mut builder =
		Builder { rng, kernel, widths, phases: Vec::new(), may_have_returned: false, budget };
	builder.redraw_phases();
	builder.prologue();
	while builder.budget > 0 {
		builder.statement(0, true, true);
	}
	builder.epilogue();
	builder.kernel
}

impl Builder<'_> {
	pub(crate) fn push(&mut self, operation: Operation) {
		self.kernel.code.push(operation);
	}

	fn built_in(&mut self, value: BuiltIn, to: Register) {
		self.push(Operation::BuiltIn { value, to });
	}

	fn binary(&mut self, function: BinaryFunction, to: Register, a: Operand, b: Operand) {
		self.push(Operation::Binary { function, to, a, b });
	}

	pub(crate) fn lanes(&self) -> u32 {
		self.kernel.workgroup_size.iter().map(|side| u32::from(*side)).product()
	}

	/// Decides anew what each workgroup array is for.
	pub(crate) fn redraw_phases(&mut self) {
		let lanes = self.lanes().next_power_of_two();
		self.phases = self
			.kernel
			.workgroup_arrays
			.iter()
			.map(|array| match self.rng.u8(0..3) {
				0 if array.atomic => Phase::Atomic(operands::atomic(self.rng)),
				0 | 1 => Phase::Own(self.rng.u32(0..lanes)),
				_ => Phase::Read,
			})
			.collect();
	}

	fn prologue(&mut self) {
		self.built_in(BuiltIn::LocalIndex, LOCAL_INDEX);
		let fixed = [
			BuiltIn::WorkgroupIdX,
			BuiltIn::WorkgroupIdY,
			BuiltIn::WorkgroupIdZ,
			BuiltIn::Argument(0),
			BuiltIn::Argument(1),
		];
		for (value, to) in fixed.into_iter().zip(UNIFORM) {
			self.built_in(value, to);
		}
		// The workgroup's number, from its place, times the slice, plus the invocation's share.
		let own = Operand::Register(OWN);
		self.built_in(BuiltIn::WorkgroupsY, OWN);
		let scratch = UNIFORM.end - 1;
		let (y, z) = (Operand::Register(1), Operand::Register(2));
		self.push(Operation::Ternary {
			function: TernaryFunction::MultiplyAdd,
			to: OWN,
			a: own,
			b: z,
			c: y,
		});
		self.built_in(BuiltIn::WorkgroupsX, scratch);
		self.push(Operation::Ternary {
			function: TernaryFunction::MultiplyAdd,
			to: OWN,
			a: own,
			b: Operand::Register(scratch),
			c: Operand::Register(0),
		});
		let lanes = Operand::Immediate(self.lanes());
		let index = Operand::Register(LOCAL_INDEX);
		self.push(Operation::Ternary {
			function: TernaryFunction::MultiplyAdd,
			to: OWN,
			a: own,
			b: lanes,
			c: index,
		});
		self.binary(BinaryFunction::Mul, OWN, own, Operand::Immediate(OWN_WORDS));
		self.fill_registers();
	}

	fn fill_registers(&mut self) {
		let locals = [BuiltIn::LocalIdX, BuiltIn::LocalIdY, BuiltIn::LocalIdZ];
		for (value, to) in locals.into_iter().zip(VARYING) {
			self.built_in(value, to);
		}
		let last = self.kernel.slots.len() - 1;
		self.built_in(BuiltIn::BufferWords(last as u8), VARYING.start + 3);
		for to in VARYING.skip(4) {
			let value = Operand::Immediate(operands::word(self.rng));
			let offset = self.rng.u32(0..8);
			match self.rng.u8(0..3) {
				0 => self.push(Operation::Move { to, from: value }),
				1 => self.push(Operation::Load {
					memory: Memory::Buffer(0),
					to,
					count: 1,
					base: Operand::Register(OWN),
					index: Operand::Immediate(0),
					offset,
				}),
				_ => self.binary(BinaryFunction::Mul, to, Operand::Register(LOCAL_INDEX), value),
			}
		}
	}

	/// Writes all registers, workgroup arrays and private arrays, mixed, to the own words.
	fn epilogue(&mut self) {
		if !self.may_have_returned && !self.kernel.workgroup_arrays.is_empty() {
			self.push(Operation::Barrier);
			for array in 0..self.kernel.workgroup_arrays.len() {
				let (index, to) = (Operand::Register(LOCAL_INDEX), VARYING.start + 1);
				let (count, width) = match self.widths[array] {
					1 => (4, 1),
					width => (width as u8, width),
				};
				self.binary(BinaryFunction::Mul, to, index, Operand::Immediate(width));
				self.mix_load(Memory::Workgroup(array as u8), Operand::Register(to), count);
			}
		}
		for array in 0..self.kernel.private_arrays.len() {
			self.mix_load(Memory::Private(array as u8), Operand::Immediate(0), 4);
		}
		let mix = Operand::Register(VARYING.start);
		for register in (UNIFORM.start..VARYING.end).chain(COUNTERS) {
			let by = Operand::Immediate(0x9e37_79b1);
			self.binary(BinaryFunction::Mul, VARYING.start, mix, by);
			self.binary(BinaryFunction::Xor, VARYING.start, mix, Operand::Register(register));
		}
		let writes = self.kernel.slots.iter().zip(0u8..);
		let writes: Vec<u8> =
			writes.filter(|(access, _)| **access == Access::Write).map(|(_, slot)| slot).collect();
		for slot in writes {
			self.push(Operation::Store {
				memory: Memory::Buffer(slot),
				base: Operand::Register(OWN),
				index: Operand::Immediate(0),
				offset: OWN_WORDS - 1,
				value: mix,
			});
		}
	}

	fn mix_load(&mut self, memory: Memory, index: Operand, count: u8) {
		let to = VARYING.start + 1;
		let base = Operand::Immediate(0);
		self.push(Operation::Load { memory, to, count, base, index, offset: 0 });
		for part in 0..count {
			let (a, b) = (Operand::Register(VARYING.start), Operand::Register(to + part));
			self.binary(BinaryFunction::RotateLeft, VARYING.start, a, Operand::Immediate(5));
			self.binary(BinaryFunction::Add, VARYING.start, a, b);
		}
	}

	/// A condition that only one invocation, or none, meets: a lone write races with nobody.
	pub(crate) fn one_lane(&mut self) -> Condition {
		Condition {
			compare: Compare::Equal,
			left: Operand::Register(LOCAL_INDEX),
			right: Operand::Immediate(self.rng.u32(0..self.lanes() + 1)),
		}
	}
}
