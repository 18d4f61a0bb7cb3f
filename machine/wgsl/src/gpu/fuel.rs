//! What an invocation is charged for the fuel, and where.
//!
//! The VM charges an operation that n invocations execute together `units * max(n, 16)` steps. So the
//! units of one invocation's operations are at most a sixteenth of the steps, and those of all of
//! them at most the steps: who has more exceeds the fuel on the VM. To count each operation would slow
//! every kernel down. So code is cut into segments, each of which is executed to its end by whoever
//! starts it, and a segment's units are counted where it starts.
//!
//! Nothing is counted that the VM does not charge. Branches of a few units are not counted, nor are
//! such ends of longer ones. Every iteration of a loop counts something.

mod counted;

use std::collections::BTreeMap;

use mutirao_machine_core::{
	bytecode::{Kernel, Operation},
	cost::units,
};

pub(super) use self::counted::{take_counted, Counted};

/// Fewer units than this are not worth an addition in a branch. The `If` before it has three, which
/// are counted: so code costs at most four times what it counts.
const LEAST_COUNTED: u32 = 8;

/// For operations, the units to count before them.
pub(super) type Charges = BTreeMap<usize, u32>;

/// Where to count how many units. The kernel is valid.
pub(super) fn charges(kernel: &Kernel) -> Charges {
	let mut counting = Counting {
		charges: Charges::new(),
		around: Vec::new(),
		block: Block::new(Kind::Branch, 0),
		exits: exits(kernel),
	};
	for (at, operation) in kernel.code.iter().enumerate() {
		counting.operation(at, operation);
	}
	counting.close(kernel.code.len());
	counting.charges
}

/// How a loop's iterations end early.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Exits {
	/// Operations that leave the loop.
	leave: u32,
	/// Whether one goes on to the next iteration.
	continues: bool,
}

/// The exits of each loop, by the index of its first operation.
fn exits(kernel: &Kernel) -> BTreeMap<usize, Exits> {
	let mut exits: BTreeMap<usize, Exits> = BTreeMap::new();
	// For each open block, the loop that it is.
	let mut open: Vec<Option<usize>> = Vec::new();
	for (at, operation) in kernel.code.iter().enumerate() {
		let mut loops = open.iter().rev().filter_map(|block| *block);
		match operation {
			Operation::If(_) => open.push(None),
			Operation::Loop => open.push(Some(at)),
			Operation::End => {
				open.pop();
			}
			Operation::Return => loops.for_each(|at| exits.entry(at).or_default().leave += 1),
			Operation::Break | Operation::BreakIf(_) => {
				loops.next().into_iter().for_each(|at| exits.entry(at).or_default().leave += 1);
			}
			Operation::Continue => {
				loops
					.next()
					.into_iter()
					.for_each(|at| exits.entry(at).or_default().continues = true);
			}
			_ => {}
		}
	}
	exits
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
	/// The kernel itself, or a block of an `If`.
	Branch,
	/// A loop, with its continuing block.
	Loop(Exits),
}

/// An open block.
struct Block {
	kind: Kind,
	/// Where the open segment starts.
	start: usize,
	/// Units that are not counted yet: the open segment's, and those of small ones before it.
	pending: u32,
	/// Units that small branches inside have and do not count.
	hidden: u32,
	/// The same of the first block of an `If`, in the second one.
	other: u32,
	/// Whether the next segment is counted however small it is.
	is_forced: bool,
	is_continuing: bool,
	/// Whether its iteration has ended, at the `BreakIf` of a continuing block.
	has_ended: bool,
	/// Whether something inside may end the iteration of the loop around.
	jumps: bool,
	/// Whether something inside may end the invocation.
	returns: bool,
}

impl Block {
	fn new(kind: Kind, start: usize) -> Self {
		Self {
			kind,
			start,
			pending: 0,
			hidden: 0,
			other: 0,
			is_forced: kind != Kind::Branch,
			is_continuing: false,
			has_ended: false,
			jumps: false,
			returns: false,
		}
	}

	/// The most units that somebody who goes through it has and does not count.
	fn uncounted(&self) -> u32 {
		self.pending.saturating_add(self.hidden)
	}
}

struct Counting {
	charges: Charges,
	/// The blocks around the innermost one.
	around: Vec<Block>,
	block: Block,
	exits: BTreeMap<usize, Exits>,
}

impl Counting {
	fn operation(&mut self, at: usize, operation: &Operation) {
		let next = at + 1;
		match operation {
			Operation::Else => return self.otherwise(at),
			Operation::Continuing => return self.continuing(at),
			Operation::End => return self.end(at),
			_ => self.add(units(operation)),
		}
		match operation {
			Operation::If(_) => self.open(Block::new(Kind::Branch, next)),
			Operation::Loop => {
				let exits = self.exits.get(&at).copied().unwrap_or_default();
				self.open(Block::new(Kind::Loop(exits), next));
			}
			Operation::BreakIf(_) => self.break_if(next),
			Operation::Break | Operation::Continue => {
				self.block.jumps = true;
				self.close(next);
			}
			Operation::Return => {
				self.block.returns = true;
				self.close(next);
			}
			_ => {}
		}
	}

	fn add(&mut self, units: u32) {
		self.block.pending = self.block.pending.saturating_add(units);
	}

	fn open(&mut self, block: Block) {
		self.around.push(std::mem::replace(&mut self.block, block));
	}

	/// Ends the open segment: not all who came here may go on to `next`.
	fn close(&mut self, next: usize) {
		let Block { start, pending, is_forced, .. } = self.block;
		if pending > 0 && (is_forced || self.block.uncounted() >= LEAST_COUNTED) {
			self.charges.insert(start, pending);
			self.block.pending = 0;
			self.block.hidden = 0;
			self.block.is_forced = false;
		}
		self.block.start = next;
	}

	/// Most loops leave at one place, at their top, which is executed once more than the rest. It is
	/// counted once where the loop is entered, and then with the rest, after which it comes again: one
	/// addition instead of two.
	fn break_if(&mut self, next: usize) {
		let Block { kind, pending, is_forced, is_continuing, .. } = self.block;
		let is_only = matches!(kind, Kind::Loop(Exits { leave: 1, .. }));
		match self.around.last_mut() {
			Some(around) if is_only && is_forced && !is_continuing => {
				around.pending = around.pending.saturating_add(pending);
				self.block.start = next;
			}
			_ => {
				self.close(next);
				self.block.jumps = true;
				self.block.has_ended = is_continuing;
			}
		}
	}

	fn otherwise(&mut self, at: usize) {
		self.close(at);
		let (jumps, returns) = (self.block.jumps, self.block.returns);
		let other = self.block.uncounted();
		self.block = Block { jumps, returns, other, ..Block::new(Kind::Branch, at + 1) };
	}

	/// Unless something continues, a continuing block is but the body's end.
	fn continuing(&mut self, at: usize) {
		self.block.is_continuing = true;
		if matches!(self.block.kind, Kind::Loop(Exits { continues: true, .. })) {
			self.close(at + 1);
			self.block.pending = 0;
			self.block.is_forced = true;
		}
	}

	fn end(&mut self, at: usize) {
		let is_loop = self.block.kind != Kind::Branch;
		if is_loop && !self.block.has_ended {
			// For going round once more.
			self.add(units(&Operation::End));
		}
		self.close(at);
		let Some(around) = self.around.pop() else {
			return;
		};
		let inner = std::mem::replace(&mut self.block, around);
		self.block.returns |= inner.returns;
		if !is_loop {
			self.block.jumps |= inner.jumps;
			let hidden = inner.uncounted().max(inner.other);
			self.block.hidden = self.block.hidden.saturating_add(hidden);
		}
		if inner.returns || (inner.jumps && !is_loop) {
			self.close(at + 1);
		}
	}
}

#[cfg(test)]
mod tests;
