//! Weights of `pallet_providers`, measured. Written by `scripts/weights`; not edited by hand.
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
	fn register() -> Weight;
	fn add_stake() -> Weight;
	fn set_endpoint() -> Weight;
	fn leave() -> Weight;
	fn withdraw() -> Weight;
	fn post_offer() -> Weight;
	fn change_offer() -> Weight;
	fn pause_offer() -> Weight;
	fn resume_offer() -> Weight;
	fn withdraw_offer() -> Weight;
}

/// Measured, with the runtime's prices of the database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn register() -> Weight {
		register(T::DbWeight::get())
	}
	fn add_stake() -> Weight {
		add_stake(T::DbWeight::get())
	}
	fn set_endpoint() -> Weight {
		set_endpoint(T::DbWeight::get())
	}
	fn leave() -> Weight {
		leave(T::DbWeight::get())
	}
	fn withdraw() -> Weight {
		withdraw(T::DbWeight::get())
	}
	fn post_offer() -> Weight {
		post_offer(T::DbWeight::get())
	}
	fn change_offer() -> Weight {
		change_offer(T::DbWeight::get())
	}
	fn pause_offer() -> Weight {
		pause_offer(T::DbWeight::get())
	}
	fn resume_offer() -> Weight {
		resume_offer(T::DbWeight::get())
	}
	fn withdraw_offer() -> Weight {
		withdraw_offer(T::DbWeight::get())
	}
}

/// The same for tests, with the SDK's prices of the database.
impl WeightInfo for () {
	fn register() -> Weight {
		register(ParityDbWeight::get())
	}
	fn add_stake() -> Weight {
		add_stake(ParityDbWeight::get())
	}
	fn set_endpoint() -> Weight {
		set_endpoint(ParityDbWeight::get())
	}
	fn leave() -> Weight {
		leave(ParityDbWeight::get())
	}
	fn withdraw() -> Weight {
		withdraw(ParityDbWeight::get())
	}
	fn post_offer() -> Weight {
		post_offer(ParityDbWeight::get())
	}
	fn change_offer() -> Weight {
		change_offer(ParityDbWeight::get())
	}
	fn pause_offer() -> Weight {
		pause_offer(ParityDbWeight::get())
	}
	fn resume_offer() -> Weight {
		resume_offer(ParityDbWeight::get())
	}
	fn withdraw_offer() -> Weight {
		withdraw_offer(ParityDbWeight::get())
	}
}

fn register(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(63_644_000, 7_402).saturating_add(db.reads_writes(2, 2))
}

fn add_stake(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(65_367_000, 7_402).saturating_add(db.reads_writes(2, 2))
}

fn set_endpoint(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(12_979_000, 3_708).saturating_add(db.reads_writes(1, 1))
}

fn leave(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(14_922_000, 5_197).saturating_add(db.reads_writes(2, 1))
}

fn withdraw(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(60_470_000, 8_891).saturating_add(db.reads_writes(3, 2))
}

fn post_offer(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(110_303_000, 10_384).saturating_add(db.reads_writes(4, 5))
}

fn change_offer(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(16_064_000, 5_245).saturating_add(db.reads_writes(2, 1))
}

fn pause_offer(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(13_400_000, 3_756).saturating_add(db.reads_writes(1, 1))
}

fn resume_offer(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(14_352_000, 3_756).saturating_add(db.reads_writes(1, 1))
}

fn withdraw_offer(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(105_476_000, 24_944).saturating_add(db.reads_writes(4, 5))
}
