//! `mutirao account`.

mod fund;
mod import;
mod new;
mod show;

use clap::Subcommand;

use crate::{output::Format, runtime::block_on};

/// Commands about accounts.
#[derive(Subcommand)]
pub(crate) enum AccountCommand {
	/// Make a key; its phrase is shown once.
	#[command(after_help = "Examples:\n  mutirao account new maria")]
	New(new::New),
	/// Keep a key whose secret is typed or piped in.
	#[command(after_help = "Examples:\n  mutirao account import maria\n  \
		mutirao account import maria < phrase.txt\n  \
		mutirao account import maria < exported-by-a-wallet.json")]
	Import(import::Import),
	/// Show an account and its money.
	#[command(after_help = "Examples:\n  mutirao account show\n  \
		mutirao account show gZRUkf7Dz9gMomMVEVhwZd7XZsyMuvqLBpyq428Yv14qyMe21")]
	Show(show::Show),
	/// Give an account money from a development account. Development chains only.
	#[command(
		after_help = "Examples:\n  mutirao account fund --account maria --amount '1000 MUT'"
	)]
	Fund(fund::Fund),
}

/// Runs a command.
pub(crate) fn run(command: AccountCommand, format: Format) -> anyhow::Result<()> {
	match command {
		AccountCommand::New(command) => command.run(format),
		AccountCommand::Import(command) => command.run(format),
		AccountCommand::Show(command) => block_on(command.run(format)),
		AccountCommand::Fund(command) => block_on(command.run(format)),
	}
}
