//! `mutirao-worker watch`.

use anyhow::Context as _;
use clap::Args;
use mutirao_client::{money, Account, AccountId};
use mutirao_data::{
	fetch::{FetchOptions, Fetcher},
	store::Store,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{connect::connect, output::print, Common};
use crate::{
	config::{Money, Watched},
	exit::{failed, Failure},
	keys::hot_key,
	service::tower,
	shutdown::until_signal,
	watch::{Budget, Seen},
};

pub(crate) const EXAMPLES: &str = "Examples:\n  mutirao-worker watch\n  \
	mutirao-worker watch --jobs mine --workgroups all --bond-budget '0.5 MUT'";

const GIB: u64 = 1 << 30;

/// Arguments of `watch`. Computes other providers' work again, without serving any, until SIGTERM or
/// SIGINT. What is wrong is challenged in the hot key's own name, which needs money for fees.
#[derive(Args)]
pub(crate) struct Watch {
	/// Whose jobs: any provider's, or those that keys.provider has bought.
	#[arg(long, value_parser = ["any", "mine"], default_value = "any")]
	jobs: String,
	/// How many workgroups of each job: a number, or all.
	#[arg(long, value_name = "NUMBER")]
	workgroups: Option<String>,
	/// The most that challenges that fail may cost.
	#[arg(long, value_name = "MONEY")]
	bond_budget: Option<Money>,
}

impl Watch {
	/// Watches until a signal; prints what was seen.
	pub(crate) async fn run(self, common: &Common) -> anyhow::Result<()> {
		let mut common = common.clone();
		common.set.push(format!("watch.jobs={}", self.jobs));
		common.set.extend(self.workgroups.map(|number| format!("watch.workgroups={number}")));
		common.set.extend(self.bond_budget.map(|budget| format!("watch.bond_budget={budget}")));
		let config = common.load()?.config;
		let hot = hot_key(&config.keys)?;
		let own = AccountId::from(hot.public_key());
		let provider = config.keys.provider.map_or(own, |address| address.0);
		let client = connect(&config).await?;
		let folder = config.data.folder.join("watch");
		std::fs::create_dir_all(&folder)
			.with_context(|| format!("cannot make {}", folder.display()))?;
		let quota = config.data.quota_gib.saturating_mul(GIB);
		let store = Store::open(folder, quota)?;
		// On a development chain providers are on this machine, too.
		let is_private = config.data.allow_private_sources || client.is_development().await?;
		let options = FetchOptions { allow_private: is_private, ..FetchOptions::default() };
		let chain = Account::new(client, hot);
		let Some(tower) = tower(&config, store, Fetcher::new(options)?, quota, chain, provider)
		else {
			let wanted = Watched::Off;
			return Err(failed(Failure::Configuration, format!("watch.jobs is {wanted:?}")));
		};
		let seen = watch::Sender::new(Seen::default());
		let stop = CancellationToken::new();
		let budget = Budget::of(config.watch.bond_budget.0);
		let work = async { Ok(tower.run(budget, &seen, &stop).await?) };
		until_signal(stop.clone(), work).await?;
		let seen = *seen.borrow();
		Ok(print(common.output, &seen, |seen| {
			format!(
				"{} jobs examined, {} could not be; {} challenges upheld, {} failed; spent {}, earned {}",
				seen.examined,
				seen.skipped,
				seen.upheld,
				seen.failed,
				money::display(seen.spent),
				money::display(seen.earned)
			)
		})?)
	}
}
