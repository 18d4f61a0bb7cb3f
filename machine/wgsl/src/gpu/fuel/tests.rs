use mutirao_machine_core::bytecode::{Compare, Condition, Operand};

use super::*;

const CONDITION: Condition =
	Condition { compare: Compare::Equal, left: Operand::Register(9), right: Operand::Immediate(0) };
const IF: Operation = Operation::If(CONDITION);
const BREAK_IF: Operation = Operation::BreakIf(CONDITION);
const MOVE: Operation = Operation::Move { to: 1, from: Operand::Immediate(3) };
const LOOP: Operation = Operation::Loop;
const END: Operation = Operation::End;

fn kernel(code: Vec<Operation>) -> Kernel {
	Kernel { workgroup_size: [64, 1, 1], registers: 10, code, ..Kernel::default() }
}

fn counted(code: &[&[Operation]]) -> Vec<(usize, u32)> {
	charges(&kernel(code.concat())).into_iter().collect()
}

#[test]
fn a_loop_that_leaves_at_its_top_counts_once_an_iteration() {
	// Twenty, the end, and the top that follows. The first top is counted with the loop.
	let looped: [&[Operation]; 3] = [&[LOOP, BREAK_IF], &[MOVE; 20], &[Operation::Continuing, END]];
	assert_eq!(counted(&looped), [(2, 24)]);
	let before: &[Operation] = &[MOVE; 6];
	assert_eq!(counted(&[before, &looped.concat()]), [(0, 6 + 4), (8, 24)]);
}

#[test]
fn what_follows_a_jump_is_counted_apart() {
	let inner: &[Operation] = &[IF, MOVE, Operation::Continue, END];
	let code: [&[Operation]; 4] = [&[LOOP, MOVE], inner, &[MOVE; 9], &[BREAK_IF, MOVE, END]];
	assert_eq!(counted(&code), [(1, 1 + 3), (6, 9 + 3)]);
	let inner = [Operation::Continue, Operation::Continuing, MOVE];
	assert_eq!(counted(&[&[LOOP], &inner, &[END]]), [(1, 1), (3, 1 + 1)]);
	let returned: &[Operation] = &[IF, Operation::Return, END];
	assert_eq!(counted(&[&[MOVE; 5], returned, &[MOVE; 10]]), [(0, 8), (8, 10)]);
}

#[test]
fn branches_are_counted_if_they_are_worth_it() {
	let branch = |accept: usize, reject: usize| {
		let (accept, reject) = (vec![MOVE; accept], vec![MOVE; reject]);
		counted(&[&[LOOP, IF], &accept, &[Operation::Else], &reject, &[END, END]])
	};
	assert_eq!(branch(7, 7), [(1, 4)]);
	assert_eq!(branch(8, 7), [(1, 4), (2, 8)]);
	assert_eq!(branch(2, 30), [(1, 4), (5, 30)]);
	// Three in one another are nine: the outermost is counted for the others.
	let nested: Vec<Operation> = [[IF; 3], [END; 3]].concat();
	assert_eq!(counted(&[&[LOOP, IF], &nested, &[END, END]]), [(1, 4), (2, 3)]);
}

/// Pseudo-random numbers (xorshift).
struct Random(u64);

impl Random {
	fn below(&mut self, end: u64) -> u64 {
		self.0 ^= self.0 << 13;
		self.0 ^= self.0 >> 7;
		self.0 ^= self.0 << 17;
		(self.0 >> 8) % end
	}

	/// Statements in a block, in a loop or not.
	fn statements(&mut self, code: &mut Vec<Operation>, depth: usize, in_loop: bool) {
		for _ in 0..self.below(6) {
			match self.below(12) {
				0 | 1 if depth < 7 => {
					code.push(IF);
					self.statements(code, depth + 1, in_loop);
					if self.below(2) == 0 {
						code.push(Operation::Else);
						self.statements(code, depth + 1, in_loop);
					}
					code.push(END);
				}
				2 | 3 if depth < 7 => self.repeat(code, depth),
				4 if in_loop => code.push(BREAK_IF),
				5 if in_loop && self.below(4) == 0 => {
					let jump = [Operation::Break, Operation::Continue, Operation::Return];
					code.push(jump[self.below(3) as usize]);
				}
				_ => (0..self.below(12)).for_each(|_| code.push(MOVE)),
			}
		}
	}

	fn repeat(&mut self, code: &mut Vec<Operation>, depth: usize) {
		code.push(LOOP);
		if self.below(2) == 0 {
			(0..self.below(4)).for_each(|_| code.push(MOVE));
			code.push(BREAK_IF);
		}
		self.statements(code, depth + 1, true);
		if self.below(2) == 0 {
			code.push(Operation::Continuing);
			self.statements(code, depth + 1, false);
			if self.below(3) == 0 {
				code.push(BREAK_IF);
			}
		}
		code.push(END);
	}
}

/// The index after the end of the block that goes on at `at`, or after its marker that is asked for.
fn closing(code: &[Operation], mut at: usize, marker: Option<Operation>) -> usize {
	let mut depth = 0;
	loop {
		match code[at] {
			IF | LOOP => depth += 1,
			END if depth == 0 => return at + 1,
			END => depth -= 1,
			operation if depth == 0 && Some(operation) == marker => return at + 1,
			_ => {}
		}
		at += 1;
	}
}

/// Units of one way through the code, and those that are counted on it; `None` if it has no end.
fn walk(code: &[Operation], charges: &Charges, random: &mut Random) -> Option<(u32, u32)> {
	let (mut at, mut spent, mut count) = (0, 0, 0);
	// Where the open loops start.
	let mut loops: Vec<usize> = Vec::new();
	let mut open: Vec<Option<usize>> = Vec::new();
	for _ in 0..20_000 {
		let Some(&operation) = code.get(at) else {
			return Some((spent, count));
		};
		count += charges.get(&at).copied().unwrap_or(0);
		let is_free = matches!(operation, Operation::Else | Operation::Continuing | END);
		spent += if is_free { 0 } else { units(&operation) };
		let leave = |loops: &mut Vec<usize>, open: &mut Vec<Option<usize>>| {
			while open.pop() == Some(None) {}
			let start = loops.pop().expect("is in a loop");
			closing(code, start, None)
		};
		at = match operation {
			IF => {
				open.push(None);
				match random.below(2) {
					0 => at + 1,
					_ => {
						let other = closing(code, at + 1, Some(Operation::Else));
						if code[other - 1] == END {
							open.pop();
						}
						other
					}
				}
			}
			Operation::Else => {
				open.pop();
				closing(code, at + 1, None)
			}
			LOOP => {
				open.push(Some(at));
				loops.push(at + 1);
				at + 1
			}
			END => match open.last() {
				Some(Some(start)) => {
					spent += units(&END);
					start + 1
				}
				_ => {
					open.pop();
					at + 1
				}
			},
			Operation::Break => leave(&mut loops, &mut open),
			Operation::BreakIf(_) if random.below(3) == 0 => leave(&mut loops, &mut open),
			Operation::Continue => {
				while open.last() == Some(&None) {
					open.pop();
				}
				let start = *loops.last()?;
				// Its marker or its end, either of which is free.
				closing(code, start, Some(Operation::Continuing)) - 1
			}
			Operation::Return => return Some((spent, count)),
			_ => at + 1,
		};
	}
	None
}

#[test]
fn on_no_way_more_is_counted_than_is_spent_nor_much_less() {
	let mut random = Random(0x9e37_79b9_7f4a_7c15);
	let (mut ended, mut all) = (0, (0u64, 0u64));
	for _ in 0..2_000 {
		let mut code = Vec::new();
		random.statements(&mut code, 0, false);
		let charges = charges(&kernel(code.clone()));
		for _ in 0..10 {
			let Some((spent, count)) = walk(&code, &charges, &mut random) else { continue };
			assert!(count <= spent, "{count} of {spent}: {code:?} {charges:?}");
			assert!(
				spent <= 4 * count + 2 * LEAST_COUNTED,
				"{count} of {spent}: {code:?} {charges:?}"
			);
			ended += 1;
			all = (all.0 + u64::from(spent), all.1 + u64::from(count));
		}
	}
	assert!(ended > 10_000, "{ended} ways");
	assert!(all.1 * 10 > all.0 * 7, "{all:?}: most is counted");
}
