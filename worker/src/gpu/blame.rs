//! Which faults of a program end a task.
//!
//! A fault in a pass that reads nothing but inputs can be proven to the chain at once, so a device stops
//! there. One in a pass that reads what other passes wrote can only be shown with what was attested. So a
//! device goes on: what the workgroup leaves is void, it can be neither right nor wrong, and if it is
//! drawn, its opening shows the fault. To stop would cost the provider stake for its buyer's program.

use mutirao_machine_core::{bytecode::Role, Program, ResolvedPass};

/// Whether a pass reads nothing but inputs.
pub(crate) fn reads_inputs_only(program: &Program, pass: &ResolvedPass) -> bool {
	let buffers = &program.definition().buffers;
	let mut read = pass.slots.iter().filter(|slot| slot.slice_words.is_none());
	read.all(|slot| buffers.get(slot.buffer).is_some_and(|one| one.role == Role::Input))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::jobs::tests::support::{faulty_program, two_passes};

	#[test]
	fn a_pass_that_reads_what_another_wrote_bears_its_faults() {
		let told = |sample: crate::jobs::tests::support::SampleProgram| {
			let program = Program::decode(&sample.code).unwrap();
			let summary = program.summary(&sample.parameters).unwrap();
			let told = summary.passes.iter().map(|pass| reads_inputs_only(&program, pass));
			told.collect::<Vec<_>>()
		};
		assert_eq!(told(two_passes()), [true, false]);
		assert_eq!(told(faulty_program()), [true]);
	}
}
