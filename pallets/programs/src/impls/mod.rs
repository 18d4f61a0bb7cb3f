//! The pallet's logic, by area.

mod quote;
mod registry;
