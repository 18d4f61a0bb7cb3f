//! `mutirao job`.

mod cancel;
mod challenge;
mod fetch;
mod list;
mod prune;
mod report;
mod session;
mod show;
mod submit;
mod verify;
mod watch;

use clap::Subcommand;

#[cfg(test)]
pub(crate) use report::judge;

use crate::{output::Format, runtime::block_on};

/// Commands about jobs.
#[derive(Subcommand)]
pub(crate) enum JobCommand {
	/// Post a job and bring its inputs to a provider; with --wait, go on to the checked result.
	#[command(
		after_help = "Examples:\n  mutirao job submit sobel -i image=photo.jpg --save edges=edges.png --wait\n  \
			mutirao job submit sha256 -p records=4 -p record_bytes=64 -i records=random:1 \\\n      \
			--to results --max-price '0.5 MUT' --audits 8 --full --wait -o json"
	)]
	Submit(Box<submit::Submit>),
	/// Go on with a job of this machine to its end: fetch, check, settle, write the receipt.
	#[command(after_help = "Examples:\n  mutirao job watch 41")]
	Watch(watch::Watch),
	/// List jobs: one's own, a provider's, or those in a stage.
	#[command(after_help = "Examples:\n  mutirao job list\n  mutirao job list --state open")]
	List(list::List),
	/// Show what the chain knows of a job.
	#[command(after_help = "Examples:\n  mutirao job show 41 -o json")]
	Show(show::Show),
	/// Fetch and write a job's results.
	#[command(after_help = "Examples:\n  mutirao job fetch 41 --to results")]
	Fetch(fetch::Fetch),
	/// Check a receipt against the chain and the files that it names.
	#[command(after_help = "Examples:\n  mutirao job verify receipt-41.json")]
	Verify(verify::Verify),
	/// Withdraw a job that nobody has accepted.
	#[command(after_help = "Examples:\n  mutirao job cancel 41")]
	Cancel(cancel::Cancel),
	/// Have the chain forget a job that ended 30 days ago or more: the deposit for its record comes back.
	#[command(after_help = "Examples:\n  mutirao job prune 41")]
	Prune(prune::Prune),
	/// Compute a job's workgroups again, and prove the first that is wrong to the chain.
	#[command(after_help = "Examples:\n  mutirao job challenge 41\n  \
		mutirao job challenge 41 --pass 0 --workgroup 17")]
	Challenge(challenge::Challenge),
}

/// Runs a command.
pub(crate) fn run(command: JobCommand, format: Format) -> anyhow::Result<()> {
	match command {
		JobCommand::Submit(command) => block_on(command.run(format)),
		JobCommand::Watch(command) => block_on(command.run(format)),
		JobCommand::List(command) => block_on(command.run(format)),
		JobCommand::Show(command) => block_on(command.run(format)),
		JobCommand::Fetch(command) => block_on(command.run(format)),
		JobCommand::Verify(command) => block_on(command.run(format)),
		JobCommand::Cancel(command) => block_on(command.run(format)),
		JobCommand::Prune(command) => block_on(command.run(format)),
		JobCommand::Challenge(command) => block_on(command.run(format)),
	}
}
