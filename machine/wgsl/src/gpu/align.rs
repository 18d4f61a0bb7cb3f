//! Which loads of four words surely start at a multiple of four.
//!
//! A read-only buffer of which a kernel makes only such loads is bound as an array of `vec4<u32>`,
//! and each load becomes one. The analysis walks the code once, forwards, with the set of registers
//! that hold a multiple of four; what a loop assigns is unknown at its head.

use mutirao_machine_core::bytecode::{
	Access, BinaryFunction, Kernel, Memory, Operand, Operation, TernaryFunction,
};

/// Registers that hold a multiple of four.
type Aligned = [bool; 256];

/// For each slot, whether it is read by aligned loads of four words only.
pub(super) fn vector_slots(kernel: &Kernel) -> Vec<bool> {
	let mut slots: Vec<bool> = kernel
		.slots
		.iter()
		.map(|slot| *slot == Access::Read)
		.collect();
	let mut aligned: Aligned = [false; 256];
	// For each open block, what held before it.
	let mut open: Vec<Aligned> = Vec::new();
	for (at, operation) in kernel.code.iter().enumerate() {
		match operation {
			Operation::If(_) => open.push(aligned),
			Operation::Loop => {
				forget_assigned(kernel, at, &mut aligned);
				open.push(aligned);
			}
			// The other branch starts from what held before; what held there is checked at its end
			// by forgetting whatever either assigned.
			Operation::Else | Operation::Continuing => {
				if let Some(before) = open.last_mut() {
					let after = aligned;
					aligned = *before;
					*before = meet(*before, after);
				}
			}
			Operation::End => {
				if let Some(before) = open.pop() {
					aligned = meet(before, aligned);
				}
			}
			Operation::Load {
				memory: Memory::Buffer(slot),
				count,
				base,
				index,
				offset,
				..
			} => {
				let is_vector = *count == 4
					&& offset % 4 == 0
					&& is_aligned(&aligned, *base)
					&& is_aligned(&aligned, *index);
				slots[usize::from(*slot)] &= is_vector;
			}
			_ => {}
		}
		let result = result_is_aligned(&aligned, operation);
		for_each_written(operation, |register| {
			aligned[usize::from(register)] = result
		});
	}
	slots
}

fn meet(mut one: Aligned, other: Aligned) -> Aligned {
	for (one, other) in one.iter_mut().zip(other) {
		*one &= other;
	}
	one
}

fn is_aligned(aligned: &Aligned, operand: Operand) -> bool {
	match operand {
		Operand::Immediate(value) => value % 4 == 0,
		Operand::Register(register) => aligned[usize::from(register)],
	}
}

fn result_is_aligned(aligned: &Aligned, operation: &Operation) -> bool {
	let is = |operand: &Operand| is_aligned(aligned, *operand);
	match operation {
		Operation::Move { from, .. } => is(from),
		Operation::Binary { function, a, b, .. } => match function {
			BinaryFunction::Add | BinaryFunction::Sub => is(a) && is(b),
			BinaryFunction::Mul | BinaryFunction::And => is(a) || is(b),
			BinaryFunction::ShiftLeft => {
				is(a) || matches!(b, Operand::Immediate(amount) if amount & 31 >= 2)
			}
			_ => false,
		},
		Operation::Ternary {
			function, a, b, c, ..
		} => match function {
			TernaryFunction::MultiplyAdd => (is(a) || is(b)) && is(c),
			TernaryFunction::Add3 => is(a) && is(b) && is(c),
			_ => false,
		},
		_ => false,
	}
}

/// Forgets what the loop that opens at `start` assigns.
fn forget_assigned(kernel: &Kernel, start: usize, aligned: &mut Aligned) {
	let mut depth = 0usize;
	for operation in &kernel.code[start..] {
		match operation {
			Operation::If(_) | Operation::Loop => depth += 1,
			Operation::End => depth -= 1,
			_ => for_each_written(operation, |register| aligned[usize::from(register)] = false),
		}
		if depth == 0 {
			return;
		}
	}
}

fn for_each_written(operation: &Operation, mut f: impl FnMut(u8)) {
	match operation {
		Operation::Move { to, .. }
		| Operation::Unary { to, .. }
		| Operation::Binary { to, .. }
		| Operation::Ternary { to, .. }
		| Operation::Quaternary { to, .. }
		| Operation::BuiltIn { to, .. } => f(*to),
		Operation::Unpack4xI8 { to, .. } | Operation::Unpack4xU8 { to, .. } => {
			(0..4).for_each(|i| f(to.wrapping_add(i)));
		}
		Operation::Load { to, count, .. } => (0..*count).for_each(|i| f(to.wrapping_add(i))),
		_ => {}
	}
}

#[cfg(test)]
mod tests {
	use mutirao_machine_core::bytecode::{Compare, Condition};

	use super::*;

	fn load(index: u8) -> Operation {
		Operation::Load {
			memory: Memory::Buffer(0),
			to: 10,
			count: 4,
			base: Operand::Immediate(0),
			index: Operand::Register(index),
			offset: 8,
		}
	}

	fn scale(register: u8, factor: u32) -> Operation {
		Operation::Binary {
			function: BinaryFunction::Mul,
			to: register,
			a: Operand::Register(register),
			b: Operand::Immediate(factor),
		}
	}

	fn is_vector(code: Vec<Operation>) -> bool {
		vector_slots(&Kernel {
			slots: vec![Access::Read],
			code,
			..Kernel::default()
		})[0]
	}

	const IF: Operation = Operation::If(Condition {
		compare: Compare::Equal,
		left: Operand::Register(9),
		right: Operand::Immediate(0),
	});

	#[test]
	fn only_proven_multiples_of_four_are_vectors() {
		assert!(is_vector(vec![scale(1, 4), load(1)]));
		assert!(!is_vector(vec![scale(1, 2), load(1)]));
		assert!(!is_vector(vec![load(1)]));
		assert!(!is_vector(vec![scale(1, 4), load(1), load(2)]));
	}

	#[test]
	fn what_a_branch_or_a_loop_assigns_is_not_proven_after_it_or_at_its_head() {
		assert!(!is_vector(vec![
			scale(1, 4),
			IF,
			scale(1, 3),
			Operation::Else,
			Operation::End,
			load(2)
		]));
		let three = Operation::Move {
			to: 1,
			from: Operand::Immediate(3),
		};
		assert!(!is_vector(vec![
			scale(1, 4),
			IF,
			three,
			Operation::End,
			load(1)
		]));
		assert!(!is_vector(vec![
			scale(1, 4),
			IF,
			Operation::Else,
			three,
			Operation::End,
			load(1)
		]));
		assert!(!is_vector(vec![
			scale(1, 4),
			Operation::Loop,
			load(1),
			three,
			Operation::End
		]));
		assert!(is_vector(vec![
			scale(1, 4),
			Operation::Loop,
			load(1),
			Operation::Break,
			Operation::End
		]));
		let jump = vec![
			scale(1, 4),
			Operation::Loop,
			three,
			Operation::BreakIf(Condition {
				compare: Compare::Equal,
				left: Operand::Register(9),
				right: Operand::Immediate(0),
			}),
			scale(1, 4),
			Operation::End,
			load(1),
		];
		assert!(!is_vector(jump));
	}
}
