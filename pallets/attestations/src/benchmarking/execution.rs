//! What a step takes at worst: workgroups that do again and again what is slow for what it is charged.
//!
//! Half of the first 32 invocations take part, the others have returned: so few that an operation is
//! charged for no more than it has, and every second one, so that loops over them follow a list. The
//! kernel has as much memory as it may have, which all is cleared at the start.

use super::programs::valid;
use alloc::{vec, vec::Vec};
use mutirao_machine_core::{
	bytecode::{
		limits::{
			MAX_INVOCATIONS, MAX_PRIVATE_WORDS, MAX_REGISTERS, MAX_SLICE_WORDS, MAX_WITNESS_CHUNKS,
			MAX_WORKGROUP_WORDS,
		},
		Access, AtomicFunction, BinaryFunction, Binding, Buffer, BuiltIn, Compare, Condition,
		Definition, Expression, Kernel, Memory, Operand, Operation, Parameter, Pass, Role,
		TernaryFunction, WorkgroupArray,
	},
	run_resolved, ChunkId, Program, ResolvedPass, Witness, CHUNK_BYTES, CHUNK_WORDS,
};
use mutirao_types::Steps;

/// What is done again and again.
#[derive(Clone, Copy)]
pub(super) enum Class {
	/// Each invocation reads another chunk of the largest witness, and none that was read lately.
	ScatteredLoads,
	/// A register is moved into another, which is then written.
	SharedRows,
	/// A register that has one value for all is written by one invocation.
	UniformRows,
	/// Every second invocation takes a branch.
	Branches,
	/// The function of three words that takes longest.
	BitFields,
	/// Atomic sums.
	Atomics,
}

/// Distance of the chunks of the witness: however few of a chunk's number's bits one looks at, they
/// are alike.
const CHUNKS_APART: u32 = 1 << 8;
/// The same in words, for neighbours among the invocations that take part.
const WORDS_APART: u32 = CHUNKS_APART * CHUNK_WORDS;
/// Invocations that take part.
const LANES: u32 = 16;

const LANE: u8 = 0;
const COUNT: u8 = 1;
const LIMIT: u8 = 2;
const ODD: u8 = 3;
const AT: u8 = 4;
const HALF: u8 = 5;
/// Registers from here on are the classes' own.
const FREE: u8 = 8;

/// A workgroup that is ready to run.
pub(super) struct Execution {
	program: Program,
	pass: ResolvedPass,
	chunks: Witness,
}

impl Execution {
	/// One that takes about so many steps.
	pub(super) fn new(class: Class, steps: Steps) -> Self {
		let program = program(class);
		let chunks = match class {
			Class::ScatteredLoads => witness(),
			_ => Witness::new(),
		};
		let mut execution = Self { pass: pass(&program, 1), program, chunks };
		let one = execution.run();
		execution.pass = pass(&execution.program, 2);
		let each = execution.run() - one;
		let iterations = 1 + steps.saturating_sub(one) / each;
		execution.pass = pass(&execution.program, iterations as u32);
		execution
	}

	/// Runs it; the steps that it took.
	pub(super) fn run(&self) -> Steps {
		match run_resolved(&self.program, &self.pass, 0, &self.chunks) {
			Ok(run) => run.steps,
			Err(error) => panic!("the workgroup runs: {error}"),
		}
	}
}

fn pass(program: &Program, iterations: u32) -> ResolvedPass {
	match program.resolve_pass(0, &[iterations]) {
		Ok(pass) => pass,
		Err(error) => panic!("the parameter fits: {error}"),
	}
}

/// As many chunks as a witness may have.
fn witness() -> Witness {
	let mut chunks = Witness::new();
	for chunk in 0..MAX_WITNESS_CHUNKS as u32 {
		let id = ChunkId { slot: 0, chunk: chunk * CHUNKS_APART };
		if let Err(error) = chunks.push(id, &[7; CHUNK_BYTES]) {
			panic!("chunks ascend: {error}");
		}
	}
	chunks
}

fn register(register: u8) -> Operand {
	Operand::Register(register)
}

fn binary(function: BinaryFunction, to: u8, a: u8, b: u32) -> Operation {
	Operation::Binary { function, to, a: register(a), b: Operand::Immediate(b) }
}

fn when(left: u8, compare: Compare, right: u32) -> Operation {
	Operation::If(Condition { compare, left: register(left), right: Operand::Immediate(right) })
}

/// One iteration.
fn body(class: Class) -> Vec<Operation> {
	let nothing = Operand::Immediate(0);
	match class {
		Class::ScatteredLoads => (0..MAX_WITNESS_CHUNKS as u32 / LANES)
			.map(|row| Operation::Load {
				memory: Memory::Buffer(0),
				to: FREE,
				count: 1,
				base: nothing,
				index: register(AT),
				offset: row * LANES * WORDS_APART,
			})
			.collect(),
		Class::SharedRows => {
			let last = (MAX_REGISTERS - 1) as u8;
			let shared = Operation::Move { to: last, from: register(LANE) };
			[shared, binary(BinaryFunction::Add, last, last, 1)].repeat(32)
		}
		Class::UniformRows => {
			let all = FREE..=u8::MAX;
			let uniform = |to| Operation::Move { to, from: Operand::Immediate(5) };
			let written = |to| binary(BinaryFunction::Add, to, LANE, 1);
			let uniform = all.clone().map(uniform);
			uniform
				.chain([when(LANE, Compare::Equal, 0)])
				.chain(all.map(written))
				.chain([Operation::End])
				.collect()
		}
		Class::Branches => [when(HALF, Compare::Equal, 0), Operation::End].repeat(32),
		Class::BitFields => {
			let function = TernaryFunction::ExtractBitsI32;
			let (a, b, c) = (register(AT), register(LANE), register(HALF));
			vec![Operation::Ternary { function, to: FREE, a, b, c }; 64]
		}
		Class::Atomics => {
			let (function, index, value) = (AtomicFunction::Add, register(LANE), register(AT));
			vec![Operation::Atomic { function, array: 0, index, offset: 0, value }; 64]
		}
	}
}

fn program(class: Class) -> Program {
	let mut code = vec![
		Operation::BuiltIn { value: BuiltIn::LocalIndex, to: LANE },
		Operation::BuiltIn { value: BuiltIn::Argument(0), to: LIMIT },
		binary(BinaryFunction::And, ODD, LANE, 1),
		binary(BinaryFunction::And, HALF, LANE, 2),
		binary(BinaryFunction::Mul, AT, LANE, WORDS_APART / 2),
		when(ODD, Compare::NotEqual, 0),
		Operation::Return,
		Operation::End,
		Operation::If(Condition {
			compare: Compare::LessEqualU32,
			left: Operand::Immediate(2 * LANES),
			right: register(LANE),
		}),
		Operation::Return,
		Operation::End,
		Operation::Loop,
		Operation::BreakIf(Condition {
			compare: Compare::LessEqualU32,
			left: register(LIMIT),
			right: register(COUNT),
		}),
	];
	code.extend(body(class));
	code.extend([binary(BinaryFunction::Add, COUNT, COUNT, 1), Operation::End]);

	let constant = Expression::constant;
	let buffer = |name: &str, role, words| Buffer { name: name.into(), role, words };
	valid(Definition {
		parameters: vec![Parameter { name: "iterations".into(), min: 1, max: u32::MAX }],
		buffers: vec![
			buffer("x", Role::Input, constant(MAX_WITNESS_CHUNKS as u32 * WORDS_APART)),
			buffer("y", Role::Output, constant(MAX_SLICE_WORDS)),
		],
		kernels: vec![Kernel {
			workgroup_size: [MAX_INVOCATIONS as u16, 1, 1],
			registers: MAX_REGISTERS,
			arguments: 1,
			slots: vec![Access::Read, Access::Write],
			workgroup_arrays: vec![WorkgroupArray { words: MAX_WORKGROUP_WORDS, atomic: true }],
			private_arrays: vec![MAX_PRIVATE_WORDS as u16],
			constants: vec![],
			code,
		}],
		passes: vec![Pass {
			kernel: 0,
			bindings: vec![
				Binding::Read { buffer: 0 },
				Binding::Write { buffer: 1, slice: constant(MAX_SLICE_WORDS) },
			],
			arguments: vec![Expression::parameter(0)],
			workgroups: [1, 1, 1].map(constant),
			fuel: constant(u32::MAX),
		}],
	})
}
