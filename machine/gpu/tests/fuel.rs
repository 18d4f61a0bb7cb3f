//! What exceeds its fuel stops soon on the device, whatever an iteration costs, and nothing else does.

use mutirao_machine_core::{
	bytecode::{
		Access, BinaryFunction, Binding, Buffer, BuiltIn, Compare, Condition, Definition,
		Expression, Kernel, Memory, Operand, Operation, Parameter, Pass, Role,
	},
	run_resolved, ByteBuffers, Program,
};
use mutirao_machine_gpu::{Gpu, GpuError, Job, Outputs, Prepared};
use mutirao_machine_wgsl::{compile::compile, gpu::Counting, manifest::Manifest};

/// Operations that cannot be made fewer, on `x` and `a`.
const COSTLY_STATEMENTS: usize = 300;

/// A workgroup whose invocations note in `y` how often they have begun `body`, in which `COSTLY` stands for
/// much work, `turns` times at most.
fn program(lanes: u32, body: &str) -> Program {
	let manifest = format!(
		"[program]\nname = \"costly\"\n[parameters]\nturns = {{}}\nfuel = {{ min = 1 }}\n\
		 [buffers]\ny = {{ role = \"output\", words = \"{lanes}\" }}\n\
		 [[passes]]\nentry = \"main\"\nworkgroups = [\"1\"]\nslice = {{ y = \"{lanes}\" }}\n\
		 fuel = \"fuel\"\n"
	);
	let costly = "x = (x ^ (x << 5u)) * 3u + a; ".repeat(COSTLY_STATEMENTS);
	let source = format!(
		"struct P {{ turns: u32, fuel: u32 }}
		@group(0) @binding(0) var<uniform> p: P;
		@group(0) @binding(1) var<storage, read_write> y: array<u32>;
		@compute @workgroup_size({lanes})
		fn main(@builtin(local_invocation_index) i: u32) {{
			var x = i + p.turns;
			for (var a = 0u; a < p.turns; a++) {{
				y[i] = a + 1u;
				{}
			}}
			y[i] += select(0u, 1u << 20u, x == 7u);
		}}",
		body.replace("COSTLY", &costly)
	);
	let manifest = Manifest::parse(&manifest).expect("the manifest is right");
	let compiled = compile(&manifest, &source).unwrap_or_else(|error| panic!("{error}"));
	Program::new(compiled.definition).unwrap_or_else(|error| panic!("{error}"))
}

fn steps(program: &Program, turns: u32) -> u64 {
	let summary = program.summary(&[turns, u32::MAX]).expect("fits");
	let none: [&[u8]; 1] = [&[]];
	let run = run_resolved(program, &summary.passes[0], 0, &ByteBuffers::new(&none));
	run.expect("has the fuel").steps
}

/// How often each invocation began its body, with so much fuel.
fn begun(prepared: &Prepared<'_>, program: &Program, turns: u32, fuel: u32) -> (Vec<u32>, bool) {
	let job = Job::new(program, &[turns, fuel], Vec::new()).expect("fits");
	let outputs: Outputs = prepared.run_over_faults(&job).expect("goes on");
	let words = outputs[&0].chunks_exact(4);
	let words = words.map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
	let faults = match prepared.run(&job) {
		Ok(_) => false,
		Err(GpuError::Fuel { pass: 0, workgroup: 0 }) => true,
		Err(other) => panic!("{other}"),
	};
	(words, faults)
}

const BODIES: [(&str, &str); 5] = [
	("unconditional", "COSTLY"),
	("nested", "if p.turns > 3u { if a < 500000u { COSTLY } else { x += 1u; } }"),
	("after a continue", "if a > 500000u { continue; } COSTLY"),
	("after a break", "x += a * 7u; if a > 500000u { break; } COSTLY"),
	("in a loop", "for (var b = a; b < a + 2u; b++) { if b > 500000u { return; } COSTLY }"),
];

const COUNTINGS: [Counting; 2] = [Counting::Alone, Counting::Together];

/// The program, on this machine's device, counting in that way.
fn prepared<'a>(gpu: &'a Gpu, program: &Program, counting: Counting) -> Prepared<'a> {
	Prepared::with_counting(gpu, program, counting).expect("the kernel is accepted")
}

/// Turns on average, with fuel for 50, and those of invocation 5.
fn turns_with_fuel_for_50(
	gpu: &Gpu,
	program: &Program,
	counting: Counting,
	lanes: u32,
) -> (u64, u32) {
	let a_turn = (steps(program, 20) - steps(program, 10)) / 10;
	let fuel = u32::try_from(a_turn * 50).expect("is a word");
	let (begun, faults) = begun(&prepared(gpu, program, counting), program, 1 << 20, fuel);
	assert!(faults, "{lanes} invocations, {counting:?}");
	(begun.iter().map(|turns| u64::from(*turns)).sum::<u64>() / u64::from(lanes), begun[5])
}

/// All of a workgroup do the same, or one of it for long and the others briefly.
#[test]
fn costly_loops_stop_after_about_their_fuel() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	const ONE: &str = "if i != 5u && a > 1u { break; } COSTLY";
	for (lanes, counting) in [16, 64, 256].into_iter().flat_map(|n| COUNTINGS.map(|way| (n, way))) {
		// Who counts alone may do as if nobody else did anything, who counts together half of that
		// which the workgroup has.
		let most = match counting {
			Counting::Alone => 55 * u64::from(lanes) / 16,
			Counting::Together => 110,
		};
		for (name, body) in BODIES {
			let (average, _) = turns_with_fuel_for_50(&gpu, &program(lanes, body), counting, lanes);
			println!("{lanes} invocations, {name}, {counting:?}: {average} turns");
			// Who counts alone counts a loop that only its counter ends before it, and stops there.
			let turns = match (name, counting) {
				("unconditional", Counting::Alone) => 0..=0,
				_ => 50..=most,
			};
			assert!(turns.contains(&average), "{lanes}, {name}, {counting:?}: {average}");
		}
		let (_, turns) = turns_with_fuel_for_50(&gpu, &program(lanes, ONE), counting, lanes);
		println!("{lanes} invocations, one of them, {counting:?}: {turns} turns");
		assert!((47..=110).contains(&turns), "{lanes}, one of them, {counting:?}: {turns}");
	}
}

/// Its iterations times their units are no word.
#[test]
fn the_longest_loop_stops_too() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let program = program(16, "COSTLY");
	for counting in COUNTINGS {
		let prepared = prepared(&gpu, &program, counting);
		assert!(begun(&prepared, &program, u32::MAX, 1 << 20).1, "{counting:?}");
	}
}

#[test]
fn nothing_stops_that_has_the_fuel() {
	const UNLIKE: [(&str, &str); 6] = [
		("none, signed", "for (var b = 3i; b < i32(a % 4u) - 2i; b++) { COSTLY }"),
		("none", "for (var b = a + 9u; b < a; b++) { COSTLY }"),
		("signed", "for (var b = -2i; b < i32(a % 4u) - 1i; b++) { COSTLY }"),
		("odd ones", "for (var b = 0u; b < i % 7u; b++) { COSTLY }"),
		("one", "if i == 0u { for (var b = 0u; b < 30u; b++) { COSTLY } }"),
		("some leave", "if a > i % 40u { break; } COSTLY"),
	];
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	for (lanes, counting) in [1, 16, 20, 64].into_iter().flat_map(|n| COUNTINGS.map(|way| (n, way)))
	{
		for (name, body) in BODIES.into_iter().chain(UNLIKE) {
			let program = program(lanes, body);
			let fuel = u32::try_from(steps(&program, 40)).expect("is a word");
			let prepared = prepared(&gpu, &program, counting);
			let (begun, faults) = begun(&prepared, &program, 40, fuel);
			assert!(!faults, "{lanes} invocations, {name}, {counting:?}");
			let is_whole = name == "some leave" || begun.iter().all(|turns| *turns == 40);
			assert!(is_whole, "{lanes} invocations, {name}, {counting:?}: {begun:?}");
		}
	}
}

/// Some stop before a barrier for which the others wait.
#[test]
fn a_workgroup_ends_of_which_a_part_has_stopped() {
	const BODY: &str =
		"for (var b = 0u; b < (i * 37u + a) % 61u; b++) { COSTLY } workgroupBarrier();";
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	for (lanes, counting) in [64, 256].into_iter().flat_map(|n| COUNTINGS.map(|way| (n, way))) {
		let program = program(lanes, BODY);
		let a_turn = u32::try_from(steps(&program, 20) / 20).expect("is a word");
		let prepared = prepared(&gpu, &program, counting);
		for turns in [1, 2, 3, 7, 12] {
			let (_, faults) = begun(&prepared, &program, 1 << 20, a_turn * turns);
			assert!(faults, "{lanes} invocations, {counting:?}, fuel for {turns} turns");
		}
	}
}

/// A loop in the continuing block of another, as bytecode may have it: `turns` in five times.
fn loop_in_a_continuing_block(fuel: u32) -> Program {
	let register = Operand::Register;
	let next = |to| {
		let (a, b) = (register(to), Operand::Immediate(1));
		Operation::Binary { function: BinaryFunction::Add, to, a, b }
	};
	let until = |left, right| Condition { compare: Compare::LessEqualU32, left, right };
	let kernel = Kernel {
		workgroup_size: [1, 1, 1],
		registers: 4,
		arguments: 1,
		slots: vec![Access::Write],
		code: vec![
			Operation::BuiltIn { value: BuiltIn::Argument(0), to: 2 },
			Operation::Loop,
			Operation::BreakIf(until(Operand::Immediate(5), register(0))),
			Operation::Continuing,
			Operation::Move { to: 1, from: Operand::Immediate(0) },
			Operation::Loop,
			Operation::BreakIf(until(register(2), register(1))),
			next(1),
			next(3),
			Operation::End,
			next(0),
			Operation::End,
			Operation::Store {
				memory: Memory::Buffer(0),
				base: Operand::Immediate(0),
				index: Operand::Immediate(0),
				offset: 0,
				value: register(3),
			},
		],
		..Kernel::default()
	};
	let slice = Expression::constant(1);
	let pass = Pass {
		kernel: 0,
		bindings: vec![Binding::Write { buffer: 0, slice }],
		arguments: vec![Expression::parameter(0)],
		workgroups: [1; 3].map(Expression::constant),
		fuel: Expression::constant(fuel),
	};
	let definition = Definition {
		parameters: vec![Parameter { name: "turns".into(), min: 0, max: u32::MAX }],
		buffers: vec![Buffer {
			name: "y".into(),
			role: Role::Output,
			words: Expression::constant(1),
		}],
		kernels: vec![kernel],
		passes: vec![pass],
	};
	Program::new(definition).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_loop_in_a_continuing_block_stops_too() {
	let gpu = Gpu::open(None).expect("there is a Vulkan adapter, hardware or software");
	let program = loop_in_a_continuing_block(100_000);
	for counting in COUNTINGS {
		let prepared = prepared(&gpu, &program, counting);
		let run = |turns| {
			let job = Job::new(&program, &[turns], Vec::new()).expect("fits");
			prepared.run(&job).map(|(outputs, _)| outputs[&0].clone())
		};
		assert_eq!(run(50), Ok(250u32.to_le_bytes().to_vec()));
		assert_eq!(run(u32::MAX), Err(GpuError::Fuel { pass: 0, workgroup: 0 }));
	}
}
