//! Small programs for tests and benchmarks, put together from operations.

use alloc::{string::ToString, vec, vec::Vec};
use codec::Encode;
use mutirao_machine_core::{
	bytecode::{
		limits::VERSION, Access, Binding, Buffer, BuiltIn, Definition, Expression, Kernel, Memory,
		Operand, Operation, Parameter, Pass, Role, Term,
	},
	Program,
};

use crate::Code;

/// Invocations of a workgroup, and words of a slice.
pub(crate) const LANES: u16 = 64;
/// Steps that each workgroup of [`copy`] declares.
pub(crate) const FUEL: u32 = 1_000;

/// Copies `LANES × n` words, `n` being its one parameter, 1 to 1,000: each workgroup copies a word
/// for each invocation. `idle` operations that do nothing make it as long as is wanted.
pub(crate) fn copy(idle: usize) -> Definition {
	let load = |to, index| Operation::Load {
		memory: Memory::Buffer(0),
		to,
		count: 1,
		base: Operand::Immediate(0),
		index,
		offset: 0,
	};
	let mut code = vec![
		Operation::BuiltIn { value: BuiltIn::LocalIndex, to: 0 },
		Operation::BuiltIn { value: BuiltIn::WorkgroupIdX, to: 1 },
		Operation::Ternary {
			function: mutirao_machine_core::bytecode::TernaryFunction::MultiplyAdd,
			to: 0,
			a: Operand::Register(1),
			b: Operand::Immediate(LANES.into()),
			c: Operand::Register(0),
		},
		load(2, Operand::Register(0)),
	];
	let nothing = Operation::Move { to: 3, from: Operand::Register(2) };
	code.extend(core::iter::repeat_n(nothing, idle));
	code.push(Operation::Store {
		memory: Memory::Buffer(1),
		base: Operand::Immediate(0),
		index: Operand::Register(0),
		offset: 0,
		value: Operand::Register(2),
	});
	let lanes = Expression::constant(LANES.into());
	let words = || Expression::constant(LANES.into()).join(Term::Mul, Expression::parameter(0));
	Definition {
		parameters: vec![Parameter { name: "n".to_string(), min: 1, max: 1_000 }],
		buffers: vec![
			Buffer { name: "from".to_string(), role: Role::Input, words: words() },
			Buffer { name: "to".to_string(), role: Role::Output, words: words() },
		],
		kernels: vec![Kernel {
			workgroup_size: [LANES, 1, 1],
			registers: 4,
			slots: vec![Access::Read, Access::Write],
			code,
			..Default::default()
		}],
		passes: vec![Pass {
			kernel: 0,
			bindings: vec![Binding::Read { buffer: 0 }, Binding::Write { buffer: 1, slice: lanes }],
			arguments: Vec::new(),
			workgroups: [
				Expression::parameter(0),
				Expression::constant(1),
				Expression::constant(1),
			],
			fuel: Expression::constant(FUEL),
		}],
	}
}

/// The bytes under which a program is registered.
pub(crate) fn code(definition: Definition) -> Code {
	let bytes = match Program::new(definition) {
		Ok(program) => program.encode(),
		Err(_) => Vec::new(),
	};
	Code::truncate_from(bytes)
}

/// A definition's bytes without any check, for what the chain must refuse.
#[cfg(test)]
pub(crate) fn unchecked(definition: &Definition) -> Code {
	let mut bytes = vec![VERSION];
	definition.encode_to(&mut bytes);
	Code::truncate_from(bytes)
}

/// [`copy`] with so many passes, at most 255; each writes a buffer of its own.
#[cfg(feature = "runtime-benchmarks")]
fn copies(passes: usize) -> Definition {
	let mut definition = copy(0);
	definition.kernels[0].arguments = 1;
	let (written, pass) = (definition.buffers.remove(1), definition.passes.remove(0));
	for buffer in (1..=u8::MAX).take(passes) {
		let name = alloc::format!("written_by_the_pass_of_number{buffer}");
		definition.buffers.push(Buffer { name, role: Role::Intermediate, ..written.clone() });
		let slice = Expression::constant(LANES.into());
		definition.passes.push(Pass {
			bindings: vec![Binding::Read { buffer: 0 }, Binding::Write { buffer, slice }],
			arguments: vec![Expression::constant(u32::MAX)],
			..pass.clone()
		});
	}
	definition
}

/// A program of about so many bytes that takes long to decode and to quote: it has as many passes as a
/// program may have, or as have no more terms than these, and operations of one byte each.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) fn sized(bytes: usize, terms: usize) -> Code {
	let terms_of = |passes| match Program::new(copies(passes)) {
		Ok(program) => mutirao_machine_core::Outline::of(&program).terms(),
		Err(_) => 0,
	};
	let (one, each) = (terms_of(1), terms_of(2).saturating_sub(terms_of(1)).max(1));
	let mut definition = copies(1 + terms.saturating_sub(one) / each);
	let length = 1 + definition.encoded_size() + 3;
	let code_of = &mut definition.kernels[0].code;
	let store = code_of.pop();
	code_of.extend(core::iter::repeat_n(Operation::Barrier, bytes.saturating_sub(length)));
	code_of.extend(store);
	code(definition)
}

/// Bytes that take the barrier check all the work it is ever given, and are then refused: eight
/// kernels, in each of which every iteration of a loop learns of one register more.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) fn entangled() -> Vec<u8> {
	use mutirao_machine_core::bytecode::{Compare, Condition};
	let mut definition = copy(0);
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
	code.extend(
		(1..=200u8).rev().map(|to| Operation::Move { to, from: Operand::Register(to - 1) }),
	);
	code.extend([Operation::End, Operation::Barrier]);
	definition.kernels[0].registers = 201;
	definition.kernels[0].code = code;
	definition.kernels = vec![definition.kernels[0].clone(); 8];
	let mut bytes = vec![VERSION];
	definition.encode_to(&mut bytes);
	bytes
}
