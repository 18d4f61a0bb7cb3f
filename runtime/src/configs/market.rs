//! The market: where its pallets meet.

use super::{
	accounts::WorkerKeys,
	fees::{ExecutionFee, TreasuryAccount},
	system::MAXIMUM_BLOCK_WEIGHT,
};
use crate::{
	constants::{
		currency::deposit,
		market::{
			COLLATERAL_FACTOR, DEMAND_DEPOSIT, DRAW_BLOCKS, FAILURES_TO_PAUSE,
			FAILURE_PENALTY_PERCENT, FAILURE_PERIOD_BLOCKS, FAULT_SHARE_PERCENT, GRACE_BLOCKS,
			HISTORY_BLOCKS, LEAST_COLLATERAL_FACTOR, LONE_DRAW_BLOCKS, LOST_CLAIM_PENALTY,
			MAX_ACCEPT_BLOCKS, MAX_ATTEST_BLOCKS, MAX_BATCH, MAX_CONTEST_BLOCKS, MAX_DEMANDS,
			MAX_OFFERS, MAX_OFFER_BLOCKS, MAX_SAMPLES, MAX_TERMS, MINIMUM_PRICE_CAP, MINIMUM_STAKE,
			MIN_CONTEST_BLOCKS, OPEN_BLOCKS, PROTOCOL_FEE_PERCENT, RECENT_WINDOWS,
			REEXECUTION_PERCENT, REPORT_REWARD, REPUTATION_HALF_LIFE_BLOCKS, RING_BLOCKS,
			SCORE_BLOCKS, SUPPLY_BLOCKS, UNBONDING_BLOCKS,
		},
		time::BLOCK_TIME_MS,
	},
	AccountId, Attestations, Babe, Balance, Balances, Benchmarks, Jobs, MultiBlockMigrations,
	Programs, Providers, Runtime, RuntimeHoldReason, SafeMode, Timestamp,
};
use frame_support::{
	migrations::MultiStepMigrator,
	parameter_types,
	traits::{
		fungible::HoldConsideration, tokens::imbalance::ResolveTo, ConstU128, ConstU32, ConstU64,
		ConstU8, Footprint, Get,
	},
	weights::{constants::ExtrinsicBaseWeight, WeightToFee},
};
use frame_system::EnsureRoot;
use mutirao_traits::Standstill;
use mutirao_types::Steps;
use pallet_attestations::WeightInfo as _;
use sp_runtime::{
	traits::{Convert, SaturatedConversion},
	Perbill, Percent, Permill,
};

const MILLION: Steps = 1_000_000;
/// What one re-execution may take of a block.
const REEXECUTION_SHARE: Perbill = Perbill::from_percent(REEXECUTION_PERCENT);

parameter_types! {
	pub const ProgramStorage: RuntimeHoldReason =
		RuntimeHoldReason::Programs(pallet_programs::HoldReason::Storage);
	pub const OfferStorage: RuntimeHoldReason =
		RuntimeHoldReason::Providers(pallet_providers::HoldReason::OfferStorage);
	pub const JobStorage: RuntimeHoldReason =
		RuntimeHoldReason::Jobs(pallet_jobs::HoldReason::JobStorage);
	pub const ProtocolFee: Permill = Permill::from_percent(PROTOCOL_FEE_PERCENT);
	pub const FaultShare: Percent = Percent::from_percent(FAULT_SHARE_PERCENT);
	pub const FailurePenalty: Percent = Percent::from_percent(FAILURE_PENALTY_PERCENT);
}

/// What the place for entries costs. (The SDK's `LinearStoragePrice` charges all bytes once for each
/// entry.)
pub struct StoragePrice;

impl Convert<Footprint, Balance> for StoragePrice {
	fn convert(footprint: Footprint) -> Balance {
		deposit(footprint.count.saturated_into(), footprint.size.saturated_into())
	}
}

/// A hold for the place that something takes, for a reason.
type Rent<Reason> = HoldConsideration<AccountId, Balances, Reason, StoragePrice>;

/// Safe mode, and migrations that take many blocks.
pub struct ChainStandsStill;

impl Standstill for ChainStandsStill {
	fn stands_still() -> bool {
		SafeMode::is_entered() || MultiBlockMigrations::ongoing()
	}
}

type AttestationsWeight = pallet_attestations::weights::SubstrateWeight<Runtime>;

/// What an opening would cost if it were paid as a transaction, its witness apart: its base, and its
/// steps.
pub struct AuditPrice;

impl Convert<Steps, Balance> for AuditPrice {
	fn convert(steps: Steps) -> Balance {
		let kilosteps = u32::try_from(steps.div_ceil(1_000)).unwrap_or(u32::MAX);
		let weight = ExtrinsicBaseWeight::get()
			.saturating_add(AttestationsWeight::open())
			.saturating_add(AttestationsWeight::execute_kilosteps(kilosteps));
		ExecutionFee::weight_to_fee(&weight)
	}
}

/// So many steps, in whole millions, that re-executing them fits into a part of a block with the longest
/// program and the largest witness there are.
pub struct MaxWorkgroupSteps;

impl Get<Steps> for MaxWorkgroupSteps {
	fn get() -> Steps {
		let of = |steps| Attestations::largest_reexecution_weight(steps).ref_time();
		let rest = ExtrinsicBaseWeight::get().ref_time().saturating_add(of(0));
		let million = of(MILLION).saturating_sub(of(0));
		let most = REEXECUTION_SHARE * MAXIMUM_BLOCK_WEIGHT.ref_time();
		let millions = most.saturating_sub(rest).checked_div(million).unwrap_or(0);
		millions.saturating_mul(MILLION)
	}
}

impl pallet_programs::Config for Runtime {
	type MaxTerms = ConstU32<MAX_TERMS>;
	type Rent = Rent<ProgramStorage>;
	type WeightInfo = pallet_programs::weights::SubstrateWeight<Runtime>;
}

impl pallet_providers::Config for Runtime {
	type Clock = pallet_jobs::ActiveClock<Runtime>;
	type CollateralFactor = ConstU32<COLLATERAL_FACTOR>;
	type Currency = Balances;
	type FailurePeriod = ConstU32<FAILURE_PERIOD_BLOCKS>;
	type FailuresToPause = ConstU32<FAILURES_TO_PAUSE>;
	type MaxOfferBlocks = ConstU32<MAX_OFFER_BLOCKS>;
	type MaxOffers = ConstU32<MAX_OFFERS>;
	type MinimumStake = ConstU128<MINIMUM_STAKE>;
	type Rent = Rent<OfferStorage>;
	type ReputationHalfLife = ConstU32<REPUTATION_HALF_LIFE_BLOCKS>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type UnbondingBlocks = ConstU32<UNBONDING_BLOCKS>;
	type Withdrawals = Benchmarks;
	type WeightInfo = pallet_providers::weights::SubstrateWeight<Runtime>;
}

/// How many blocks' VRF outputs draw workgroups.
pub struct DrawBlocks;

impl Get<u32> for DrawBlocks {
	fn get() -> u32 {
		match pallet_babe::Authorities::<Runtime>::decode_len() {
			Some(1) => LONE_DRAW_BLOCKS,
			_ => DRAW_BLOCKS,
		}
	}
}

/// Every block has a VRF output: secondary slots carry one too.
pub struct LastVrf;

impl Get<Option<[u8; 32]>> for LastVrf {
	fn get() -> Option<[u8; 32]> {
		Babe::author_vrf_randomness()
	}
}

impl pallet_attestations::Config for Runtime {
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::MarketHelper;
	type Clock = pallet_jobs::ActiveClock<Runtime>;
	type Currency = Balances;
	type DemandDeposit = ConstU128<DEMAND_DEPOSIT>;
	type DrawBlocks = DrawBlocks;
	type GraceBlocks = ConstU32<GRACE_BLOCKS>;
	type Jobs = Jobs;
	type LastVrf = LastVrf;
	type MaxDemands = ConstU8<MAX_DEMANDS>;
	type MaxWorkgroupSteps = MaxWorkgroupSteps;
	type OpenBlocks = ConstU32<OPEN_BLOCKS>;
	type Programs = Programs;
	type RingBlocks = ConstU32<RING_BLOCKS>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SupplyBlocks = ConstU32<SUPPLY_BLOCKS>;
	type WeightInfo = AttestationsWeight;
	type WorkerKeys = WorkerKeys;
}

impl pallet_benchmarks::Config for Runtime {
	type AuditPrice = AuditPrice;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::MarketHelper;
	type BlockMs = ConstU64<BLOCK_TIME_MS>;
	type Checker = Attestations;
	type Clock = pallet_jobs::ActiveClock<Runtime>;
	type Currency = Balances;
	type LastVrf = LastVrf;
	type ManageOrigin = EnsureRoot<AccountId>;
	type OnFee = ResolveTo<TreasuryAccount, Balances>;
	type Penalties = Providers;
	type Penalty = ConstU128<LOST_CLAIM_PENALTY>;
	type Programs = Programs;
	type RecentWindows = ConstU32<RECENT_WINDOWS>;
	type Reward = ConstU128<REPORT_REWARD>;
	type ScoreBlocks = ConstU32<SCORE_BLOCKS>;
	type Scores = Providers;
	type Time = Timestamp;
	type WeightInfo = pallet_benchmarks::weights::SubstrateWeight<Runtime>;
	type WorkerKeys = WorkerKeys;
}

impl pallet_jobs::Config for Runtime {
	type AuditPrice = AuditPrice;
	type Contest = Attestations;
	type Currency = Balances;
	type FailurePenalty = FailurePenalty;
	type FaultShare = FaultShare;
	type HistoryBlocks = ConstU32<HISTORY_BLOCKS>;
	type LeastCollateral = ConstU32<LEAST_COLLATERAL_FACTOR>;
	type MaxAcceptBlocks = ConstU32<MAX_ACCEPT_BLOCKS>;
	type MaxAttestBlocks = ConstU32<MAX_ATTEST_BLOCKS>;
	type MaxBatch = ConstU32<MAX_BATCH>;
	type MaxContestBlocks = ConstU32<MAX_CONTEST_BLOCKS>;
	type MaxSamples = ConstU8<MAX_SAMPLES>;
	type MaxWorkgroupSteps = MaxWorkgroupSteps;
	type MinContestBlocks = ConstU32<MIN_CONTEST_BLOCKS>;
	type MinimumPriceCap = ConstU128<MINIMUM_PRICE_CAP>;
	type OnFee = ResolveTo<TreasuryAccount, Balances>;
	type Programs = Programs;
	type ProtocolFee = ProtocolFee;
	type Providers = Providers;
	type Rent = Rent<JobStorage>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Standstill = ChainStandsStill;
	type WeightInfo = pallet_jobs::weights::SubstrateWeight<Runtime>;
}
