//! `mutirao account new`.

use std::path::PathBuf;

use clap::Args;
use mutirao_client::{
	keys::{self, Development},
	AccountId,
};
use serde::Serialize;

use crate::{
	exit::{failed, Failure},
	output::{print, Format},
	settings::DataArgs,
	show,
};

/// Arguments of `new`.
#[derive(Args)]
pub(crate) struct New {
	/// What the account is called on this machine.
	name: String,
	#[command(flatten)]
	data: DataArgs,
}

#[derive(Serialize)]
struct Made {
	name: String,
	address: String,
	/// Whoever has it has the money.
	phrase: String,
	file: PathBuf,
}

impl New {
	/// Makes a key and keeps it.
	pub(crate) fn run(self, format: Format) -> anyhow::Result<()> {
		let no_key = |error: keys::KeyError| failed(Failure::Key, error);
		let phrase = keys::new_phrase().map_err(no_key)?;
		let key = keys::read(&phrase, "the new phrase", Development::Refused).map_err(no_key)?;
		let file = self.data.keystore()?.add(&self.name, &phrase)?;
		let address = show::address(&AccountId::from(key.public_key().0));
		Ok(print(format, &Made { name: self.name, address, phrase, file }, |made| {
			format!(
				"{}: {}\nWrite this phrase down and show it to nobody; it is the account:\n  {}\n\
				 It lies in {}, which only you can read.",
				made.name,
				made.address,
				made.phrase,
				made.file.display()
			)
		})?)
	}
}
