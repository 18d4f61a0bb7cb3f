//! The pallet's logic, by area.

mod engagement;
mod offers;
mod providers;
mod slash;
