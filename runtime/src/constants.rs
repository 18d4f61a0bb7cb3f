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
