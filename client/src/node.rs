//! The node's own JSON-RPC methods, for what the chain's state does not tell.

use crate::{Client, Error};
use std::sync::Arc;
use subxt::rpcs::client::RawValue;

/// What `system_chainType` says of a chain whose accounts everybody has the keys of.
const DEVELOPMENT: [&str; 2] = ["\"Development\"", "\"Local\""];

impl Client {
	/// Asks the node in use for a method; its answer, in JSON. `parameters` is a list in JSON: `[]`.
	///
	/// # Errors
	///
	/// [`Error::Decode`] if the parameters are no JSON; [`Error::Query`] when the node refuses or cannot
	/// answer; [`Error::Timeout`].
	pub async fn ask(&self, method: &str, parameters: &str) -> Result<String, Error> {
		let malformed = |reason: String| Error::Decode { what: method.into(), reason };
		let parameters: Arc<str> = parameters.into();
		// Once before it is sent, so that what can go wrong later is the node's.
		RawValue::from_string(parameters.to_string()).map_err(|e| malformed(e.to_string()))?;
		let method: Arc<str> = method.into();
		let read = self.read("a method of the node", |link, _| {
			let (method, parameters) = (method.clone(), parameters.clone());
			async move { link.request(&method, &parameters).await }
		});
		read.await
	}

	/// Whether the chain says that it is one for development, on which everybody has all keys.
	///
	/// # Errors
	///
	/// As [`Self::ask`].
	pub async fn is_development(&self) -> Result<bool, Error> {
		let kind = self.ask("system_chainType", "[]").await?;
		Ok(DEVELOPMENT.contains(&kind.trim()))
	}

	/// The chain's name for people.
	///
	/// # Errors
	///
	/// As [`Self::ask`].
	pub async fn chain_name(&self) -> Result<String, Error> {
		let name = self.ask("system_chain", "[]").await?;
		Ok(name.trim().trim_matches('"').into())
	}

	/// The hash of the chain's first block, by which it is told from others.
	pub fn genesis(&self) -> [u8; 32] {
		self.chain().genesis_hash().0
	}
}
