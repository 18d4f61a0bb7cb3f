//! A slow, obvious interpreter: one invocation after the other, each until its next barrier.
//!
//! It shares with the VM the bytecode's types, the resolved pass and the table of units, and
//! nothing else: no lockstep, no masks, no shadow words. Its steps come from the definition: the
//! invocations that execute an operation in the same iteration of all loops around it pay
//! together.

pub mod functions;
mod invocation;

use std::collections::HashMap;

use mutirao_machine_core::{
	bytecode::{AtomicFunction, Kernel, Memory},
	cost, Program, ResolvedPass,
};

use invocation::{Invocation, Stop};

/// An operation's index, and which iteration of each loop around it.
type Moment = (usize, Vec<u64>);

/// How an invocation touched a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touch {
	Read,
	Write,
	Atomic(AtomicFunction),
}

/// What all invocations of a workgroup share.
struct Workgroup<'a> {
	kernel: &'a Kernel,
	pass: &'a ResolvedPass,
	slots: &'a [&'a [u8]],
	number: u32,
	/// By slot: the slice of a written one.
	slices: Vec<Option<Vec<u32>>>,
	arrays: Vec<Vec<u32>>,
	/// Who touched what since the last barrier.
	touched: HashMap<(u8, u8, usize), Vec<(usize, Touch)>>,
	executed: HashMap<Moment, u64>,
	/// Operations that were executed, to stop those that never end.
	operations: u64,
}

impl Workgroup<'_> {
	fn touch(&mut self, memory: Memory, word: usize, lane: usize, touch: Touch) {
		let key = match memory {
			Memory::Buffer(slot) => (0, slot, word),
			Memory::Workgroup(array) => (1, array, word),
			Memory::Private(_) | Memory::Constant(_) => return,
		};
		let touches = self.touched.entry(key).or_default();
		if !touches.contains(&(lane, touch)) {
			touches.push((lane, touch));
		}
	}

	fn has_race(&self) -> bool {
		let conflict = |a: &(usize, Touch), b: &(usize, Touch)| {
			let is_harmless = a.1 == b.1 && a.1 != Touch::Write;
			a.0 != b.0 && !is_harmless
		};
		self.touched
			.values()
			.any(|touches| touches.iter().any(|a| touches.iter().any(|b| conflict(a, b))))
	}

	fn steps(&self) -> u64 {
		let price = |((at, _), lanes): (&Moment, &u64)| {
			let units = self.kernel.code.get(*at).map_or(0, cost::units);
			u64::from(units) * (*lanes).max(cost::MIN_LANES.into())
		};
		self.executed.iter().map(price).sum()
	}
}

/// Runs one workgroup: its slices and steps, or `None` if it faults.
pub fn run_workgroup(
	program: &Program,
	pass: &ResolvedPass,
	number: u32,
	slots: &[&[u8]],
) -> Option<(Vec<Vec<u32>>, u64)> {
	let definition = program.definition();
	let kernel = &definition.kernels[usize::from(definition.passes[pass.pass].kernel)];
	let slice = |words: u32| vec![0; words as usize];
	let mut workgroup = Workgroup {
		kernel,
		pass,
		slots,
		number,
		slices: pass.slots.iter().map(|slot| slot.slice_words.map(slice)).collect(),
		arrays: kernel.workgroup_arrays.iter().map(|array| slice(array.words)).collect(),
		touched: HashMap::new(),
		executed: HashMap::new(),
		operations: 0,
	};
	let lanes = kernel.workgroup_size.iter().map(|side| usize::from(*side)).product();
	let mut invocations: Vec<_> = (0..lanes).map(|lane| Invocation::new(kernel, lane)).collect();
	loop {
		let stops: Vec<Stop> = invocations.iter_mut().map(|one| one.run(&mut workgroup)).collect();
		if workgroup.has_race() || workgroup.steps() > pass.fuel || stops.contains(&Stop::Tired) {
			return None;
		}
		if stops.iter().all(|stop| *stop == Stop::Finished) {
			let slices = workgroup.slices.iter().flatten().cloned().collect();
			return Some((slices, workgroup.steps()));
		}
		if stops.iter().any(|stop| *stop != stops[0]) {
			return None;
		}
		workgroup.touched.clear();
	}
}
