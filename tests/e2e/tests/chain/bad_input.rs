//! What must be refused, and must not stop a node.

use anyhow::{ensure, Result};
use jsonrpsee::{core::params::ArrayParams, rpc_params};
use mutirao_client::{api, Client};
use mutirao_e2e::{run_to_end, Node, NodeOptions};
use std::{
	io::{Read, Write},
	net::{TcpListener, TcpStream},
	time::Duration,
};
use subxt::config::DefaultExtrinsicParamsBuilder;
use subxt_signer::sr25519::dev;

const BRIEFLY: Duration = Duration::from_secs(60);
/// The code of the answer to bytes that were read, but are no transaction.
const NO_TRANSACTION: &str = "ServerError(1040)";

/// The node refuses a call and says why.
async fn refused(node: &Node, method: &str, params: ArrayParams, why: &str) -> Result<()> {
	let answer = node.rpc.call(method, params).await;
	let text = answer.map_or_else(|e| format!("{e:#}"), |value| format!("accepted: {value}"));
	ensure!(text.contains(why), "{method} should be refused ({why}), but: {text}");
	Ok(())
}

fn hex_zeros(mebibytes: usize) -> String {
	format!("0x{}", "00".repeat(mebibytes * 1024 * 1024))
}

/// The answer to a request whose header states `length` bytes.
fn post(node: &Node, length: usize, body: &str) -> Result<String> {
	let mut stream = TcpStream::connect(("127.0.0.1", node.rpc_port()))?;
	stream.set_read_timeout(Some(BRIEFLY))?;
	write!(
		stream,
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
		 Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
	)?;
	let mut answer = String::new();
	stream.read_to_string(&mut answer)?;
	Ok(answer)
}

#[tokio::test]
async fn malformed_requests_get_errors_and_the_node_lives_on() -> Result<()> {
	let mut node = Node::dev().await?;
	refused(&node, "no_such_method", rpc_params![], "Method not found").await?;
	refused(&node, "chain_getHeader", rpc_params!["zz"], "Invalid params").await?;
	let submit = "author_submitExtrinsic";
	refused(&node, submit, rpc_params!["0xffff"], NO_TRANSACTION).await?;
	// Within the request limit of 15 MiB; beyond it, the length alone decides.
	refused(&node, submit, rpc_params![hex_zeros(7)], NO_TRANSACTION).await?;
	let answer = post(&node, 40 * 1024 * 1024, "")?;
	ensure!(answer.starts_with("HTTP/1.1 413"), "{answer}");

	for body in ["", "{", "[]", "{\"jsonrpc\":\"2.0\"}", &"[".repeat(10_000)] {
		let answer = post(&node, body.len(), body)?;
		ensure!(answer.contains("error") || answer.starts_with("HTTP/1.1 4"), "{body:?}: {answer}");
	}
	ensure!(node.is_alive()?, "the node died:\n{}", node.log()?);
	ensure!(node.rpc.best().await.is_ok());
	Ok(())
}

#[tokio::test]
async fn a_used_nonce_is_refused() -> Result<()> {
	let node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let bob = dev::bob().public_key().to_account_id();
	client.transfer(&dev::alice(), bob, 1_000_000_000_000).await?;
	let at = client.chain().at_current_block().await?;
	let call = api::transactions().balances().transfer_keep_alive(bob.into(), 1_000_000_000_000);
	let params = DefaultExtrinsicParamsBuilder::new().nonce(0).build();
	let outcome = at.transactions().sign_and_submit(&call, &dev::alice(), params).await;
	let error = outcome.expect_err("a used nonce").to_string();
	ensure!(error.contains("1010") || error.to_lowercase().contains("outdated"), "{error}");
	Ok(())
}

#[tokio::test]
async fn a_transaction_larger_than_a_block_is_refused() -> Result<()> {
	let mut node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let remark = vec![0; 4 * 1024 * 1024];
	let call = api::transactions().system().remark(remark);
	let error = client.submit(&call, &dev::alice()).await.expect_err("too large").to_string();
	ensure!(error.contains("exhaust"), "{error}");
	ensure!(node.is_alive()?, "the node died:\n{}", node.log()?);
	Ok(())
}

#[test]
fn an_unknown_chain_ends_with_an_error_that_names_the_known_ones() -> Result<()> {
	let output = run_to_end(&["--chain", "no-such-chain"], BRIEFLY)?;
	ensure!(!output.status.success());
	let text = String::from_utf8_lossy(&output.stderr);
	ensure!(text.contains("no-such-chain") && text.contains("testnet-template"), "{text}");
	Ok(())
}

#[test]
fn a_public_chain_with_the_templates_keys_is_refused() -> Result<()> {
	let output = run_to_end(&["export-chain-spec", "--chain", "testnet-template"], BRIEFLY)?;
	ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
	let folder = tempfile::tempdir()?;
	let plain = folder.path().join("plain.json");
	std::fs::write(&plain, &output.stdout)?;
	let plain = plain.to_string_lossy();
	let refused = run_to_end(&["--chain", &plain, "--tmp"], BRIEFLY)?;
	let text = String::from_utf8_lossy(&refused.stderr);
	ensure!(!refused.status.success() && text.contains("replace-me"), "{text}");
	// The raw form hides addresses behind hexadecimal; it is refused all the same.
	let output =
		run_to_end(&["export-chain-spec", "--chain", "testnet-template", "--raw"], BRIEFLY)?;
	let raw = folder.path().join("raw.json");
	std::fs::write(&raw, &output.stdout)?;
	let refused = run_to_end(&["--chain", &raw.to_string_lossy(), "--tmp"], BRIEFLY)?;
	ensure!(!refused.status.success());
	Ok(())
}

#[test]
fn a_busy_port_ends_the_node_with_an_error() -> Result<()> {
	let taken = TcpListener::bind("127.0.0.1:0")?;
	let port = taken.local_addr()?.port();
	let peers = format!("--listen-addr=/ip4/127.0.0.1/tcp/{port}");
	let (rpc, metrics) = (format!("--rpc-port={port}"), format!("--prometheus-port={port}"));
	let other = "--listen-addr=/ip4/127.0.0.1/tcp/0";
	for args in [
		[peers.as_str(), "--rpc-port=0", "--no-prometheus"],
		[other, rpc.as_str(), "--no-prometheus"],
		[other, "--rpc-port=0", metrics.as_str()],
	] {
		let output = run_to_end(&[&["--dev", "--tmp"], &args[..]].concat(), BRIEFLY)?;
		ensure!(!output.status.success(), "{args:?}: the node reports success");
		let text = String::from_utf8_lossy(&output.stderr);
		ensure!(text.contains(&format!("127.0.0.1:{port} is in use")), "{args:?}: {text}");
	}
	Ok(())
}

#[test]
fn a_validator_without_a_network_key_is_refused() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let data = folder.path().to_string_lossy();
	let output = run_to_end(&["--chain", "local", "--validator", "--base-path", &data], BRIEFLY)?;
	ensure!(!output.status.success());
	let text = String::from_utf8_lossy(&output.stderr);
	ensure!(text.contains("NetworkKeyNotFound"), "{text}");
	Ok(())
}

#[tokio::test]
async fn a_database_of_another_genesis_is_refused() -> Result<()> {
	let dev = Node::dev().await?;
	let (status, options) = dev.stop()?;
	ensure!(status.success(), "a node asked to stop ended with {status}");
	// The same folder, made to look like the local chain's.
	let chains = options.folder.path().join("data/chains");
	std::fs::rename(chains.join("mutirao_dev"), chains.join("mutirao_local"))?;
	let data = options.folder.path().join("data");
	let output = run_to_end(
		&["--chain", "local", "--base-path", &data.to_string_lossy(), "--rpc-port", "0"],
		BRIEFLY,
	)?;
	ensure!(!output.status.success());
	let text = String::from_utf8_lossy(&output.stderr).to_lowercase();
	ensure!(text.contains("genesis"), "{text}");
	Ok(())
}

#[tokio::test]
async fn nodes_of_different_chains_do_not_become_peers() -> Result<()> {
	let key = "0000000000000000000000000000000000000000000000000000000000000001";
	let dev = NodeOptions::new(&["--dev", "--node-key", key])?.start().await?;
	let port = dev.p2p_port();
	let address = format!(
		"/ip4/127.0.0.1/tcp/{port}/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"
	);
	let other = NodeOptions::new(&["--chain", "local", "--bootnodes", &address])?.start().await?;
	tokio::time::sleep(Duration::from_secs(8)).await;
	ensure!(dev.rpc.peers().await? == 0 && other.rpc.peers().await? == 0, "they became peers");
	Ok(())
}
