//! Operations class by class: a step should take about the same time in each.

use criterion::Criterion;
use mutirao_machine_core::{
	bytecode::{
		Access, AtomicFunction, BinaryFunction, Binding, Buffer, BuiltIn, Compare, Condition,
		Definition, Expression, Kernel, Memory, Operand, Operation, Pass, QuaternaryFunction, Role,
		TernaryFunction, UnaryFunction, WorkgroupArray,
	},
	Program,
};
use mutirao_machine_guest::handwritten;
use mutirao_machine_wasm::{request, Guest};

use crate::Samples;

/// Operations of a class in a row, and how often they are repeated.
const IN_A_ROW: usize = 16;
const REPETITIONS: u32 = 400;
/// Invocations of the workgroups.
const LANES: [u16; 3] = [16, 64, 256];

/// Classes that the VM does once for all lanes, though each lane is charged as on a device: they are
/// faster than all others, the more lanes the more, and do not count for how far classes are apart.
const ONCE: [&str; 3] = ["move", "barrier", "branch_uniform"];

const LANE: Operand = Operand::Register(0);
const A: Operand = Operand::Register(1);
const B: Operand = Operand::Register(2);
const C: Operand = Operand::Register(3);
const D: Operand = Operand::Register(4);
const TO: u8 = 8;
const COUNTER: u8 = 15;

fn load(memory: Memory, count: u8) -> Vec<Operation> {
	let base = Operand::Immediate(0);
	vec![Operation::Load { memory, to: TO, count, base, index: LANE, offset: 0 }]
}

fn store(memory: Memory) -> Vec<Operation> {
	let base = Operand::Immediate(0);
	vec![Operation::Store { memory, base, index: LANE, offset: 0, value: A }]
}

fn unary(function: UnaryFunction) -> Vec<Operation> {
	vec![Operation::Unary { function, to: TO, a: A }]
}

fn binary(function: BinaryFunction) -> Vec<Operation> {
	vec![Operation::Binary { function, to: TO, a: A, b: B }]
}

fn ternary(function: TernaryFunction) -> Vec<Operation> {
	vec![Operation::Ternary { function, to: TO, a: A, b: B, c: C }]
}

fn quaternary(function: QuaternaryFunction) -> Vec<Operation> {
	vec![Operation::Quaternary { function, to: TO, a: A, b: B, c: C, d: D }]
}

fn branch(left: Operand) -> Vec<Operation> {
	let condition = Condition { compare: Compare::LessU32, left, right: Operand::Immediate(100) };
	vec![Operation::If(condition), Operation::End]
}

/// Names and one operation of each class, or a few that belong together.
fn classes() -> Vec<(&'static str, Vec<Operation>)> {
	let atomic = Operation::Atomic {
		function: AtomicFunction::Add,
		array: 0,
		index: LANE,
		offset: 0,
		value: A,
	};
	vec![
		("move", vec![Operation::Move { to: TO, from: A }]),
		("add", binary(BinaryFunction::Add)),
		("compare", binary(BinaryFunction::Compare(Compare::LessI32))),
		("shift", binary(BinaryFunction::ShiftLeft)),
		("min", binary(BinaryFunction::MinI32)),
		("divide", binary(BinaryFunction::DivI32)),
		("remainder", binary(BinaryFunction::RemU32)),
		("dot4", binary(BinaryFunction::Dot4I8Packed)),
		("absolute", unary(UnaryFunction::AbsI32)),
		("count_ones", unary(UnaryFunction::CountOneBits)),
		("leading_bit", unary(UnaryFunction::FirstLeadingBitI32)),
		("reverse_bits", unary(UnaryFunction::ReverseBits)),
		("multiply_add", ternary(TernaryFunction::MultiplyAdd)),
		("dot4_add", ternary(TernaryFunction::Dot4I8PackedAdd)),
		("select", ternary(TernaryFunction::Select)),
		("clamp", ternary(TernaryFunction::ClampI32)),
		("extract_bits", ternary(TernaryFunction::ExtractBitsI32)),
		("insert_bits", quaternary(QuaternaryFunction::InsertBits)),
		("pack_clamp", quaternary(QuaternaryFunction::Pack4xI8Clamp)),
		("unpack", vec![Operation::Unpack4xI8 { to: TO, a: A }]),
		("load_buffer", load(Memory::Buffer(0), 1)),
		("load_buffer_4", load(Memory::Buffer(0), 4)),
		("load_workgroup", load(Memory::Workgroup(0), 1)),
		("load_private", load(Memory::Private(0), 1)),
		("load_constant", load(Memory::Constant(0), 1)),
		("store_slice", store(Memory::Buffer(1))),
		("store_workgroup", store(Memory::Workgroup(0))),
		("store_private", store(Memory::Private(0))),
		("atomic", vec![atomic]),
		("barrier", vec![Operation::Barrier]),
		("branch_uniform", branch(Operand::Register(COUNTER))),
		("branch_half", branch(A)),
	]
}

/// A workgroup of so many invocations that repeats a class.
fn definition(lanes: u16, class: &[Operation]) -> Definition {
	let words = u32::from(lanes);
	let mut code = vec![Operation::BuiltIn { value: BuiltIn::LocalIndex, to: 0 }];
	for (to, factor) in (1..).zip([0x9e37_79b1u32, 0x85eb_ca6b, 17, 29]) {
		let (function, b) = (BinaryFunction::Mul, Operand::Immediate(factor));
		code.push(Operation::Binary { function, to, a: LANE, b });
	}
	let condition = Condition {
		compare: Compare::LessEqualU32,
		left: Operand::Immediate(REPETITIONS),
		right: Operand::Register(COUNTER),
	};
	code.extend([Operation::Loop, Operation::BreakIf(condition)]);
	(0..IN_A_ROW).for_each(|_| code.extend_from_slice(class));
	code.push(Operation::Binary {
		function: BinaryFunction::Add,
		to: COUNTER,
		a: Operand::Register(COUNTER),
		b: Operand::Immediate(1),
	});
	code.push(Operation::End);
	let buffer = |name: &str, role, words| Buffer {
		name: name.into(),
		role,
		words: Expression::constant(words),
	};
	Definition {
		parameters: vec![],
		buffers: vec![buffer("x", Role::Input, 4096), buffer("y", Role::Output, words)],
		kernels: vec![Kernel {
			workgroup_size: [lanes, 1, 1],
			registers: 16,
			slots: vec![Access::Read, Access::Write],
			workgroup_arrays: vec![WorkgroupArray { words: 260, atomic: true }],
			private_arrays: vec![260],
			constants: vec![(0..260).collect()],
			code,
			..Kernel::default()
		}],
		passes: vec![Pass {
			bindings: vec![
				Binding::Read { buffer: 0 },
				Binding::Write { buffer: 1, slice: Expression::constant(words) },
			],
			workgroups: [1, 1, 1].map(Expression::constant),
			fuel: Expression::constant(u32::MAX),
			..Pass::default()
		}],
	}
}

/// Runs all classes and returns the steps of each.
pub(crate) fn run(
	criterion: &mut Criterion,
	guest: &mut Guest,
	samples: &Samples,
) -> Vec<(String, u64)> {
	let input = handwritten::bytes(4 * 4096, 6);
	let mut done = Vec::new();
	for lanes in LANES {
		for (class, operations) in classes() {
			let program = Program::new(definition(lanes, &operations)).expect("is valid");
			let pass = program.resolve_pass(0, &[]).expect("takes no parameters");
			let request = request(&program, &[], &pass, 0, &[&input, &[]]);
			let name = format!("{class}_{lanes}");
			let steps = crate::both(criterion, guest, samples, &name, &request);
			done.push((name, steps));
		}
	}
	done
}

/// Prints their figures, and how far apart those are that work in each lane.
pub(crate) fn report(samples: &Samples, classes: &[(String, u64)]) {
	for way in ["native", "wasm"] {
		let rate = |(name, steps): &(String, u64)| {
			*steps as f64 * 1e3 / samples.nanoseconds(&format!("{name}/{way}"))
		};
		for class in classes {
			let name = format!("machine/class/{}/{way}", class.0);
			crate::report(&name, rate(class), "million steps/s");
		}
		for lanes in LANES {
			let is_once = |name: &str| ONCE.iter().any(|once| *name == format!("{once}_{lanes}"));
			let of_lanes = classes.iter().filter(|class| class.0.ends_with(&format!("_{lanes}")));
			let of_lanes = of_lanes.filter(|class| !is_once(&class.0));
			let rates: Vec<f64> = of_lanes.map(rate).collect();
			let fastest = rates.iter().copied().fold(f64::NAN, f64::max);
			let slowest = rates.iter().copied().fold(f64::NAN, f64::min);
			let name = format!("machine/class_spread_{lanes}/{way}");
			crate::report(&name, fastest / slowest, "fastest/slowest");
		}
	}
}
