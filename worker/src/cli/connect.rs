//! Connecting to the chain that is configured.

use mutirao_client::{AccountId, Client, Error, Options};

use crate::{
	config::Config,
	exit::{failed, Failure},
};

/// Connects to the first endpoint that answers.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::Incompatible`].
pub(crate) async fn connect(config: &Config) -> Result<Client, Error> {
	Client::open(Options::new(config.chain.endpoints.clone())?).await
}

/// The provider's account, which must be configured.
pub(crate) fn provider(config: &Config) -> anyhow::Result<AccountId> {
	let wrong =
		|| failed(Failure::Configuration, "set keys.provider to the account whose stake answers");
	config.keys.provider.map(|address| address.0).ok_or_else(wrong)
}
