//! The loop against a chain in memory, devices that are scripted, and a store in a temporary folder.

mod crashes;
mod deadlines;
mod decisions;
mod devices;
mod gate;
mod happy;
mod pace;
mod paying;
mod refusals;
mod room;
mod run;
mod simulation;
mod standstill;
pub(crate) mod support;
