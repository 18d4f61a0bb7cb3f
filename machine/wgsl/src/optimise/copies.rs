//! Reads of a copy become reads of what was copied, and operations on constants become constants,
//! as long as the original has not changed.

use std::collections::{BTreeMap, HashMap};

use super::{assigned, Counts};
use crate::mir::{fold, Binary, Condition, Inst, Kind, Operand, Reg, Unary, Wide};

/// A computation without its result: operation and operands.
type Computation = (Operation, Vec<Operand>);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
	Unary(Unary),
	Binary(Binary),
	Wide(Wide),
}

/// What holds at one point of the code.
#[derive(Clone, Default)]
struct Copies {
	/// What each register is a copy of.
	of: BTreeMap<Reg, Operand>,
	/// Where the result of each computation is.
	computed: HashMap<Computation, Reg>,
}

/// Propagates copies, constants and results computed before through a block.
pub(super) fn propagate(block: &mut [Inst]) {
	let counts = Counts::of(block);
	propagate_block(block, &mut Copies::default(), &counts);
}

fn propagate_block(block: &mut [Inst], copies: &mut Copies, counts: &Counts) {
	for inst in block {
		if let Kind::Loop { .. } = inst.kind {
			// At the loop's head, whatever it assigns may have changed.
			let blocks = inst.kind.blocks();
			let changed = [assigned(blocks[0]), assigned(blocks[1])];
			changed.iter().flatten().for_each(|reg| forget(copies, *reg));
		}
		inst.kind.operands_mut(|operand| {
			if let Operand::Reg(reg) = operand {
				if let Some(original) = copies.of.get(reg) {
					*operand = *original;
				}
			}
		});
		simplify(&mut inst.kind);
		reuse(&mut inst.kind, copies);
		inst.kind.writes(|dst| forget(copies, dst));
		remember(&inst.kind, copies, counts);
		if let Kind::Unary { op: Unary::Copy, dst, a } = inst.kind {
			if a != Operand::Reg(dst) {
				copies.of.insert(dst, a);
			}
		}
		let mut changed = Vec::new();
		for inner in inst.kind.blocks_mut().into_iter().flatten() {
			propagate_block(inner, &mut copies.clone(), counts);
			changed.extend(assigned(inner));
		}
		changed.into_iter().for_each(|reg| forget(copies, reg));
	}
}

fn forget(copies: &mut Copies, reg: Reg) {
	copies.of.remove(&reg);
	copies.of.retain(|_, original| *original != Operand::Reg(reg));
	copies.computed.retain(|(_, operands), _| !operands.contains(&Operand::Reg(reg)));
}

fn computation(kind: &Kind) -> Option<Computation> {
	match kind {
		Kind::Unary { op, a, .. } if *op != Unary::Copy => Some((Operation::Unary(*op), vec![*a])),
		Kind::Binary { op, a, b, .. } => Some((Operation::Binary(*op), vec![*a, *b])),
		Kind::Wide { op, args, .. } => Some((Operation::Wide(*op), args.clone())),
		_ => None,
	}
}

/// Replaces a computation by a copy of its earlier result.
fn reuse(kind: &mut Kind, copies: &Copies) {
	let earlier = computation(kind).and_then(|computation| copies.computed.get(&computation));
	if let (Some(earlier), Some(dst)) = (earlier, kind.dst()) {
		*kind = Kind::Unary { op: Unary::Copy, dst, a: Operand::Reg(*earlier) };
	}
}

/// Remembers a result that stays where it is.
fn remember(kind: &Kind, copies: &mut Copies, counts: &Counts) {
	if let (Some(computation), Some(dst)) = (computation(kind), kind.dst()) {
		if counts.is_assigned_once(dst) {
			copies.computed.insert(computation, dst);
		}
	}
}

/// Computes what has become constant.
fn simplify(kind: &mut Kind) {
	let value = match kind {
		Kind::Unary { op, a: Operand::Imm(x), .. } => Some(fold::unary(*op, *x)),
		Kind::Binary { op, a: Operand::Imm(x), b: Operand::Imm(y), .. } => {
			Some(fold::binary(*op, *x, *y))
		}
		Kind::Wide { op, args, .. } => {
			let constants: Option<Vec<u32>> = args.iter().map(|arg| arg.imm()).collect();
			constants.and_then(|args| fold::wide(*op, &args))
		}
		_ => None,
	};
	if let (Some(value), Some(dst)) = (value, kind.dst()) {
		*kind = Kind::Unary { op: Unary::Copy, dst, a: Operand::Imm(value) };
	}
	if let Kind::If { cond: Condition::Is(Operand::Imm(value)), accept, reject } = kind {
		// The branch that is never taken goes; the other stays under its constant condition.
		if *value != 0 {
			reject.clear();
		} else {
			accept.clear();
		}
	}
}
