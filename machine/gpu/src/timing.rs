//! What exactness costs on a device: the lowered program beside the author's WGSL.

use std::time::Duration;

use mutirao_machine_wgsl::compile::SourcePass;

use crate::{device::Gpu, direct::Direct, error::GpuError, job::Job, run::Prepared, PassTime};

/// The fastest times of a job, over all its passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
	/// Of the lowered program.
	pub lowered: Duration,
	/// Of the WGSL as it is written.
	pub as_written: Duration,
}

impl Times {
	/// How many times as long the lowered program takes.
	pub fn ratio(&self) -> f64 {
		self.lowered.as_secs_f64() / self.as_written.as_secs_f64()
	}
}

/// Runs a job `runs` times each way; the two take turns, so that both meet the same noise.
///
/// # Errors
///
/// If the device refuses the program or its source, or fails.
pub fn compare_times(
	gpu: &Gpu,
	job: &Job<'_>,
	source: &str,
	passes: &[SourcePass],
	runs: u32,
) -> Result<Times, GpuError> {
	let lowered = Prepared::new(gpu, job.program)?;
	let direct = Direct::new(gpu, source, passes)?;
	let mut fastest = Times { lowered: Duration::MAX, as_written: Duration::MAX };
	// One run more, for the first of each compiles.
	for _ in 0..=runs {
		fastest.lowered = fastest.lowered.min(total(&lowered.run(job)?.1));
		fastest.as_written = fastest.as_written.min(total(&direct.run(job)?.1));
	}
	Ok(fastest)
}

fn total(times: &[PassTime]) -> Duration {
	times.iter().map(|time| time.elapsed).sum()
}
