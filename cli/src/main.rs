//! `mutirao`: buyers', providers' and kernel authors' commands.

mod commands;
mod exit;
mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{commands::kernel::KernelCommand, output::Format};

/// Mutirão: a market for GPU time whose work the chain checks.
#[derive(Parser)]
#[command(name = "mutirao", version, about, propagate_version = true)]
struct Cli {
	/// How results are printed.
	#[arg(short, long, global = true, value_enum, default_value_t = Format::Text)]
	output: Format,
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Write, check and run kernels.
	#[command(subcommand)]
	Kernel(KernelCommand),
}

fn main() -> ExitCode {
	let cli = Cli::parse();
	let result = match cli.command {
		Command::Kernel(command) => commands::kernel::run(command, cli.output),
	};
	exit::report(result, cli.output)
}
