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
	#[command(
		subcommand,
		after_help = "Examples:\n  mutirao account new maria\n  mutirao account show --account maria"
	)]
	Account(account::AccountCommand),
	/// List what devices are offered for, cheapest first.
	#[command(after_help = "Examples:\n  mutirao offers --region BR --min-score 1000000000\n  \
		mutirao offers --kernel sobel -p width=1024 -p height=1024")]
	Offers(offers::Offers),
	/// Say what a job would cost and where.
	#[command(
		after_help = "Examples:\n  mutirao estimate sobel -p width=1024 -p height=1024 --audits 4"
	)]
	Estimate(estimate::Estimate),
	/// Have work done, and check it.
	#[command(
		subcommand,
		after_help = "Examples:\n  mutirao job submit sobel -i image=photo.jpg --save edges=edges.png --wait\n  \
			mutirao job watch 41"
	)]
	Job(job::JobCommand),
	/// Look at providers.
	#[command(
		subcommand,
		after_help = "Examples:\n  mutirao provider show \
			gZRUkf7Dz9gMomMVEVhwZd7XZsyMuvqLBpyq428Yv14qyMe21"
	)]
	Provider(provider::ProviderCommand),
	/// Register and look at programs.
	#[command(
		subcommand,
		after_help = "Examples:\n  mutirao program register kernels/sobel\n  \
			mutirao program show sobel"
	)]
	Program(program::ProgramCommand),
	/// Write, check and run kernels.
	#[command(
		subcommand,
		after_help = "Examples:\n  mutirao kernel check kernels/sobel\n  mutirao kernel run kernels/sobel \
			-p width=64 -p height=64 -i image=random:7\n  mutirao kernel build kernels/sobel --to sobel.mtr"
	)]
	Kernel(kernel::KernelCommand),
	/// Serve files to providers that fetch them: the buyer's side of the data plane.
	#[command(after_help = "Examples:\n  mutirao serve --listen 0.0.0.0:4410 photo.bin")]
	Serve(serve::Serve),
	/// Check that everything a buyer needs is there.
	#[command(
		after_help = "Examples:\n  mutirao doctor\n  mutirao doctor --dev alice\n  mutirao doctor \
			--endpoint wss://rpc.example --account maria -o json"
	)]
	Doctor(doctor::Doctor),
	/// Print what makes a shell complete commands.
	#[command(after_help = "Examples:\n  mutirao completions bash > \
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
