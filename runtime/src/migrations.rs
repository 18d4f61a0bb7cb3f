//! What a runtime upgrade changes in storage. Entries are deleted once every live chain has run them.

/// Run whole in the upgrade's first block.
pub type SingleBlock = ();

/// Run in steps over several blocks, while transactions wait.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type MultiBlock = ();
#[cfg(feature = "runtime-benchmarks")]
pub type MultiBlock = pallet_migrations::mock_helpers::MockedMigrations;
