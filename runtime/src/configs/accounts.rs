//! What accounts may do together or through others: batches, multisig, proxies.

use crate::{
	constants::currency::deposit, AccountId, Balance, Balances, OriginCaller, Proxy, Runtime,
	RuntimeCall, RuntimeEvent, System,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, Contains, InstanceFilter},
};
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, Zero};

parameter_types! {
	// Key 32 bytes; value 4 + 4 + 16 + 32 bytes and a call hash of 32.
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	pub const ProxyDepositBase: Balance = deposit(1, 8);
	// An account, a type, a delay.
	pub const ProxyDepositFactor: Balance = deposit(0, 37);
	pub const AnnouncementDepositBase: Balance = deposit(1, 8);
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
}

/// What one account lets another do in its name.
#[derive(
	Copy,
	Clone,
	Debug,
	Default,
	Eq,
	PartialEq,
	Ord,
	PartialOrd,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// Everything that moves no money and gives nobody else the right to.
	#[codec(index = 1)]
	NonTransfer,
	/// Bonding, nominating, validating and session keys.
	#[codec(index = 2)]
	Staking,
	/// A worker's hot key: serves jobs, and can never move money, set terms or resume an offer. Whoever
	/// steals it can accept jobs and fail them, each of which costs at most twice the maximum price that
	/// the owner set for one job on the offer, until so many have failed that the offer is paused; and claim in benchmark windows, once for each offer, which costs the
	/// claim's fee and the penalty of a lost one.
	#[codec(index = 3)]
	Worker,
}

/// A batch is harmless in itself: each call in it meets the proxy's filter again.
fn is_batch(call: &RuntimeCall) -> bool {
	matches!(
		call,
		RuntimeCall::Utility(
			pallet_utility::Call::batch { .. }
				| pallet_utility::Call::batch_all { .. }
				| pallet_utility::Call::force_batch { .. }
		)
	)
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			Self::Any => true,
			// A list of what is allowed: a pallet added later moves money until shown otherwise.
			Self::NonTransfer => {
				matches!(
					call,
					RuntimeCall::System(..)
						| RuntimeCall::Babe(..)
						| RuntimeCall::Timestamp(..)
						| RuntimeCall::Session(..)
						| RuntimeCall::Grandpa(..)
						| RuntimeCall::Staking(
							pallet_staking::Call::validate { .. }
								| pallet_staking::Call::nominate { .. }
								| pallet_staking::Call::chill { .. }
								| pallet_staking::Call::payout_stakers { .. }
								| pallet_staking::Call::payout_stakers_by_page { .. }
						) | RuntimeCall::VoterList(..)
						| RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. })
				) || is_batch(call)
			}
			Self::Staking => {
				matches!(
					call,
					RuntimeCall::Staking(..)
						| RuntimeCall::Session(..)
						| RuntimeCall::VoterList(..)
				) || is_batch(call)
			}
			Self::Worker => {
				matches!(
					call,
					RuntimeCall::Jobs(
						pallet_jobs::Call::accept { .. }
							| pallet_jobs::Call::give_up { .. }
							| pallet_jobs::Call::settle { .. }
					) | RuntimeCall::Attestations(
						pallet_attestations::Call::attest { .. }
							| pallet_attestations::Call::redraw { .. }
							| pallet_attestations::Call::open { .. }
							| pallet_attestations::Call::prove_fault { .. }
							| pallet_attestations::Call::supply { .. }
					) | RuntimeCall::Benchmarks(
						pallet_benchmarks::Call::claim { .. }
							| pallet_benchmarks::Call::prove { .. }
							| pallet_benchmarks::Call::conclude { .. }
					) | RuntimeCall::Providers(pallet_providers::Call::pause_offer { .. })
				) || is_batch(call)
			}
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(Self::Any, _) => true,
			(_, Self::Any) => false,
			(a, b) => a == b,
		}
	}
}

/// Pairs of an account and its [`ProxyType::Worker`] that need not wait.
pub struct WorkerKeys;

impl Contains<(AccountId, AccountId)> for WorkerKeys {
	fn contains((real, key): &(AccountId, AccountId)) -> bool {
		Proxy::find_proxy(real, key, Some(ProxyType::Worker))
			.is_ok_and(|proxy| proxy.delay.is_zero())
	}
}

impl pallet_utility::Config for Runtime {
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
	type BlockNumberProvider = System;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
}

impl pallet_proxy::Config for Runtime {
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
	type CallHasher = BlakeTwo256;
	type Currency = Balances;
	type MaxPending = ConstU32<32>;
	type MaxProxies = ConstU32<32>;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type ProxyType = ProxyType;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
}
