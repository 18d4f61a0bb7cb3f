//! `mutirao account fund`.

use clap::Args;
use mutirao_client::{keys, money, AccountId, Balance};
use serde::Serialize;

use crate::{
	exit::{chain, failed, Failure},
	output::{print, Format},
	settings::{ChainArgs, DataArgs, KeyArgs},
	show,
};

/// Arguments of `fund`.
#[derive(Args)]
pub(crate) struct Fund {
	/// An address; without one, the account that the key options name.
	address: Option<String>,
	/// How much.
	#[arg(long, default_value = "1000 MUT", value_parser = money::parse)]
	amount: Balance,
	/// The development account that gives.
	#[arg(long, default_value = "alice")]
	from: String,
	#[command(flatten)]
	key: KeyArgs,
	#[command(flatten)]
	data: DataArgs,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Funded {
	address: String,
	given: String,
	free: String,
	block: u64,
}

impl Fund {
	/// Sends the money, and waits until that is final.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		if !client.is_development().await.map_err(chain)? {
			let name = client.chain_name().await.map_err(chain)?;
			let message =
				format!("{name} is no development chain: its money is to be had from others");
			return Err(failed(Failure::Funds, message));
		}
		let account = match &self.address {
			Some(text) => {
				show::parse_account(text).map_err(|error| failed(Failure::Input, error))?
			}
			None => AccountId::from(self.key.load(&self.data, true)?.public_key().0),
		};
		let giver = keys::development(&self.from).map_err(|error| failed(Failure::Key, error))?;
		let receipt = client.transfer(&giver, account, self.amount).await.map_err(chain)?;
		let funded = Funded {
			address: show::address(&account),
			given: self.amount.to_string(),
			free: client.free_balance(&account).await.map_err(chain)?.to_string(),
			block: receipt.block_number,
		};
		Ok(print(format, &funded, |funded| {
			let free = money::display(funded.free.parse().unwrap_or(0));
			format!("{} has {free} now (block {})", funded.address, funded.block)
		})?)
	}
}
