//! What an operator does besides running a node: keys, specifications, blocks in and out.

use anyhow::{ensure, Result};
use mutirao_e2e::{run_to_end, wait_for, Node};
use serde_json::Value;
use std::time::Duration;

/// How every address of prefix 4711 begins.
const ADDRESS_START: &str = "gZ";
const BRIEFLY: Duration = Duration::from_secs(120);

/// What the node's program prints; it must succeed.
pub(crate) fn succeed(args: &[&str]) -> Result<String> {
	let output = run_to_end(args, BRIEFLY)?;
	let stderr = String::from_utf8_lossy(&output.stderr);
	ensure!(output.status.success(), "`mutirao-node {}`: {stderr}", args.join(" "));
	Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn keys_are_generated_and_inspected() -> Result<()> {
	let generated: Value =
		serde_json::from_str(&succeed(&["key", "generate", "--output-type", "json"])?)?;
	let phrase = generated["secretPhrase"].as_str().unwrap_or_default();
	ensure!(phrase.split_whitespace().count() == 12, "{generated}");
	// Wallets show an account by the address of this chain's prefix; `key` must understand it.
	let address = generated["ss58Address"].as_str().unwrap_or_default();
	ensure!(address.starts_with(ADDRESS_START), "{generated}");
	let inspected = succeed(&["key", "inspect", address])?;
	ensure!(inspected.contains(generated["publicKey"].as_str().unwrap_or("?")), "{inspected}");
	Ok(())
}

#[test]
fn help_shows_examples_and_the_version_names_the_commit() -> Result<()> {
	let help = succeed(&["--help"])?;
	ensure!(help.contains("Examples:") && help.contains("--dev"));
	ensure!(succeed(&["--version"])?.starts_with("mutirao-node 0."));
	Ok(())
}

#[test]
fn a_specification_is_exported_with_the_tokens_properties() -> Result<()> {
	let spec: Value = serde_json::from_str(&succeed(&["export-chain-spec", "--chain", "local"])?)?;
	ensure!(spec["properties"]["tokenSymbol"] == "MUT");
	ensure!(spec["properties"]["tokenDecimals"] == 12);
	ensure!(spec["properties"]["ss58Format"] == 4711);
	Ok(())
}

#[tokio::test]
async fn blocks_are_exported_imported_and_purged() -> Result<()> {
	let node = Node::dev().await?;
	wait_for("five blocks", BRIEFLY, || async {
		Ok((node.rpc.finalized().await? >= 3).then_some(()))
	})
	.await?;
	let (_, options) = node.stop()?;
	let data = options.folder.path().join("data").to_string_lossy().into_owned();
	let blocks = options.folder.path().join("blocks").to_string_lossy().into_owned();
	succeed(&["export-blocks", "--binary", "--dev", "--base-path", &data, &blocks])?;
	ensure!(std::fs::metadata(&blocks)?.len() > 0);
	let copy = options.folder.path().join("copy").to_string_lossy().into_owned();
	succeed(&["import-blocks", "--binary", "--dev", "--base-path", &copy, &blocks])?;
	succeed(&["check-block", "--dev", "--base-path", &copy, "2"])?;
	succeed(&["purge-chain", "--dev", "--base-path", &data, "-y"])?;
	ensure!(!options.folder.path().join("data/chains/mutirao_dev/paritydb").exists());
	Ok(())
}
