//! What commands about one's own jobs begin with.

use std::sync::Mutex;

use clap::Args;
use mutirao_client::{keys::Keypair, terms::JobTerms, types::JobId, Account, AccountId, Client};

use crate::{
	exit::chain,
	job::{
		buyer::Buyer,
		plane::{Plane, PlaneArgs},
		record::Records,
		track::Standing,
	},
	output::Format,
	settings::{ChainArgs, DataArgs, KeyArgs},
	show,
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
		self.open_with(self.chain.connect().await?, None).await
	}

	/// The same; where nobody says which of several accounts, it is the one that posted the job.
	pub(crate) async fn open_for(&self, job: JobId) -> anyhow::Result<Session> {
		let client = self.chain.connect().await?;
		let buyer = self.buyer_of(&client, job).await?;
		self.open_with(client, buyer).await
	}

	/// Who posted a job, by this machine's record of it or by the chain's.
	async fn buyer_of(&self, client: &Client, job: JobId) -> anyhow::Result<Option<AccountId>> {
		if let Some(record) = Records::new(&self.data.folder()?, &client.genesis()).load(job)? {
			return Ok(show::parse_account(&record.buyer).ok());
		}
		Ok(match Standing::of(client, job).await.map_err(chain)? {
			Standing::Live(live) => Some(live.buyer),
			Standing::Finished(ended) => Some(ended.buyer),
			Standing::Gone => None,
		})
	}

	async fn open_with(&self, client: Client, owner: Option<AccountId>) -> anyhow::Result<Session> {
		let development = client.is_development().await.map_err(chain)?;
		let (key, account) = self.key.account_of(&self.data, &client, owner.as_ref()).await?;
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
			posted: Mutex::default(),
		})
	}
}
