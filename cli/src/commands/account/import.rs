//! `mutirao account import`.

use std::{
	io::{IsTerminal as _, Read as _},
	path::PathBuf,
};

use anyhow::Context as _;
use clap::Args;
use mutirao_client::{
	keys::{self, Development, KeyError},
	AccountId,
};
use serde::Serialize;

use crate::{
	exit::{failed, Failure},
	keystore::ask_password,
	output::{print, Format},
	settings::DataArgs,
	show,
};

/// Bytes of a secret, at most.
const LONGEST: u64 = 4096;

/// Arguments of `import`.
#[derive(Args)]
pub(crate) struct Import {
	/// What the account is called on this machine.
	name: String,
	/// Take a development key, which everybody has.
	#[arg(long)]
	development: bool,
	#[command(flatten)]
	data: DataArgs,
}

#[derive(Serialize)]
struct Imported {
	name: String,
	address: String,
	file: PathBuf,
}

impl Import {
	/// Reads a secret from standard input, never from the command line, and keeps it.
	pub(crate) fn run(self, format: Format) -> anyhow::Result<()> {
		let mut secret = String::new();
		match std::io::stdin().is_terminal() {
			true => {
				let question = "Phrase, secret URI, seed or export (it is not shown): ";
				secret = rpassword::prompt_password(question).context("cannot read the secret")?;
			}
			false => {
				let mut input = std::io::stdin().take(LONGEST);
				input.read_to_string(&mut secret).context("cannot read the secret")?;
			}
		}
		let development = match self.development {
			true => Development::Allowed,
			false => Development::Refused,
		};
		let key = keys::read_asking(&secret, "what was given", development, ask_password).map_err(
			|error| match error {
				KeyError::Development(_) => {
					failed(Failure::Key, format!("{error}, and import it with --development"))
				}
				_ => failed(Failure::Key, error),
			},
		)?;
		let file = self.data.keystore()?.add(&self.name, secret.trim())?;
		let address = show::address(&AccountId::from(key.public_key().0));
		Ok(print(format, &Imported { name: self.name, address, file }, |imported| {
			format!("{}: {}", imported.name, imported.address)
		})?)
	}
}
