//! Fuzz targets: hostile bytes must end in an error.
//!
//! Two ways to run each: coverage-guided by `cargo +nightly fuzz run machine_program --features
//! libfuzzer`, and on any toolchain by mutating generated programs: `scripts/fuzz`.

use mutirao_machine_core::{run_resolved, ByteBuffers, FaultReason, Program, RunError};
use mutirao_machine_wgsl::gpu::{lower_kernel, Counting};
use naga::valid::{Capabilities, ValidationFlags, Validator};

/// Most steps that a fuzzed workgroup may take, so that no input takes long.
pub const FUEL: u64 = 200_000;

/// How far hostile bytes got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
	/// They do not decode.
	Bytes,
	/// They decode, but break a rule.
	Decoded,
	/// They are a program, but its sizes do not fit.
	Valid,
	/// Some workgroup ran to a fault.
	Faulted,
	/// Some workgroup ran to its end.
	Finished,
}

/// Decodes a program, and if it is one, lowers it for GPUs and runs its passes' first and last
/// workgroups.
///
/// # Panics
///
/// If something that must never happen does.
pub fn machine_program(bytes: &[u8]) -> Reached {
	let program = match Program::decode(bytes) {
		Ok(program) => program,
		Err(mutirao_machine_core::DecodeError::Rejected(_)) => return Reached::Decoded,
		Err(_) => return Reached::Bytes,
	};
	assert_eq!(Program::decode(&program.encode()).as_ref(), Ok(&program), "encoding is lossless");
	lower(&program);
	let least: Vec<u32> = program.definition().parameters.iter().map(|one| one.min).collect();
	let Ok(summary) = program.summary(&least) else {
		return Reached::Valid;
	};
	let mut reached = Reached::Valid;
	let input: Vec<u8> = (0..=255).cycle().take(8192).collect();
	for mut pass in summary.passes {
		pass.fuel = pass.fuel.min(FUEL);
		let slots: Vec<&[u8]> = pass.slots.iter().map(|_| input.as_slice()).collect();
		for workgroup in [0, pass.workgroup_count - 1] {
			reached = reached.max(
				match run_resolved(&program, &pass, workgroup, &ByteBuffers::new(&slots)) {
					Ok(run) => {
						assert!(run.steps <= pass.fuel, "no more steps than fuel");
						let words = pass.slots.iter().filter_map(|slot| slot.slice_words);
						assert!(
							run.slices.iter().map(Vec::len).eq(words.map(|words| words as usize)),
							"slices as declared"
						);
						Reached::Finished
					}
					Err(RunError::Fault(fault)) => {
						let is_divergent =
							matches!(fault.reason, FaultReason::DivergentBarrier { .. });
						assert!(!is_divergent, "the validator lets no divergent barrier through");
						Reached::Faulted
					}
					Err(error) => panic!("a valid request is void: {error}"),
				},
			);
		}
	}
	reached
}

/// Every kernel of a program has a GPU form that naga accepts.
fn lower(program: &Program) {
	for kernel in 0..program.definition().kernels.len() {
		for counting in [Counting::Alone, Counting::Together] {
			let lowered = lower_kernel(program, kernel, counting);
			let lowered = lowered.expect("there is such a kernel");
			let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
			if let Err(error) = validator.validate(&lowered.module) {
				panic!("kernel {kernel} lowers to what naga refuses: {error:?}");
			}
		}
	}
}
