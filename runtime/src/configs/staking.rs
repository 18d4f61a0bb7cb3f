//! Nominated proof of stake: who validates, what they earn, what they lose.

use super::fees::TreasuryAccount;
use crate::{
	constants::{
		consensus::{MAX_ELECTABLE_TARGETS, MAX_ELECTING_VOTERS, MAX_NOMINATIONS, MAX_VALIDATORS},
		time::{BONDING_ERAS, SESSIONS_PER_ERA, SLASH_DEFER_ERAS},
	},
	AccountId, Balance, Balances, Runtime, RuntimeEvent, RuntimeHoldReason, Session, Staking,
	Timestamp, VoterList,
};
use frame_election_provider_support::{
	bounds::{ElectionBounds, ElectionBoundsBuilder},
	onchain, SequentialPhragmen, VoteWeight,
};
use frame_support::{
	parameter_types,
	traits::{tokens::imbalance::ResolveTo, ConstBool, ConstU32},
};
use frame_system::EnsureRoot;
use sp_runtime::{curve::PiecewiseLinear, Perbill};

// Yearly issuance as a share of the total: 2.5 % when nobody stakes, 10 % when half is staked,
// falling again above. The rest up to the maximum goes to the treasury.
pallet_staking_reward_curve::build! {
	const REWARD_CURVE: PiecewiseLinear<'static> = curve!(
		min_inflation: 0_025_000,
		max_inflation: 0_100_000,
		ideal_stake: 0_500_000,
		falloff: 0_050_000,
		max_piece_count: 40,
		test_precision: 0_005_000,
	);
}

/// Bags of voters: powers of two of vote weight. 44 bags keep an election's voters nearly sorted.
const BAGS: usize = 44;
const SMALLEST_BAG_LOG2: u32 = 20;
const BAG_THRESHOLDS: [VoteWeight; BAGS] = bag_thresholds();

const fn bag_thresholds() -> [VoteWeight; BAGS] {
	let mut bags = [0; BAGS];
	let mut i = 0;
	while i < BAGS {
		bags[i] = 1 << (SMALLEST_BAG_LOG2 + i as u32);
		i += 1;
	}
	bags
}

parameter_types! {
	pub const RewardCurve: &'static PiecewiseLinear<'static> = &REWARD_CURVE;
	pub const BagThresholds: &'static [VoteWeight] = &BAG_THRESHOLDS;
	/// An election takes the largest voters and gives up the rest: it must fit in one block.
	pub Bounds: ElectionBounds = ElectionBoundsBuilder::default()
		.voters_count(MAX_ELECTING_VOTERS.into())
		.targets_count(MAX_ELECTABLE_TARGETS.into())
		.build();
}

/// The election runs in the block that ends a session, by sequential Phragmén.
pub struct OnChainElection;

impl onchain::Config for OnChainElection {
	type Bounds = Bounds;
	type DataProvider = Staking;
	type MaxBackersPerWinner = ConstU32<MAX_ELECTING_VOTERS>;
	type MaxWinnersPerPage = ConstU32<MAX_VALIDATORS>;
	type Solver = SequentialPhragmen<AccountId, Perbill>;
	type Sort = ConstBool<true>;
	type System = Runtime;
	type WeightInfo = frame_election_provider_support::weights::SubstrateWeight<Runtime>;
}

/// Sizes used only when weights are measured.
pub struct StakingBenchmarks;

impl pallet_staking::BenchmarkingConfig for StakingBenchmarks {
	type MaxNominators = ConstU32<MAX_ELECTING_VOTERS>;
	type MaxValidators = ConstU32<MAX_ELECTABLE_TARGETS>;
}

impl pallet_staking::Config for Runtime {
	type AdminOrigin = EnsureRoot<AccountId>;
	type BenchmarkingConfig = StakingBenchmarks;
	type BondingDuration = ConstU32<BONDING_ERAS>;
	type Currency = Balances;
	type CurrencyBalance = Balance;
	type CurrencyToVote = sp_staking::currency_to_vote::U128CurrencyToVote;
	type ElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type EraPayout = pallet_staking::ConvertCurve<RewardCurve>;
	type EventListeners = ();
	type Filter = frame_support::traits::Nothing;
	type GenesisElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type HistoryDepth = ConstU32<84>;
	type MaxControllersInDeprecationBatch = ConstU32<64>;
	type MaxExposurePageSize = ConstU32<256>;
	type MaxUnlockingChunks = ConstU32<32>;
	type MaxValidatorSet = ConstU32<MAX_VALIDATORS>;
	type NextNewSession = Session;
	type NominationsQuota = pallet_staking::FixedNominationsQuota<MAX_NOMINATIONS>;
	type OldCurrency = Balances;
	type Reward = ();
	type RewardRemainder = ResolveTo<TreasuryAccount, Balances>;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SessionInterface = Self;
	type SessionsPerEra = ConstU32<SESSIONS_PER_ERA>;
	type Slash = ResolveTo<TreasuryAccount, Balances>;
	type SlashDeferDuration = ConstU32<SLASH_DEFER_ERAS>;
	type TargetList = pallet_staking::UseValidatorsMap<Self>;
	type UnixTime = Timestamp;
	type VoterList = VoterList;
	type WeightInfo = pallet_staking::weights::SubstrateWeight<Runtime>;
}

impl pallet_bags_list::Config<pallet_bags_list::Instance1> for Runtime {
	type BagThresholds = BagThresholds;
	type MaxAutoRebagPerBlock = ConstU32<5>;
	type RuntimeEvent = RuntimeEvent;
	type Score = VoteWeight;
	type ScoreProvider = Staking;
	type WeightInfo = pallet_bags_list::weights::SubstrateWeight<Runtime>;
}
