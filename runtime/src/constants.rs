//! The protocol's numbers, each named once. Runtime constants of the pallets are set from these.

mod identity;

pub use identity::SS58_PREFIX;

/// Money, in planck.
pub mod currency {
	pub use super::identity::{TOKEN_DECIMALS, TOKEN_SYMBOL};
	use crate::Balance;

	/// One MUT.
	pub const MUT: Balance = 10u128.pow(TOKEN_DECIMALS as u32);
	/// A thousandth of one MUT.
	pub const MILLI_MUT: Balance = MUT / 1_000;
	/// A millionth of one MUT.
	pub const MICRO_MUT: Balance = MUT / 1_000_000;
	/// An account with less than this is removed.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_MUT;

	/// What storing `items` entries of `bytes` bytes in total puts on hold.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		items as Balance * 20 * MILLI_MUT + bytes as Balance * 100 * MICRO_MUT
	}
}

/// Time, in blocks, sessions and eras.
pub mod time {
	use crate::BlockNumber;

	/// The one figure behind all others: a block each three seconds.
	pub const BLOCK_TIME_MS: u64 = 3_000;
	/// One minute.
	pub const MINUTES: BlockNumber = 60_000 / BLOCK_TIME_MS as BlockNumber;
	/// One hour.
	pub const HOURS: BlockNumber = 60 * MINUTES;
	/// One day.
	pub const DAYS: BlockNumber = 24 * HOURS;
	/// A BABE epoch, which is also a session: 10 minutes.
	pub const EPOCH_BLOCKS: BlockNumber = 10 * MINUTES;
	/// An era, after which validators are elected and paid: 6 hours.
	pub const SESSIONS_PER_ERA: u32 = 36;
	/// How long stake stays slashable after it is unbonded: 7 days.
	pub const BONDING_ERAS: u32 = 28;
	/// How long a slash can be cancelled by governance: one era less than the bonding duration.
	pub const SLASH_DEFER_ERAS: u32 = BONDING_ERAS - 1;
}

/// Consensus.
pub mod consensus {
	/// The share of slots, c, that have a primary BABE author: 1 in 4. The others have a secondary one.
	pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);
	/// Validators at most, bounded so that an election fits in a block.
	pub const MAX_VALIDATORS: u32 = 100;
	/// Voters that one election takes, the largest first.
	pub const MAX_ELECTING_VOTERS: u32 = 1_000;
	/// Candidates that one election takes.
	pub const MAX_ELECTABLE_TARGETS: u32 = 200;
	/// Validators that one nominator may name.
	pub const MAX_NOMINATIONS: u32 = 16;
}

/// The market. Spans are in active blocks: time stands still in safe mode and during migrations.
pub mod market {
	use super::{
		currency::{MILLI_MUT, MUT},
		time::{DAYS, MINUTES},
	};
	use crate::Balance;
	use mutirao_types::ActiveBlocks;

	/// The least stake of a provider.
	pub const MINIMUM_STAKE: Balance = 100 * MUT;
	/// A provider's collateral for a job, in prices of the job.
	pub const COLLATERAL_FACTOR: u32 = 2;
	/// The same at least, in audit fees of the job: the buyer of a job whose provider lied has a quarter
	/// of it, or more.
	pub const LEAST_COLLATERAL_FACTOR: u32 = 4;
	/// From leaving to having the stake back: longer than any stage of a job.
	pub const UNBONDING_BLOCKS: ActiveBlocks = 7 * DAYS;
	/// The longest life of an offer.
	pub const MAX_OFFER_BLOCKS: ActiveBlocks = 90 * DAYS;
	/// Offers of one provider.
	pub const MAX_OFFERS: u32 = 256;
	/// Jobs that are broken within a day until their offer is paused.
	pub const FAILURES_TO_PAUSE: u32 = 3;
	/// How long a broken job counts towards that.
	pub const FAILURE_PERIOD_BLOCKS: ActiveBlocks = DAYS;
	/// In this time an obligation loses half its weight in a reputation.
	pub const REPUTATION_HALF_LIFE_BLOCKS: ActiveBlocks = 30 * DAYS;
	/// The treasury's part of a job's price.
	pub const PROTOCOL_FEE_PERCENT: u32 = 2;
	/// The provider's part of the price when a program is found at fault before the audit.
	pub const FAULT_SHARE_PERCENT: u8 = 10;
	/// What a late provider loses of its collateral: half the price, or the audit fee if that is more.
	pub const FAILURE_PENALTY_PERCENT: u8 = 25;
	/// The least price cap.
	pub const MINIMUM_PRICE_CAP: Balance = MILLI_MUT;
	/// Workgroups that are drawn for a job.
	pub const MAX_SAMPLES: u8 = 16;
	/// The longest time from posting to acceptance.
	pub const MAX_ACCEPT_BLOCKS: ActiveBlocks = 7 * DAYS;
	/// The longest time from acceptance to attestation.
	pub const MAX_ATTEST_BLOCKS: ActiveBlocks = 7 * DAYS;
	/// The shortest contest window: half a minute, for small jobs of buyers who watch.
	pub const MIN_CONTEST_BLOCKS: ActiveBlocks = 10;
	/// The longest contest window.
	pub const MAX_CONTEST_BLOCKS: ActiveBlocks = 7 * DAYS;
	/// How long a finished job is remembered.
	pub const HISTORY_BLOCKS: ActiveBlocks = 30 * DAYS;
	/// Jobs in one batch.
	pub const MAX_BATCH: u32 = 16;
	/// Terms of expressions that pricing a job evaluates.
	pub const MAX_TERMS: u32 = 4_096;
	/// Blocks whose VRF outputs draw the audited workgroups.
	pub const DRAW_BLOCKS: u32 = 8;
	/// The same on a chain with a single validator, such as a development chain: it knows its own
	/// outputs, however many there are.
	pub const LONE_DRAW_BLOCKS: u32 = 2;
	/// Blocks whose VRF outputs are remembered.
	pub const RING_BLOCKS: u32 = 512;
	/// From attestation to the last opening: 5 minutes.
	pub const OPEN_BLOCKS: ActiveBlocks = 5 * MINUTES;
	/// From a demand to its answer: 10 minutes.
	pub const SUPPLY_BLOCKS: ActiveBlocks = 10 * MINUTES;
	/// From an answer to the earliest end of the contest window: 5 minutes to use what was shown.
	pub const GRACE_BLOCKS: ActiveBlocks = 5 * MINUTES;
	/// Benchmark windows of which the lowest measurement is an offer's score.
	pub const RECENT_WINDOWS: u32 = 4;
	/// How long a score counts after the end of the last window that it is made of.
	pub const SCORE_BLOCKS: ActiveBlocks = 3 * DAYS;
	/// What a claim costs that is refuted or not proven.
	pub const LOST_CLAIM_PENALTY: Balance = 10 * MUT;
	/// What of it the reporter gets, at most. Less than the chain asks for any re-execution.
	pub const REPORT_REWARD: Balance = MILLI_MUT;
	/// Demands to one job that wait for an answer.
	pub const MAX_DEMANDS: u8 = 16;
	/// What a demand pays in advance: more than answering it costs.
	pub const DEMAND_DEPOSIT: Balance = 10 * MILLI_MUT;
	/// The part of a block that re-executing one workgroup may take. The largest workgroup that there may
	/// be follows from it and from the measured weights.
	pub const REEXECUTION_PERCENT: u32 = 25;
}
