//! Where commands find the chain, the key and their own files.

use std::path::{Path, PathBuf};

use clap::Args;
use mutirao_client::{
	keys::{self, Development, Keypair},
	Account, AccountId, Client,
};

use crate::{
	exit::{chain, failed, Failure},
	keystore::{ask_password, Keystore},
};

/// The variable that may hold the secret itself.
const KEY_VARIABLE: &str = "MUTIRAO_KEY";

/// Which chain.
#[derive(Args, Clone, Debug)]
pub(crate) struct ChainArgs {
	/// A node's address; several, separated by commas, are tried in turn.
	#[arg(
		long,
		env = "MUTIRAO_ENDPOINT",
		value_name = "URL",
		value_delimiter = ',',
		default_value = "ws://127.0.0.1:9944"
	)]
	endpoint: Vec<String>,
}

impl ChainArgs {
	/// Connects.
	pub(crate) async fn connect(&self) -> anyhow::Result<Client> {
		let mut options = mutirao_client::Options::new(self.endpoint.clone()).map_err(chain)?;
		options.patience = std::time::Duration::from_secs(120);
		Client::open(options).await.map_err(chain)
	}

	/// The nodes' addresses.
	pub(crate) fn endpoints(&self) -> &[String] {
		&self.endpoint
	}
}

/// Where the tool keeps its own files.
#[derive(Args, Clone, Debug)]
pub(crate) struct DataArgs {
	/// The folder of keys, records of jobs and buffers; without it, `mutirao` in the user's data
	/// folder.
	#[arg(long, env = "MUTIRAO_DATA_DIR", value_name = "FOLDER")]
	data_dir: Option<PathBuf>,
}

impl DataArgs {
	/// The folder. It need not exist.
	pub(crate) fn folder(&self) -> anyhow::Result<PathBuf> {
		if let Some(folder) = &self.data_dir {
			return Ok(folder.clone());
		}
		let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
		let base = variable("XDG_DATA_HOME").map(PathBuf::from);
		let home = || variable("HOME").map(|home| Path::new(&home).join(".local/share"));
		base.or_else(home).map(|base| base.join("mutirao")).ok_or_else(|| {
			failed(Failure::Other, "there is no home folder: name one with --data-dir FOLDER")
		})
	}

	/// The keys of the user.
	pub(crate) fn keystore(&self) -> anyhow::Result<Keystore> {
		Ok(Keystore::new(self.folder()?.join("keys")))
	}
}

/// Whose key signs.
#[derive(Args, Clone, Debug)]
pub(crate) struct KeyArgs {
	/// An account of the keystore (see `mutirao account`); without one, the variable MUTIRAO_KEY
	/// holds the secret, or the keystore's only account is taken.
	#[arg(long, env = "MUTIRAO_ACCOUNT", value_name = "NAME", conflicts_with_all = ["key_file", "dev"])]
	account: Option<String>,
	/// A file with the secret, or with an account that a wallet exported, which only its owner can read.
	#[arg(long, env = "MUTIRAO_KEY_FILE", value_name = "FILE", conflicts_with = "dev")]
	key_file: Option<PathBuf>,
	/// A development account, such as alice. Everybody has its key.
	#[arg(long, value_name = "NAME")]
	dev: Option<String>,
}

impl KeyArgs {
	/// The key that was asked for. Keys that everybody knows are taken from files on development chains
	/// only.
	pub(crate) fn load(&self, data: &DataArgs, development: bool) -> anyhow::Result<Keypair> {
		self.load_of(data, development, None)
	}

	/// The same; if none was asked for and the keystore has several, the owner's, if that is one of them.
	pub(crate) fn load_of(
		&self,
		data: &DataArgs,
		development: bool,
		owner: Option<&AccountId>,
	) -> anyhow::Result<Keypair> {
		let development = match development {
			true => Development::Allowed,
			false => Development::Refused,
		};
		let no_key = |error: keys::KeyError| failed(Failure::Key, error);
		if let Some(name) = &self.dev {
			return keys::development(name).map_err(no_key);
		}
		if let Some(file) = &self.key_file {
			return keys::from_file_asking(file, development, ask_password).map_err(no_key);
		}
		let keystore = data.keystore()?;
		if let Some(name) = &self.account {
			return keystore.load(name, development);
		}
		if let Some(key) = keys::from_environment(KEY_VARIABLE, development).map_err(no_key)? {
			return Ok(key);
		}
		match &keystore.names()?[..] {
			[only] => keystore.load(only, development),
			[] => Err(failed(
				Failure::Key,
				"there is no key: make one with `mutirao account new NAME`, or set MUTIRAO_KEY_FILE; on \
				 a development chain --dev alice will do",
			)),
			several => {
				let name = owner.and_then(|owner| keystore.name_of(owner, several));
				if let Some(name) = name {
					return keystore.load(&name, development);
				}
				let names = several.join(", ");
				Err(failed(Failure::Key, format!("which account? Name one with --account: {names}")))
			}
		}
	}

	/// The key, and an account that signs with it.
	pub(crate) async fn account(
		&self,
		data: &DataArgs,
		client: &Client,
	) -> anyhow::Result<(Keypair, Account<Keypair>)> {
		self.account_of(data, client, None).await
	}

	/// The same; see [`Self::load_of`].
	pub(crate) async fn account_of(
		&self,
		data: &DataArgs,
		client: &Client,
		owner: Option<&AccountId>,
	) -> anyhow::Result<(Keypair, Account<Keypair>)> {
		let development = client.is_development().await.map_err(chain)?;
		let key = self.load_of(data, development, owner)?;
		Ok((key.clone(), Account::new(client.clone(), key)))
	}
}
