//! `mutirao kernel bench`.

use std::time::{Duration, Instant};

use clap::Args;
use mutirao_machine_gpu::{vm, Direct, Gpu, Job, PassTime, Prepared};
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
		print(format, &report, text)
	}

	fn on_gpu(
		&self,
		source: &str,
		passes: &[mutirao_machine_wgsl::compile::SourcePass],
		job: &Job<'_>,
	) -> anyhow::Result<GpuReport> {
		let gpu = Gpu::open(self.adapter.as_deref()).map_err(|error| device_error(&error))?;
		let lowered = Prepared::new(&gpu, job.program).map_err(|error| device_error(&error))?;
		let direct = Direct::new(&gpu, source, passes).map_err(|error| device_error(&error))?;
		let total = |times: Vec<PassTime>| times.iter().map(|time| time.elapsed).sum::<Duration>();
		let (mut fastest, mut as_written) = (Duration::MAX, Duration::MAX);
		// The first run of each compiles, and the two take turns, so that both meet the same noise.
		for _ in 0..=self.runs {
			let (_, times) = lowered.run(job).map_err(|error| device_error(&error))?;
			fastest = fastest.min(total(times));
			let (_, times) = direct.run(job).map_err(|error| device_error(&error))?;
			as_written = as_written.min(total(times));
		}
		let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
		Ok(GpuReport {
			adapter: gpu.adapter().name.clone(),
			lowered_ms: milliseconds(fastest),
			source_ms: milliseconds(as_written),
			ratio: fastest.as_secs_f64() / as_written.as_secs_f64(),
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
