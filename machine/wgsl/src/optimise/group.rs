//! Loads of neighbouring words become one load of up to four, and the four byte extractions of an
//! unpack one instruction.

use super::Counts;
use crate::mir::{Inst, Kind, Operand, Reg, Wide};

/// Groups in a block and the blocks in it.
pub(super) fn group(block: &mut Vec<Inst>) {
	let counts = Counts::of(block);
	group_block(block, &counts);
}

fn group_block(block: &mut Vec<Inst>, counts: &Counts) {
	for inst in block.iter_mut() {
		for inner in inst.kind.blocks_mut().into_iter().flatten() {
			group_block(inner, counts);
		}
	}
	let mut result: Vec<Inst> = Vec::with_capacity(block.len());
	for inst in block.drain(..) {
		let joined = result.last_mut().is_some_and(|last| join(last, &inst, counts));
		if !joined {
			result.push(inst);
		}
	}
	*block = result.into_iter().flat_map(split_short_unpack).collect();
}

/// Joins an instruction to the one before it.
fn join(last: &mut Inst, next: &Inst, counts: &Counts) -> bool {
	let once = |reg: Reg| counts.is_assigned_once(reg);
	match (&mut last.kind, &next.kind) {
		(Kind::Load { dst: first, from }, Kind::Load { dst, from: next })
			if once(*first) && once(*dst) && follows(from, next, 1) && apart(*first, next) =>
		{
			last.kind = Kind::LoadMany { dsts: vec![*first, *dst], from: *from };
			true
		}
		(Kind::LoadMany { dsts, from }, Kind::Load { dst, from: next })
			if dsts.len() < 4
				&& once(*dst)
				&& follows(from, next, dsts.len() as u32)
				&& dsts.iter().all(|first| apart(*first, next)) =>
		{
			dsts.push(*dst);
			true
		}
		(Kind::Wide { op, dst: first, args }, Kind::Wide { op: next_op, dst, args: next_args })
			if is_byte(args, 0)
				&& is_byte(next_args, 1)
				&& op == next_op
				&& args[0] == next_args[0]
				&& matches!(op, Wide::ExtractS | Wide::ExtractU)
				&& once(*first)
				&& once(*dst)
				&& args[0] != Operand::Reg(*first) =>
		{
			let signed = *op == Wide::ExtractS;
			last.kind = Kind::Unpack { dsts: vec![*first, *dst], a: args[0], signed };
			true
		}
		(Kind::Unpack { dsts, a, signed }, Kind::Wide { op, dst, args })
			if dsts.len() < 4
				&& once(*dst)
				&& is_byte(args, dsts.len() as u32)
				&& *a == args[0]
				&& *op == if *signed { Wide::ExtractS } else { Wide::ExtractU }
				&& !dsts.contains(&a.reg().unwrap_or(Reg::MAX)) =>
		{
			dsts.push(*dst);
			true
		}
		_ => false,
	}
}

fn follows(first: &crate::mir::Address, next: &crate::mir::Address, distance: u32) -> bool {
	let mut expected = *first;
	expected.offset = expected.offset.wrapping_add(distance);
	expected == *next
}

/// Whether an address does not read the register.
fn apart(reg: Reg, address: &crate::mir::Address) -> bool {
	address.base != Operand::Reg(reg) && address.index != Operand::Reg(reg)
}

fn is_byte(args: &[Operand], byte: u32) -> bool {
	args.get(1..) == Some(&[Operand::Imm(8 * byte), Operand::Imm(8)])
}

/// An unpack writes four registers; one of fewer bytes becomes extractions again.
fn split_short_unpack(inst: Inst) -> Vec<Inst> {
	let Kind::Unpack { dsts, a, signed } = &inst.kind else {
		return vec![inst];
	};
	if dsts.len() == 4 {
		return vec![inst];
	}
	let op = if *signed { Wide::ExtractS } else { Wide::ExtractU };
	let extract = |(byte, dst): (u32, &Reg)| {
		let args = vec![*a, Operand::Imm(8 * byte), Operand::Imm(8)];
		Inst { kind: Kind::Wide { op, dst: *dst, args }, at: inst.at }
	};
	(0..).zip(dsts).map(extract).collect()
}
