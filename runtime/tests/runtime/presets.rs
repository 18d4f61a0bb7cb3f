//! Genesis presets.

use crate::chain::Chain;
use mutirao_runtime::{genesis_presets, Babe, Grandpa, Session};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring::Alice;

#[test]
fn every_preset_builds_a_state_that_the_runtime_accepts() {
	for name in genesis_presets::preset_names() {
		let json = genesis_presets::get_preset(&name).expect("a listed preset exists");
		let text = String::from_utf8(json).unwrap();
		assert!(text.contains("session"), "{name:?} names no validators");
	}
	assert!(genesis_presets::get_preset(&"nonsense".into()).is_none());
}

#[test]
fn development_has_one_validator_and_a_sudo_key() {
	let mut chain = Chain::new(DEV_RUNTIME_PRESET);
	chain.run(|| {
		assert_eq!(Session::validators(), [Alice.to_account_id()]);
		assert_eq!(Babe::authorities().len(), 1);
		assert_eq!(
			pallet_sudo::Key::<mutirao_runtime::Runtime>::get(),
			Some(Alice.to_account_id())
		);
	});
}

#[test]
fn local_network_has_four_validators() {
	Chain::local().run(|| {
		assert_eq!(Session::validators().len(), 4);
		assert_eq!(Grandpa::grandpa_authorities().len(), 4);
	});
}

#[test]
fn public_template_has_no_sudo_key_and_endows_only_its_validators_and_the_treasury() {
	let json = genesis_presets::get_preset(&genesis_presets::TESTNET_TEMPLATE_PRESET.into());
	let patch: serde_json::Value = serde_json::from_slice(&json.unwrap()).unwrap();
	assert!(patch["sudo"]["key"].is_null());
	assert_eq!(patch["balances"]["balances"].as_array().unwrap().len(), 4 + 1);
	assert_eq!(patch["session"]["keys"].as_array().unwrap().len(), 4);
}

#[test]
fn a_single_validators_chain_draws_after_two_blocks_and_others_after_eight() {
	use frame_support::traits::Get;
	let blocks = |preset: &str| {
		Chain::new(preset)
			.run(<mutirao_runtime::Runtime as pallet_attestations::Config>::DrawBlocks::get)
	};
	assert_eq!(blocks(sp_genesis_builder::DEV_RUNTIME_PRESET), 2);
	assert_eq!(blocks(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET), 8);
}
