//! A runtime with this pallet; what it asks of other pallets is answered by [`doubles`].

pub(crate) mod doubles;
pub(crate) mod programs;

use crate as pallet_attestations;
pub(crate) use doubles::*;
use frame_support::{
	derive_impl,
	traits::{fungible::InspectHold, ConstU32, ConstU64, ConstU8, Hooks, VariantCountOf},
	weights::Weight,
};
use mutirao_types::{BufferId, Job, JobRequest, JobState, ProgramId, Target, Times};
use sp_runtime::BuildStorage;

type Block = frame_system::mocking::MockBlock<Test>;
pub(crate) type AccountId = u64;

/// Buys.
pub(crate) const BIA: AccountId = 1;
/// Computes.
pub(crate) const PIA: AccountId = 2;
/// Checks.
pub(crate) const CAIO: AccountId = 3;
/// Opens for Pia.
pub(crate) const PIAS_KEY: AccountId = 4;
/// What each of them has.
pub(crate) const MONEY: u64 = 10_000;
pub(crate) const ED: u64 = 10;

pub(crate) const DRAW: u32 = 3;
pub(crate) const RING: u32 = 16;
pub(crate) const OPEN: u32 = 10;
pub(crate) const SUPPLY: u32 = 7;
pub(crate) const GRACE: u32 = 5;
pub(crate) const ATTEST: u32 = 20;
pub(crate) const CONTEST: u32 = 12;
pub(crate) const MAX_DEMANDS: u8 = 3;
pub(crate) const DEPOSIT: u64 = 41;
pub(crate) const MAX_STEPS: u64 = 200_000;

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
	pub type Attestations = pallet_attestations::Pallet<Test>;
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

impl pallet_attestations::Config for Test {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = TestHelper;
	type Clock = TestClock;
	type Currency = Balances;
	type DemandDeposit = ConstU64<DEPOSIT>;
	type DrawBlocks = ConstU32<DRAW>;
	type GraceBlocks = ConstU32<GRACE>;
	type Jobs = TestJobs;
	type LastVrf = TestVrf;
	type MaxDemands = ConstU8<MAX_DEMANDS>;
	type MaxWorkgroupSteps = ConstU64<MAX_STEPS>;
	type OpenBlocks = ConstU32<OPEN>;
	type Programs = TestPrograms;
	type RingBlocks = ConstU32<RING>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SupplyBlocks = ConstU32<SUPPLY>;
	type WeightInfo = TestWeights;
	type WorkerKeys = TestKeys;
}

/// A digit for each part, so that a sum shows what it is made of.
pub struct TestWeights;

fn weight(part: u32, factor: u64) -> Weight {
	Weight::from_parts(u64::from(part) * factor, 0)
}

impl crate::WeightInfo for TestWeights {
	fn remember_last_vrf() -> Weight {
		weight(1, 1)
	}

	fn attest(b: u32) -> Weight {
		weight(b, 1)
	}

	fn redraw() -> Weight {
		weight(1, 1)
	}

	fn open() -> Weight {
		weight(1, 1)
	}

	fn challenge() -> Weight {
		weight(2, 1)
	}

	fn decode_program(b: u32) -> Weight {
		weight(b, 100)
	}

	fn verify_chunks(c: u32) -> Weight {
		weight(c, 10_000_000_000)
	}

	fn verify_siblings(s: u32) -> Weight {
		weight(s, 10_000_000_000_000)
	}

	fn execute_kilosteps(k: u32) -> Weight {
		weight(k, 10_000_000)
	}

	fn demand() -> Weight {
		weight(1, 1)
	}

	fn supply(s: u32) -> Weight {
		weight(s, 1)
	}

	fn close() -> Weight {
		weight(3, 1)
	}
}

/// A job of Bia's that is running.
pub(crate) fn job(
	program: ProgramId,
	parameters: Vec<u32>,
	inputs: Vec<BufferId>,
	samples: u8,
	provider: AccountId,
) -> Job<AccountId, u64> {
	let request = JobRequest {
		program,
		parameters: parameters.try_into().expect("parameters are few"),
		inputs: inputs.try_into().expect("inputs are few"),
		target: Target::Anyone,
		requirements: Default::default(),
		price_cap: 600_017,
		samples,
		times: Times { accept_within: 1, attest_within: ATTEST, contest_for: CONTEST },
	};
	Job {
		buyer: BIA,
		request,
		declared_steps: 1,
		audit_fee: 404,
		posted_at: Active::get(),
		state: JobState::Running { deal: deal(provider), until: Active::get() + ATTEST },
	}
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
	Attestations::do_try_state().expect("the invariants hold");
	assert_eq!(Balances::total_issuance(), 3 * MONEY, "money came or went");
}

pub(crate) fn externalities() -> sp_io::TestExternalities {
	let mut externalities: sp_io::TestExternalities = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(BIA, MONEY), (PIA, MONEY), (CAIO, MONEY)],
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

/// Lets blocks pass in which no time does.
pub(crate) fn stand_still(blocks: u32) {
	for _ in 0..blocks {
		System::set_block_number(System::block_number() + 1);
		Attestations::on_initialize(System::block_number());
	}
}

/// Lets time pass until a moment.
pub(crate) fn pass_until(moment: u32) {
	pass(moment - Active::get());
}

pub(crate) fn free(who: AccountId) -> u64 {
	Balances::free_balance(who)
}

/// What is on hold for somebody's demands.
pub(crate) fn held(who: AccountId) -> u64 {
	Balances::balance_on_hold(&crate::HoldReason::Demand.into(), &who)
}
