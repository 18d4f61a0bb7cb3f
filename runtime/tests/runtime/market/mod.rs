//! The market end to end, by real signed transactions: jobs' whole lives, and every way to cheat.

mod adversaries;
mod deadlines;
mod edges;
mod story;
mod world;

pub(crate) use world::{compiled, device, register, World, BUYER, PRICE_CAP, PROVIDER, SAMPLES};
