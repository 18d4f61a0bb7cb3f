//! Register allocation: a linear scan over the range of instructions in which each virtual
//! register is needed.
//!
//! Invocations run masked, so a register of an invocation that waits (in the other branch of an
//! `if`, or after it left a loop) must keep its value. Ranges are therefore taken over the code in
//! its written order, from the first mention to the last, and stretched over every loop at whose
//! head the register may still hold a value that is needed.

use std::collections::BTreeMap;

use crate::mir::{Inst, Kind, Reg};

/// The machine's registers.
const MACHINE_REGISTERS: usize = 256;

/// The machine register of each virtual one, and how many there are.
pub struct Allocation {
	/// Machine register by virtual register.
	pub of: BTreeMap<Reg, u8>,
	/// Machine registers in use are below this.
	pub count: u16,
}

/// First and last instruction that mention a register, and what is known of the mentions.
#[derive(Clone, Copy)]
struct Range {
	start: usize,
	end: usize,
}

#[derive(Default)]
struct Scan {
	at: usize,
	ranges: BTreeMap<Reg, Range>,
	/// Registers assigned together, which need to be neighbours.
	groups: Vec<Vec<Reg>>,
	/// First and last instruction of each loop, inner ones first.
	loops: Vec<(usize, usize)>,
	/// For each register, its mentions: instruction, whether it is assigned, path of blocks.
	mentions: BTreeMap<Reg, Vec<Mention>>,
	path: Vec<usize>,
	blocks: usize,
}

#[derive(Clone)]
struct Mention {
	at: usize,
	assigns: bool,
	/// The block that it is in.
	block: usize,
}

impl Scan {
	fn block(&mut self, block: &[Inst]) {
		self.blocks += 1;
		self.path.push(self.blocks);
		for inst in block {
			self.instruction(inst);
		}
		self.path.pop();
	}

	fn instruction(&mut self, inst: &Inst) {
		self.at += 1;
		let (at, block) = (self.at, self.path.last().copied().unwrap_or(0));
		inst.kind.reads(|reg| self.mention(reg, Mention { at, assigns: false, block }));
		inst.kind.writes(|reg| self.mention(reg, Mention { at, assigns: true, block }));
		match &inst.kind {
			Kind::LoadMany { dsts, .. } | Kind::Unpack { dsts, .. } => {
				self.groups.push(dsts.clone());
			}
			Kind::If { accept, reject, .. } => {
				self.block(accept);
				self.at += 1;
				self.block(reject);
				self.at += 1;
			}
			Kind::Loop { body, continuing } => {
				// The continuing block is part of the body: a definition in the body reaches it.
				self.blocks += 1;
				self.path.push(self.blocks);
				for inst in body.iter().chain(continuing) {
					self.instruction(inst);
				}
				self.path.pop();
				self.at += 1;
				self.loops.push((at, self.at));
			}
			_ => {}
		}
	}

	fn mention(&mut self, reg: Reg, mention: Mention) {
		let range = self.ranges.entry(reg).or_insert(Range { start: mention.at, end: mention.at });
		range.end = mention.at;
		self.mentions.entry(reg).or_default().push(mention);
	}

	/// Stretches ranges over loops until nothing changes; one round is enough, inner loops first,
	/// since loops nest.
	fn stretch(&mut self) {
		for &(start, end) in &self.loops {
			for (reg, range) in &mut self.ranges {
				if range.end < start || range.start > end {
					continue;
				}
				let outside = range.start < start || range.end > end;
				let mentions = &self.mentions[reg];
				if outside || !is_made_anew(mentions) {
					range.start = range.start.min(start);
					range.end = range.end.max(end);
				}
			}
		}
	}
}

/// Whether each iteration surely assigns the register before it reads it: it is assigned first,
/// and either nowhere else, so that the assignment dominates the reads, or all in one block.
fn is_made_anew(mentions: &[Mention]) -> bool {
	let Some(first) = mentions.first() else {
		return true;
	};
	let assignments = mentions.iter().filter(|mention| mention.assigns).count();
	first.assigns
		&& (assignments == 1 || mentions.iter().all(|mention| mention.block == first.block))
}

/// Allocates; `None` if more than 256 registers are needed at once.
pub fn allocate(block: &[Inst]) -> Option<Allocation> {
	let mut scan = Scan::default();
	scan.block(block);
	scan.stretch();
	let mut group_of: BTreeMap<Reg, usize> = BTreeMap::new();
	for (number, group) in scan.groups.iter().enumerate() {
		for reg in group {
			group_of.insert(*reg, number);
		}
	}
	let mut order: Vec<(Reg, Range)> =
		scan.ranges.iter().map(|(reg, range)| (*reg, *range)).collect();
	order.sort_by_key(|(reg, range)| (range.start, *reg));
	let mut free_at = [0usize; MACHINE_REGISTERS];
	let mut allocation = Allocation { of: BTreeMap::new(), count: 0 };
	for (reg, range) in order {
		if allocation.of.contains_key(&reg) {
			continue;
		}
		let members = match group_of.get(&reg) {
			Some(group) => scan.groups[*group].clone(),
			None => vec![reg],
		};
		let place = (0..=MACHINE_REGISTERS - members.len()).find(|place| {
			free_at[*place..place + members.len()].iter().all(|at| *at <= range.start)
		})?;
		for (offset, member) in members.iter().enumerate() {
			let end = scan.ranges.get(member).map_or(range.start, |range| range.end);
			// A result may take the place of an operand that is read for the last time.
			free_at[place + offset] = end.max(range.start + 1);
			allocation.of.insert(*member, (place + offset) as u8);
		}
		allocation.count = allocation.count.max((place + members.len()) as u16);
	}
	Some(allocation)
}
