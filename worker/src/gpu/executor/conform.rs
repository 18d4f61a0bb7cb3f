//! Does a device compute what the VM computes? Every feature, some random programs, and the catalogue's
//! kernels; then its speed.

use std::{
	io::Stdout,
	time::{Duration, Instant},
};

use mutirao_kernels::{Kernel, KERNELS};
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_gpu::{
	conformance::{self, Verdict},
	vm, Gpu, GpuError, Job, Prepared,
};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

use super::failure;
use crate::gpu::wire::{self, Failure, Reply};

/// The longest side of the matrices that measure speed.
const LONGEST_SIDE: u32 = 4096;
/// A run that takes so long says how fast a device is.
const LONG_ENOUGH: Duration = Duration::from_millis(100);

/// Runs all checks and tells of each.
pub(super) fn conform(gpu: &Gpu, seeds: u64, stdout: &mut Stdout) -> Result<Reply, Failure> {
	let features = conformance::feature_names().count() as u64;
	let examples: usize = KERNELS.iter().map(|kernel| kernel.examples.len()).sum();
	let total = features + seeds + examples as u64;
	let mut done = 0;
	let mut wrong = None;
	let mut told = |verdict: &Verdict, what: &dyn Fn() -> String| {
		if verdict.is_wrong() && wrong.is_none() {
			wrong = Some(format!("{}: {verdict:?}", what()));
		}
		done += 1;
		// If the worker is gone, so is this process, soon.
		let _ = wire::write(stdout, &Reply::Checked(done, total));
	};
	conformance::features(gpu, |name, verdict| told(verdict, &|| name.to_owned()));
	for seed in 0..seeds {
		told(&conformance::random_case(gpu, seed), &|| format!("random program {seed}"));
	}
	for kernel in &KERNELS {
		let program = program(kernel)?;
		for parameters in kernel.examples {
			let verdict = example(gpu, &program, parameters).unwrap_or_else(Verdict::NotRun);
			told(&verdict, &|| format!("{} with {parameters:?}", kernel.name));
		}
	}
	match wrong {
		Some(wrong) => Err(Failure::Wrong(wrong)),
		None => Ok(Reply::Conforms { steps_per_second: speed(gpu)? }),
	}
}

fn program(kernel: &Kernel) -> Result<Program, Failure> {
	let wrong = |error: &dyn std::fmt::Display| {
		Failure::Malformed(format!("the catalogue's {}: {error}", kernel.name))
	};
	let manifest = Manifest::parse(kernel.manifest).map_err(|error| wrong(&error))?;
	let compiled = compile(&manifest, kernel.source).map_err(|error| wrong(&error))?;
	Program::new(compiled.definition).map_err(|error| wrong(&error))
}

/// Inputs that look random.
fn inputs(program: &Program, parameters: &[u32]) -> Result<Vec<Vec<u8>>, String> {
	let summary = program.summary(parameters).map_err(|error| error.to_string())?;
	let mut random = fastrand::Rng::with_seed(0x4d75_7469);
	let buffers = program.definition().buffers.iter().zip(&summary.buffer_words);
	let inputs = buffers.filter(|(buffer, _)| buffer.role == Role::Input).map(|(_, words)| {
		let mut bytes = vec![0; 4 * *words as usize];
		random.fill(&mut bytes);
		bytes
	});
	Ok(inputs.collect())
}

fn example(gpu: &Gpu, program: &Program, parameters: &[u32]) -> Result<Verdict, String> {
	let inputs = inputs(program, parameters)?;
	let job = Job::new(program, parameters, inputs.iter().map(Vec::as_slice).collect())
		.map_err(|error| error.to_string())?;
	let expected = vm::run(&job, |_| {}).map_err(|error| error.to_string())?.outputs;
	let found = Prepared::new(gpu, program).and_then(|prepared| prepared.run(&job));
	match found {
		Ok((found, _)) => Ok(conformance::compare(&expected, &found)),
		// It says so, and is not wrong.
		Err(GpuError::DeviceLoopLimit { .. }) => Ok(Verdict::Equal),
		Err(error) => Err(error.to_string()),
	}
}

/// Declared steps of `gemm_i8` per second, at a size that takes long enough to tell.
fn speed(gpu: &Gpu) -> Result<u64, Failure> {
	let kernel = mutirao_kernels::by_name("gemm_i8")
		.ok_or_else(|| Failure::Malformed("the catalogue has no gemm_i8".into()))?;
	let program = program(kernel)?;
	let prepared = Prepared::new(gpu, &program).map_err(|error| failure(&error))?;
	let mut side = 256;
	loop {
		let parameters = [side; 3];
		let inputs = inputs(&program, &parameters).map_err(Failure::Malformed)?;
		let job = Job::new(&program, &parameters, inputs.iter().map(Vec::as_slice).collect())
			.map_err(|error| Failure::Malformed(error.to_string()))?;
		let start = Instant::now();
		let (_, times) = prepared.run(&job).map_err(|error| failure(&error))?;
		let computing: Duration = times.iter().map(|time| time.elapsed).sum();
		if computing >= LONG_ENOUGH || side >= LONGEST_SIDE || start.elapsed() > 20 * LONG_ENOUGH {
			let per_second = job.summary.declared_steps as f64 / computing.as_secs_f64();
			return Ok(per_second as u64);
		}
		side *= 2;
	}
}
