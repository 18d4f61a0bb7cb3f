//! How each pallet is set up, by area.

mod accounts;
mod consensus;
mod fees;
mod market;
mod operations;
mod staking;
mod system;

pub use accounts::ProxyType;
pub use consensus::BABE_GENESIS_EPOCH_CONFIG;
pub use fees::TreasuryAccount;
pub use market::{AuditPrice, ChainStandsStill, DrawBlocks, MaxWorkgroupSteps, StoragePrice};
pub use operations::UnpausableCalls;
pub use system::RuntimeBlockWeights;
