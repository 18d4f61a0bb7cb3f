//! `mutirao kernel bench`.

use std::time::{Duration, Instant};

use clap::Args;
use mutirao_machine_gpu::{compare_times, vm, Gpu, Job};
use mutirao_machine_wgsl::compile::SourcePass;
use serde::Serialize;

use super::{inputs::JobArgs, load::KernelPath, run::device_error};
use crate::{
	exit::{failed, Failure},
	output::{print, progress, Format},
};

/// Arguments of `bench`.
#[derive(Args)]
pub(crate) struct Bench {
	#[command(flatten)]
	kernel: KernelPath,
	#[command(flatten)]
	job: JobArgs,
	/// Part of the adapter's name; without it, the first, hardware before software.
	#[arg(long, env = "MUTIRAO_ADAPTER")]
	adapter: Option<String>,
	/// Runs of each; the fastest counts.
	#[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
	runs: u32,
	/// Leave the GPU out.
	#[arg(long)]
	no_gpu: bool,
}

#[derive(Serialize)]
struct Report {
	steps: u64,
	vm_ms: f64,
	vm_million_steps_per_second: f64,
	gpu: Option<GpuReport>,
}

#[derive(Serialize)]
struct GpuReport {
	adapter: String,
	lowered_ms: f64,
	source_ms: f64,
	/// Lowered over source.
	ratio: f64,
}

impl Bench {
	/// Times the kernel.
	pub(crate) fn run(self, format: Format) -> anyhow::Result<()> {
		let loaded = self.kernel.load()?;
		let parameters = self.job.parameters(&loaded.program)?;
		let inputs = self.job.inputs(&loaded.program, &parameters)?;
		let slices = inputs.iter().map(Vec::as_slice).collect();
		let job = Job::new(&loaded.program, &parameters, slices)
			.map_err(|error| failed(Failure::Input, error))?;
		let bar = progress(u64::from(self.runs), "runs");
		let mut fastest = Duration::MAX;
		let mut steps = 0;
		for _ in 0..self.runs {
			let start = Instant::now();
			let run = vm::run(&job, |_| {}).map_err(|error| loaded.explain(&error))?;
			fastest = fastest.min(start.elapsed());
			steps = run.steps.iter().sum();
			bar.inc(1);
		}
		bar.finish_and_clear();
		let gpu = match self.no_gpu {
			true => None,
			false => Some(self.on_gpu(&loaded.source, &loaded.source_passes, &job)?),
		};
		let report = Report {
			steps,
			vm_ms: fastest.as_secs_f64() * 1e3,
			vm_million_steps_per_second: steps as f64 / fastest.as_secs_f64() / 1e6,
			gpu,
		};
		Ok(print(format, &report, text)?)
	}

	fn on_gpu(
		&self,
		source: &str,
		passes: &[SourcePass],
		job: &Job<'_>,
	) -> anyhow::Result<GpuReport> {
		let gpu = Gpu::open(self.adapter.as_deref()).map_err(|error| device_error(&error))?;
		let times = compare_times(&gpu, job, source, passes, self.runs)
			.map_err(|error| device_error(&error))?;
		let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
		Ok(GpuReport {
			adapter: gpu.adapter().name.clone(),
			lowered_ms: milliseconds(times.lowered),
			source_ms: milliseconds(times.as_written),
			ratio: times.ratio(),
		})
	}
}

fn text(report: &Report) -> String {
	let mut text = format!(
		"VM: {} steps in {:.3} ms, {:.0} million steps/s\n",
		report.steps, report.vm_ms, report.vm_million_steps_per_second
	);
	if let Some(gpu) = &report.gpu {
		text += &format!(
			"{}: lowered {:.3} ms, as written {:.3} ms, ratio {:.2}\n",
			gpu.adapter, gpu.lowered_ms, gpu.source_ms, gpu.ratio
		);
	}
	text
}
