//! In whose name calls are made.

use crate::{
	AccountId, Call, Client, Config, Error, Included, OnChain, ProxyType, Submit, SubmitOptions,
};
use subxt::transactions::Signer;

/// A key with which calls are signed: for its own account, or as the proxy of another one.
#[derive(Clone)]
pub struct Account<S> {
	client: Client,
	signer: S,
	acts_for: Option<(AccountId, ProxyType)>,
	options: SubmitOptions,
}

impl<S: Signer<Config>> Account<S> {
	/// The key's own account. Calls wait for finality.
	pub fn new(client: Client, signer: S) -> Self {
		Self { client, signer, acts_for: None, options: SubmitOptions::default() }
	}

	/// Makes all calls for `real`, whose proxy of this kind the key must be, and in its name where the
	/// call [needs it](Call::needs_proxy). The key's own account pays the fees.
	pub fn acting_for(self, real: AccountId, kind: ProxyType) -> Self {
		Self { acts_for: Some((real, kind)), ..self }
	}

	/// Submits with these options from now on.
	pub fn with(self, options: SubmitOptions) -> Self {
		Self { options, ..self }
	}

	/// The account that signs and pays.
	pub fn signer(&self) -> AccountId {
		self.signer.account_id()
	}
}

impl<S> OnChain for Account<S> {
	fn client(&self) -> &Client {
		&self.client
	}
}

impl<S: Signer<Config> + Sync> Submit for Account<S> {
	fn account(&self) -> AccountId {
		self.acts_for.map_or_else(|| self.signer(), |(real, _)| real)
	}

	async fn submit(&self, call: Call) -> Result<Included, Error> {
		let acts_for = self.acts_for.filter(|(_, kind)| call.needs_proxy(*kind));
		let options = self.options.suited_to(&call);
		let build = move |metadata: &subxt::Metadata| {
			let call = call.wire(metadata)?;
			match acts_for {
				Some((real, kind)) => call.by_proxy(&real, kind, metadata),
				None => Ok(call),
			}
		};
		let receipt = self.client.submit_built(build, &self.signer, options).await?;
		Ok(receipt.into())
	}
}
