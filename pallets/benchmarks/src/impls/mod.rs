//! The pallet's logic, by area.

mod claims;
mod proofs;
mod scores;
mod setting;
mod windows;

pub use windows::opens;
