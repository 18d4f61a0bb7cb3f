//! JSON-RPC over HTTP, as any client would speak it.

use anyhow::{anyhow, Context, Result};
use jsonrpsee::{
	core::{client::ClientT, params::ArrayParams},
	http_client::{HttpClient, HttpClientBuilder},
	rpc_params,
};
use serde_json::Value;

/// A client of one node.
#[derive(Clone)]
pub struct Rpc {
	client: HttpClient,
}

impl Rpc {
	/// A client of the node at `http://127.0.0.1:port`; nothing is sent yet.
	pub fn new(port: u16) -> Result<Self> {
		let client = HttpClientBuilder::default()
			.max_request_size(64 * 1024 * 1024)
			.build(format!("http://127.0.0.1:{port}"))?;
		Ok(Self { client })
	}

	/// Calls any method.
	pub async fn call(&self, method: &str, params: ArrayParams) -> Result<Value> {
		self.client.request(method, params).await.with_context(|| format!("{method} failed"))
	}

	/// The height of the best block.
	pub async fn best(&self) -> Result<u64> {
		let header = self.call("chain_getHeader", rpc_params![]).await?;
		height(&header)
	}

	/// The height of the last finalised block.
	pub async fn finalized(&self) -> Result<u64> {
		let hash = self.call("chain_getFinalizedHead", rpc_params![]).await?;
		let header = self.call("chain_getHeader", rpc_params![hash]).await?;
		height(&header)
	}

	/// The hash of the block at `number`, if there is one.
	pub async fn block_hash(&self, number: u64) -> Result<Option<String>> {
		let hash = self.call("chain_getBlockHash", rpc_params![number]).await?;
		Ok(hash.as_str().map(Into::into))
	}

	/// How many peers the node has.
	pub async fn peers(&self) -> Result<u64> {
		let health = self.call("system_health", rpc_params![]).await?;
		health["peers"].as_u64().ok_or_else(|| anyhow!("no peers in {health}"))
	}
}

fn height(header: &Value) -> Result<u64> {
	let number = header["number"].as_str().ok_or_else(|| anyhow!("no number in {header}"))?;
	Ok(u64::from_str_radix(number.trim_start_matches("0x"), 16)?)
}
