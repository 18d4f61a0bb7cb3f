//! What is known of registers without running: that they hold a multiple of two or four, and the most
//! that they hold.
//!
//! The analysis walks the code once, forwards; what a loop assigns is unknown at its head. From it
//! follow which guards need not be written, and which arrays are of vectors.

use mutirao_machine_core::bytecode::{
	BinaryFunction, BuiltIn, Kernel, Operand, Operation, TernaryFunction,
};

/// What is known of one register.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Fact {
	/// A power of two that divides it, at most [`MOST_ALIGNED`].
	alignment: u32,
	most: u32,
}

/// Words of the widest vector.
const MOST_ALIGNED: u32 = 4;

const NOTHING: Fact = Fact { alignment: 1, most: u32::MAX };

/// What is known of each register.
type Known = [Fact; 256];

/// What follows for the lowering.
pub(super) struct Facts {
	/// For each operation, a power of two, at most 4, that divides its address.
	pub(super) alignment: Vec<u32>,
	/// For each operation, the most that its address can be, without wrapping; `None` if unknown.
	pub(super) most_address: Vec<Option<u32>>,
}

/// Walks a kernel.
pub(super) fn gather(kernel: &Kernel) -> Facts {
	let mut facts = Facts {
		alignment: vec![1; kernel.code.len()],
		most_address: vec![None; kernel.code.len()],
	};
	let mut known: Known = [number(0); 256];
	// For each open block, what held before it.
	let mut open: Vec<Known> = Vec::new();
	for (at, operation) in kernel.code.iter().enumerate() {
		match operation {
			Operation::If(_) => open.push(known),
			Operation::Loop => {
				forget_assigned(kernel, at, &mut known);
				open.push(known);
			}
			// The other block starts from what held before the first; at the end only that counts
			// which holds before and after both.
			Operation::Else | Operation::Continuing => {
				if let Some(before) = open.last_mut() {
					let after = known;
					known = *before;
					*before = meet(*before, after);
				}
			}
			Operation::End => {
				if let Some(before) = open.pop() {
					known = meet(before, known);
				}
			}
			_ => {}
		}
		note_address(operation, &known, at, &mut facts);
		let result = result(kernel, &known, operation);
		for_each_written(operation, |register| known[usize::from(register)] = result);
	}
	facts
}

fn note_address(operation: &Operation, known: &Known, at: usize, facts: &mut Facts) {
	let (base, index, offset, count) = match operation {
		Operation::Load { base, index, offset, count, .. } => (*base, *index, *offset, *count),
		Operation::Store { base, index, offset, .. } => (*base, *index, *offset, 1),
		Operation::Atomic { index, offset, .. } => (Operand::Immediate(0), *index, *offset, 1),
		_ => return,
	};
	let (base, index) = (fact(known, base), fact(known, index));
	let last = u32::from(count.saturating_sub(1));
	facts.most_address[at] = base
		.most
		.checked_add(index.most)
		.and_then(|sum| sum.checked_add(offset)?.checked_add(last));
	facts.alignment[at] = sum(sum(base, index), number(offset)).alignment;
}

fn meet(mut one: Known, other: Known) -> Known {
	for (one, other) in one.iter_mut().zip(other) {
		one.alignment = one.alignment.min(other.alignment);
		one.most = one.most.max(other.most);
	}
	one
}

fn number(value: u32) -> Fact {
	let zeros = value.trailing_zeros().min(MOST_ALIGNED.trailing_zeros());
	Fact { alignment: 1 << zeros, most: value }
}

fn fact(known: &Known, operand: Operand) -> Fact {
	match operand {
		Operand::Immediate(value) => number(value),
		Operand::Register(register) => known[usize::from(register)],
	}
}

/// A sum that does not wrap, or nothing: 2^32 is a multiple of four, so alignment survives wrapping.
fn sum(a: Fact, b: Fact) -> Fact {
	Fact { alignment: a.alignment.min(b.alignment), most: a.most.saturating_add(b.most) }
}

fn product(a: Fact, b: Fact) -> Fact {
	let alignment = (a.alignment * b.alignment).min(MOST_ALIGNED);
	Fact { alignment, most: a.most.saturating_mul(b.most) }
}

fn result(kernel: &Kernel, known: &Known, operation: &Operation) -> Fact {
	let of = |operand: &Operand| fact(known, *operand);
	match operation {
		Operation::Move { from, .. } => of(from),
		Operation::BuiltIn { value, .. } => {
			let [x, y, z] = kernel.workgroup_size.map(u32::from);
			let most = match value {
				BuiltIn::LocalIdX => x - 1,
				BuiltIn::LocalIdY => y - 1,
				BuiltIn::LocalIdZ => z - 1,
				BuiltIn::LocalIndex => x * y * z - 1,
				_ => u32::MAX,
			};
			Fact { alignment: if most == 0 { MOST_ALIGNED } else { 1 }, most }
		}
		Operation::Binary { function, a, b, .. } => binary(*function, of(a), of(b), *b),
		Operation::Ternary { function, a, b, c, .. } => match function {
			TernaryFunction::MultiplyAdd => sum(product(of(a), of(b)), of(c)),
			TernaryFunction::Add3 => sum(sum(of(a), of(b)), of(c)),
			TernaryFunction::ShiftLeftAdd => {
				sum(binary(BinaryFunction::ShiftLeft, of(a), of(b), *b), of(c))
			}
			_ => NOTHING,
		},
		Operation::Unpack4xU8 { .. } => Fact { alignment: 1, most: 255 },
		_ => NOTHING,
	}
}

fn binary(function: BinaryFunction, a: Fact, b: Fact, right: Operand) -> Fact {
	let amount = match right {
		Operand::Immediate(amount) => amount & 31,
		Operand::Register(_) => 0,
	};
	match function {
		BinaryFunction::Add => sum(a, b),
		BinaryFunction::Sub => Fact { most: u32::MAX, ..sum(a, b) },
		BinaryFunction::Mul => product(a, b),
		BinaryFunction::And => {
			Fact { alignment: a.alignment.max(b.alignment), most: a.most.min(b.most) }
		}
		BinaryFunction::ShiftLeft if matches!(right, Operand::Immediate(_)) => {
			product(a, number(1 << amount))
		}
		BinaryFunction::ShiftRightU32 => Fact { alignment: 1, most: a.most >> amount },
		BinaryFunction::RemU32 => match right {
			Operand::Immediate(divisor @ 1..) => {
				Fact { alignment: 1, most: a.most.min(divisor - 1) }
			}
			_ => Fact { alignment: 1, most: a.most },
		},
		BinaryFunction::DivU32 => Fact { alignment: 1, most: a.most },
		BinaryFunction::MinU32 => Fact { alignment: 1, most: a.most.min(b.most) },
		BinaryFunction::MaxU32 => Fact { alignment: 1, most: a.most.max(b.most) },
		BinaryFunction::Compare(_) => Fact { alignment: 1, most: 1 },
		_ => NOTHING,
	}
}

/// Forgets what the loop that opens at `start` assigns.
fn forget_assigned(kernel: &Kernel, start: usize, known: &mut Known) {
	let mut depth = 0usize;
	for operation in &kernel.code[start..] {
		match operation {
			Operation::If(_) | Operation::Loop => depth += 1,
			Operation::End => depth -= 1,
			_ => for_each_written(operation, |register| known[usize::from(register)] = NOTHING),
		}
		if depth == 0 {
			return;
		}
	}
}

pub(super) fn for_each_written(operation: &Operation, mut f: impl FnMut(u8)) {
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
	use mutirao_machine_core::bytecode::{Compare, Condition, Memory};

	use super::*;

	const CONDITION: Condition = Condition {
		compare: Compare::Equal,
		left: Operand::Register(9),
		right: Operand::Immediate(0),
	};
	const IF: Operation = Operation::If(CONDITION);

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

	fn binary(function: BinaryFunction, register: u8, b: u32) -> Operation {
		let a = Operand::Register(register);
		Operation::Binary { function, to: register, a, b: Operand::Immediate(b) }
	}

	fn gathered(code: &[Operation]) -> Facts {
		// A register of which nothing is known.
		let mut all = vec![Operation::BuiltIn { value: BuiltIn::Argument(0), to: 1 }];
		all.push(Operation::BuiltIn { value: BuiltIn::Argument(0), to: 2 });
		all.extend_from_slice(code);
		gather(&Kernel { workgroup_size: [64, 1, 1], code: all, ..Kernel::default() })
	}

	/// The least alignment of the addresses of loads.
	fn alignment(code: &[Operation]) -> u32 {
		let facts = gathered(code);
		let loads = code.iter().zip(&facts.alignment[2..]);
		let loads = loads.filter(|(operation, _)| matches!(operation, Operation::Load { .. }));
		loads.map(|(_, alignment)| *alignment).min().expect("there is a load")
	}

	fn is_vector(code: &[Operation]) -> bool {
		alignment(code) == 4
	}

	fn most(code: &[Operation]) -> Option<u32> {
		*gathered(code).most_address.last().expect("there is code")
	}

	#[test]
	fn only_proven_multiples_of_four_are_vectors() {
		let mul = |factor| binary(BinaryFunction::Mul, 1, factor);
		assert!(is_vector(&[mul(4), load(1)]));
		assert!(!is_vector(&[mul(2), load(1)]));
		assert!(!is_vector(&[load(1)]));
		assert!(!is_vector(&[mul(4), load(1), load(2)]));
		assert_eq!(alignment(&[mul(2), load(1)]), 2);
		assert_eq!(alignment(&[mul(6), mul(2), load(1)]), 4);
		assert_eq!(alignment(&[binary(BinaryFunction::ShiftLeft, 1, 1), load(1)]), 2);
		assert_eq!(alignment(&[binary(BinaryFunction::And, 1, 0xffff_fffe), load(1)]), 2);
		assert_eq!(alignment(&[mul(2), binary(BinaryFunction::Sub, 1, 2), load(1)]), 2);
		assert_eq!(alignment(&[mul(4), binary(BinaryFunction::Add, 1, 1), load(1)]), 1);
	}

	#[test]
	fn what_a_branch_or_a_loop_assigns_is_not_proven_after_it_or_at_its_head() {
		let four = binary(BinaryFunction::Mul, 1, 4);
		let three = Operation::Move { to: 1, from: Operand::Immediate(3) };
		let (els, end) = (Operation::Else, Operation::End);
		let (looped, leave) = (Operation::Loop, Operation::BreakIf(CONDITION));
		assert!(!is_vector(&[four, IF, three, end, load(1)]));
		assert!(!is_vector(&[four, IF, els, three, end, load(1)]));
		assert!(!is_vector(&[four, looped, load(1), three, end]));
		assert!(is_vector(&[four, looped, load(1), leave, end, load(1)]));
		assert!(!is_vector(&[four, looped, three, leave, four, end, load(1)]));
	}

	#[test]
	fn addresses_have_a_bound_only_if_they_cannot_wrap() {
		let and = |mask| binary(BinaryFunction::And, 1, mask);
		assert_eq!(most(&[and(15), load(1)]), Some(15 + 8 + 3));
		assert_eq!(most(&[load(1)]), None);
		assert_eq!(most(&[and(u32::MAX - 10), load(1)]), None);
		assert_eq!(most(&[and(7), binary(BinaryFunction::Mul, 1, 1 << 30), load(1)]), None);
		assert_eq!(most(&[and(7), binary(BinaryFunction::Sub, 1, 1), load(1)]), None);
		let local = Operation::BuiltIn { value: BuiltIn::LocalIndex, to: 1 };
		assert_eq!(most(&[local, load(1)]), Some(63 + 8 + 3));
	}
}
