//! The commands.

mod account;
mod completions;
mod doctor;
mod estimate;
mod job;
pub(crate) mod kernel;
mod offers;
mod program;
mod provider;
mod serve;

use clap::Subcommand;

#[cfg(test)]
pub(crate) use job::judge;

use crate::{output::Format, runtime::block_on};

#[derive(Subcommand)]
pub(crate) enum Command {
	/// Make, import, look at and fund accounts.
	#[command(subcommand)]
	Account(account::AccountCommand),
	/// List what devices are offered for, cheapest first.
	#[command(after_help = "Examples:\n  mutirao offers --region BR --min-score 1000000000\n  \
		mutirao offers --kernel sobel -p width=1024 -p height=1024")]
	Offers(offers::Offers),
	/// Say what a job would cost and where.
	#[command(
		after_help = "Example:\n  mutirao estimate sobel -p width=1024 -p height=1024 --audits 4"
	)]
	Estimate(estimate::Estimate),
	/// Have work done, and check it.
	#[command(subcommand)]
	Job(job::JobCommand),
	/// Look at providers.
	#[command(subcommand)]
	Provider(provider::ProviderCommand),
	/// Register and look at programs.
	#[command(subcommand)]
	Program(program::ProgramCommand),
	/// Write, check and run kernels.
	#[command(subcommand)]
	Kernel(kernel::KernelCommand),
	/// Serve files to providers that fetch them: the buyer's side of the data plane.
	#[command(after_help = "Example:\n  mutirao serve --listen 0.0.0.0:4410 photo.bin")]
	Serve(serve::Serve),
	/// Check that everything a buyer needs is there.
	Doctor(doctor::Doctor),
	/// Print what makes a shell complete commands.
	#[command(after_help = "Example:\n  mutirao completions bash > \
		~/.local/share/bash-completion/completions/mutirao")]
	Completions(completions::Completions),
}

/// Runs a command. `whole` is the command line's definition.
pub(crate) fn run(
	command: Command,
	format: Format,
	whole: impl FnOnce() -> clap::Command,
) -> anyhow::Result<()> {
	match command {
		Command::Account(command) => account::run(command, format),
		Command::Offers(command) => block_on(command.run(format)),
		Command::Estimate(command) => block_on(command.run(format)),
		Command::Job(command) => job::run(command, format),
		Command::Provider(command) => block_on(provider::run(command, format)),
		Command::Program(command) => block_on(program::run(command, format)),
		Command::Kernel(command) => kernel::run(command, format),
		Command::Serve(command) => block_on(command.run(format)),
		Command::Doctor(command) => block_on(command.run(format)),
		Command::Completions(command) => command.run(whole()),
	}
}
