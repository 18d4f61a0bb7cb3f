//! From an account to a candidate validator, as docs/operating/validator.md says, over public
//! interfaces. (That eras turn and pay is tested on whole blocks, in the runtime's tests.)

use anyhow::{ensure, Context, Result};
use jsonrpsee::rpc_params;
use mutirao_client::{api, Client};
use mutirao_e2e::Node;
use subxt::utils::MultiAddress;
use subxt_signer::sr25519::{dev, Keypair};

const MUT: u128 = 1_000_000_000_000;

fn bytes(answer: &serde_json::Value) -> Result<Vec<u8>> {
	let text = answer.as_str().with_context(|| format!("no bytes in {answer}"))?;
	let digits = text.trim_start_matches("0x");
	(0..digits.len())
		.step_by(2)
		.map(|at| Ok(u8::from_str_radix(digits.get(at..at + 2).context("odd length")?, 16)?))
		.collect()
}

async fn bond(client: &Client, who: &Keypair, value: u128) -> Result<()> {
	let payee = api::runtime_types::pallet_staking::RewardDestination::Stash;
	client.submit(&api::transactions().staking().bond(value, payee), who).await?;
	Ok(())
}

/// How many candidates there are. (A candidate's preferences have a default, so that reading them
/// does not tell whether it is one.)
async fn candidates(client: &Client) -> Result<u32> {
	let at = client.chain().at_current_block().await?;
	let counter = at.storage().entry(api::storage().staking().counter_for_validators())?;
	Ok(counter.try_fetch(()).await?.context("the counter is stored")?.decode()?)
}

#[tokio::test]
async fn an_account_bonds_registers_keys_validates_and_is_nominated() -> Result<()> {
	let node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let (eve, ferdie) = (dev::eve(), dev::ferdie());
	let account = eve.public_key().to_account_id();

	bond(&client, &eve, 1_000 * MUT).await?;
	let owner = node_hex(&account.0);
	let answer = node.rpc.call("author_rotateKeysWithOwner", rpc_params![owner]).await?;
	let (keys, proof) = (bytes(&answer["keys"])?, bytes(&answer["proof"])?);
	let key = |index: usize| keys[32 * index..][..32].try_into();
	let keys = api::runtime_types::mutirao_runtime::SessionKeys {
		babe: api::runtime_types::sp_consensus_babe::app::Public(key(0)?),
		grandpa: api::runtime_types::sp_consensus_grandpa::app::Public(key(1)?),
		authority_discovery: api::runtime_types::sp_authority_discovery::app::Public(key(2)?),
	};
	client.submit(&api::transactions().session().set_keys(keys, proof), &eve).await?;
	ensure!(candidates(&client).await? == 1, "a candidate before it asked");
	let prefs = api::runtime_types::pallet_staking::ValidatorPrefs {
		commission: api::runtime_types::sp_arithmetic::per_things::Perbill(50_000_000),
		blocked: false,
	};
	client.submit(&api::transactions().staking().validate(prefs), &eve).await?;
	ensure!(candidates(&client).await? == 2, "no candidate");

	bond(&client, &ferdie, 10 * MUT).await?;
	let targets = vec![MultiAddress::Id(account)];
	client.submit(&api::transactions().staking().nominate(targets), &ferdie).await?;
	Ok(())
}

fn node_hex(bytes: &[u8]) -> String {
	bytes.iter().fold(String::from("0x"), |text, byte| format!("{text}{byte:02x}"))
}
