//! Programs for benchmarks, put together from operations.

use alloc::{format, vec};
use codec::Encode;
use mutirao_machine_core::{
	bytecode::{
		Access, Binding, Buffer, Definition, Expression, Kernel, Operation, Parameter, Pass, Role,
		Term,
	},
	Program,
};
use mutirao_types::Steps;

/// Steps that each workgroup of [`passes`] declares.
pub(super) const FUEL: Steps = 1;
/// Passes of [`passes`], at most: one of a program's 256 buffers is the input.
pub(super) const MOST_PASSES: u32 = 255;

/// So many terms for each pass that a program of all passes has as many as programs may have.
const ARGUMENT_TERMS: usize = 9;

/// One workgroup a pass, which writes one word, a 0. The one input is not read; its length in words is
/// the parameter.
pub(super) fn passes(count: u32) -> Program {
	let one = || Expression::constant(1);
	let argument = (0..ARGUMENT_TERMS / 2)
		.fold(Expression::constant(u32::MAX), |max, _| max.join(Term::Max, one()));
	let input = Buffer { name: "x".into(), role: Role::Input, words: Expression::parameter(0) };
	let written = (0..count).map(|number| Buffer {
		name: format!("written_by_the_pass_of_number{number}"),
		role: Role::Intermediate,
		words: one(),
	});
	let pass = |buffer| Pass {
		kernel: 0,
		bindings: vec![Binding::Write { buffer, slice: one() }],
		arguments: vec![argument.clone()],
		workgroups: [one(), one(), one()],
		fuel: Expression::constant(FUEL as u32),
	};
	valid(Definition {
		parameters: vec![Parameter { name: "n".into(), min: 1, max: u32::MAX }],
		buffers: [input].into_iter().chain(written).collect(),
		kernels: vec![Kernel {
			workgroup_size: [1, 1, 1],
			arguments: 1,
			slots: vec![Access::Write],
			..Default::default()
		}],
		passes: (1..=u8::MAX).take(count as usize).map(pass).collect(),
	})
}

/// A program of about so many bytes that takes long to decode: operations of one byte each.
pub(super) fn long(bytes: usize) -> Program {
	let mut definition = passes(1).definition().clone();
	let rest = 1 + definition.encoded_size() + 3;
	definition.kernels[0].code = vec![Operation::Barrier; bytes.saturating_sub(rest)];
	valid(definition)
}

pub(super) fn valid(definition: Definition) -> Program {
	match Program::new(definition) {
		Ok(program) => program,
		Err(error) => panic!("the program is valid: {error}"),
	}
}
