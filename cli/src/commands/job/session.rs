//! What commands about one's own jobs begin with.

use clap::Args;
use mutirao_client::{keys::Keypair, terms::JobTerms, Account, Client};

use crate::{
	exit::chain,
	job::{
		buyer::Buyer,
		plane::{Plane, PlaneArgs},
	},
	output::Format,
	settings::{ChainArgs, DataArgs, KeyArgs},
};

/// Whose jobs, on which chain.
#[derive(Args)]
pub(crate) struct SessionArgs {
	#[command(flatten)]
	key: KeyArgs,
	#[command(flatten)]
	data: DataArgs,
	#[command(flatten)]
	chain: ChainArgs,
}

/// A connection, and the key that signs.
pub(crate) struct Session {
	pub(crate) client: Client,
	account: Account<Keypair>,
	key: Keypair,
	name: String,
	development: bool,
	terms: JobTerms,
}

impl Session {
	/// The key's public part: the account.
	pub(crate) fn public_key(&self) -> [u8; 32] {
		self.key.public_key().0
	}
}

impl SessionArgs {
	/// Connects and loads the key.
	pub(crate) async fn open(&self) -> anyhow::Result<Session> {
		let client = self.chain.connect().await?;
		let development = client.is_development().await.map_err(chain)?;
		let (key, account) = self.key.account(&self.data, &client).await?;
		let name = client.chain_name().await.map_err(chain)?;
		let terms = client.job_terms().await.map_err(chain)?;
		Ok(Session { client, account, key, name, development, terms })
	}

	/// A buyer at work in a session. `sources`: where providers fetch the inputs, if not from here.
	pub(crate) fn buyer<'a>(
		&self,
		session: &'a Session,
		plane: &PlaneArgs,
		sources: &[String],
		format: Format,
	) -> anyhow::Result<Buyer<'a, Account<Keypair>>> {
		Ok(Buyer {
			chain: &session.account,
			key: &session.key,
			genesis: session.client.genesis(),
			chain_name: session.name.clone(),
			data: self.data.folder()?,
			terms: session.terms,
			plane: Plane::new(plane, sources, session.development)?,
			format,
		})
	}
}
