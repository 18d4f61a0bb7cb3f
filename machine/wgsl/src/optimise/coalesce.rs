//! `t = f(…); v = t` becomes `v = f(…)` where nothing needs `t` itself and nothing in between
//! touches `v`.

use super::{dead::touches, Counts};
use crate::mir::{Inst, Kind, Operand, Reg, Unary};

/// How far back a definition is looked for, in instructions; bounds the time on long blocks.
const REACH: usize = 64;

/// Coalesces copies in a block and the blocks in it.
pub(super) fn coalesce(block: &mut Vec<Inst>) {
	let counts = Counts::of(block);
	coalesce_block(block, &counts);
}

fn coalesce_block(block: &mut Vec<Inst>, counts: &Counts) {
	for number in 0..block.len() {
		for inner in block[number].kind.blocks_mut().into_iter().flatten() {
			coalesce_block(inner, counts);
		}
		let Kind::Unary { op: Unary::Copy, dst, a: Operand::Reg(temporary) } = block[number].kind
		else {
			continue;
		};
		if counts.reads(temporary) != 1 || !counts.is_assigned_once(temporary) {
			continue;
		}
		if let Some(definition) = find_definition(&block[..number], temporary, dst) {
			block[definition].kind.writes_mut(|reg| *reg = dst);
			block[number].kind = Kind::Unary { op: Unary::Copy, dst, a: Operand::Reg(dst) };
		}
	}
	block.retain(
		|inst| !matches!(inst.kind, Kind::Unary { op: Unary::Copy, dst, a: Operand::Reg(a) } if a == dst),
	);
}

/// The instruction that assigns `temporary`, if nothing after it touches `target` or leaves.
fn find_definition(before: &[Inst], temporary: Reg, target: Reg) -> Option<usize> {
	for (number, inst) in before.iter().enumerate().rev().take(REACH) {
		if inst.kind.dst() == Some(temporary) {
			return Some(number);
		}
		if touches(std::slice::from_ref(inst), target) || may_leave(inst) {
			return None;
		}
	}
	None
}

/// Whether control may leave the block here, where `target` must have its old value.
fn may_leave(inst: &Inst) -> bool {
	let mut leaves = false;
	crate::mir::walk(std::slice::from_ref(inst), &mut |inst| {
		leaves |=
			matches!(inst.kind, Kind::Break | Kind::BreakIf { .. } | Kind::Continue | Kind::Return);
	});
	leaves
}
