//! The JavaScript libraries that wallets are made of.

use anyhow::{ensure, Context, Result};
use mutirao_e2e::Node;
use serde_json::Value;
use std::{path::PathBuf, process::Command};

/// Runs a script of `tests/wallets`; its one line of JSON.
pub(crate) fn wallet(script: &str, args: &[&str]) -> Result<Value> {
	let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../wallets");
	ensure!(
		folder.join("node_modules").is_dir(),
		"the wallets' libraries are not installed: run `npm ci` in tests/wallets, or scripts/test"
	);
	let output = Command::new("node")
		.current_dir(folder)
		.arg(script)
		.args(args)
		.output()
		.context("cannot run node; scripts/setup installs it")?;
	let stderr = String::from_utf8_lossy(&output.stderr);
	ensure!(output.status.success(), "{script}: {stderr}");
	let stdout = String::from_utf8(output.stdout)?;
	serde_json::from_str(stdout.lines().last().unwrap_or_default()).context(stdout)
}

pub(crate) fn sees_the_token(answer: &Value) -> Result<()> {
	ensure!(answer["symbol"] == "MUT" && answer["decimals"] == 12, "{answer}");
	ensure!(answer["ss58"] == 4711, "{answer}");
	let fee: u128 = answer["fee"].as_str().unwrap_or_default().parse()?;
	ensure!(fee > 0, "{answer}");
	Ok(())
}

#[tokio::test]
async fn polkadot_js_transfers_over_the_legacy_rpc() -> Result<()> {
	let node = Node::dev().await?;
	sees_the_token(&wallet("polkadot-js.mjs", &[&node.ws_url()])?)
}

#[tokio::test]
async fn polkadot_api_transfers_over_the_new_rpc() -> Result<()> {
	let node = Node::dev().await?;
	sees_the_token(&wallet("polkadot-api.mjs", &[&node.ws_url()])?)
}
