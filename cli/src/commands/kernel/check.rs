//! `mutirao kernel check`.

use clap::Args;
use serde::Serialize;

use super::{inputs::JobArgs, load::KernelPath};
use crate::{
	exit::{failed, Failure},
	output::{print, Format},
};

/// Arguments of `check`.
#[derive(Args)]
pub(crate) struct Check {
	#[command(flatten)]
	kernel: KernelPath,
	#[command(flatten)]
	job: JobArgs,
}

#[derive(Serialize)]
struct Report {
	name: String,
	program_bytes: usize,
	program_hash: String,
	kernels: Vec<KernelReport>,
	job: Option<JobReport>,
}

#[derive(Serialize)]
struct KernelReport {
	operations: usize,
	registers: u16,
	workgroup_words: u32,
	private_words: u32,
}

#[derive(Serialize)]
struct JobReport {
	declared_steps: u64,
	buffers: Vec<(String, u64)>,
	passes: Vec<PassReport>,
}

#[derive(Serialize)]
struct PassReport {
	workgroups: [u32; 3],
	fuel: u64,
}

impl Check {
	/// Compiles the kernel and says what it needs.
	pub(crate) fn run(self, format: Format) -> anyhow::Result<()> {
		let loaded = self.kernel.load()?;
		let encoded = loaded.program.encode();
		let kernels = loaded.program.definition().kernels.iter().map(|kernel| KernelReport {
			operations: kernel.code.len(),
			registers: kernel.registers,
			workgroup_words: kernel.workgroup_arrays.iter().map(|array| array.words).sum(),
			private_words: kernel.private_arrays.iter().map(|words| u32::from(*words)).sum(),
		});
		let mut report = Report {
			name: loaded.name.clone(),
			program_bytes: encoded.len(),
			program_hash: blake3::hash(&encoded).to_string(),
			kernels: kernels.collect(),
			job: None,
		};
		if self.job.has_params() {
			let parameters = self.job.parameters(&loaded.program)?;
			let summary = loaded
				.program
				.summary(&parameters)
				.map_err(|error| failed(Failure::Input, error))?;
			let buffers = loaded.program.definition().buffers.iter().zip(&summary.buffer_words);
			report.job = Some(JobReport {
				declared_steps: summary.declared_steps,
				buffers: buffers
					.map(|(buffer, words)| (buffer.name.clone(), 4 * u64::from(*words)))
					.collect(),
				passes: summary
					.passes
					.iter()
					.map(|pass| PassReport { workgroups: pass.workgroups, fuel: pass.fuel })
					.collect(),
			});
		}
		Ok(print(format, &report, text)?)
	}
}

fn text(report: &Report) -> String {
	let mut text = format!(
		"{}: a program of {} bytes, {}\n",
		report.name, report.program_bytes, report.program_hash
	);
	for (number, kernel) in report.kernels.iter().enumerate() {
		text += &format!(
			"  kernel {number}: {} operations, {} registers, {} words of workgroup memory, {} of \
			 private memory\n",
			kernel.operations, kernel.registers, kernel.workgroup_words, kernel.private_words
		);
	}
	let Some(job) = &report.job else { return text };
	for (name, bytes) in &job.buffers {
		text += &format!("  buffer {name}: {bytes} bytes\n");
	}
	for (number, pass) in job.passes.iter().enumerate() {
		let [x, y, z] = pass.workgroups;
		text += &format!("  pass {number}: {x} x {y} x {z} workgroups, {} steps each\n", pass.fuel);
	}
	text + &format!("  declared: {} steps\n", job.declared_steps)
}
