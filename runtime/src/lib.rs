//! The Mutirão runtime: the chain's state transition function.
//!
//! [`configs`] wires each pallet, [`apis`] is what the node calls, [`constants`] holds every number
//! of the protocol that is not a pallet's own, [`genesis_presets`] the chains one can start.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]
// The runtime macros expand to items that carry no docs of their own.
#![allow(missing_docs)]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
pub mod genesis_presets;
mod market_api;
pub mod migrations;
pub mod weights;

use alloc::vec::Vec;
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

/// What signs a transaction: sr25519, ed25519 or ecdsa.
pub type Signature = MultiSignature;
/// A public key, or its hash: 32 bytes.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// An amount in planck; 10¹² planck are one MUT.
pub type Balance = u128;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// A block's or any other 32-byte hash.
pub type Hash = sp_core::H256;
/// A block's height.
pub type BlockNumber = u32;
/// How a transaction names an account.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What a transaction carries besides its call. The standard set and nothing else: a wallet that
/// does not know an extension cannot sign.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// A transaction as it travels.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a signature covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;
/// Dispatches a block to the pallets.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

impl_opaque_keys! {
	/// The keys with which a validator takes part in consensus.
	pub struct SessionKeys {
		pub babe: Babe,
		pub grandpa: Grandpa,
		pub authority_discovery: AuthorityDiscovery,
	}
}

/// The version is read from the source text by a macro, which takes only a literal for each number.
macro_rules! version {
	($spec_version:tt) => {
		/// `spec_version` rises with every change of meaning, `transaction_version` when a call's
		/// encoding changes in a way that old signatures would not survive.
		#[sp_version::runtime_version]
		pub const VERSION: RuntimeVersion = RuntimeVersion {
			spec_name: alloc::borrow::Cow::Borrowed("mutirao"),
			impl_name: alloc::borrow::Cow::Borrowed("mutirao"),
			authoring_version: 1,
			spec_version: $spec_version,
			impl_version: 0,
			apis: apis::RUNTIME_API_VERSIONS,
			transaction_version: 1,
			system_version: 1,
		};
	};
}

#[cfg(not(feature = "next-spec-version"))]
version!(1);
#[cfg(feature = "next-spec-version")]
version!(2);

/// The WASM that this build of the runtime was compiled to.
///
/// # Errors
///
/// When the crate was built with `SKIP_WASM_BUILD` set.
#[cfg(feature = "std")]
pub fn wasm_binary() -> Result<&'static [u8], &'static str> {
	WASM_BINARY.ok_or("this build carries no runtime WASM: build again with SKIP_WASM_BUILD unset")
}

/// The WASM of the next version, for tests of the upgrade to it.
#[cfg(all(feature = "std", feature = "upgraded-wasm"))]
pub mod upgraded {
	include!(concat!(env!("OUT_DIR"), "/upgraded_wasm_binary.rs"));
}

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	// Indices are part of every call's and event's encoding: they never change and never return.
	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Runtime>;
	#[runtime::pallet_index(1)]
	pub type Babe = pallet_babe::Pallet<Runtime>;
	#[runtime::pallet_index(2)]
	pub type Timestamp = pallet_timestamp::Pallet<Runtime>;

	// Money.
	#[runtime::pallet_index(5)]
	pub type Balances = pallet_balances::Pallet<Runtime>;
	#[runtime::pallet_index(6)]
	pub type TransactionPayment = pallet_transaction_payment::Pallet<Runtime>;
	#[runtime::pallet_index(7)]
	pub type Treasury = pallet_treasury::Pallet<Runtime>;

	// Consensus and staking. Authorship comes before Session: it must credit a block's author with
	// the validator set in which the block was made.
	#[runtime::pallet_index(10)]
	pub type Authorship = pallet_authorship::Pallet<Runtime>;
	#[runtime::pallet_index(11)]
	pub type Staking = pallet_staking::Pallet<Runtime>;
	#[runtime::pallet_index(12)]
	pub type VoterList = pallet_bags_list::Pallet<Runtime, Instance1>;
	#[runtime::pallet_index(13)]
	pub type Offences = pallet_offences::Pallet<Runtime>;
	#[runtime::pallet_index(14)]
	pub type Historical = pallet_session::historical::Pallet<Runtime>;
	#[runtime::pallet_index(15)]
	pub type Session = pallet_session::Pallet<Runtime>;
	#[runtime::pallet_index(16)]
	pub type Grandpa = pallet_grandpa::Pallet<Runtime>;
	#[runtime::pallet_index(17)]
	pub type AuthorityDiscovery = pallet_authority_discovery::Pallet<Runtime>;

	// Accounts' conveniences.
	#[runtime::pallet_index(20)]
	pub type Utility = pallet_utility::Pallet<Runtime>;
	#[runtime::pallet_index(21)]
	pub type Multisig = pallet_multisig::Pallet<Runtime>;
	#[runtime::pallet_index(22)]
	pub type Proxy = pallet_proxy::Pallet<Runtime>;

	// Running the chain.
	#[runtime::pallet_index(30)]
	pub type Preimage = pallet_preimage::Pallet<Runtime>;
	#[runtime::pallet_index(31)]
	pub type Scheduler = pallet_scheduler::Pallet<Runtime>;
	#[runtime::pallet_index(32)]
	pub type SafeMode = pallet_safe_mode::Pallet<Runtime>;
	#[runtime::pallet_index(33)]
	pub type TxPause = pallet_tx_pause::Pallet<Runtime>;
	#[runtime::pallet_index(34)]
	pub type MultiBlockMigrations = pallet_migrations::Pallet<Runtime>;
	#[runtime::pallet_index(39)]
	pub type Sudo = pallet_sudo::Pallet<Runtime>;

	// The market. Jobs comes first: its clock ticks before anything asks it. Attestations remembers the
	// last block's randomness before Benchmarks asks for it.
	#[runtime::pallet_index(40)]
	pub type Jobs = pallet_jobs::Pallet<Runtime>;
	#[runtime::pallet_index(41)]
	pub type Programs = pallet_programs::Pallet<Runtime>;
	#[runtime::pallet_index(42)]
	pub type Providers = pallet_providers::Pallet<Runtime>;
	#[runtime::pallet_index(43)]
	pub type Attestations = pallet_attestations::Pallet<Runtime>;
	#[runtime::pallet_index(44)]
	pub type Benchmarks = pallet_benchmarks::Pallet<Runtime>;
}

/// What can be signed and sent.
impl<LocalCall> frame_system::offchain::CreateTransactionBase<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

/// Equivocation reports travel without a signature: the proof is their authority.
impl<LocalCall> frame_system::offchain::CreateBare<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}

/// Bytes of an opaque key-ownership proof, decoded by the pallets.
pub(crate) type OpaqueProof = Vec<u8>;
