//! The runtime as its users meet it: whole blocks of signed transactions on a preset's genesis.

mod chain;
mod fees;
mod limits;
mod metadata;
mod operations;
mod presets;
mod staking;
