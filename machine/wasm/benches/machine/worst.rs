//! Operations that take longest for what they are charged: a step's weight is what these take.
//!
//! Sixteen invocations take part, so few that an operation is charged for no more than it does.

use criterion::Criterion;
use mutirao_machine_core::{
	bytecode::{
		limits::{MAX_REGISTERS, MAX_WITNESS_CHUNKS},
		Access, BinaryFunction, Binding, Buffer, BuiltIn, Compare, Condition, Definition,
		Expression, Kernel, Memory, Operand, Operation, Pass, Role,
	},
	Program, CHUNK_BYTES, CHUNK_WORDS,
};
use mutirao_machine_guest::Request;
use mutirao_machine_wasm::Guest;

use crate::Samples;

const LANES: u32 = 16;
const REPETITIONS: u32 = 20;
/// Distance of the chunks of the witness: their numbers are alike in their lowest byte.
const CHUNKS_APART: u32 = 1 << 8;
const WORDS_APART: u32 = CHUNKS_APART * CHUNK_WORDS;

const LANE: u8 = 0;
const AT: u8 = 1;
const TO: u8 = 2;
const COUNT: u8 = 3;

fn binary(function: BinaryFunction, to: u8, a: u8, b: u32) -> Operation {
	Operation::Binary { function, to, a: Operand::Register(a), b: Operand::Immediate(b) }
}

/// Each invocation reads another chunk of the largest witness, and none that was read lately.
fn scattered_loads() -> Vec<Operation> {
	let load = |row| Operation::Load {
		memory: Memory::Buffer(0),
		to: TO,
		count: 1,
		base: Operand::Immediate(0),
		index: Operand::Register(AT),
		offset: row * LANES * WORDS_APART,
	};
	(0..MAX_WITNESS_CHUNKS as u32 / LANES).map(load).collect()
}

/// The last of all registers shares a row with another and is then written, again and again.
fn shared_rows() -> Vec<Operation> {
	let last = (MAX_REGISTERS - 1) as u8;
	let share = Operation::Move { to: last, from: Operand::Register(LANE) };
	[share, binary(BinaryFunction::Add, last, last, 1)].repeat(32)
}

fn program(body: Vec<Operation>) -> Program {
	let limit = Condition {
		compare: Compare::LessEqualU32,
		left: Operand::Immediate(REPETITIONS),
		right: Operand::Register(COUNT),
	};
	let mut code = vec![
		Operation::BuiltIn { value: BuiltIn::LocalIndex, to: LANE },
		binary(BinaryFunction::Mul, AT, LANE, WORDS_APART),
		Operation::Loop,
		Operation::BreakIf(limit),
	];
	code.extend(body);
	code.extend([binary(BinaryFunction::Add, COUNT, COUNT, 1), Operation::End]);
	let constant = Expression::constant;
	let buffer = |name: &str, role, words| Buffer { name: name.into(), role, words };
	Program::new(Definition {
		buffers: vec![
			buffer("x", Role::Input, constant(MAX_WITNESS_CHUNKS as u32 * WORDS_APART)),
			buffer("y", Role::Output, constant(LANES)),
		],
		kernels: vec![Kernel {
			workgroup_size: [LANES as u16, 1, 1],
			registers: MAX_REGISTERS,
			slots: vec![Access::Read, Access::Write],
			code,
			..Kernel::default()
		}],
		passes: vec![Pass {
			bindings: vec![
				Binding::Read { buffer: 0 },
				Binding::Write { buffer: 1, slice: constant(LANES) },
			],
			workgroups: [1, 1, 1].map(constant),
			fuel: constant(u32::MAX),
			..Pass::default()
		}],
		..Definition::default()
	})
	.expect("is valid")
}

/// Runs them and returns the steps of each.
pub(crate) fn run(
	criterion: &mut Criterion,
	guest: &mut Guest,
	samples: &Samples,
) -> Vec<(&'static str, u64)> {
	let chunk = |number| (0, number * CHUNKS_APART, vec![7; CHUNK_BYTES]);
	let chunks: Vec<_> = (0..MAX_WITNESS_CHUNKS as u32).map(chunk).collect();
	let worst =
		[("scattered_loads", scattered_loads(), chunks), ("shared_rows", shared_rows(), vec![])];
	worst
		.into_iter()
		.map(|(name, body, chunks)| {
			let request = Request { program: program(body).encode(), chunks, ..Request::default() };
			(name, crate::both(criterion, guest, samples, name, &request))
		})
		.collect()
}

/// Prints their figures.
pub(crate) fn report(samples: &Samples, worst: &[(&'static str, u64)]) {
	for (name, steps) in worst {
		for way in ["native", "wasm"] {
			let step = samples.nanoseconds(&format!("{name}/{way}")) / *steps as f64;
			crate::report(&format!("machine/worst/{name}/{way}"), step, "ns/step");
		}
	}
}
