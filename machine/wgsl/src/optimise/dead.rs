//! Removes instructions whose results nobody reads, by liveness over the structured code.

use std::collections::BTreeSet;

use super::assigned;
use crate::mir::{Inst, Kind, Reg};

type Live = BTreeSet<Reg>;

/// What is live where control may go.
#[derive(Clone, Default)]
struct Exits {
	at_break: Live,
	at_continue: Live,
}

/// Removes dead instructions.
pub(super) fn remove(block: &mut Vec<Inst>) {
	// Each round may free the operands of what it removed from loops; two rounds are enough in
	// practice, and any number is right.
	for _ in 0..3 {
		let mut live = Live::new();
		if !remove_block(block, &mut live, &Exits::default(), true) {
			return;
		}
	}
}

/// Walks a block backwards from what is live after it to what is live before it; removes if asked,
/// and says whether it did.
fn remove_block(block: &mut Vec<Inst>, live: &mut Live, exits: &Exits, removing: bool) -> bool {
	let mut removed = false;
	let mut kept = vec![true; block.len()];
	for (number, inst) in block.iter_mut().enumerate().rev() {
		let mut needed = !inst.kind.is_pure();
		inst.kind.writes(|dst| needed |= live.contains(&dst));
		if let Kind::If { cond: _, accept, reject } = &inst.kind {
			needed = !accept.is_empty() || !reject.is_empty();
		}
		if !needed {
			kept[number] = false;
			removed = true;
			continue;
		}
		removed |= step(inst, live, exits, removing);
	}
	if removing {
		let mut number = 0;
		block.retain(|_| {
			number += 1;
			kept[number - 1]
		});
	}
	removed
}

fn step(inst: &mut Inst, live: &mut Live, exits: &Exits, removing: bool) -> bool {
	inst.kind.writes(|dst| {
		live.remove(&dst);
	});
	let mut removed = false;
	match &mut inst.kind {
		Kind::If { accept, reject, .. } => {
			let mut before_reject = live.clone();
			removed |= remove_block(accept, live, exits, removing);
			removed |= remove_block(reject, &mut before_reject, exits, removing);
			live.append(&mut before_reject);
		}
		Kind::Loop { body, continuing } => {
			removed |= step_loop(body, continuing, live, removing);
		}
		Kind::Break => *live = exits.at_break.clone(),
		Kind::BreakIf { .. } => live.extend(&exits.at_break),
		Kind::Continue => *live = exits.at_continue.clone(),
		Kind::Return => live.clear(),
		_ => {}
	}
	inst.kind.reads(|reg| {
		live.insert(reg);
	});
	removed
}

fn step_loop(
	body: &mut Vec<Inst>,
	continuing: &mut Vec<Inst>,
	live: &mut Live,
	removing: bool,
) -> bool {
	let after = live.clone();
	// Whatever the loop reads counts as live at its head. That is more than what is, and costs one
	// walk, where the exact set would take several for each level of nesting.
	let mut head = after.clone();
	for block in [&*body, &*continuing] {
		crate::mir::walk(block, &mut |inst| {
			inst.kind.reads(|reg| {
				head.insert(reg);
			});
		});
	}
	let mut exits = Exits { at_break: after, at_continue: head.clone() };
	let mut at = head.clone();
	let mut removed = remove_block(continuing, &mut at, &exits, removing);
	exits.at_continue = at.clone();
	removed |= remove_block(body, &mut at, &exits, removing);
	*live = head;
	removed
}

/// Whether anything in a block reads or assigns the register.
pub(super) fn touches(block: &[Inst], register: Reg) -> bool {
	let mut found = assigned(block).contains(&register);
	crate::mir::walk(block, &mut |inst| inst.kind.reads(|reg| found |= reg == register));
	found
}
