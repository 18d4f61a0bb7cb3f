//! How fast a device is, measured by kernels of the catalogue; and the score that follows.

use std::{path::Path, time::Duration};

use mutirao_data::store::{Store, StoreError};
use mutirao_kernels::{by_name, Kernel};
use mutirao_machine_core::{bytecode::Role, Program, Summary};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
	benchmark::{calibrate, size_for, Rate},
	gpu::{Device, DeviceError, Progress, Task},
};

/// A window's blocks, on a chain whose benchmark nobody can be asked about.
pub const USUAL_WINDOW_BLOCKS: u32 = 20;
/// Blocks of a window that are not for computing, as the worker answers windows.
const OVERHEAD_BLOCKS: u32 = 4;
const BLOCK: Duration = Duration::from_secs(3);
/// Products in a chain of `benchmark_i8`.
const ROUNDS: u32 = 64;
/// The most time for one run.
const LIMIT: Duration = Duration::from_secs(300);

/// A kernel whose work grows with one number.
#[derive(Clone, Copy)]
pub struct Workload {
	/// The kernel's name in the catalogue.
	pub kernel: &'static str,
	/// Its parameters for a size.
	parameters: fn(u32) -> Vec<u32>,
	first: u32,
	most: u32,
}

/// What is measured.
pub const WORKLOADS: [Workload; 3] = [
	Workload {
		kernel: "benchmark_i8",
		parameters: |chains| [&[chains][..], &[7; 8], &[ROUNDS]].concat(),
		first: 2,
		most: 1 << 24,
	},
	Workload {
		kernel: "gemm_i8",
		// Rows of the first matrix come in sixteens.
		parameters: |rows| vec![16 * rows, 2_048, 2_048],
		first: 1,
		most: 1_024,
	},
	Workload {
		kernel: "sha256",
		parameters: |records| vec![records, 1_024],
		first: 64,
		most: 1 << 19,
	},
];

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
	/// The kernel does not compile: this program is broken.
	#[error("the kernel {0} of the catalogue does not compile: {1}")]
	Kernel(&'static str, String),
	/// The device failed.
	#[error(transparent)]
	Device(#[from] DeviceError),
	/// The inputs cannot be kept.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// How fast a device runs a kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
	/// The size of the run that told.
	pub size: u32,
	/// Its declared steps.
	pub steps: u64,
	/// The device's time for it.
	pub gpu: Duration,
	/// All of its time.
	pub whole: Duration,
	/// How fast that is, in sizes.
	pub rate: Rate,
}

impl Measured {
	/// Declared steps in a second of the device's time.
	pub fn steps_per_second(&self) -> f64 {
		self.steps as f64 / self.gpu.as_secs_f64().max(1e-9)
	}

	/// The score that a window of so many blocks would give, in steps per second: what is computed in
	/// the blocks that are for computing, divided by all of the window.
	pub fn score(&self, window_blocks: u32) -> f64 {
		let time = BLOCK * window_blocks.saturating_sub(OVERHEAD_BLOCKS);
		let size = size_for(self.rate, time, u32::MAX);
		let steps = self.steps as f64 / f64::from(self.size.max(1)) * f64::from(size);
		steps / (BLOCK * window_blocks.max(1)).as_secs_f64()
	}
}

/// Runs a workload in growing sizes until a run takes long enough to tell. `folder` is for inputs and
/// results; `progress` is told each size.
///
/// # Errors
///
/// If the device fails, or there is no room.
pub async fn measure(
	device: &dyn Device,
	workload: &Workload,
	folder: &Path,
	mut progress: impl FnMut(u32),
) -> Result<Measured, MeasureError> {
	let program = program(workload.kernel)?;
	let store = Store::open(folder.join("inputs"), u64::MAX)?;
	let most = most_that_fits(&program, workload, device.info().max_buffer_bytes);
	let mut size = workload.first;
	loop {
		progress(size);
		let parameters = (workload.parameters)(size);
		let summary = program
			.summary(&parameters)
			.map_err(|error| MeasureError::Kernel(workload.kernel, error.to_string()))?;
		let mut inputs = Vec::new();
		for bytes in noise(&program, &summary) {
			let id = store.put(&bytes)?;
			inputs.extend(store.get(&id)?);
		}
		let task = Task {
			code: program.encode(),
			parameters,
			inputs,
			folder: folder.join("results"),
			name: format!("bench {}", workload.kernel),
			limit: LIMIT,
		};
		let started = Instant::now();
		let (sender, _) = watch::channel(Progress::default());
		let finished = device.run(task, sender, CancellationToken::new()).await?;
		let (gpu, whole) = (finished.times.gpu, started.elapsed());
		match calibrate(size, whole, gpu, most) {
			Ok(rate) => {
				let steps = summary.declared_steps;
				return Ok(Measured { size, steps, gpu, whole, rate });
			}
			Err(larger) => size = larger,
		}
	}
}

/// The largest size whose buffers a device takes, within a factor of two.
fn most_that_fits(program: &Program, workload: &Workload, max_buffer_bytes: u64) -> u32 {
	let fits = |size| {
		let summary = program.summary(&(workload.parameters)(size));
		let longest = summary.ok().and_then(|summary| summary.buffer_words.into_iter().max());
		longest.is_some_and(|words| 4 * u64::from(words) <= max_buffer_bytes)
	};
	let mut most = workload.most;
	while most > workload.first && !fits(most) {
		most /= 2;
	}
	most.max(workload.first)
}

/// A kernel of the catalogue, compiled.
fn program(name: &'static str) -> Result<Program, MeasureError> {
	let wrong = |error: &dyn std::fmt::Display| MeasureError::Kernel(name, error.to_string());
	let kernel: &Kernel = by_name(name).ok_or_else(|| wrong(&"it is not there"))?;
	let manifest = Manifest::parse(kernel.manifest).map_err(|error| wrong(&error))?;
	let compiled = compile(&manifest, kernel.source).map_err(|error| wrong(&error))?;
	Program::new(compiled.definition).map_err(|error| wrong(&error))
}

/// Inputs that no device can shorten.
fn noise(program: &Program, summary: &Summary) -> Vec<Vec<u8>> {
	let mut random = fastrand::Rng::with_seed(7);
	let buffers = program.definition().buffers.iter().zip(&summary.buffer_words);
	let inputs = buffers.filter(|(buffer, _)| buffer.role == Role::Input);
	inputs
		.map(|(_, words)| {
			let mut bytes = vec![0; 4 * *words as usize];
			random.fill(&mut bytes);
			bytes
		})
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn all_workloads_compile_and_grow_with_their_size() {
		for workload in WORKLOADS {
			let program = program(workload.kernel).unwrap();
			let steps =
				|size| program.summary(&(workload.parameters)(size)).unwrap().declared_steps;
			let (first, most) = (steps(workload.first), steps(workload.most));
			assert!(first < most / 100, "{}: {first} to {most}", workload.kernel);
			let inputs = noise(&program, &program.summary(&(workload.parameters)(1)).unwrap());
			assert!(inputs.iter().all(|input| input.iter().any(|byte| *byte != 0)));
		}
	}

	#[test]
	fn sizes_stop_at_the_longest_buffer_of_a_device() {
		let [_, _, sha256] = &WORKLOADS;
		let program = program(sha256.kernel).unwrap();
		let most = |bytes| most_that_fits(&program, sha256, bytes);
		// A record of 1 KiB each.
		assert_eq!(most(128 << 20), 128 << 10);
		assert_eq!(most(u64::MAX), sha256.most);
		assert_eq!(most(0), sha256.first);
	}

	#[test]
	fn the_score_leaves_out_the_blocks_that_are_not_for_computing() {
		let second = Duration::from_secs(1);
		let rate = Rate { size_per_second: 100.0, start: Duration::ZERO };
		let measured = Measured { size: 100, steps: 1_000, gpu: second, whole: second, rate };
		assert_eq!(measured.steps_per_second(), 1_000.0);
		// 16 of 20 blocks, filled to 85 %.
		assert!((measured.score(20) - 1_000.0 * 48.0 * 0.85 / 60.0).abs() < 1.0);
		assert!(measured.score(0) < 4.0, "no window, nearly no score");
	}
}
