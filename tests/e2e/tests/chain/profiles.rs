//! The two ways of running a node that docs/operating describes, with the flags that it gives.

use anyhow::{ensure, Context, Result};
use jsonrpsee::{
	core::{client::ClientT, params::ArrayParams},
	rpc_params,
	ws_client::WsClientBuilder,
};
use mutirao_e2e::{Node, NodeOptions};
use serde_json::Value;
use std::time::Instant;

const RPC_GUIDE: &str = include_str!("../../../../docs/operating/rpc-node.md");
const VALIDATOR_GUIDE: &str = include_str!("../../../../docs/operating/validator.md");

/// Calls a minute that the public profile allows each connection.
const RATE_LIMIT: usize = 600;
/// Calls beyond it, each of which must wait a tenth of a second.
const BEYOND_LIMIT: usize = 50;

const PUBLIC_RPC: [&str; 9] = [
	"--state-pruning archive",
	"--blocks-pruning archive",
	"--rpc-methods safe",
	"--rpc-cors all",
	"--rpc-rate-limit 600",
	"--rpc-max-connections 1000",
	"--rpc-max-request-size 9",
	"--rpc-max-subscriptions-per-connection 64",
	"--rpc-max-batch-request-len 32",
];
const VALIDATOR: [&str; 3] = ["--state-pruning 256", "--blocks-pruning 256", "--rpc-methods safe"];

async fn start(guide: &str, profile: &[&str], more: &[&str]) -> Result<Node> {
	for flag in profile {
		ensure!(guide.contains(flag), "the guide does not say {flag}");
	}
	let args = profile.iter().chain(more).flat_map(|flag| flag.split(' ')).collect::<Vec<_>>();
	NodeOptions::new(&args)?.start().await
}

async fn error_of(node: &Node, method: &str, params: ArrayParams) -> String {
	let answer = node.rpc.call(method, params).await;
	answer.map_or_else(|e| format!("{e:#}"), |value| format!("no error but {value}"))
}

async fn keeps_its_keys(node: &Node) -> Result<()> {
	for method in ["author_rotateKeysWithOwner", "author_insertKey", "system_addReservedPeer"] {
		let error = error_of(node, method, rpc_params!["0x00", "0x00", "0x00"]).await;
		ensure!(error.contains("unsafe"), "{method}: {error}");
	}
	Ok(())
}

/// The code of the answer to bytes that were read, but are no transaction.
const NO_TRANSACTION: &str = "ServerError(1040)";

#[tokio::test]
async fn a_public_rpc_node_serves_history_guards_its_keys_and_limits_calls() -> Result<()> {
	let node = start(RPC_GUIDE, &PUBLIC_RPC, &["--chain dev"]).await?;
	let height = node.rpc.call("archive_v1_finalizedHeight", rpc_params![]).await?;
	ensure!(height.is_u64(), "{height}");
	keeps_its_keys(&node).await?;

	let mebibytes = |n: usize| format!("0x{}", "00".repeat(n * 512 * 1024));
	let error = error_of(&node, "author_submitExtrinsic", rpc_params![mebibytes(8)]).await;
	ensure!(error.contains(NO_TRANSACTION), "a request of 8 MiB is read: {error}");
	let error = error_of(&node, "author_submitExtrinsic", rpc_params![mebibytes(10)]).await;
	ensure!(!error.contains(NO_TRANSACTION), "a request of 10 MiB is not: {error}");

	// A minute's calls may come at once; those after them wait for their share of the next.
	let client = WsClientBuilder::default().build(node.ws_url()).await?;
	let start = Instant::now();
	for _ in 0..RATE_LIMIT + BEYOND_LIMIT {
		let _: Value = client.request("chain_getHeader", rpc_params![]).await?;
	}
	let earned = start.elapsed().as_secs_f64() * RATE_LIMIT as f64 / 60.0;
	ensure!(earned >= BEYOND_LIMIT as f64 - 1.0, "{BEYOND_LIMIT} calls beyond the limit, {earned}");
	Ok(())
}

#[tokio::test]
async fn a_validator_guards_its_keys_and_listens_on_loopback_alone() -> Result<()> {
	let key = ["--node-key", &"1".repeat(64)].join(" ");
	let node = start(VALIDATOR_GUIDE, &VALIDATOR, &["--chain local", "--validator", &key]).await?;
	keeps_its_keys(&node).await?;
	for port in [node.rpc_port(), node.prometheus_port()] {
		let local = listening_addresses(port)?;
		ensure!(!local.is_empty(), "nobody listens on {port}");
		ensure!(local.iter().all(|address| address == "0100007F"), "{port}: {local:?}");
	}
	Ok(())
}

/// The IPv4 addresses, in the kernel's notation, on which this port listens; `::` is `*`.
fn listening_addresses(port: u16) -> Result<Vec<String>> {
	const LISTEN: &str = "0A";
	let mut found = Vec::new();
	for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
		for line in std::fs::read_to_string(table)?.lines().skip(1) {
			let fields = line.split_whitespace().collect::<Vec<_>>();
			let (address, of_port) = fields[1].split_once(':').context("no port")?;
			let loopback_v6 = "00000000000000000000000001000000";
			if fields[3] == LISTEN && of_port == format!("{port:04X}") && address != loopback_v6 {
				found.push(address.to_owned());
			}
		}
	}
	Ok(found)
}
