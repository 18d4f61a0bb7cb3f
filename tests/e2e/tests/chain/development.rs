//! A one-validator development chain.

use anyhow::{ensure, Context, Result};
use jsonrpsee::rpc_params;
use mutirao_client::Client;
use mutirao_e2e::{wait_for, Node};
use std::{
	io::{Read, Write},
	net::TcpStream,
	time::Duration,
};
use subxt_signer::sr25519::dev;

const SOON: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_development_chain_produces_finalises_and_takes_a_transfer() -> Result<()> {
	let node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let bob = dev::bob().public_key().to_account_id();
	let before = client.free_balance(&bob).await?;
	let amount = 1_500_000_000_000;
	let receipt = client.transfer(&dev::alice(), bob, amount).await?;
	ensure!(receipt.block_number > 0 && receipt.fee > 0, "{receipt:?}");
	ensure!(client.free_balance(&bob).await? == before + amount);
	wait_for("three finalised blocks", SOON, || async {
		Ok((node.rpc.finalized().await? >= 3).then_some(()))
	})
	.await?;
	Ok(())
}

#[tokio::test]
async fn a_transfer_that_would_empty_its_sender_fails_with_the_pallets_error() -> Result<()> {
	let node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let bob = dev::bob().public_key().to_account_id();
	let everything = client.free_balance(&dev::alice().public_key().to_account_id()).await?;
	let error = client.transfer(&dev::alice(), bob, everything).await.expect_err("must fail");
	let text = format!("{error}");
	ensure!(text.contains("failed") || text.contains("not included"), "unhelpful error: {text}");
	Ok(())
}

#[tokio::test]
async fn accounts_are_named_by_either_address() -> Result<()> {
	let node = Node::dev().await?;
	// Alice, with this chain's prefix and with the generic one.
	for address in [
		"gZRUkf7Dz9gMomMVEVhwZd7XZsyMuvqLBpyq428Yv14qyMe21",
		"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
	] {
		let next = node.rpc.call("system_accountNextIndex", rpc_params![address]).await?;
		ensure!(next == 0, "{address}: {next}");
	}
	Ok(())
}

#[tokio::test]
async fn the_node_tells_token_methods_health_and_metrics() -> Result<()> {
	let node = Node::dev().await?;
	let properties = node.rpc.call("system_properties", rpc_params![]).await?;
	ensure!(properties["tokenSymbol"] == "MUT", "{properties}");
	ensure!(properties["tokenDecimals"] == 12, "{properties}");
	ensure!(properties["ss58Format"] == 4711, "{properties}");

	let methods = node.rpc.call("rpc_methods", rpc_params![]).await?.to_string();
	for method in [
		"chain_getHeader",
		"author_submitAndWatchExtrinsic",
		"chainHead_v1_follow",
		"transactionWatch_v1_submitAndWatch",
		"babe_epochAuthorship",
		"grandpa_proveFinality",
		"sync_state_genSyncSpec",
		"payment_queryInfo",
		"system_accountNextIndex",
	] {
		ensure!(methods.contains(&format!("\"{method}\"")), "{method} is not served");
	}

	wait_for("a block that a light client can start from", SOON, || async {
		Ok((node.rpc.finalized().await? >= 1).then_some(()))
	})
	.await?;
	let checkpoint = node.rpc.call("sync_state_genSyncSpec", rpc_params![true]).await?;
	ensure!(checkpoint["lightSyncState"].is_object(), "a light client gets no checkpoint");

	let health = http_get(node.rpc_port(), "/health")?;
	ensure!(health.contains("isSyncing"), "{health}");
	let metrics = http_get(node.prometheus_port(), "/metrics")?;
	ensure!(metrics.contains("substrate_block_height"), "no block height in the metrics");
	Ok(())
}

fn http_get(port: u16, path: &str) -> Result<String> {
	let mut stream = TcpStream::connect(("127.0.0.1", port))?;
	stream.set_read_timeout(Some(Duration::from_secs(10)))?;
	write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
	let mut answer = String::new();
	stream.read_to_string(&mut answer).context("no answer over HTTP")?;
	ensure!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
	Ok(answer)
}
