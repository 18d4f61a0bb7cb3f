//! `mutirao kernel`: from WGSL and a manifest to a program, and to its results.

mod bench;
mod build;
mod check;
mod conformance;
mod disasm;
pub(crate) mod inputs;
pub(crate) mod load;
mod run;

use clap::Subcommand;

use crate::output::Format;

/// Kernel authors' commands.
#[derive(Subcommand)]
pub(crate) enum KernelCommand {
	/// Say whether a kernel compiles, and what it needs.
	#[command(after_help = "Examples:\n  mutirao kernel check kernels/sobel\n  \
		mutirao kernel check kernels/gemm_i8 -p m=1024 -p n=1024 -p k=1024")]
	Check(check::Check),
	/// Compile a kernel to the program that is registered on the chain.
	#[command(after_help = "Examples:\n  mutirao kernel build kernels/sobel --to sobel.mtr")]
	Build(build::Build),
	/// Run a kernel on the VM or on a GPU.
	#[command(
		after_help = "Examples:\n  mutirao kernel run kernels/mandelbrot -p width=64 -p height=48 \\\n      \
		-p left=0xe0000000 -p top=0xee000000 -p step=0x00c00000 -p iterations=100\n  \
		mutirao kernel run kernels/sobel -p width=64 -p height=64 -i image=random:7 --on gpu"
	)]
	Run(run::RunKernel),
	/// Print a kernel's operations with their source lines.
	#[command(after_help = "Examples:\n  mutirao kernel disasm kernels/gemm_i8")]
	Disasm(disasm::Disasm),
	/// Time a kernel on the VM and on a GPU, lowered and as written.
	#[command(
		after_help = "Examples:\n  mutirao kernel bench kernels/gemm_i8 -p m=256 -p n=256 -p k=256 \\\n      \
		-i a=random:1 -i b=random:2"
	)]
	Bench(bench::Bench),
	/// Compare a GPU with the VM: a verdict for each feature, then random programs.
	#[command(after_help = "Examples:\n  mutirao kernel conformance\n  \
		mutirao kernel conformance --adapter nvidia --seed 0 --count 1000000 --jobs 2 -o json")]
	Conformance(conformance::Conformance),
}

/// Runs a command.
pub(crate) fn run(command: KernelCommand, format: Format) -> anyhow::Result<()> {
	match command {
		KernelCommand::Check(command) => command.run(format),
		KernelCommand::Build(command) => command.run(format),
		KernelCommand::Run(command) => command.run(format),
		KernelCommand::Disasm(command) => command.run(format),
		KernelCommand::Bench(command) => command.run(format),
		KernelCommand::Conformance(command) => command.run(format),
	}
}
