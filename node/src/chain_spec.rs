//! Chain specifications: each names a genesis preset of the runtime.

use mutirao_runtime::{
	constants::{
		currency::{TOKEN_DECIMALS, TOKEN_SYMBOL},
		SS58_PREFIX,
	},
	genesis_presets::{TEMPLATE_SEEDS, TESTNET_TEMPLATE_PRESET},
	Block,
};
use sc_chain_spec::{ChainSpecExtension, ChainType, Properties};
use sc_cli::ChainSpec as _;
use serde::{Deserialize, Serialize};
use sp_core::{
	crypto::{Ss58AddressFormat, Ss58AddressFormatRegistry, Ss58Codec},
	ed25519, sr25519, Pair,
};
use std::path::Path;

/// What a specification carries besides genesis; the checkpoint lets light clients start near the
/// chain's head.
#[derive(Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Extensions {
	pub fork_blocks: sc_client_api::ForkBlocks<Block>,
	pub bad_blocks: sc_client_api::BadBlocks<Block>,
	pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

pub(crate) type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// The specification that `--chain ID` names: a preset's name or a file.
///
/// # Errors
///
/// When the file is missing or malformed, or describes a public chain with the template's keys.
pub(crate) fn load(id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
	Ok(Box::new(match id {
		"dev" => {
			preset("Mutirão Development", "mutirao_dev", ChainType::Development, "development")?
		}
		"" | "local" => {
			preset("Mutirão Local", "mutirao_local", ChainType::Local, "local_testnet")?
		}
		TESTNET_TEMPLATE_PRESET => {
			preset("Mutirão Testnet", "mutirao_testnet", ChainType::Live, TESTNET_TEMPLATE_PRESET)?
		}
		path => from_file(Path::new(path))?,
	}))
}

fn preset(name: &str, id: &str, kind: ChainType, preset: &str) -> Result<ChainSpec, String> {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), TOKEN_SYMBOL.into());
	properties.insert("tokenDecimals".into(), TOKEN_DECIMALS.into());
	properties.insert("ss58Format".into(), SS58_PREFIX.into());
	Ok(ChainSpec::builder(mutirao_runtime::wasm_binary()?, Extensions::default())
		.with_name(name)
		.with_id(id)
		.with_chain_type(kind)
		.with_genesis_config_preset_name(preset)
		.with_properties(properties)
		.build())
}

fn from_file(path: &Path) -> Result<ChainSpec, String> {
	if !path.exists() {
		return Err(format!(
			"no chain is called {0:?} and no such file exists. Known chains: dev, local, \
			 {TESTNET_TEMPLATE_PRESET}; otherwise give the path of a chain specification.",
			path.display()
		));
	}
	let spec = ChainSpec::from_json_file(path.into())?;
	if spec.chain_type() == ChainType::Live {
		let text = std::fs::read_to_string(path)
			.map_err(|e| format!("cannot read {}: {e}", path.display()))?;
		refuse_template_keys(&text)?;
	}
	Ok(spec)
}

/// Everybody can derive the template's secrets: a public chain must not depend on them.
fn refuse_template_keys(spec: &str) -> Result<(), String> {
	for seed in TEMPLATE_SEEDS {
		let keys = [written::<sr25519::Pair>(seed)?, written::<ed25519::Pair>(seed)?];
		if keys.iter().flatten().any(|form| spec.contains(form)) {
			return Err(format!(
				"this public chain still has the template's key //{seed}, whose secret everybody \
				 can derive. Put your validators' keys in its place (docs/operating/public-network.md)."
			));
		}
	}
	Ok(())
}

/// The public key of a seed as specifications write it: raw ones in hexadecimal, plain ones as an
/// address of either prefix.
fn written<P: Pair>(seed: &str) -> Result<[String; 3], String>
where
	P::Public: Ss58Codec,
{
	let key = P::from_string(&format!("//{seed}"), None)
		.map_err(|e| format!("cannot derive the template's key {seed}: {e}"))?
		.public();
	Ok([
		sp_core::bytes::to_hex(key.as_ref(), false).trim_start_matches("0x").to_owned(),
		key.to_ss58check_with_version(Ss58AddressFormatRegistry::SubstrateAccount.into()),
		key.to_ss58check_with_version(Ss58AddressFormat::custom(SS58_PREFIX)),
	])
}
