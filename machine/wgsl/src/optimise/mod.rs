//! Makes a lowered kernel smaller and faster without changing what it computes.

mod coalesce;
mod copies;
mod dead;
mod fuse;
mod group;
mod hoist;
pub mod registers;

use std::collections::{BTreeMap, BTreeSet};

use crate::mir::{walk, Inst, Kernel, Reg};

/// Runs all passes.
pub fn optimise(kernel: &mut Kernel) {
	copies::propagate(&mut kernel.body);
	dead::remove(&mut kernel.body);
	hoist::hoist(kernel);
	copies::propagate(&mut kernel.body);
	dead::remove(&mut kernel.body);
	coalesce::coalesce(&mut kernel.body);
	fuse::fuse(&mut kernel.body);
	dead::remove(&mut kernel.body);
	group::group(&mut kernel.body);
	dead::remove(&mut kernel.body);
}

/// The registers that a block assigns, in all its depths.
fn assigned(block: &[Inst]) -> BTreeSet<Reg> {
	let mut registers = BTreeSet::new();
	walk(block, &mut |inst| {
		inst.kind.writes(|dst| {
			registers.insert(dst);
		});
	});
	registers
}

/// How often each register is read and assigned.
#[derive(Default)]
struct Counts {
	reads: BTreeMap<Reg, usize>,
	writes: BTreeMap<Reg, usize>,
}

impl Counts {
	fn of(block: &[Inst]) -> Self {
		let mut counts = Self::default();
		walk(block, &mut |inst| {
			inst.kind.reads(|reg| *counts.reads.entry(reg).or_default() += 1);
			inst.kind.writes(|reg| *counts.writes.entry(reg).or_default() += 1);
		});
		counts
	}

	fn reads(&self, reg: Reg) -> usize {
		self.reads.get(&reg).copied().unwrap_or(0)
	}

	fn is_assigned_once(&self, reg: Reg) -> bool {
		self.writes.get(&reg) == Some(&1)
	}
}
