//! `mutirao program register`.

use clap::Args;
use mutirao_client::{money, pallets::ProgramsExt};
use serde::Serialize;

use crate::{
	exit::chain,
	job::kernel::Kernel,
	output::{print, Format},
	settings::{ChainArgs, DataArgs, KeyArgs},
	show,
};

/// Arguments of `register`.
#[derive(Args)]
pub(crate) struct Register {
	/// A kernel of the catalogue, a kernel's folder, or a file that `kernel build` wrote.
	kernel: String,
	#[command(flatten)]
	key: KeyArgs,
	#[command(flatten)]
	data: DataArgs,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Registered {
	program: String,
	bytes: usize,
	/// Whether it was there before.
	already: bool,
	/// What is on hold for it, in planck.
	deposit: Option<String>,
}

impl Register {
	/// Registers the program, if it is not there.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		let kernel = Kernel::find(&client, &self.kernel).await?;
		let mut already = client.program(kernel.id).await.map_err(chain)?.is_some();
		if !already {
			let (_, account) = self.key.account(&self.data, &client).await?;
			already = kernel.register(&account).await.map_err(chain)?.already;
		}
		let record = client.program(kernel.id).await.map_err(chain)?;
		let registered = Registered {
			program: show::hex(&kernel.id),
			bytes: kernel.code.len(),
			already,
			deposit: record.map(|record| record.ticket.to_string()),
		};
		Ok(print(format, &registered, |registered| {
			let deposit = registered.deposit.as_deref().and_then(|planck| planck.parse().ok());
			format!(
				"{} ({} bytes){}; deposit {}",
				registered.program,
				registered.bytes,
				if registered.already { " was registered before" } else { "" },
				money::display(deposit.unwrap_or(0))
			)
		})?)
	}
}
