//! What a run costs before its first step, at worst: decoding the longest programs, and memory.

use criterion::Criterion;
use mutirao_machine_core::{
	bytecode::{
		Access, Binding, Buffer, Compare, Condition, Definition, Expression, Kernel, Operand,
		Operation, Pass, Role, WorkgroupArray,
	},
	Program,
};
use mutirao_machine_guest::Request;
use mutirao_machine_wasm::Guest;

use crate::Samples;

const NAMES: [&str; 3] = ["setup_most_memory", "decode_most_operations", "decode_most_loops"];

fn with_code(code: Vec<Operation>) -> Definition {
	Definition {
		buffers: vec![Buffer {
			name: "y".into(),
			role: Role::Output,
			words: Expression::constant(16_384),
		}],
		kernels: vec![Kernel {
			workgroup_size: [256, 1, 1],
			registers: 256,
			slots: vec![Access::Write],
			workgroup_arrays: vec![WorkgroupArray { words: 4096, atomic: true }],
			private_arrays: vec![512],
			code,
			..Kernel::default()
		}],
		passes: vec![Pass {
			bindings: vec![Binding::Write { buffer: 0, slice: Expression::constant(16_384) }],
			workgroups: [1, 1, 1].map(Expression::constant),
			fuel: Expression::constant(1000),
			..Pass::default()
		}],
		..Definition::default()
	}
}

/// Loops in loops, whose barrier check takes many iterations.
fn loops() -> Vec<Operation> {
	let mut code = Vec::new();
	while code.len() < 20_000 {
		code.extend([Operation::Loop; 31]);
		code.push(Operation::Barrier);
		let condition = Condition {
			compare: Compare::Equal,
			left: Operand::Register(code.len() as u8),
			right: Operand::Immediate(0),
		};
		(0..31).for_each(|_| code.extend([Operation::BreakIf(condition), Operation::End]));
	}
	code
}

/// Runs them.
pub(crate) fn run(criterion: &mut Criterion, guest: &mut Guest, samples: &Samples) {
	let programs = [vec![], vec![Operation::Barrier; 65_000], loops()];
	for (name, code) in NAMES.into_iter().zip(programs) {
		let program = Program::new(with_code(code)).expect("is valid").encode();
		// No repetitions: the guest decodes the program only.
		let runs = u32::from(name.starts_with("setup"));
		let request = Request { program, ..Request::default() };
		criterion.bench_function(name, |bencher| {
			bencher.iter_custom(|iterations| {
				samples.time(name, iterations, || {
					for _ in 0..iterations {
						guest.repeat(&request, runs).expect("no trap");
					}
				})
			});
		});
	}
}

/// Prints their figures.
pub(crate) fn report(samples: &Samples) {
	for name in NAMES {
		crate::report(&format!("machine/{name}/wasm"), samples.nanoseconds(name) / 1e3, "us");
	}
}
