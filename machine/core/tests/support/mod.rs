//! Small programs, written by hand.
#![allow(dead_code)]

use mutirao_machine_core::{
	bytecode::{
		Access, BinaryFunction, Binding, Buffer, BuiltIn, Compare, Condition, Definition,
		Expression, Kernel, Memory, Operand, Operation, Parameter, Pass, Register, Role,
		WorkgroupArray,
	},
	run_workgroup, ByteBuffers, FaultReason, Program, Run, RunError,
};

pub(crate) fn register(register: Register) -> Operand {
	Operand::Register(register)
}

pub(crate) fn number(value: u32) -> Operand {
	Operand::Immediate(value)
}

pub(crate) fn put(to: Register, from: Operand) -> Operation {
	Operation::Move { to, from }
}

pub(crate) fn binary(function: BinaryFunction, to: Register, a: Operand, b: Operand) -> Operation {
	Operation::Binary { function, to, a, b }
}

pub(crate) fn built_in(value: BuiltIn, to: Register) -> Operation {
	Operation::BuiltIn { value, to }
}

pub(crate) fn load(memory: Memory, to: Register, index: Operand) -> Operation {
	Operation::Load { memory, to, count: 1, base: number(0), index, offset: 0 }
}

pub(crate) fn store(memory: Memory, index: Operand, value: Operand) -> Operation {
	Operation::Store { memory, base: number(0), index, offset: 0, value }
}

pub(crate) fn when(compare: Compare, left: Operand, right: Operand) -> Condition {
	Condition { compare, left, right }
}

/// The slot of [`one_pass`]'s input, and that of its output.
pub(crate) const INPUT: Memory = Memory::Buffer(0);
pub(crate) const OUTPUT: Memory = Memory::Buffer(1);
/// The workgroup arrays of [`one_pass`]: one plain, one atomic, 16 words each.
pub(crate) const PLAIN: Memory = Memory::Workgroup(0);
pub(crate) const ATOMIC: Memory = Memory::Workgroup(1);
/// Its private array of 4 words, and its constants 10, 20, 30.
pub(crate) const PRIVATE: Memory = Memory::Private(0);
pub(crate) const CONSTANTS: Memory = Memory::Constant(0);

/// A program of one pass with two workgroups of `lanes` invocations in x, an input of 8 words and
/// a slice of `lanes` words. Register 15 is the local index, 14 the address of the own word.
pub(crate) fn one_pass(lanes: u16, body: &[Operation]) -> Definition {
	let mut code = vec![
		built_in(BuiltIn::LocalIndex, 15),
		built_in(BuiltIn::WorkgroupIdX, 14),
		Operation::Ternary {
			function: mutirao_machine_core::bytecode::TernaryFunction::MultiplyAdd,
			to: 14,
			a: register(14),
			b: number(lanes.into()),
			c: register(15),
		},
	];
	code.extend_from_slice(body);
	Definition {
		parameters: vec![Parameter { name: "fuel".into(), min: 0, max: u32::MAX }],
		buffers: vec![
			Buffer { name: "x".into(), role: Role::Input, words: Expression::constant(8) },
			Buffer {
				name: "y".into(),
				role: Role::Output,
				words: Expression::constant(2 * u32::from(lanes)),
			},
		],
		kernels: vec![Kernel {
			workgroup_size: [lanes, 1, 1],
			registers: 16,
			arguments: 0,
			slots: vec![Access::Read, Access::Write],
			workgroup_arrays: vec![
				WorkgroupArray { words: 16, atomic: false },
				WorkgroupArray { words: 16, atomic: true },
			],
			private_arrays: vec![4],
			constants: vec![vec![10, 20, 30]],
			code,
		}],
		passes: vec![Pass {
			kernel: 0,
			bindings: vec![
				Binding::Read { buffer: 0 },
				Binding::Write { buffer: 1, slice: Expression::constant(lanes.into()) },
			],
			arguments: vec![],
			workgroups: [2, 1, 1].map(Expression::constant),
			fuel: Expression::parameter(0),
		}],
	}
}

/// The input of [`one_pass`]: 100, 101, … 107.
pub(crate) fn input() -> Vec<u8> {
	(100..108u32).flat_map(u32::to_le_bytes).collect()
}

/// Runs a workgroup of a program like [`one_pass`] with so much fuel.
pub(crate) fn run_with_fuel(
	definition: Definition,
	workgroup: u32,
	fuel: u32,
) -> Result<Run, RunError> {
	let program = Program::new(definition).expect("is valid");
	let input = input();
	run_workgroup(&program, 0, &[fuel], workgroup, &ByteBuffers::new(&[&input, &[]]))
}

/// Runs workgroup 1 of [`one_pass`]; its own words are at `lanes ..`.
pub(crate) fn run(lanes: u16, body: &[Operation]) -> Result<Run, RunError> {
	run_with_fuel(one_pass(lanes, body), 1, 1_000_000)
}

/// What a body leaves in register 0, for each invocation.
pub(crate) fn register_0(lanes: u16, body: &[Operation]) -> Vec<u32> {
	let mut body = body.to_vec();
	body.push(store(OUTPUT, register(14), register(0)));
	run(lanes, &body).expect("runs").slices.remove(0)
}

/// Why a body faults.
pub(crate) fn fault(lanes: u16, body: &[Operation]) -> FaultReason {
	match run(lanes, body) {
		Err(RunError::Fault(fault)) => fault.reason,
		other => panic!("no fault: {other:?}"),
	}
}
