//! `mutirao program`.

mod register;
mod remove;
mod show;

use clap::Subcommand;

use crate::output::Format;

/// Commands about programs.
#[derive(Subcommand)]
pub(crate) enum ProgramCommand {
	/// Put a program on the chain, so that jobs can name it. Its deposit comes back when it is removed.
	#[command(after_help = "Examples:\n  mutirao program register sobel\n  \
		mutirao program register kernels/sobel --dev alice")]
	Register(register::Register),
	/// Remove a program that you registered and that no job names any more: its deposit comes back.
	#[command(after_help = "Examples:\n  mutirao program remove sobel\n  \
		mutirao program remove kernels/sobel --account maria")]
	Remove(remove::Remove),
	/// Show a program: parameters, buffers, passes.
	#[command(after_help = "Examples:\n  mutirao program show sobel")]
	Show(show::Show),
}

/// Runs a command.
pub(crate) async fn run(command: ProgramCommand, format: Format) -> anyhow::Result<()> {
	match command {
		ProgramCommand::Register(command) => command.run(format).await,
		ProgramCommand::Remove(command) => command.run(format).await,
		ProgramCommand::Show(command) => command.run(format).await,
	}
}
