//! `mutirao account show`.

use clap::Args;
use mutirao_client::{money, pallets::JobsExt, AccountId};
use serde::Serialize;

use crate::{
	exit::{chain, failed, Failure},
	output::{print, Format},
	settings::{ChainArgs, DataArgs, KeyArgs},
	show,
};

/// Arguments of `show`.
#[derive(Args)]
pub(crate) struct Show {
	/// An address; without one, the account that the key options name.
	address: Option<String>,
	#[command(flatten)]
	key: KeyArgs,
	#[command(flatten)]
	data: DataArgs,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Shown {
	address: String,
	public_key: String,
	/// What can be spent or put on hold, in planck.
	free: String,
	/// Jobs that it posted and that are remembered.
	jobs: Vec<u64>,
	/// Accounts in the keystore.
	keystore: Vec<String>,
}

impl Show {
	/// Looks the account up.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		let account = match &self.address {
			Some(text) => {
				show::parse_account(text).map_err(|error| failed(Failure::Input, error))?
			}
			None => {
				let (key, _) = self.key.account(&self.data, &client).await?;
				AccountId::from(key.public_key().0)
			}
		};
		let shown = Shown {
			address: show::address(&account),
			public_key: show::hex(&account.0),
			free: client.free_balance(&account).await.map_err(chain)?.to_string(),
			jobs: client.jobs_of_buyer(account).await.map_err(chain)?,
			keystore: self.data.keystore()?.names()?,
		};
		Ok(print(format, &shown, |shown| {
			let free = money::display(shown.free.parse().unwrap_or(0));
			format!("{}\n  free: {free}\n  jobs posted: {}", shown.address, shown.jobs.len())
		})?)
	}
}
