//! One live connection to one of several nodes of a chain.

use crate::{Config, Error};
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
	genesis: H256,
	link: RwLock<Arc<Link>>,
	renewing: Mutex<()>,
}

impl Connection {
	/// Connects to the first endpoint that answers.
	///
	/// # Errors
	///
	/// [`Error::NoEndpoint`], or the last endpoint's [`Error::Connect`].
	pub(crate) async fn open(endpoints: Vec<String>) -> Result<Self, Error> {
		let mut outcome = Err(Error::NoEndpoint);
		for url in &endpoints {
			outcome = Link::open(url, 0).await;
			if outcome.is_ok() {
				break;
			}
		}
		let link = outcome?;
		let genesis = link.chain.genesis_hash();
		let (link, renewing) = (RwLock::new(Arc::new(link)), Mutex::new(()));
		Ok(Self { endpoints, genesis, link, renewing })
	}

	/// The connection in use.
	pub(crate) fn link(&self) -> Arc<Link> {
		self.link.read().unwrap_or_else(PoisonError::into_inner).clone()
	}

	/// Replaces a broken connection, trying each endpoint once, the one after the broken first.
	///
	/// Whoever finds it replaced already gets the replacement.
	///
	/// # Errors
	///
	/// [`Error::Connect`] when no endpoint answers; [`Error::OtherChain`] when one answers that
	/// serves another chain.
	pub(crate) async fn renew(&self, broken: &Link) -> Result<Arc<Link>, Error> {
		let _turn = self.renewing.lock().await;
		let current = self.link();
		if current.generation != broken.generation {
			return Ok(current);
		}
		let at = self.endpoints.iter().position(|url| *url == broken.url).unwrap_or(0);
		let mut outcome = Err(Error::NoEndpoint);
		for step in 1..=self.endpoints.len() {
			let Some(url) = self.endpoints.get((at + step) % self.endpoints.len()) else { break };
			outcome = Link::open(url, broken.generation + 1).await;
			if outcome.is_ok() {
				break;
			}
		}
		let link = outcome?;
		let found = link.chain.genesis_hash();
		if found != self.genesis {
			return Err(Error::OtherChain { url: link.url, expected: self.genesis, found });
		}
		log::info!("connected to {}", link.url);
		let link = Arc::new(link);
		*self.link.write().unwrap_or_else(PoisonError::into_inner) = link.clone();
		Ok(link)
	}
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
		let error = Connection::open(Vec::new()).await.err().expect("no endpoint");
		assert!(error.to_string().contains("ws://") && !error.is_retryable());
		// Port 9 is `discard`: nobody serves it.
		let error = Connection::open(vec!["ws://127.0.0.1:9".into()]).await.err().expect("no node");
		assert!(matches!(&error, Error::Connect { url, .. } if url.ends_with(":9")), "{error}");
		assert!(error.is_retryable());
	}
}
