//! The runtime as its users meet it: whole blocks of signed transactions on a preset's genesis.

mod chain;
mod fees;
mod figures;
mod invariants;
mod limits;
mod market;
mod market_api;
mod metadata;
mod operations;
mod presets;
mod random_calls;
mod staking;
mod weights;
