//! A runtime with this pallet, whose time a test sets by hand.

use crate as pallet_providers;
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{HoldConsideration, Inspect, InspectHold},
		ConstU32, ConstU64, ConstantStoragePrice, VariantCountOf,
	},
};
use mutirao_traits::{Clock, Withdrawals};
use mutirao_types::{ActiveBlock, ActiveBlocks, OfferId};
use sp_runtime::{BuildStorage, DispatchResult, Weight};

type Block = frame_system::mocking::MockBlock<Test>;
pub(crate) type AccountId = u64;

/// A buyer.
pub(crate) const ANA: AccountId = 1;
/// A provider.
pub(crate) const PIA: AccountId = 2;
/// Somebody else, provider or challenger.
pub(crate) const RUI: AccountId = 3;
/// Nobody: the account does not exist.
pub(crate) const ZOE: AccountId = 4;

/// What Ana, Pia and Rui have each.
pub(crate) const MONEY: u64 = 1_000_000;
/// The least that an account can have.
pub(crate) const EXISTENTIAL: u64 = 10;
pub(crate) const MINIMUM_STAKE: u64 = 1_000;
/// What is held for an offer.
pub(crate) const PER_OFFER: u64 = 300;
pub(crate) const UNBONDING: ActiveBlocks = 100;
pub(crate) const MAX_OFFER_BLOCKS: ActiveBlocks = 2_000;
pub(crate) const FAILURES: u32 = 3;
pub(crate) const FAILURE_PERIOD: ActiveBlocks = 50;
pub(crate) const MAX_OFFERS: u32 = 3;
pub(crate) const HALF_LIFE: ActiveBlocks = 1_000;
/// What it takes to ask whether an offer may be withdrawn.
pub(crate) const OBJECTION_WEIGHT: Weight = Weight::from_parts(7, 7);
/// When a test begins.
pub(crate) const START: ActiveBlock = 10;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Providers = pallet_providers::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u64>;
	type Block = Block;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type ExistentialDeposit = ConstU64<EXISTENTIAL>;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

parameter_types! {
	pub const RentReason: RuntimeHoldReason =
		RuntimeHoldReason::Providers(pallet_providers::HoldReason::OfferStorage);
	pub const StakeReason: RuntimeHoldReason =
		RuntimeHoldReason::Providers(pallet_providers::HoldReason::Stake);
	pub static Now: ActiveBlock = START;
	pub static Objects: bool = false;
}

impl Clock for Now {
	fn now() -> ActiveBlock {
		Self::get()
	}
}

impl pallet_providers::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Rent = HoldConsideration<
		AccountId,
		Balances,
		RentReason,
		ConstantStoragePrice<ConstU64<PER_OFFER>, u64>,
	>;
	type Clock = Now;
	type MinimumStake = ConstU64<MINIMUM_STAKE>;
	type CollateralFactor = ConstU32<2>;
	type UnbondingBlocks = ConstU32<UNBONDING>;
	type FailurePeriod = ConstU32<FAILURE_PERIOD>;
	type FailuresToPause = ConstU32<FAILURES>;
	type MaxOfferBlocks = ConstU32<MAX_OFFER_BLOCKS>;
	type MaxOffers = ConstU32<MAX_OFFERS>;
	type ReputationHalfLife = ConstU32<HALF_LIFE>;
	type Withdrawals = Objection;
	type WeightInfo = ();
}

/// Whether something has to be answered for before an offer can be withdrawn.
pub struct Objection;

impl Withdrawals for Objection {
	fn withdrawn(_: OfferId) -> DispatchResult {
		match Objects::get() {
			true => Err("objection".into()),
			false => Ok(()),
		}
	}

	fn weight() -> Weight {
		OBJECTION_WEIGHT
	}
}

/// Runs a test on a fresh chain, and checks the invariants after it.
pub(crate) fn run(test: impl FnOnce()) {
	externalities().execute_with(|| {
		System::set_block_number(1);
		Now::set(START);
		Objects::set(false);
		test();
		assert_eq!(Providers::do_try_state(), Ok(()));
	});
}

pub(crate) fn externalities() -> sp_io::TestExternalities {
	RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(ANA, MONEY), (PIA, MONEY), (RUI, MONEY)],
			..Default::default()
		},
		..Default::default()
	}
	.build_storage()
	.expect("genesis builds")
	.into()
}

pub(crate) fn staked(who: AccountId) -> u64 {
	Balances::balance_on_hold(&StakeReason::get(), &who)
}

pub(crate) fn rent(who: AccountId) -> u64 {
	Balances::balance_on_hold(&RentReason::get(), &who)
}

/// All that an account has, holds apart.
pub(crate) fn free(who: AccountId) -> u64 {
	Balances::balance(&who)
}
