//! The pallet's logic, by area.

mod attest;
mod challenge;
mod checker;
mod contest;
mod demand;
mod open;
mod reexecute;
mod ring;
