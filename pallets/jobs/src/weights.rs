//! Weights of `pallet_jobs`, measured. Written by `scripts/weights`; not edited by hand.
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
	Weight::from_parts(5_999_000, 70_013).saturating_add(db.reads_writes(3, 1))
}

fn post(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(849_170_000, 84_440).saturating_add(db.reads_writes(7, 8))
}

fn post_batch(n: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(838_654_000, 84_440)
		.saturating_add(Weight::from_parts(822_486_769, 0).saturating_mul(n.into()))
		.saturating_add(db.reads_writes(7, 5))
		.saturating_add(db.writes(3_u64.saturating_mul(n.into())))
}

fn accept(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(105_967_000, 20_723).saturating_add(db.reads_writes(6, 8))
}

fn give_up(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(216_161_000, 51_043).saturating_add(db.reads_writes(13, 14))
}

fn settle(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(175_320_000, 48_339).saturating_add(db.reads_writes(12, 12))
}

fn prune(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(80_790_000, 12_416).saturating_add(db.reads_writes(4, 6))
}
