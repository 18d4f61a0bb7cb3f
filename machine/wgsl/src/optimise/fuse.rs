//! Joins operations that the machine does in one: a product and a sum, a comparison and a branch,
//! an address and its sum, rotations, choices of bits.

use std::collections::BTreeMap;

use super::{assigned, Counts};
use crate::mir::{Address, Binary, Condition, Inst, Kind, Operand, Reg, Unary, Wide};

/// Definitions whose operands still have the values that they had there.
type Definitions = BTreeMap<Reg, Kind>;

/// Fuses in a block and the blocks in it.
pub(super) fn fuse(block: &mut [Inst]) {
	let counts = Counts::of(block);
	fuse_block(block, &mut Definitions::new(), &counts);
}

fn fuse_block(block: &mut [Inst], definitions: &mut Definitions, counts: &Counts) {
	for inst in block {
		if let Kind::Loop { .. } = inst.kind {
			let blocks = inst.kind.blocks();
			let changed = [assigned(blocks[0]), assigned(blocks[1])];
			changed.iter().flatten().for_each(|reg| forget(definitions, *reg));
		}
		let fusing = Fusing { definitions, counts };
		fusing.instruction(&mut inst.kind);
		inst.kind.writes(|dst| forget(definitions, dst));
		if let Some(dst) = inst.kind.dst().filter(|dst| counts.is_assigned_once(*dst)) {
			let mut reads_itself = false;
			inst.kind.reads(|reg| reads_itself |= reg == dst);
			let is_known = matches!(
				inst.kind,
				Kind::Binary { .. } | Kind::Wide { .. } | Kind::Unary { op: Unary::Not, .. }
			);
			if is_known && !reads_itself {
				definitions.insert(dst, inst.kind.clone());
			}
		}
		let is_loop = matches!(inst.kind, Kind::Loop { .. });
		let mut changed = Vec::new();
		for inner in inst.kind.blocks_mut().into_iter().flatten() {
			let mut outer = definitions.clone();
			if is_loop {
				// Only an address's sum is free. Anything else would be computed again in each
				// iteration.
				outer.retain(|_, kind| matches!(kind, Kind::Binary { op: Binary::Add, .. }));
			}
			fuse_block(inner, &mut outer, counts);
			changed.extend(assigned(inner));
		}
		changed.into_iter().for_each(|reg| forget(definitions, reg));
	}
}

fn forget(definitions: &mut Definitions, reg: Reg) {
	definitions.remove(&reg);
	definitions.retain(|_, kind| {
		let mut reads = false;
		kind.reads(|read| reads |= read == reg);
		!reads
	});
}

struct Fusing<'a> {
	definitions: &'a Definitions,
	counts: &'a Counts,
}

impl Fusing<'_> {
	fn binary(&self, operand: Operand) -> Option<(Binary, Operand, Operand)> {
		match self.definitions.get(&operand.reg()?)? {
			Kind::Binary { op, a, b, .. } => Some((*op, *a, *b)),
			_ => None,
		}
	}

	/// The definition of an operand that nothing else reads, so that fusing it away saves it.
	fn only_here(&self, operand: Operand) -> Option<(Binary, Operand, Operand)> {
		match self.counts.reads(operand.reg()?) {
			1 => self.binary(operand),
			_ => None,
		}
	}

	fn instruction(&self, kind: &mut Kind) {
		match kind {
			Kind::Binary { op, dst, a, b } => {
				if let Some(fused) = self.arithmetic(*op, *dst, *a, *b) {
					*kind = fused;
				}
			}
			Kind::Load { from, .. } => self.address(from),
			Kind::Store { to, .. } => self.address(to),
			Kind::Atomic { to, .. } => self.offset(to),
			Kind::If { cond, accept, reject } => {
				*cond = self.condition(*cond);
				let breaks = matches!(accept.as_slice(), [Inst { kind: Kind::Break, .. }]);
				let inverted = matches!(reject.as_slice(), [Inst { kind: Kind::Break, .. }]);
				if breaks && reject.is_empty() {
					*kind = Kind::BreakIf { cond: *cond };
				} else if inverted && accept.is_empty() {
					*kind = Kind::BreakIf { cond: invert(*cond) };
				}
			}
			Kind::BreakIf { cond } => *cond = self.condition(*cond),
			_ => {}
		}
	}

	fn condition(&self, condition: Condition) -> Condition {
		let Condition::Is(operand) = condition else {
			return condition;
		};
		match self.binary(operand) {
			// `!c`
			Some((Binary::Eq, a, Operand::Imm(0))) if self.compares(a) => {
				invert(self.condition(Condition::Is(a)))
			}
			Some((op, a, b)) if is_comparison(op) => Condition::Compare(op, a, b),
			_ => condition,
		}
	}

	fn compares(&self, operand: Operand) -> bool {
		self.binary(operand).is_some_and(|(op, ..)| is_comparison(op))
	}

	/// Moves sums out of an address's index.
	fn address(&self, address: &mut Address) {
		self.offset(address);
		if address.base != Operand::Imm(0) {
			return;
		}
		if let Some((Binary::Add, x, y)) = self.binary(address.index) {
			address.base = x;
			address.index = y;
			for operand in [&mut address.base, &mut address.index] {
				if let Some((Binary::Add, inner, Operand::Imm(constant))) = self.binary(*operand) {
					*operand = inner;
					address.offset = address.offset.wrapping_add(constant);
				}
			}
		}
	}

	fn offset(&self, address: &mut Address) {
		while let Some((op, x, Operand::Imm(constant))) = self.binary(address.index) {
			match op {
				Binary::Add => address.offset = address.offset.wrapping_add(constant),
				Binary::Sub => address.offset = address.offset.wrapping_sub(constant),
				_ => return,
			}
			address.index = x;
		}
	}

	fn arithmetic(&self, op: Binary, dst: Reg, a: Operand, b: Operand) -> Option<Kind> {
		let wide = |op, args: [Operand; 3]| Some(Kind::Wide { op, dst, args: args.to_vec() });
		for (inner, other) in [(a, b), (b, a)] {
			if let Some((inner_op, x, y)) = self.only_here(inner) {
				match (op, inner_op) {
					(Binary::Add, Binary::Mul) => return wide(Wide::MulAdd, [x, y, other]),
					(Binary::Add, Binary::Dot4S) => return wide(Wide::Dot4AddS, [x, y, other]),
					(Binary::Add, Binary::Dot4U) => return wide(Wide::Dot4AddU, [x, y, other]),
					(Binary::Add, Binary::Shl) => return wide(Wide::ShlAdd, [x, y, other]),
					(Binary::Add, Binary::Add) => return wide(Wide::Add3, [x, y, other]),
					(Binary::Xor, Binary::Xor) => return wide(Wide::Xor3, [x, y, other]),
					_ => {}
				}
			}
		}
		if matches!(op, Binary::Or | Binary::Xor) {
			return self.rotation(dst, a, b).or_else(|| self.choice(dst, a, b));
		}
		None
	}

	/// `x >> n | x << 32 - n` for a constant n.
	fn rotation(&self, dst: Reg, a: Operand, b: Operand) -> Option<Kind> {
		let (left, right) = (self.only_here(a)?, self.only_here(b)?);
		let (right, left) = match (left.0, right.0) {
			(Binary::ShrU, Binary::Shl) => (left, right),
			(Binary::Shl, Binary::ShrU) => (right, left),
			_ => return None,
		};
		let (by_right, by_left) = (right.2.imm()?, left.2.imm()?);
		// The shifts must share no bit, or `|` and `^` would differ from a rotation.
		if right.1 != left.1 || by_right == 0 || by_right > 31 || by_right + by_left != 32 {
			return None;
		}
		Some(Kind::Binary { op: Binary::RotateRight, dst, a: right.1, b: Operand::Imm(by_right) })
	}

	/// `x & y | ~x & z`; no bit comes from both sides, so `^` is the same.
	fn choice(&self, dst: Reg, a: Operand, b: Operand) -> Option<Kind> {
		let (left, right) = (self.only_here(a)?, self.only_here(b)?);
		if (left.0, right.0) != (Binary::And, Binary::And) {
			return None;
		}
		let ways = |(_, x, y)| [(x, y), (y, x)];
		let choose = |(x, y), (not, z)| {
			let chooses = self.complement(not)? == x;
			chooses.then(|| Kind::Wide { op: Wide::Choose, dst, args: vec![x, y, z] })
		};
		let mut pairs =
			ways(left).into_iter().flat_map(|one| ways(right).map(|other| (one, other)));
		pairs.find_map(|(one, other)| choose(one, other).or_else(|| choose(other, one)))
	}

	/// What an operand is the complement of, if nothing else reads it.
	fn complement(&self, operand: Operand) -> Option<Operand> {
		let reg = operand.reg().filter(|reg| self.counts.reads(*reg) == 1)?;
		match self.definitions.get(&reg)? {
			Kind::Unary { op: Unary::Not, a, .. } => Some(*a),
			_ => None,
		}
	}
}

const fn is_comparison(op: Binary) -> bool {
	matches!(op, Binary::Eq | Binary::Ne | Binary::LtS | Binary::LtU | Binary::LeS | Binary::LeU)
}

/// The opposite condition.
fn invert(condition: Condition) -> Condition {
	match condition {
		Condition::Is(operand) => Condition::Compare(Binary::Eq, operand, Operand::Imm(0)),
		Condition::Compare(op, a, b) => match op {
			Binary::Eq => Condition::Compare(Binary::Ne, a, b),
			Binary::Ne => Condition::Compare(Binary::Eq, a, b),
			Binary::LtS => Condition::Compare(Binary::LeS, b, a),
			Binary::LtU => Condition::Compare(Binary::LeU, b, a),
			Binary::LeS => Condition::Compare(Binary::LtS, b, a),
			_ => Condition::Compare(Binary::LtU, b, a),
		},
	}
}
