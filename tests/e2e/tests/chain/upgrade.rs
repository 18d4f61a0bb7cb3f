//! A forkless upgrade of a running chain.

use anyhow::{ensure, Context, Result};
use jsonrpsee::rpc_params;
use mutirao_client::{api, Client};
use mutirao_e2e::{wait_for, Node};
use std::time::Duration;
use subxt_signer::sr25519::dev;

const SOON: Duration = Duration::from_secs(90);

async fn spec_version(node: &Node) -> Result<u64> {
	let version = node.rpc.call("state_getRuntimeVersion", rpc_params![]).await?;
	version["specVersion"].as_u64().context("no specVersion")
}

/// The upgraded runtime carries the metadata's hash, as a release does: a wallet that signs over
/// that hash is refused before the upgrade and served after it.
#[tokio::test]
async fn sudo_upgrades_the_runtime_while_blocks_go_on() -> Result<()> {
	let node = Node::dev().await?;
	ensure!(spec_version(&node).await? == 1);
	let refused = super::wallets::wallet("polkadot-js.mjs", &[&node.ws_url(), "--metadata-hash"]);
	ensure!(refused.is_err(), "the runtime has no metadata hash to check");

	let code = mutirao_runtime::upgraded::WASM_BINARY.context("built without WASM")?.to_vec();
	let set_code = api::runtime_types::frame_system::pallet::Call::set_code_without_checks { code };
	let call = api::runtime_types::mutirao_runtime::RuntimeCall::System(set_code);
	let client = Client::connect(&node.ws_url()).await?;
	let weight = api::runtime_types::sp_weights::weight_v2::Weight { ref_time: 0, proof_size: 0 };
	let sudo = api::transactions().sudo().sudo_unchecked_weight(call, weight);
	let receipt = client.submit(&sudo, &dev::alice()).await?;

	wait_for("the new runtime", SOON, || async {
		Ok((spec_version(&node).await? == 2).then_some(()))
	})
	.await?;
	wait_for("blocks after the upgrade", SOON, || async {
		Ok((node.rpc.finalized().await? >= receipt.block_number + 3).then_some(()))
	})
	.await?;
	let answer = super::wallets::wallet("polkadot-js.mjs", &[&node.ws_url(), "--metadata-hash"])?;
	super::wallets::sees_the_token(&answer)
}
