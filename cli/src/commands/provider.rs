//! `mutirao provider`.

use clap::{Args, Subcommand};
use mutirao_client::{
	money,
	pallets::{JobsExt, ProvidersExt},
	types::ProviderState,
};
use serde::Serialize;

use crate::{
	exit::{chain, failed, Failure},
	output::{print, Format},
	settings::ChainArgs,
	show,
};

/// Commands about providers.
#[derive(Subcommand)]
pub(crate) enum ProviderCommand {
	/// Show a provider: stake, reputation, offers, jobs.
	#[command(after_help = "Examples:\n  mutirao provider show \
		gZRUkf7Dz9gMomMVEVhwZd7XZsyMuvqLBpyq428Yv14qyMe21")]
	Show(Show),
}

/// Arguments of `show`.
#[derive(Args)]
pub(crate) struct Show {
	/// Its address.
	address: String,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Shown {
	address: String,
	endpoint: String,
	stake: String,
	earmarked: String,
	/// The present worth of jobs that it can still take: half of its free stake.
	room: String,
	state: &'static str,
	reputation_ppm: u32,
	open_jobs: u32,
	/// Jobs that it took and that are remembered.
	jobs: usize,
	offers: Vec<u64>,
}

/// Runs a command.
pub(crate) async fn run(command: ProviderCommand, format: Format) -> anyhow::Result<()> {
	let ProviderCommand::Show(arguments) = command;
	let account = show::parse_account(&arguments.address);
	let account = account.map_err(|error| failed(Failure::Input, error))?;
	let client = arguments.chain.connect().await?;
	let Some(provider) = client.provider(account).await.map_err(chain)? else {
		let message = format!("{} is no provider: `mutirao offers` names them", arguments.address);
		return Err(failed(Failure::NotFound, message));
	};
	let reputation = client.reputation(account).await.map_err(chain)?;
	let shown = Shown {
		address: show::address(&account),
		endpoint: String::from_utf8_lossy(&provider.endpoint).into_owned(),
		stake: provider.stake.to_string(),
		earmarked: provider.earmarked.to_string(),
		room: (provider.stake.saturating_sub(provider.earmarked) / 2).to_string(),
		state: match provider.state {
			ProviderState::Active => "active",
			ProviderState::Leaving { .. } => "leaving",
		},
		reputation_ppm: reputation.map_or(0, |share| share.deconstruct()),
		open_jobs: provider.open_jobs,
		jobs: client.jobs_of_provider(account).await.map_err(chain)?.len(),
		offers: client.offers_of(account).await.map_err(chain)?,
	};
	Ok(print(format, &shown, |shown| {
		let display = |planck: &str| money::display(planck.parse().unwrap_or(0));
		let offers: Vec<_> = shown.offers.iter().map(u64::to_string).collect();
		format!(
			"{} ({})\n  data plane: {}\n  stake: {}, {} of it for running jobs\n  reputation: {}\n  \
			 jobs: {} running, {} remembered\n  offers: {}",
			shown.address,
			shown.state,
			shown.endpoint,
			display(&shown.stake),
			display(&shown.earmarked),
			show::share(shown.reputation_ppm),
			shown.open_jobs,
			shown.jobs,
			offers.join(", ")
		)
	})?)
}
