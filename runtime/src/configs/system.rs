//! The base: blocks, their limits, time.

use crate::{
	constants::{time::BLOCK_TIME_MS, SS58_PREFIX},
	AccountId, Babe, Balance, Block, BlockNumber, Hash, MultiBlockMigrations, Nonce, PalletInfo,
	Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask, SafeMode, TxPause, VERSION,
};
use frame_support::{
	derive_impl,
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU16, ConstU32, ConstU64, InsideBoth},
	weights::{
		constants::{
			BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight, WEIGHT_REF_TIME_PER_SECOND,
		},
		Weight,
	},
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::Perbill;
use sp_version::RuntimeVersion;

/// Ordinary transactions fill at most this share of a block; the rest is kept for operational ones.
const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);
/// What hooks are assumed to take; it bounds the largest single transaction.
const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(10);
/// One second of execution in each three-second block. The proof size is unbounded: no relay chain
/// carries our state proofs.
pub(super) const MAXIMUM_BLOCK_WEIGHT: Weight =
	Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND, u64::MAX);
const MAXIMUM_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

parameter_types! {
	pub const BlockHashCount: BlockNumber = 2_400;
	pub const Version: RuntimeVersion = VERSION;
	pub RuntimeBlockLength: BlockLength = BlockLength::builder()
		.max_length(MAXIMUM_BLOCK_BYTES)
		.modify_max_length_for_class(DispatchClass::Normal, |bytes| {
			*bytes = NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_BYTES;
		})
		.build();
	pub RuntimeBlockWeights: BlockWeights = BlockWeights::builder()
		.base_block(BlockExecutionWeight::get())
		.for_class(DispatchClass::all(), |weights| {
			weights.base_extrinsic = ExtrinsicBaseWeight::get();
		})
		.for_class(DispatchClass::Normal, |weights| {
			weights.max_total = Some(NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT);
		})
		.for_class(DispatchClass::Operational, |weights| {
			weights.max_total = Some(MAXIMUM_BLOCK_WEIGHT);
			weights.reserved =
				Some(MAXIMUM_BLOCK_WEIGHT - NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_WEIGHT);
		})
		.avg_block_initialization(AVERAGE_ON_INITIALIZE_RATIO)
		.build_or_panic();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type AccountId = AccountId;
	type AccountData = pallet_balances::AccountData<Balance>;
	type BaseCallFilter = InsideBoth<SafeMode, TxPause>;
	type Block = Block;
	type BlockHashCount = BlockHashCount;
	type BlockLength = RuntimeBlockLength;
	type BlockWeights = RuntimeBlockWeights;
	type DbWeight = ParityDbWeight;
	type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
	type Hash = Hash;
	type MaxConsumers = ConstU32<64>;
	type MultiBlockMigrator = MultiBlockMigrations;
	type Nonce = Nonce;
	type SS58Prefix = ConstU16<SS58_PREFIX>;
	type SingleBlockMigrations = crate::migrations::SingleBlock;
	type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
	type Version = Version;
}

impl pallet_timestamp::Config for Runtime {
	type MinimumPeriod = ConstU64<{ BLOCK_TIME_MS / 2 }>;
	type Moment = u64;
	type OnTimestampSet = Babe;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}
