//! Weights of `pallet_benchmarks`, measured. Written by `scripts/weights`; not edited by hand.
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
	fn idle() -> Weight;
	fn open_window() -> Weight;
	fn start_window() -> Weight;
	fn end_window() -> Weight;
	fn set_benchmark() -> Weight;
	/// `b`: 1 to 250
	fn claim(b: u32) -> Weight;
	fn prove() -> Weight;
	fn conclude() -> Weight;
}

/// Measured, with the runtime's prices of the database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn idle() -> Weight {
		idle(T::DbWeight::get())
	}
	fn open_window() -> Weight {
		open_window(T::DbWeight::get())
	}
	fn start_window() -> Weight {
		start_window(T::DbWeight::get())
	}
	fn end_window() -> Weight {
		end_window(T::DbWeight::get())
	}
	fn set_benchmark() -> Weight {
		set_benchmark(T::DbWeight::get())
	}
	fn claim(b: u32) -> Weight {
		claim(b, T::DbWeight::get())
	}
	fn prove() -> Weight {
		prove(T::DbWeight::get())
	}
	fn conclude() -> Weight {
		conclude(T::DbWeight::get())
	}
}

/// The same for tests, with the SDK's prices of the database.
impl WeightInfo for () {
	fn idle() -> Weight {
		idle(ParityDbWeight::get())
	}
	fn open_window() -> Weight {
		open_window(ParityDbWeight::get())
	}
	fn start_window() -> Weight {
		start_window(ParityDbWeight::get())
	}
	fn end_window() -> Weight {
		end_window(ParityDbWeight::get())
	}
	fn set_benchmark() -> Weight {
		set_benchmark(ParityDbWeight::get())
	}
	fn claim(b: u32) -> Weight {
		claim(b, ParityDbWeight::get())
	}
	fn prove() -> Weight {
		prove(ParityDbWeight::get())
	}
	fn conclude() -> Weight {
		conclude(ParityDbWeight::get())
	}
}

fn idle(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(9_054_000, 4_833).saturating_add(db.reads_writes(3, 0))
}

fn open_window(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(26_048_000, 18_360).saturating_add(db.reads_writes(8, 3))
}

fn start_window(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(21_923_000, 13_016).saturating_add(db.reads_writes(4, 1))
}

fn end_window(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(14_121_000, 5_119).saturating_add(db.reads_writes(2, 3))
}

fn set_benchmark(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(1_090_107_000, 82_311).saturating_add(db.reads_writes(5, 3))
}

fn claim(b: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(98_117_431, 100_995)
		.saturating_add(Weight::from_parts(4_899_944, 0).saturating_mul(b.into()))
		.saturating_add(db.reads_writes(9, 3))
}

fn prove(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(119_096_000, 178_649).saturating_add(db.reads_writes(11, 3))
}

fn conclude(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(128_861_000, 36_798).saturating_add(db.reads_writes(9, 6))
}
