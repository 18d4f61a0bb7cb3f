//! `mutirao kernel run`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use mutirao_machine_core::bytecode::Role;
use mutirao_machine_gpu::{vm, Gpu, GpuError, Job, Outputs, Prepared};
use serde::Serialize;

use super::{
	inputs::JobArgs,
	load::{KernelPath, Loaded},
};
use crate::{
	exit::{failed, Failure},
	output::{print, progress, Format},
};

/// Arguments of `run`.
#[derive(Args)]
pub(crate) struct RunKernel {
	#[command(flatten)]
	kernel: KernelPath,
	#[command(flatten)]
	job: JobArgs,
	/// Where it runs; `both` compares them.
	#[arg(long, value_enum, default_value_t = Executor::Vm)]
	on: Executor,
	/// Part of the adapter's name; without it, the first, hardware before software.
	#[arg(long, env = "MUTIRAO_ADAPTER")]
	adapter: Option<String>,
	/// A folder for the outputs, one file each.
	#[arg(long, value_name = "FOLDER")]
	save: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Executor {
	/// The VM that the chain runs, natively.
	Vm,
	/// A GPU.
	Gpu,
	/// Both, which must agree.
	Both,
}

#[derive(Serialize)]
struct Report {
	executor: String,
	passes: Vec<PassReport>,
	buffers: Vec<BufferReport>,
}

#[derive(Default, Serialize)]
struct PassReport {
	workgroups: u32,
	fuel: u64,
	/// On the VM: steps over all workgroups, and the most of one.
	steps: Option<u64>,
	most_steps: Option<u64>,
	/// On a GPU.
	milliseconds: Option<f64>,
}

#[derive(Serialize)]
struct BufferReport {
	name: String,
	role: &'static str,
	bytes: usize,
	blake3: String,
}

/// A GPU's error with its exit code.
pub(crate) fn device_error(error: &GpuError) -> anyhow::Error {
	let failure = match error {
		GpuError::Fuel { .. } => Failure::Fault,
		GpuError::Job(_) => Failure::Input,
		_ => Failure::Device,
	};
	failed(failure, error)
}

impl RunKernel {
	/// Runs all passes and prints what came out.
	pub(crate) fn run(self, format: Format) -> anyhow::Result<()> {
		let loaded = self.kernel.load()?;
		let parameters = self.job.parameters(&loaded.program)?;
		let inputs = self.job.inputs(&loaded.program, &parameters)?;
		let slices = inputs.iter().map(Vec::as_slice).collect();
		let job = Job::new(&loaded.program, &parameters, slices)
			.map_err(|error| failed(Failure::Input, error))?;
		let mut passes: Vec<PassReport> = job
			.summary
			.passes
			.iter()
			.map(|pass| PassReport {
				workgroups: pass.workgroup_count,
				fuel: pass.fuel,
				..PassReport::default()
			})
			.collect();
		let on_gpu = match self.on {
			Executor::Vm => None,
			_ => Some(self.on_gpu(&job, &mut passes)?),
		};
		let on_vm = match self.on {
			Executor::Gpu => None,
			_ => Some(on_vm(&loaded, &job, &mut passes)?),
		};
		if let (Some(vm), Some((_, gpu))) = (&on_vm, &on_gpu) {
			let verdict = mutirao_machine_gpu::conformance::compare(vm, gpu);
			if verdict.is_wrong() {
				let message = format!("the GPU and the VM disagree: {verdict:?}");
				return Err(failed(Failure::Differs, message));
			}
		}
		let (executor, outputs) = match (on_vm, on_gpu) {
			(Some(vm), Some((name, _))) => (format!("VM and {name}, equal"), vm),
			(Some(vm), None) => ("VM".to_owned(), vm),
			(None, Some((name, gpu))) => (name, gpu),
			(None, None) => (String::new(), Outputs::new()),
		};
		if let Some(folder) = &self.save {
			save(&loaded, &outputs, folder)?;
		}
		let report = Report { executor, passes, buffers: buffers(&loaded, &outputs) };
		Ok(print(format, &report, text)?)
	}

	fn on_gpu(
		&self,
		job: &Job<'_>,
		passes: &mut [PassReport],
	) -> anyhow::Result<(String, Outputs)> {
		let gpu = Gpu::open(self.adapter.as_deref()).map_err(|error| device_error(&error))?;
		let prepared = Prepared::new(&gpu, job.program).map_err(|error| device_error(&error))?;
		let (outputs, times) = prepared.run(job).map_err(|error| device_error(&error))?;
		for (pass, time) in passes.iter_mut().zip(times) {
			pass.milliseconds = Some(time.elapsed.as_secs_f64() * 1e3);
		}
		Ok((gpu.adapter().name.clone(), outputs))
	}
}

fn on_vm(loaded: &Loaded, job: &Job<'_>, passes: &mut [PassReport]) -> anyhow::Result<Outputs> {
	let total = job.summary.passes.iter().map(|pass| u64::from(pass.workgroup_count)).sum();
	let bar = progress(total, "workgroups");
	let run = vm::run(job, |done| bar.set_position(done));
	bar.finish_and_clear();
	let run = run.map_err(|error| loaded.explain(&error))?;
	for ((pass, steps), most) in passes.iter_mut().zip(run.steps).zip(run.most_steps) {
		pass.steps = Some(steps);
		pass.most_steps = Some(most);
	}
	Ok(run.outputs)
}

fn save(loaded: &Loaded, outputs: &Outputs, folder: &Path) -> anyhow::Result<()> {
	std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
	for (index, bytes) in outputs {
		let buffer = &loaded.program.definition().buffers[*index];
		if buffer.role == Role::Output {
			let file = folder.join(&buffer.name);
			std::fs::write(&file, bytes)
				.with_context(|| format!("cannot write {}", file.display()))?;
		}
	}
	Ok(())
}

fn buffers(loaded: &Loaded, outputs: &Outputs) -> Vec<BufferReport> {
	let report = |(index, bytes): (&usize, &Vec<u8>)| {
		let buffer = &loaded.program.definition().buffers[*index];
		BufferReport {
			name: buffer.name.clone(),
			role: if buffer.role == Role::Output { "output" } else { "intermediate" },
			bytes: bytes.len(),
			blake3: blake3::hash(bytes).to_string(),
		}
	};
	outputs.iter().map(report).collect()
}

fn text(report: &Report) -> String {
	let mut text = format!("on {}\n", report.executor);
	for (number, pass) in report.passes.iter().enumerate() {
		text += &format!("  pass {number}: {} workgroups", pass.workgroups);
		if let (Some(steps), Some(most)) = (pass.steps, pass.most_steps) {
			text += &format!(", {steps} steps, at most {most} of {} in one", pass.fuel);
		}
		if let Some(milliseconds) = pass.milliseconds {
			text += &format!(", {milliseconds:.3} ms");
		}
		text.push('\n');
	}
	for buffer in &report.buffers {
		text += &format!(
			"  {} {}: {} bytes, {}\n",
			buffer.role, buffer.name, buffer.bytes, buffer.blake3
		);
	}
	text
}
