//! Moves out of a loop what is the same in each iteration.
//!
//! An address `(row + i) * 4` is first made `row * 4 + i * 4`, since the machine adds two registers
//! in a load for nothing, and the part that does not change can then leave the loop.

use std::collections::{BTreeMap, BTreeSet};

use super::{assigned, Counts};
use crate::mir::{Binary, Inst, Kernel, Kind, Operand, Reg, Unary};

/// Hoists in all loops, inner ones first.
pub(super) fn hoist(kernel: &mut Kernel) {
	let counts = Counts::of(&kernel.body);
	let mut registers = kernel.registers;
	hoist_block(&mut kernel.body, &counts, &mut registers);
	kernel.registers = registers;
}

fn hoist_block(block: &mut Vec<Inst>, counts: &Counts, registers: &mut Reg) {
	let mut result = Vec::with_capacity(block.len());
	for mut inst in block.drain(..) {
		for inner in inst.kind.blocks_mut().into_iter().flatten() {
			hoist_block(inner, counts, registers);
		}
		if let Kind::Loop { body, continuing } = &mut inst.kind {
			let mut changing = assigned(body);
			changing.extend(assigned(continuing));
			distribute(body, &changing, counts, registers);
			// What distributing made is assigned in the loop, too.
			changing.extend(assigned(body));
			result.extend(take_invariant(body, &mut changing, counts));
		}
		result.push(inst);
	}
	*block = result;
}

/// Takes from the body's own level what depends on nothing that the loop changes.
fn take_invariant(
	body: &mut Vec<Inst>,
	changing: &mut BTreeSet<Reg>,
	counts: &Counts,
) -> Vec<Inst> {
	let mut taken = Vec::new();
	body.retain(|inst| {
		let computes =
			matches!(inst.kind, Kind::Unary { .. } | Kind::Binary { .. } | Kind::Wide { .. });
		let mut depends = false;
		inst.kind.reads(|reg| depends |= changing.contains(&reg));
		let Some(dst) = inst.kind.dst().filter(|_| computes && !depends) else {
			return true;
		};
		// Registers made by distributing are unknown to the counts and assigned once.
		if counts.writes.get(&dst).is_some_and(|writes| *writes != 1) {
			return true;
		}
		changing.remove(&dst);
		taken.push(inst.clone());
		false
	});
	taken
}

/// Makes `(x + y) * c` into `x * c + y * c` where one of the parts can leave the loop.
fn distribute(
	body: &mut Vec<Inst>,
	changing: &BTreeSet<Reg>,
	counts: &Counts,
	registers: &mut Reg,
) {
	let mut sums: BTreeMap<Reg, (Operand, Operand)> = BTreeMap::new();
	let mut result = Vec::with_capacity(body.len());
	let fixed = |operand: Operand| operand.reg().is_none_or(|reg| !changing.contains(&reg));
	for inst in body.drain(..) {
		inst.kind.writes(|dst| {
			sums.retain(|_, (x, y)| *x != Operand::Reg(dst) && *y != Operand::Reg(dst));
		});
		for inner in inst.kind.blocks() {
			for dst in assigned(inner) {
				sums.retain(|_, (x, y)| *x != Operand::Reg(dst) && *y != Operand::Reg(dst));
			}
		}
		match inst.kind {
			Kind::Binary { op: Binary::Add, dst, a, b }
				if counts.is_assigned_once(dst) && fixed(a) != fixed(b) =>
			{
				sums.insert(dst, (a, b));
			}
			Kind::Binary {
				op: Binary::Mul,
				dst,
				a: Operand::Reg(sum),
				b: Operand::Imm(factor),
			} if sums.contains_key(&sum) => {
				let (x, y) = sums[&sum];
				let mut part = |of: Operand| {
					let dst = *registers;
					*registers += 1;
					let b = Operand::Imm(factor);
					let kind = match of {
						Operand::Imm(value) => {
							let a = Operand::Imm(value.wrapping_mul(factor));
							Kind::Unary { op: Unary::Copy, dst, a }
						}
						a => Kind::Binary { op: Binary::Mul, dst, a, b },
					};
					result.push(Inst { kind, at: inst.at });
					Operand::Reg(dst)
				};
				let (a, b) = (part(x), part(y));
				result
					.push(Inst { kind: Kind::Binary { op: Binary::Add, dst, a, b }, at: inst.at });
				continue;
			}
			_ => {}
		}
		result.push(inst);
	}
	*body = result;
}
