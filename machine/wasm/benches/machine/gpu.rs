//! Every kernel of the catalogue on a GPU: lowered, and as it is written.

use mutirao_machine_core::bytecode::Role;
use mutirao_machine_gpu::{compare_times, Gpu, Job, Times};
use mutirao_machine_guest::handwritten;

use crate::kernel::compiled;

/// Runs of each; the fastest counts.
const RUNS: u32 = 15;

/// Jobs that take a software device some tens of milliseconds.
const JOBS: [(&str, &[u32]); 7] = [
	("gemm_i8", &[256, 256, 256]),
	("mlp_i8", &[256, 256, 128, 16, 7]),
	("sobel", &[1024, 1024]),
	("sha256", &[4096, 256]),
	("nearest", &[8, 8192, 64, 8]),
	("mandelbrot", &[1024, 768, 0xe000_0000, 0xee00_0000, 0x0030_0000, 100]),
	("benchmark_i8", &[64, 1, 2, 3, 4, 5, 6, 7, 8, 16]),
];

/// A kernel's times, and the steps that the job declares.
type Figures = (&'static str, Times, u64);

/// Times them; nothing where there is no device.
pub(crate) fn run() -> Vec<Figures> {
	let gpu = match Gpu::open(std::env::var("MUTIRAO_ADAPTER").ok().as_deref()) {
		Ok(gpu) => gpu,
		Err(error) => {
			eprintln!("no GPU figures: {error}");
			return Vec::new();
		}
	};
	eprintln!("GPU figures of {} ({})", gpu.adapter().name, gpu.adapter().driver);
	JOBS.iter().map(|(name, parameters)| figures(&gpu, name, parameters)).collect()
}

fn figures(gpu: &Gpu, name: &'static str, parameters: &[u32]) -> Figures {
	let kernel = compiled(name);
	let summary = kernel.program.summary(parameters).expect("its parameters fit");
	let buffers = kernel.program.definition().buffers.iter().zip(&summary.buffer_words);
	let inputs: Vec<Vec<u8>> = buffers
		.filter(|(buffer, _)| buffer.role == Role::Input)
		.map(|(_, words)| handwritten::bytes(*words as usize * 4, 5))
		.collect();
	let inputs = inputs.iter().map(Vec::as_slice).collect();
	let job = Job::new(&kernel.program, parameters, inputs).expect("its inputs fit");
	let times = compare_times(gpu, &job, kernel.source, &kernel.source_passes, RUNS)
		.unwrap_or_else(|error| panic!("{name}: {error}"));
	(name, times, summary.declared_steps)
}

/// Prints their figures.
pub(crate) fn report(figures: &[Figures]) {
	for (name, times, steps) in figures {
		let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1e3;
		crate::report(&format!("machine/{name}/gpu_lowered"), milliseconds(times.lowered), "ms");
		crate::report(&format!("machine/{name}/gpu_source"), milliseconds(times.as_written), "ms");
		let rate = *steps as f64 / times.lowered.as_secs_f64() / 1e6;
		crate::report(&format!("machine/{name}/gpu_steps"), rate, "million declared steps/s");
		crate::report(&format!("machine/{name}/gpu_lowered_to_source"), times.ratio(), "ratio");
	}
}
