//! docs/operating/public-network.md, followed with one validator.

use crate::operator::succeed;
use anyhow::{ensure, Result};
use mutirao_e2e::{wait_for, NodeOptions};
use serde_json::{json, Value};
use std::{fs, path::Path, time::Duration};

const SOON: Duration = Duration::from_secs(90);
const MUT: u64 = 1_000_000_000_000;
/// The key types of a validator and their schemes.
const KEYS: [(&str, &str); 3] = [("babe", "sr25519"), ("gran", "ed25519"), ("audi", "sr25519")];

/// A new key, its secret in the file `name`; its address.
fn generate(home: &Path, name: &str, scheme: &str) -> Result<String> {
	let key = succeed(&["key", "generate", "--scheme", scheme, "--output-type", "json"])?;
	let key: Value = serde_json::from_str(&key)?;
	fs::write(home.join(name), key["secretPhrase"].as_str().unwrap_or_default())?;
	Ok(key["ss58PublicKey"].as_str().unwrap_or_default().to_owned())
}

/// The template with one validator, whose keys are new, in the place of its four.
fn finished_template(home: &Path) -> Result<Value> {
	let template = succeed(&["export-chain-spec", "--chain", "testnet-template"])?;
	let mut spec: Value = serde_json::from_str(&template)?;
	let stash = generate(home, "stash", "sr25519")?;
	let [babe, grandpa, discovery] = KEYS.map(|(kind, scheme)| generate(home, kind, scheme));
	let keys = json!({ "babe": babe?, "grandpa": grandpa?, "authority_discovery": discovery? });
	let genesis = &mut spec["genesis"]["runtimeGenesis"]["patch"];
	genesis["balances"]["balances"] = json!([[stash, 1_000_000 * MUT]]);
	genesis["staking"]["stakers"] = json!([[stash, stash, 10_000 * MUT, "Validator"]]);
	genesis["staking"]["validatorCount"] = 1.into();
	genesis["staking"]["minimumValidatorCount"] = 1.into();
	genesis["session"]["keys"] = json!([[stash, stash, keys]]);
	Ok(spec)
}

#[tokio::test]
async fn a_finished_template_starts_a_network_of_its_own_keys() -> Result<()> {
	let home = tempfile::tempdir()?;
	let path = |name: &str| home.path().join(name).to_string_lossy().into_owned();
	let (plain, raw, node_key) = (path("plain.json"), path("spec.json"), path("node-key"));
	fs::write(&plain, finished_template(home.path())?.to_string())?;
	fs::write(&raw, succeed(&["export-chain-spec", "--chain", &plain, "--raw"])?)?;
	succeed(&["key", "generate-node-key", "--file", &node_key])?;

	let options =
		NodeOptions::new(&["--validator", "--chain", &raw, "--node-key-file", &node_key])?;
	let data = options.folder.path().join("data").to_string_lossy().into_owned();
	for (kind, scheme) in KEYS {
		let (place, key) = (["--chain", &raw, "--base-path", &data], path(kind));
		let key = ["--key-type", kind, "--scheme", scheme, "--suri", &key];
		succeed(&[&["key", "insert"], &place[..], &key[..]].concat())?;
	}
	let node = options.start().await?;
	wait_for("a finalised block of the new network", SOON, || async {
		Ok((node.rpc.finalized().await? >= 1).then_some(()))
	})
	.await?;
	let kind = node.rpc.call("system_chainType", jsonrpsee::rpc_params![]).await?;
	ensure!(kind == "Live", "{kind}");
	Ok(())
}
