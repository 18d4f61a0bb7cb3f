//! Weights of `pallet_jobs`, measured. Written by `scripts/weights`; not edited by hand.
//!
//! Date: 2026-11-26; steps: 50, repeat: 20
//! CPU: AMD EPYC

#![allow(missing_docs, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, RuntimeDbWeight, Weight},
};

/// Weights of the calls and of what they are made of.
pub trait WeightInfo {
	fn tick() -> Weight;
	fn post() -> Weight;
	/// `n`: 1 to 16
	fn post_batch(n: u32) -> Weight;
	fn accept() -> Weight;
	fn give_up() -> Weight;
	fn settle() -> Weight;
	fn prune() -> Weight;
}

/// Measured, with the runtime's prices of the database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn tick() -> Weight {
		tick(T::DbWeight::get())
	}
	fn post() -> Weight {
		post(T::DbWeight::get())
	}
	fn post_batch(n: u32) -> Weight {
		post_batch(n, T::DbWeight::get())
	}
	fn accept() -> Weight {
		accept(T::DbWeight::get())
	}
	fn give_up() -> Weight {
		give_up(T::DbWeight::get())
	}
	fn settle() -> Weight {
		settle(T::DbWeight::get())
	}
	fn prune() -> Weight {
		prune(T::DbWeight::get())
	}
}

/// The same for tests, with the SDK's prices of the database.
impl WeightInfo for () {
	fn tick() -> Weight {
		tick(ParityDbWeight::get())
	}
	fn post() -> Weight {
		post(ParityDbWeight::get())
	}
	fn post_batch(n: u32) -> Weight {
		post_batch(n, ParityDbWeight::get())
	}
	fn accept() -> Weight {
		accept(ParityDbWeight::get())
	}
	fn give_up() -> Weight {
		give_up(ParityDbWeight::get())
	}
	fn settle() -> Weight {
		settle(ParityDbWeight::get())
	}
	fn prune() -> Weight {
		prune(ParityDbWeight::get())
	}
}

fn tick(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(6_379_000, 70_013).saturating_add(db.reads_writes(3, 1))
}

fn post(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(886_285_000, 84_440).saturating_add(db.reads_writes(7, 8))
}

fn post_batch(n: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(63_945_000, 84_440)
		.saturating_add(Weight::from_parts(827_889_592, 0).saturating_mul(n.into()))
		.saturating_add(db.reads_writes(7, 5))
		.saturating_add(db.writes(3_u64.saturating_mul(n.into())))
}

fn accept(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(113_248_000, 20_736).saturating_add(db.reads_writes(6, 8))
}

fn give_up(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(231_563_000, 51_056).saturating_add(db.reads_writes(13, 14))
}

fn settle(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(187_808_000, 48_352).saturating_add(db.reads_writes(12, 12))
}

fn prune(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(85_307_000, 12_416).saturating_add(db.reads_writes(4, 6))
}
