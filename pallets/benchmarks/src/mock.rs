//! A runtime with this pallet and the market's own registries, stake and checking: draws and
//! re-executions are real. Jobs, time and randomness are [`doubles`].

mod device;
mod doubles;

use crate as pallet_benchmarks;
pub(crate) use device::*;
pub(crate) use doubles::*;
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{HoldConsideration, InspectHold},
		tokens::imbalance::ResolveTo,
		ConstU32, ConstU64, ConstU8, ConstantStoragePrice, Hooks, Nothing, VariantCountOf,
	},
};
use frame_system::EnsureRoot;
use mutirao_types::Steps;
use sp_runtime::{traits::Convert, BuildStorage};

type Block = frame_system::mocking::MockBlock<Test>;
pub(crate) type AccountId = u64;

/// Registers the benchmark's program.
pub(crate) const ANA: AccountId = 1;
/// Provides.
pub(crate) const PIA: AccountId = 2;
/// Provides, too.
pub(crate) const RUI: AccountId = 3;
/// Looks what others do.
pub(crate) const CAIO: AccountId = 4;
/// Has what claims pay.
pub(crate) const TREASURY: AccountId = 5;
/// Proves for Pia.
pub(crate) const PIAS_KEY: AccountId = 6;
/// What each of the others has.
pub(crate) const MONEY: u64 = 1_000_000;
pub(crate) const STAKE: u64 = 10_000;
/// Odd, so that halves are rounded.
pub(crate) const PENALTY: u64 = 1_001;

/// What a report is worth.
pub(crate) const REWARD: u64 = 70;
/// What it costs to check a workgroup without a step.
pub(crate) const AUDIT_BASE: u64 = 75;

pub(crate) const DRAW: u32 = 3;
pub(crate) const RING: u32 = 64;
pub(crate) const BLOCK_MS: u64 = 3_000;
pub(crate) const RECENT: u32 = 4;
pub(crate) const SCORE_BLOCKS: u32 = 500;

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
	pub type Programs = pallet_programs::Pallet<Test>;
	#[runtime::pallet_index(3)]
	pub type Providers = pallet_providers::Pallet<Test>;
	#[runtime::pallet_index(4)]
	pub type Attestations = pallet_attestations::Pallet<Test>;
	#[runtime::pallet_index(5)]
	pub type Benchmarks = pallet_benchmarks::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u64>;
	type Block = Block;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

parameter_types! {
	pub const Treasury: AccountId = TREASURY;
	pub const ProgramRent: RuntimeHoldReason =
		RuntimeHoldReason::Programs(pallet_programs::HoldReason::Storage);
	pub const OfferRent: RuntimeHoldReason =
		RuntimeHoldReason::Providers(pallet_providers::HoldReason::OfferStorage);
}

type Rent<Reason> =
	HoldConsideration<AccountId, Balances, Reason, ConstantStoragePrice<ConstU64<100>, u64>>;

impl pallet_programs::Config for Test {
	type MaxTerms = ConstU32<4_096>;
	type Rent = Rent<ProgramRent>;
	type WeightInfo = ();
}

impl pallet_providers::Config for Test {
	type Clock = TestClock;
	type CollateralFactor = ConstU32<2>;
	type Currency = Balances;
	type FailurePeriod = ConstU32<100>;
	type FailuresToPause = ConstU32<3>;
	type MaxOfferBlocks = ConstU32<1_000_000>;
	type MaxOffers = ConstU32<8>;
	type MinimumStake = ConstU64<1_000>;
	type Rent = Rent<OfferRent>;
	type ReputationHalfLife = ConstU32<1_000>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type UnbondingBlocks = ConstU32<5>;
	type WeightInfo = ();
	type Withdrawals = Benchmarks;
}

impl pallet_attestations::Config for Test {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = TestHelper;
	type Clock = TestClock;
	type Currency = Balances;
	type DemandDeposit = ConstU64<10>;
	type DrawBlocks = ConstU32<DRAW>;
	type GraceBlocks = ConstU32<5>;
	type Jobs = NoJobs;
	type LastVrf = TestVrf;
	type MaxDemands = ConstU8<3>;
	type MaxWorkgroupSteps = ConstU64<100_000_000>;
	type OpenBlocks = ConstU32<10>;
	type Programs = Programs;
	type RingBlocks = ConstU32<RING>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SupplyBlocks = ConstU32<7>;
	type WeightInfo = ();
	type WorkerKeys = Nothing;
}

impl pallet_benchmarks::Config for Test {
	type AuditPrice = AuditPrice;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = TestHelper;
	type BlockMs = ConstU64<BLOCK_MS>;
	type Checker = Attestations;
	type Clock = TestClock;
	type Currency = Balances;
	type LastVrf = TestVrf;
	type ManageOrigin = EnsureRoot<AccountId>;
	type OnFee = ResolveTo<Treasury, Balances>;
	type Penalties = Providers;
	type Penalty = ConstU64<PENALTY>;
	type Programs = Programs;
	type RecentWindows = ConstU32<RECENT>;
	type Reward = ConstU64<REWARD>;
	type ScoreBlocks = ConstU32<SCORE_BLOCKS>;
	type Scores = Providers;
	type Time = TestTime;
	type WeightInfo = ();
	type WorkerKeys = TestKeys;
}

/// What drawing and re-executing one workgroup of so many steps costs.
pub struct AuditPrice;

impl Convert<Steps, u64> for AuditPrice {
	fn convert(steps: Steps) -> u64 {
		AUDIT_BASE + steps / 1_000
	}
}

/// Runs a test on a fresh chain, and checks the invariants after it.
pub(crate) fn run(test: impl FnOnce()) {
	externalities().execute_with(|| {
		test();
		check();
	});
}

/// Checks what must hold whatever happens.
#[track_caller]
pub(crate) fn check() {
	Benchmarks::do_try_state().expect("the invariants hold");
	Providers::do_try_state().expect("providers' invariants hold");
	Programs::do_try_state().expect("programs' invariants hold");
}

pub(crate) fn externalities() -> sp_io::TestExternalities {
	let mut externalities: sp_io::TestExternalities = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(ANA, MONEY), (PIA, MONEY), (RUI, MONEY), (CAIO, MONEY)],
			..Default::default()
		},
		..Default::default()
	}
	.build_storage()
	.expect("genesis builds")
	.into();
	// Events of block 0 are not kept.
	externalities.execute_with(|| System::set_block_number(1));
	externalities
}

/// Lets blocks pass.
pub(crate) fn pass(blocks: u32) {
	for _ in 0..blocks {
		Active::set(&(Active::get() + 1));
		stand_still(1);
	}
}

/// Lets blocks pass in which no deadline comes nearer.
pub(crate) fn stand_still(blocks: u32) {
	for _ in 0..blocks {
		System::set_block_number(System::block_number() + 1);
		Attestations::on_initialize(System::block_number());
		// As on the chain, the timestamp still is the last block's here.
		Benchmarks::on_initialize(System::block_number());
		Millis::set(&(Millis::get() + BLOCK_MS));
	}
}

/// Lets time pass until a moment.
pub(crate) fn pass_until(moment: u32) {
	pass(moment - Active::get());
}

/// What a provider has as stake.
pub(crate) fn stake(who: AccountId) -> u64 {
	let reason = pallet_providers::HoldReason::Stake.into();
	Balances::balance_on_hold(&reason, &who)
}

pub(crate) fn free(who: AccountId) -> u64 {
	Balances::free_balance(who)
}
