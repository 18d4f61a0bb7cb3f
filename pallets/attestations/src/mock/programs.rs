//! A program of two passes, put together from operations, that does on demand what programs may not.

use mutirao_machine_core::{
	bytecode::{
		Access, BinaryFunction, Binding, Buffer, BuiltIn, Compare, Condition, Definition,
		Expression, Kernel, Memory, Operand, Operation, Parameter, Pass, Role, Term,
		TernaryFunction,
	},
	Program,
};

/// Invocations of a workgroup, and words of a slice: no whole number of slices fits into a chunk.
pub(crate) const LANES: u16 = 48;
/// Steps that each workgroup declares, by pass.
pub(crate) const FUEL: [u32; 2] = [60_000, 120_000];
/// An invocation that reads this stores where every one that reads it does.
pub(crate) const RACE: u32 = 0x8000_0001;
/// One that reads this takes more steps than are declared.
pub(crate) const OVERRUN: u32 = 0x8000_0002;
/// One that reads this reads 1,104 chunks of the table, or as many as it has.
pub(crate) const READS: u32 = 0x8000_0003;

const LOCAL: u8 = 0;
const GROUP: u8 = 1;
const AT: u8 = 2;
const HERE: u8 = 3;
const BEYOND: u8 = 4;
const START: u8 = 5;
const COUNT: u8 = 6;
const RESULT: u8 = 7;

/// Loads that the body of the reading loop has.
const IN_A_ROW: u32 = 8;
const CHUNK_WORDS: u32 = 256;

const FROM: Memory = Memory::Buffer(0);
const TABLE: Memory = Memory::Buffer(1);
const TO: Memory = Memory::Buffer(2);

fn register(register: u8) -> Operand {
	Operand::Register(register)
}

fn load(memory: Memory, to: u8, index: u8, offset: u32) -> Operation {
	let (base, index) = (Operand::Immediate(0), register(index));
	Operation::Load { memory, to, count: 1, base, index, offset }
}

fn store(index: u8, value: u8) -> Operation {
	let (base, index, value) = (Operand::Immediate(0), register(index), register(value));
	Operation::Store { memory: TO, base, index, offset: 0, value }
}

fn condition(left: u8, compare: Compare, right: u32) -> Condition {
	Condition { compare, left: register(left), right: Operand::Immediate(right) }
}

fn add(to: u8, a: u8, b: u32) -> Operation {
	let (function, b) = (BinaryFunction::Add, Operand::Immediate(b));
	Operation::Binary { function, to, a: register(a), b }
}

fn multiply_add(to: u8, a: u8, b: u32, c: Operand) -> Operation {
	let (function, b) = (TernaryFunction::MultiplyAdd, Operand::Immediate(b));
	Operation::Ternary { function, to, a: register(a), b, c }
}

/// `to[i] = 3 * from[i] + from[i + LANES]`, but for the invocations that read a trigger.
fn kernel() -> Kernel {
	let lanes = LANES.into();
	let when = |trigger| Operation::If(condition(HERE, Compare::Equal, trigger));
	let mut code = vec![
		Operation::BuiltIn { value: BuiltIn::LocalIndex, to: LOCAL },
		Operation::BuiltIn { value: BuiltIn::WorkgroupIdX, to: GROUP },
		multiply_add(START, GROUP, lanes, Operand::Immediate(0)),
		multiply_add(AT, GROUP, lanes, register(LOCAL)),
		load(FROM, HERE, AT, 0),
		load(FROM, BEYOND, AT, lanes),
		multiply_add(RESULT, HERE, 3, register(BEYOND)),
		when(RACE),
		store(START, LOCAL),
		Operation::End,
		when(OVERRUN),
		Operation::Loop,
		Operation::BreakIf(condition(COUNT, Compare::Equal, u32::MAX)),
		add(COUNT, COUNT, 1),
		Operation::End,
		Operation::End,
		when(READS),
		Operation::Loop,
		Operation::BreakIf(Condition {
			left: Operand::Immediate(1_104 * CHUNK_WORDS),
			compare: Compare::LessEqualU32,
			right: register(COUNT),
		}),
	];
	code.extend((0..IN_A_ROW).map(|at| load(TABLE, LOCAL, COUNT, at * CHUNK_WORDS)));
	code.extend([
		add(COUNT, COUNT, IN_A_ROW * CHUNK_WORDS),
		Operation::End,
		Operation::End,
		store(AT, RESULT),
	]);
	Kernel {
		workgroup_size: [LANES, 1, 1],
		registers: 8,
		slots: vec![Access::Read, Access::Read, Access::Write],
		code,
		..Default::default()
	}
}

/// Pass 0 makes `y` of `x`, pass 1 makes `z` of `y`; both may read the table `t`. Parameters: the number
/// of workgroups of each pass, and of chunks of the table.
pub(crate) fn relay() -> Program {
	let times = |a: u32, parameter| {
		Expression::constant(a).join(Term::Mul, Expression::parameter(parameter))
	};
	let buffer = |name: &str, role, words| Buffer { name: name.into(), role, words };
	let row = || times(LANES.into(), 0);
	let pass = |from, to, fuel| Pass {
		kernel: 0,
		bindings: vec![
			Binding::Read { buffer: from },
			Binding::Read { buffer: 1 },
			Binding::Write { buffer: to, slice: Expression::constant(LANES.into()) },
		],
		arguments: vec![],
		workgroups: [Expression::parameter(0), Expression::constant(1), Expression::constant(1)],
		fuel: Expression::constant(fuel),
	};
	Program::new(Definition {
		parameters: vec![
			Parameter { name: "n".into(), min: 1, max: 10_000 },
			Parameter { name: "chunks".into(), min: 1, max: 2_000 },
		],
		buffers: vec![
			buffer("x", Role::Input, row()),
			buffer("t", Role::Input, times(CHUNK_WORDS, 1)),
			buffer("y", Role::Intermediate, row()),
			buffer("z", Role::Output, row()),
		],
		kernels: vec![kernel()],
		passes: vec![pass(0, 2, FUEL[0]), pass(2, 3, FUEL[1])],
	})
	.expect("the program is valid")
}
