//! `mutirao program remove`.

use clap::Args;
use mutirao_client::money;
use serde::Serialize;

use crate::{
	job::kernel::Kernel,
	output::{print, Format},
	settings::{ChainArgs, DataArgs, KeyArgs},
	show,
};

/// Arguments of `remove`.
#[derive(Args)]
pub(crate) struct Remove {
	/// A program's hash, a kernel of the catalogue, a kernel's folder or a program's file.
	kernel: String,
	#[command(flatten)]
	key: KeyArgs,
	#[command(flatten)]
	data: DataArgs,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Removed {
	program: String,
	/// What is no longer on hold, in planck.
	deposit: String,
}

impl Remove {
	/// Removes the program.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		let kernel = Kernel::find(&client, &self.kernel).await?;
		let (_, account) = self.key.account(&self.data, &client).await?;
		let deposit = kernel.remove(&account).await?;
		let removed = Removed { program: show::hex(&kernel.id), deposit: deposit.to_string() };
		Ok(print(format, &removed, |removed| {
			format!("{} is removed; {} came back", removed.program, money::display(deposit))
		})?)
	}
}
