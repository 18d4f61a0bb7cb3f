//! The chains that can be started: a development chain, a local test network, and the template of
//! a public one. A chain spec names one of these; nothing about genesis lives in the node.

use crate::{
	configs::{TreasuryAccount, BABE_GENESIS_EPOCH_CONFIG},
	constants::{
		consensus::MAX_VALIDATORS,
		currency::{EXISTENTIAL_DEPOSIT, MUT},
		SS58_PREFIX,
	},
	AccountId, BabeConfig, Balance, BalancesConfig, RuntimeGenesisConfig, SessionConfig,
	SessionKeys, StakingConfig, SudoConfig,
};
use alloc::{vec, vec::Vec};
use frame_support::{build_struct_json_patch, traits::TypedGet};
use pallet_staking::{Forcing, StakerStatus};
use serde_json::Value;
use sp_core::crypto::{
	get_public_from_string_or_panic, set_default_ss58_version, Ss58AddressFormat,
};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring;
use sp_runtime::Perbill;

/// The template of a public network: no sudo key, and validators' keys to be replaced.
pub const TESTNET_TEMPLATE_PRESET: &str = "testnet-template";

const ENDOWMENT: Balance = 1_000_000 * MUT;
const STAKE: Balance = 10_000 * MUT;

/// A validator at genesis: its stash, and the keys its node signs with.
struct Validator {
	stash: AccountId,
	keys: SessionKeys,
}

impl Validator {
	/// A validator whose keys all derive from a well-known development seed such as `Alice`.
	fn from_seed(seed: &str) -> Self {
		Self {
			stash: get_public_from_string_or_panic::<sp_core::sr25519::Public>(seed).into(),
			keys: SessionKeys {
				babe: get_public_from_string_or_panic::<sp_consensus_babe::AuthorityId>(seed),
				grandpa: get_public_from_string_or_panic::<sp_consensus_grandpa::AuthorityId>(seed),
				authority_discovery: get_public_from_string_or_panic::<
					sp_authority_discovery::AuthorityId,
				>(seed),
			},
		}
	}
}

/// Genesis with these validators, all accounts endowed alike, and a sudo key only if one is given.
fn genesis(validators: Vec<Validator>, endowed: Vec<AccountId>, sudo: Option<AccountId>) -> Value {
	let validator_count = validators.len() as u32;
	let mut accounts = endowed;
	for validator in &validators {
		if !accounts.contains(&validator.stash) {
			accounts.push(validator.stash.clone());
		}
	}
	let stakers = validators
		.iter()
		.map(|v| (v.stash.clone(), v.stash.clone(), STAKE, StakerStatus::Validator))
		.collect::<Vec<_>>();
	let keys =
		validators.into_iter().map(|v| (v.stash.clone(), v.stash, v.keys)).collect::<Vec<_>>();
	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig {
			// The treasury exists from the start, so that no fee is too small for it.
			balances: accounts
				.into_iter()
				.map(|who| (who, ENDOWMENT))
				.chain([(TreasuryAccount::get(), EXISTENTIAL_DEPOSIT)])
				.collect(),
		},
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		session: SessionConfig { keys },
		staking: StakingConfig {
			validator_count,
			minimum_validator_count: validator_count.min(4),
			force_era: Forcing::NotForcing,
			slash_reward_fraction: Perbill::from_percent(10),
			stakers,
			min_nominator_bond: 10 * MUT,
			min_validator_bond: 1_000 * MUT,
			max_validator_count: Some(2 * MAX_VALIDATORS),
			max_nominator_count: Some(10_000),
		},
		sudo: SudoConfig { key: sudo },
	})
}

/// Accounts whose secrets everybody knows, for development only.
fn well_known_accounts() -> Vec<AccountId> {
	Sr25519Keyring::well_known().map(|key| key.to_account_id()).collect()
}

fn development() -> Value {
	genesis(
		vec![Validator::from_seed("Alice")],
		well_known_accounts(),
		Some(Sr25519Keyring::Alice.to_account_id()),
	)
}

fn local_testnet() -> Value {
	// Four: GRANDPA with three validators tolerates none being down.
	genesis(
		["Alice", "Bob", "Charlie", "Dave"].map(Validator::from_seed).into(),
		well_known_accounts(),
		Some(Sr25519Keyring::Alice.to_account_id()),
	)
}

/// Seeds of the template's validators. Everyone can derive them, so a node refuses to run a public
/// chain that still has one (docs/operating/public-network.md).
pub const TEMPLATE_SEEDS: [&str; 4] =
	["replace-me-1", "replace-me-2", "replace-me-3", "replace-me-4"];

fn testnet_template() -> Value {
	genesis(TEMPLATE_SEEDS.map(Validator::from_seed).into(), Vec::new(), None)
}

/// Lets genesis name accounts as wallets show them. An unregistered prefix is refused unless it is
/// the default; addresses of the generic prefix are read all the same.
pub fn use_own_addresses() {
	set_default_ss58_version(Ss58AddressFormat::custom(SS58_PREFIX));
}

/// The JSON patch of the named preset.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	use_own_addresses();
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => development(),
		LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
		TESTNET_TEMPLATE_PRESET => testnet_template(),
		_ => return None,
	};
	Some(serde_json::to_string(&patch).expect("a JSON value serialises; qed").into_bytes())
}

/// The names that [`get_preset`] knows.
pub fn preset_names() -> Vec<PresetId> {
	[DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET, TESTNET_TEMPLATE_PRESET]
		.map(PresetId::from)
		.into()
}
