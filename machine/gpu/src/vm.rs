//! Whole programs on the VM, workgroup after workgroup.

use mutirao_machine_core::{run_resolved, ByteBuffers, RunError};
use thiserror::Error;

use crate::job::{Job, Outputs};

/// A fault, and which workgroup has it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("pass {pass}, workgroup {workgroup}: {error}")]
pub struct VmError {
	/// Index of the pass.
	pub pass: usize,
	/// Number of the workgroup.
	pub workgroup: u32,
	/// What happened.
	pub error: RunError,
}

/// What a run on the VM gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VmRun {
	/// Every buffer that a pass wrote.
	pub outputs: Outputs,
	/// Steps of each pass, over all workgroups.
	pub steps: Vec<u64>,
	/// The most steps that one workgroup of each pass took.
	pub most_steps: Vec<u64>,
}

/// Runs all passes. `progress` is called with the number of workgroups done, over all passes.
///
/// # Errors
///
/// The first fault of the first workgroup that has one.
pub fn run(job: &Job<'_>, mut progress: impl FnMut(u64)) -> Result<VmRun, VmError> {
	let mut result = VmRun { outputs: Outputs::new(), steps: Vec::new(), most_steps: Vec::new() };
	let mut done = 0;
	for pass in &job.summary.passes {
		let mut written: Vec<(usize, Vec<u8>)> = pass
			.slots
			.iter()
			.filter(|slot| slot.slice_words.is_some())
			.map(|slot| (slot.buffer, Vec::with_capacity(4 * slot.words as usize)))
			.collect();
		let buffers: Vec<&[u8]> = pass
			.slots
			.iter()
			.map(|slot| match slot.slice_words {
				Some(_) => &[][..],
				None => job
					.input(slot.buffer)
					.or_else(|| result.outputs.get(&slot.buffer).map(Vec::as_slice))
					.unwrap_or_default(),
			})
			.collect();
		let (mut steps, mut most) = (0u64, 0u64);
		for workgroup in 0..pass.workgroup_count {
			let buffers = ByteBuffers::new(&buffers);
			let run = run_resolved(job.program, pass, workgroup, &buffers)
				.map_err(|error| VmError { pass: pass.pass, workgroup, error })?;
			for ((_, bytes), slice) in written.iter_mut().zip(&run.slices) {
				bytes.extend(slice.iter().flat_map(|word| word.to_le_bytes()));
			}
			steps = steps.saturating_add(run.steps);
			most = most.max(run.steps);
			done += 1;
			progress(done);
		}
		result.outputs.extend(written);
		result.steps.push(steps);
		result.most_steps.push(most);
	}
	Ok(result)
}
