//! Loops whose iterations are known where they are entered.
//!
//! `for (var i = …; i < limit; i++)` that nothing leaves and nothing goes on from is executed
//! `limit - i` times, so that its units and iterations are counted, and looked at, once before it.

use std::collections::BTreeMap;

use mutirao_machine_core::bytecode::{
	BinaryFunction, Compare, Condition, Kernel, Operand, Operation, Register,
};

use super::{super::facts::for_each_written, Charges};

/// A loop that is executed until its counter is not below its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Counted {
	/// Grows by one in each iteration.
	pub(in super::super) counter: Register,
	/// Does not change.
	pub(in super::super) limit: Operand,
	/// Whether the two are compared as `i32`.
	pub(in super::super) is_signed: bool,
	/// The units of an iteration.
	pub(in super::super) units: u32,
}

/// Takes such loops' units out of the charges; returns the loops by their first operation.
pub(in super::super) fn take_counted(
	kernel: &Kernel,
	charges: &mut Charges,
) -> BTreeMap<usize, Counted> {
	let mut counted = BTreeMap::new();
	let mut continuing = Vec::new();
	for (at, operation) in kernel.code.iter().enumerate() {
		match operation {
			Operation::If(_) => continuing.push(false),
			Operation::Loop => {
				// A continuing block cannot return, which stops what exceeds the fuel.
				if !continuing.contains(&true) {
					if let Some(found) = find(&kernel.code[at..], at, charges) {
						charges.retain(|charged, _| !found.1.contains(charged));
						counted.insert(at, found.0);
					}
				}
				continuing.push(false);
			}
			Operation::Continuing => {
				continuing.iter_mut().next_back().into_iter().for_each(|is| *is = true)
			}
			Operation::End => {
				continuing.pop();
			}
			_ => {}
		}
	}
	counted
}

/// The loop that starts with this code, and the place of its operations.
fn find(
	code: &[Operation],
	start: usize,
	charges: &Charges,
) -> Option<(Counted, std::ops::Range<usize>)> {
	let Some(Operation::BreakIf(Condition { compare, left: limit, right })) = code.get(1) else {
		return None;
	};
	let is_signed = match compare {
		Compare::LessEqualU32 => false,
		Compare::LessEqualI32 => true,
		_ => return None,
	};
	let Operand::Register(counter) = *right else { return None };
	let one = Operation::Binary {
		function: BinaryFunction::Add,
		to: counter,
		a: *right,
		b: Operand::Immediate(1),
	};
	let (mut depth, mut steps, mut changes) = (0usize, 0, false);
	for (at, operation) in code.iter().enumerate().skip(2) {
		match operation {
			Operation::End if depth == 0 => {
				// What is charged at the loop itself belongs to what is before it.
				let place = start + 1..start + at;
				// Whoever enters a branch that is counted has more units than are known here.
				let [(_, units)] = charges.range(place.clone()).collect::<Vec<_>>()[..] else {
					return None;
				};
				let found = Counted { counter, limit: *limit, is_signed, units: *units };
				return (steps == 1 && !changes).then_some((found, place));
			}
			Operation::If(_) => depth += 1,
			Operation::End => depth -= 1,
			Operation::Loop
			| Operation::Break
			| Operation::BreakIf(_)
			| Operation::Continue
			| Operation::Return => return None,
			_ if *operation == one && depth == 0 => steps += 1,
			_ => for_each_written(operation, |register| {
				changes |= register == counter || *limit == Operand::Register(register);
			}),
		}
	}
	None
}

#[cfg(test)]
mod tests {
	use super::{super::charges, *};

	const COUNTER: Operand = Operand::Register(1);
	const LIMIT: Operand = Operand::Register(2);
	const LOOP: Operation = Operation::Loop;
	const TOP: Operation = Operation::BreakIf(Condition {
		compare: Compare::LessEqualU32,
		left: LIMIT,
		right: COUNTER,
	});
	const NEXT: Operation = Operation::Binary {
		function: BinaryFunction::Add,
		to: 1,
		a: COUNTER,
		b: Operand::Immediate(1),
	};
	const END: Operation = Operation::End;

	fn set(to: Register) -> Operation {
		Operation::Move { to, from: Operand::Immediate(7) }
	}

	/// The loops that are found, and what is charged elsewhere.
	fn taken(code: &[Operation]) -> (Vec<(usize, Counted)>, Vec<(usize, u32)>) {
		let kernel = Kernel {
			workgroup_size: [64, 1, 1],
			registers: 10,
			code: code.to_vec(),
			..Kernel::default()
		};
		let mut charges = charges(&kernel);
		let counted = take_counted(&kernel, &mut charges);
		(counted.into_iter().collect(), charges.into_iter().collect())
	}

	fn is_counted(code: &[Operation]) -> bool {
		!taken(code).0.is_empty()
	}

	#[test]
	fn a_loop_that_only_its_counter_ends_is_counted_before_it() {
		let found = Counted { counter: 1, limit: LIMIT, is_signed: false, units: 1 + 1 + 1 + 3 };
		let code = [LOOP, TOP, set(3), Operation::Continuing, NEXT, END];
		// Before it: the loop and its first top.
		assert_eq!(taken(&code), (vec![(0, found)], vec![]));
		let code = [&[set(4); 4][..], &code].concat();
		assert_eq!(taken(&code), (vec![(4, found)], vec![(0, 4 + 1 + 3)]));
	}

	#[test]
	fn a_loop_whose_iterations_are_unknown_is_not() {
		let branch = |inner: Operation| [Operation::If(CONDITION), inner, END];
		let with = |body: &[Operation]| [&[LOOP, TOP][..], body, &[NEXT, END]].concat();
		assert!(is_counted(&with(&[set(3)])));
		assert!(is_counted(&with(&branch(set(3)))));
		assert!(!is_counted(&with(&[set(1)])), "the counter changes");
		assert!(!is_counted(&with(&[set(2)])), "the limit changes");
		assert!(!is_counted(&with(&branch(set(2)))), "the limit may change");
		assert!(!is_counted(&with(&[NEXT])), "two at once");
		assert!(!is_counted(&[&[LOOP, TOP][..], &branch(NEXT), &[END]].concat()), "it may stay");
		assert!(!is_counted(&[LOOP, TOP, set(3), END]), "it stays");
		assert!(!is_counted(&[LOOP, set(3), TOP, NEXT, END]), "it leaves elsewhere");
		for jump in [Operation::Break, Operation::Continue, Operation::Return, TOP] {
			assert!(!is_counted(&with(&branch(jump))), "{jump:?}");
		}
		assert!(!is_counted(&with(&[&branch(set(3))[..2], &[set(3); 9], &[END]].concat())), "dear");
	}

	#[test]
	fn only_the_innermost_loop_is_and_none_in_a_continuing_block() {
		let inner = [LOOP, TOP, NEXT, END];
		let nested = [&[LOOP, TOP][..], &inner, &[NEXT, END]].concat();
		assert_eq!(taken(&nested).0.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [2]);
		assert!(!is_counted(&[&[LOOP, Operation::Continuing][..], &inner, &[END]].concat()));
	}

	const CONDITION: Condition = Condition {
		compare: Compare::Equal,
		left: Operand::Register(9),
		right: Operand::Immediate(0),
	};
}
