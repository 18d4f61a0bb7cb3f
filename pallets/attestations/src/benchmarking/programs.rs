//! Programs for benchmarks, put together from operations.

use alloc::{format, vec, vec::Vec};
use codec::Encode;
use mutirao_machine_core::{
	bytecode::{
		limits::VERSION, Access, Binding, Buffer, BuiltIn, Compare, Condition, Definition,
		Expression, Kernel, Operand, Operation, Parameter, Pass, Role, Term,
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

/// Bytes that take the barrier check all the work it is ever given, and are then refused: eight
/// kernels, in each of which every iteration of a loop learns of one register more.
pub(super) fn entangled() -> Vec<u8> {
	let never = Condition {
		compare: Compare::Equal,
		left: Operand::Immediate(0),
		right: Operand::Immediate(0),
	};
	let mut code = vec![
		Operation::BuiltIn { value: BuiltIn::LocalIndex, to: 0 },
		Operation::Loop,
		Operation::BreakIf(never),
	];
	let moves = (1..=200u8).rev();
	code.extend(moves.map(|to| Operation::Move { to, from: Operand::Register(to - 1) }));
	code.extend([Operation::End, Operation::Barrier]);
	let mut definition = passes(1).definition().clone();
	definition.kernels[0].registers = 201;
	definition.kernels[0].code = code;
	definition.kernels = vec![definition.kernels[0].clone(); 8];
	let mut bytes = vec![VERSION];
	definition.encode_to(&mut bytes);
	bytes
}

pub(super) fn valid(definition: Definition) -> Program {
	match Program::new(definition) {
		Ok(program) => program,
		Err(error) => panic!("the program is valid: {error}"),
	}
}
