//! Random programs with just enough fuel, or too little.

use mutirao_machine_core::{
	bytecode::{Definition, Expression, Role},
	run_resolved, ByteBuffers, Program, ResolvedPass, RunError,
};
use mutirao_machine_testgen::{Case, Finished};
use mutirao_machine_wgsl::gpu::Counting;

use crate::{
	conformance::Verdict, device::Gpu, error::GpuError, job::Job, job::Outputs, run::Prepared,
};

/// The program with a share of the fuel that its workgroups need; with all of it, if that is 1.
fn with_fuel(case: &Case, finished: &Finished, share: u64) -> Result<Program, String> {
	let mut definition: Definition = case.definition.clone();
	for (pass, steps) in definition.passes.iter_mut().zip(&finished.steps) {
		let most = steps.iter().copied().max().unwrap_or(0);
		if let Ok(fuel) = u32::try_from((most / share).max(1)) {
			pass.fuel = Expression::constant(fuel);
		}
	}
	Program::new(definition).map_err(|error| error.to_string())
}

/// Runs a case, which ends on the VM, with just as much fuel as it needs.
pub(crate) fn run_with_least_fuel(
	gpu: &Gpu,
	case: &Case,
	finished: &Finished,
) -> Result<Outputs, String> {
	let program = with_fuel(case, finished, 1)?;
	let job = job(case, &program)?;
	let run = prepare(gpu, case, &program).and_then(|prepared| prepared.run(&job));
	Ok(run.map_err(|error| error.to_string())?.0)
}

/// Runs a case, which ends on the VM if it has the fuel, with a third of what it needs. On the device
/// each workgroup ends all the same, and those that do not fault on the VM compute what they do there.
pub fn check_starved(gpu: &Gpu, case: &Case, finished: &Finished) -> Verdict {
	let check = || {
		let program = with_fuel(case, finished, 3)?;
		let job = job(case, &program)?;
		let prepared = prepare(gpu, case, &program).map_err(|error| error.to_string())?;
		let outputs = match prepared.run_over_faults(&job) {
			Ok(outputs) => outputs,
			// It says so, and is not wrong.
			Err(GpuError::DeviceLoopLimit { .. }) => return Ok(Verdict::Equal),
			Err(error) => return Err(error.to_string()),
		};
		for pass in &job.summary.passes {
			for workgroup in 0..pass.workgroup_count {
				let verdict = compare_workgroup(&job, pass, workgroup, &outputs)?;
				if verdict != Verdict::Equal {
					return Ok(verdict);
				}
			}
		}
		Ok(Verdict::Equal)
	};
	check().unwrap_or_else(Verdict::NotRun)
}

/// Half of the cases count as hardware does, whatever the device: none makes many iterations.
fn prepare<'a>(gpu: &'a Gpu, case: &Case, program: &Program) -> Result<Prepared<'a>, GpuError> {
	match case.seed % 8 {
		0..4 => Prepared::with_counting(gpu, program, Counting::Together),
		_ => Prepared::new(gpu, program),
	}
}

fn job<'a>(case: &'a Case, program: &'a Program) -> Result<Job<'a>, String> {
	let buffers = program.definition().buffers.iter().zip(&case.inputs);
	let inputs = buffers.filter(|(buffer, _)| buffer.role == Role::Input);
	let inputs = inputs.map(|(_, bytes)| bytes.as_slice()).collect();
	Job::new(program, &case.parameters, inputs).map_err(|error| error.to_string())
}

/// Compares what a workgroup wrote with what the VM makes of what it read, unless it faults there.
fn compare_workgroup(
	job: &Job<'_>,
	pass: &ResolvedPass,
	workgroup: u32,
	outputs: &Outputs,
) -> Result<Verdict, String> {
	let bytes = |buffer| job.input(buffer).or(outputs.get(&buffer).map(Vec::as_slice));
	let given: Option<Vec<&[u8]>> = pass.slots.iter().map(|slot| bytes(slot.buffer)).collect();
	let given = given.ok_or("a buffer is missing")?;
	let run = match run_resolved(job.program, pass, workgroup, &ByteBuffers::new(&given)) {
		Ok(run) => run,
		Err(RunError::Fault(_)) => return Ok(Verdict::Equal),
		Err(error) => return Err(error.to_string()),
	};
	let written = pass.slots.iter().filter(|slot| slot.slice_words.is_some());
	for (slot, slice) in written.zip(&run.slices) {
		let first = workgroup as usize * slice.len();
		let words = bytes(slot.buffer).unwrap_or_default().chunks_exact(4).skip(first);
		for (place, (found, expected)) in words.zip(slice).enumerate() {
			let found = found.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
			if found != *expected {
				let (buffer, word) = (slot.buffer, first + place);
				return Ok(Verdict::Differs { buffer, word, expected: *expected, found });
			}
		}
	}
	Ok(Verdict::Equal)
}
