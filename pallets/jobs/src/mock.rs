//! A runtime with this pallet; what it asks of other pallets is answered by [`doubles`].

pub(crate) mod doubles;

use crate as pallet_jobs;
pub(crate) use doubles::*;
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::{HoldConsideration, InspectHold},
		tokens::imbalance::ResolveTo,
		ConstU32, ConstU64, ConstU8, Footprint, Hooks, VariantCountOf,
	},
};
use sp_runtime::{traits::Convert, BuildStorage, Percent, Permill};

type Block = frame_system::mocking::MockBlock<Test>;
pub(crate) type AccountId = u64;

/// Buys.
pub(crate) const BIA: AccountId = 1;
/// Computes.
pub(crate) const PIA: AccountId = 2;
/// Anybody else.
pub(crate) const ANA: AccountId = 3;
pub(crate) const TREASURY: AccountId = 4;
/// What each of them has; the treasury has the least that an account needs.
pub(crate) const MONEY: u64 = 10_000_000;
pub(crate) const ED: u64 = 10;
/// What is held for a job's place: so much, and a planck for each byte of its buffers' names.
pub(crate) const RENT: u64 = 281 + 40 * WRITTEN as u64;
/// Least collateral, in audit fees.
pub(crate) const LEAST_COLLATERAL: u32 = 4;
/// What an audit costs besides a tenth of a planck for each step.
pub(crate) const AUDIT_BASE: u64 = 1;

pub(crate) const MINIMUM_CAP: u64 = 5;
pub(crate) const MAX_SAMPLES: u8 = 16;
pub(crate) const MAX_WORKGROUP: u64 = 5_000;
pub(crate) const MAX_ACCEPT: u32 = 100;
pub(crate) const MAX_ATTEST: u32 = 200;
pub(crate) const MIN_CONTEST: u32 = 10;
pub(crate) const MAX_CONTEST: u32 = 50;
pub(crate) const HISTORY: u32 = 30;
pub(crate) const MAX_BATCH: u32 = 8;

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
	pub type Jobs = pallet_jobs::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u64>;
	type Block = Block;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type ExistentialDeposit = ConstU64<ED>;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

parameter_types! {
	pub const RentReason: RuntimeHoldReason =
		RuntimeHoldReason::Jobs(pallet_jobs::HoldReason::JobStorage);
	pub const Treasury: AccountId = TREASURY;
	pub const ProtocolFee: Permill = Permill::from_percent(2);
	pub const FaultShare: Percent = Percent::from_percent(10);
	pub const FailurePenalty: Percent = Percent::from_percent(25);
	/// What all accounts together must have after a test.
	pub(crate) static Issuance: u64 = 3 * MONEY + ED;
}

pub struct AuditPrice;

impl Convert<u64, u64> for AuditPrice {
	fn convert(steps: u64) -> u64 {
		steps / 10 + AUDIT_BASE
	}
}

pub struct RentPrice;

impl Convert<Footprint, u64> for RentPrice {
	fn convert(footprint: Footprint) -> u64 {
		RENT - 40 * u64::from(WRITTEN) + footprint.size - Jobs::footprint(0).size
	}
}

impl pallet_jobs::Config for Test {
	type AuditPrice = AuditPrice;
	type Contest = TestContest;
	type Currency = Balances;
	type FailurePenalty = FailurePenalty;
	type FaultShare = FaultShare;
	type HistoryBlocks = ConstU32<HISTORY>;
	type LeastCollateral = ConstU32<LEAST_COLLATERAL>;
	type MaxAcceptBlocks = ConstU32<MAX_ACCEPT>;
	type MaxAttestBlocks = ConstU32<MAX_ATTEST>;
	type MaxBatch = ConstU32<MAX_BATCH>;
	type MaxContestBlocks = ConstU32<MAX_CONTEST>;
	type MaxSamples = ConstU8<MAX_SAMPLES>;
	type MaxWorkgroupSteps = ConstU64<MAX_WORKGROUP>;
	type MinContestBlocks = ConstU32<MIN_CONTEST>;
	type MinimumPriceCap = ConstU64<MINIMUM_CAP>;
	type OnFee = ResolveTo<Treasury, Balances>;
	type Programs = TestPrograms;
	type ProtocolFee = ProtocolFee;
	type Providers = TestProviders;
	type Rent = HoldConsideration<AccountId, Balances, RentReason, RentPrice>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Standstill = TestStandstill;
	type WeightInfo = ();
}

/// Runs a test on a fresh chain, and checks after it that the invariants hold and that no money has
/// come or gone.
pub(crate) fn run(test: impl FnOnce()) {
	externalities().execute_with(|| {
		test();
		check();
	});
}

/// Checks what must hold whatever happens.
#[track_caller]
pub(crate) fn check() {
	Jobs::do_try_state().expect("the invariants hold");
	assert_eq!(Balances::total_issuance(), Issuance::get(), "money came or went");
	let live = crate::Jobs::<Test>::iter_keys().count();
	assert_eq!(Uses::get() as usize, live, "each live job uses its program once");
}

pub(crate) fn externalities() -> sp_io::TestExternalities {
	doubles::reset();
	Issuance::reset();
	let mut externalities: sp_io::TestExternalities = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(BIA, MONEY), (PIA, MONEY), (ANA, MONEY), (TREASURY, ED)],
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
		System::set_block_number(System::block_number() + 1);
		Jobs::on_initialize(System::block_number());
	}
}

pub(crate) fn free(who: AccountId) -> u64 {
	Balances::free_balance(who)
}

/// What is on hold for somebody's jobs, and for their places.
pub(crate) fn held(who: AccountId) -> (u64, u64) {
	let escrow = RuntimeHoldReason::Jobs(pallet_jobs::HoldReason::Escrow);
	(Balances::balance_on_hold(&escrow, &who), Balances::balance_on_hold(&RentReason::get(), &who))
}
