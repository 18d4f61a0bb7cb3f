//! The pallet's logic, by area.

pub(crate) mod clock;
mod index;
mod post;
mod prune;
mod settle;
mod stages;
mod verdicts;
