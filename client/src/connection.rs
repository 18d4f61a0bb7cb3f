//! One live connection to one of several nodes of a chain.

use crate::{compatibility::Compatibility, Config, Error};
use std::{
	sync::{Arc, PoisonError, RwLock},
	time::Duration,
};
use subxt::{
	config::RpcConfigFor,
	rpcs::{
		client::{rpc_params, RawValue},
		LegacyRpcMethods, RpcClient,
	},
	utils::H256,
	OnlineClient,
};
use tokio::{sync::Mutex, time::timeout};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection as it was made. It is never mended: another one takes its place.
pub(crate) struct Link {
	/// How many connections there were before it.
	pub(crate) generation: u64,
	/// The node's address.
	pub(crate) url: String,
	/// The chain, seen through this node.
	pub(crate) chain: OnlineClient<Config>,
	rpc: RpcClient,
}

impl Link {
	/// Connects to a node.
	async fn open(url: &str, generation: u64) -> Result<Self, Error> {
		let refused = |reason: String| Error::Connect { url: url.into(), reason };
		let connecting = async {
			let rpc = RpcClient::from_insecure_url(url).await.map_err(|e| refused(text(&e)))?;
			let chain = OnlineClient::from_rpc_client(rpc.clone());
			let chain = chain.await.map_err(|e| refused(text(&e)))?;
			Ok(Self { generation, url: url.into(), chain, rpc })
		};
		let late = |_| refused(format!("no answer within {CONNECT_TIMEOUT:?}"));
		timeout(CONNECT_TIMEOUT, connecting).await.map_err(late)?
	}

	/// The same link, if its chain is the expected one and its runtime is understood.
	async fn judge(
		self,
		genesis: Option<H256>,
		compatibility: &Compatibility,
	) -> Result<Self, Error> {
		let found = self.chain.genesis_hash();
		if let Some(expected) = genesis.filter(|expected| *expected != found) {
			return Err(Error::OtherChain { url: self.url, expected, found });
		}
		let late = |_| Error::Timeout { what: "the chain's version", after: CONNECT_TIMEOUT };
		let reading = timeout(CONNECT_TIMEOUT, self.chain.at_current_block());
		let at = reading.await.map_err(late)?.map_err(Error::query)?;
		compatibility.check_anew(at.spec_version(), at.metadata_ref())?;
		Ok(self)
	}

	/// Whether the node still answers over this connection. Errors of other requests do not tell
	/// reliably whether the node or the line to it is at fault.
	pub(crate) async fn is_alive(&self) -> bool {
		let ping = self.rpc.request::<String>("system_chain", rpc_params![]);
		matches!(timeout(PING_TIMEOUT, ping).await, Ok(Ok(_)))
	}

	/// Any method's answer, in JSON; the parameters are a list in JSON.
	pub(crate) async fn request(&self, method: &str, parameters: &str) -> Result<String, Error> {
		let parameters = RawValue::from_string(parameters.into());
		let parameters = parameters
			.map_err(|error| Error::Decode { what: method.into(), reason: error.to_string() })?;
		let answer = self.rpc.request_raw(method, Some(parameters)).await;
		Ok(answer.map_err(Error::query)?.get().into())
	}

	/// The node's own methods, besides those that subxt wraps.
	pub(crate) fn methods(&self) -> LegacyRpcMethods<RpcConfigFor<Config>> {
		LegacyRpcMethods::new(self.rpc.clone())
	}
}

/// The present link, and where to find the next one.
pub(crate) struct Connection {
	endpoints: Vec<String>,
	compatibility: Compatibility,
	genesis: H256,
	link: RwLock<Arc<Link>>,
	renewing: Mutex<()>,
}

impl Connection {
	/// Connects to the first endpoint that answers and serves a chain that is understood.
	///
	/// # Errors
	///
	/// [`Error::NoEndpoint`]; as [`Self::renew`] when no endpoint is right.
	pub(crate) async fn open(
		endpoints: Vec<String>,
		compatibility: Compatibility,
	) -> Result<Self, Error> {
		let link = first_right(endpoints.iter(), None, 0, &compatibility).await?;
		let genesis = link.chain.genesis_hash();
		let (link, renewing) = (RwLock::new(Arc::new(link)), Mutex::new(()));
		Ok(Self { endpoints, compatibility, genesis, link, renewing })
	}

	/// The connection in use.
	pub(crate) fn link(&self) -> Arc<Link> {
		self.link.read().unwrap_or_else(PoisonError::into_inner).clone()
	}

	/// What is compared with each runtime.
	pub(crate) fn compatibility(&self) -> &Compatibility {
		&self.compatibility
	}

	/// Replaces a broken connection, trying each endpoint once, the one after the broken first. Endpoints
	/// that are of another chain, or that are not understood, are passed over.
	///
	/// Whoever finds it replaced already gets the replacement.
	///
	/// # Errors
	///
	/// When no endpoint is right: [`Error::Connect`] of one that may be right later, else
	/// [`Error::OtherChain`] or [`Error::Incompatible`].
	pub(crate) async fn renew(&self, broken: &Link) -> Result<Arc<Link>, Error> {
		let _turn = self.renewing.lock().await;
		let current = self.link();
		if current.generation != broken.generation {
			return Ok(current);
		}
		let at = self.endpoints.iter().position(|url| *url == broken.url).unwrap_or(0);
		let next = self.endpoints.iter().cycle().skip(at + 1).take(self.endpoints.len());
		let (genesis, generation) = (Some(self.genesis), broken.generation + 1);
		let link = first_right(next, genesis, generation, &self.compatibility).await?;
		log::info!("connected to {}", link.url);
		let link = Arc::new(link);
		*self.link.write().unwrap_or_else(PoisonError::into_inner) = link.clone();
		Ok(link)
	}
}

/// The first of these endpoints that answers and serves this chain, or any if none is named, with a runtime
/// that is understood. One that is wrong does not keep us from the others: it is named in a warning.
async fn first_right(
	endpoints: impl Iterator<Item = &String>,
	genesis: Option<H256>,
	generation: u64,
	compatibility: &Compatibility,
) -> Result<Link, Error> {
	let mut outcome = Error::NoEndpoint;
	for url in endpoints {
		let link = match Link::open(url, generation).await {
			Ok(link) => link.judge(genesis, compatibility).await,
			Err(error) => Err(error),
		};
		let error = match link {
			Ok(link) => return Ok(link),
			Err(error) => error,
		};
		log::warn!("{url} is passed over: {error}");
		// What may be right later is worth to wait for, whatever else is wrong.
		if error.is_retryable() || !outcome.is_retryable() {
			outcome = error;
		}
	}
	Err(outcome)
}

/// An error and its causes on one line.
fn text(error: &dyn std::error::Error) -> String {
	let mut text = error.to_string();
	let mut cause = error.source();
	while let Some(error) = cause {
		let more = error.to_string();
		if !text.contains(&more) {
			text = format!("{text}: {more}");
		}
		cause = error.source();
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;

	#[tokio::test]
	async fn without_an_endpoint_or_a_node_the_error_says_what_to_do() {
		let known = || Compatibility::with(crate::known_metadata().unwrap());
		let error = Connection::open(Vec::new(), known()).await.err().expect("no endpoint");
		assert!(error.to_string().contains("ws://") && !error.is_retryable());
		// Port 9 is `discard`: nobody serves it.
		let endpoints = vec!["ws://127.0.0.1:9".into()];
		let error = Connection::open(endpoints, known()).await.err().expect("no node");
		assert!(matches!(&error, Error::Connect { url, .. } if url.ends_with(":9")), "{error}");
		assert!(error.is_retryable());
	}
}
