//! Weights of `pallet_programs`, measured. Written by `scripts/weights`; not edited by hand.
//!
//! Date: 2026-11-25; steps: 50, repeat: 20
//! CPU: AMD EPYC

#![allow(missing_docs, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, RuntimeDbWeight, Weight},
};

/// Weights of the calls and of what they are made of.
pub trait WeightInfo {
	/// `b`: 24576 to 65536
	fn register(b: u32) -> Weight;
	fn barrier_check() -> Weight;
	fn remove() -> Weight;
}

/// Measured, with the runtime's prices of the database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn register(b: u32) -> Weight {
		register(b, T::DbWeight::get())
	}
	fn barrier_check() -> Weight {
		barrier_check(T::DbWeight::get())
	}
	fn remove() -> Weight {
		remove(T::DbWeight::get())
	}
}

/// The same for tests, with the SDK's prices of the database.
impl WeightInfo for () {
	fn register(b: u32) -> Weight {
		register(b, ParityDbWeight::get())
	}
	fn barrier_check() -> Weight {
		barrier_check(ParityDbWeight::get())
	}
	fn remove() -> Weight {
		remove(ParityDbWeight::get())
	}
}

fn register(b: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(827_836_952, 7_263)
		.saturating_add(Weight::from_parts(30_212, 0).saturating_mul(b.into()))
		.saturating_add(db.reads_writes(2, 4))
}

fn barrier_check(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(1_286_909_000, 3_569).saturating_add(db.reads_writes(1, 0))
}

fn remove(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(63_584_000, 7_263).saturating_add(db.reads_writes(2, 4))
}
