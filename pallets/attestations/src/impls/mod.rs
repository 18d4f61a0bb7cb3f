//! The pallet's logic, by area.

pub(crate) mod attest;
mod challenge;
mod checker;
mod contest;
mod demand;
mod open;
mod reexecute;
mod ring;
