//! Looking on the VM for what a program does wrong.

use std::time::{Duration, Instant};

use mutirao_machine_core::{
	bytecode::limits::MAX_WITNESS_CHUNKS, run_resolved, ByteBuffers, FaultReason, Program,
	Recorder, ResolvedPass, ResolvedSlot, RunError,
};
use mutirao_types::{FaultKind, Workgroup};

use super::{
	program::{input_slots, Planned},
	record::FoundFault,
};

/// Workgroups of a pass are run for so long to find the one that faults.
const SEARCH: Duration = Duration::from_secs(60);

/// A workgroup in which the program is at fault, if its pass reads nothing but inputs.
pub(super) fn find_fault(
	planned: &Planned,
	pass: usize,
	workgroup: Option<u32>,
	inputs: &[&[u8]],
) -> Option<FoundFault> {
	let program = &planned.checked.program;
	let resolved = planned.summary.passes.get(pass)?;
	let of_inputs = input_slots(program);
	let given = |slot: &ResolvedSlot| match slot.slice_words {
		Some(_) => Some(&[][..]),
		None => inputs.get(*of_inputs.get(&slot.buffer)?).copied(),
	};
	let given = resolved.slots.iter().map(given).collect::<Option<Vec<&[u8]>>>()?;
	let began = Instant::now();
	let all =
		workgroup.map_or(0..resolved.workgroup_count, |number| number..number.saturating_add(1));
	for number in all {
		let kind = fault_of(program, resolved, number, &given);
		if let Some(kind) = kind {
			let pass = u16::try_from(pass).ok()?;
			let workgroup = Workgroup { pass, number };
			return Some(FoundFault { workgroup, kind, provable: true });
		}
		if began.elapsed() > SEARCH {
			return None;
		}
	}
	None
}

/// What the program does wrong in one workgroup.
fn fault_of(
	program: &Program,
	pass: &ResolvedPass,
	number: u32,
	given: &[&[u8]],
) -> Option<FaultKind> {
	match run_resolved(program, pass, number, &ByteBuffers::new(given)) {
		Err(RunError::Fault(fault)) => Some(kind_of(fault.reason)),
		Ok(_) => {
			let recorder = Recorder::new(given);
			// The same run: it cannot end otherwise.
			let _ = run_resolved(program, pass, number, &recorder);
			(recorder.chunks().len() > MAX_WITNESS_CHUNKS).then_some(FaultKind::Reads)
		}
		Err(_) => None,
	}
}

pub(super) fn kind_of(reason: FaultReason) -> FaultKind {
	match reason {
		FaultReason::Race { .. } => FaultKind::Race,
		FaultReason::Fuel { .. } => FaultKind::Fuel,
		FaultReason::DivergentBarrier { .. } => FaultKind::DivergentBarrier,
	}
}
