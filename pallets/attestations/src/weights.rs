//! Weights of `pallet_attestations`, measured. Written by `scripts/weights`; not edited by hand.
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
	fn remember_last_vrf() -> Weight;
	/// `b`: 1 to 255
	fn attest(b: u32) -> Weight;
	fn redraw() -> Weight;
	fn open() -> Weight;
	fn challenge() -> Weight;
	/// `b`: 1024 to 65536
	fn decode_program(b: u32) -> Weight;
	/// `c`: 1 to 1024
	fn verify_chunks(c: u32) -> Weight;
	/// `s`: 0 to 24
	fn verify_siblings(s: u32) -> Weight;
	/// `k`: 10 to 10000
	fn execute_kilosteps(k: u32) -> Weight;
	fn demand() -> Weight;
	/// `s`: 0 to 23
	fn supply(s: u32) -> Weight;
	fn close() -> Weight;
}

/// Measured, with the runtime's prices of the database.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn remember_last_vrf() -> Weight {
		remember_last_vrf(T::DbWeight::get())
	}
	fn attest(b: u32) -> Weight {
		attest(b, T::DbWeight::get())
	}
	fn redraw() -> Weight {
		redraw(T::DbWeight::get())
	}
	fn open() -> Weight {
		open(T::DbWeight::get())
	}
	fn challenge() -> Weight {
		challenge(T::DbWeight::get())
	}
	fn decode_program(b: u32) -> Weight {
		decode_program(b, T::DbWeight::get())
	}
	fn verify_chunks(c: u32) -> Weight {
		verify_chunks(c, T::DbWeight::get())
	}
	fn verify_siblings(s: u32) -> Weight {
		verify_siblings(s, T::DbWeight::get())
	}
	fn execute_kilosteps(k: u32) -> Weight {
		execute_kilosteps(k, T::DbWeight::get())
	}
	fn demand() -> Weight {
		demand(T::DbWeight::get())
	}
	fn supply(s: u32) -> Weight {
		supply(s, T::DbWeight::get())
	}
	fn close() -> Weight {
		close(T::DbWeight::get())
	}
}

/// The same for tests, with the SDK's prices of the database.
impl WeightInfo for () {
	fn remember_last_vrf() -> Weight {
		remember_last_vrf(ParityDbWeight::get())
	}
	fn attest(b: u32) -> Weight {
		attest(b, ParityDbWeight::get())
	}
	fn redraw() -> Weight {
		redraw(ParityDbWeight::get())
	}
	fn open() -> Weight {
		open(ParityDbWeight::get())
	}
	fn challenge() -> Weight {
		challenge(ParityDbWeight::get())
	}
	fn decode_program(b: u32) -> Weight {
		decode_program(b, ParityDbWeight::get())
	}
	fn verify_chunks(c: u32) -> Weight {
		verify_chunks(c, ParityDbWeight::get())
	}
	fn verify_siblings(s: u32) -> Weight {
		verify_siblings(s, ParityDbWeight::get())
	}
	fn execute_kilosteps(k: u32) -> Weight {
		execute_kilosteps(k, ParityDbWeight::get())
	}
	fn demand() -> Weight {
		demand(ParityDbWeight::get())
	}
	fn supply(s: u32) -> Weight {
		supply(s, ParityDbWeight::get())
	}
	fn close() -> Weight {
		close(ParityDbWeight::get())
	}
}

fn remember_last_vrf(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(6_690_000, 1_518).saturating_add(db.reads_writes(1, 1))
}

fn attest(b: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(47_133_497, 88_775)
		.saturating_add(Weight::from_parts(3_508_213, 0).saturating_mul(b.into()))
		.saturating_add(db.reads_writes(4, 4))
}

fn redraw(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(54_911_000, 31_245).saturating_add(db.reads_writes(6, 2))
}

fn open(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(1_903_373_000, 205_391).saturating_add(db.reads_writes(19, 14))
}

fn challenge(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(2_775_556_000, 287_101).saturating_add(db.reads_writes(78, 78))
}

fn decode_program(b: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(50_174_000, 69_053)
		.saturating_add(Weight::from_parts(22_551, 0).saturating_mul(b.into()))
		.saturating_add(db.reads_writes(1, 0))
}

fn verify_chunks(c: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(11_177_242, 0)
		.saturating_add(Weight::from_parts(4_550_225, 0).saturating_mul(c.into()))
		.saturating_add(db.reads_writes(0, 0))
}

fn verify_siblings(s: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(7_410_000, 0)
		.saturating_add(Weight::from_parts(455_233, 0).saturating_mul(s.into()))
		.saturating_add(db.reads_writes(0, 0))
}

fn execute_kilosteps(k: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(433_774_435, 0)
		.saturating_add(Weight::from_parts(4_743_354, 0).saturating_mul(k.into()))
		.saturating_add(db.reads_writes(0, 0))
}

fn demand(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(104_285_000, 26_971).saturating_add(db.reads_writes(5, 3))
}

fn supply(s: u32, db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(126_326_268, 33_167)
		.saturating_add(Weight::from_parts(404_600, 0).saturating_mul(s.into()))
		.saturating_add(db.reads_writes(7, 6))
}

fn close(db: RuntimeDbWeight) -> Weight {
	Weight::from_parts(1_654_894_000, 193_060).saturating_add(db.reads_writes(69, 67))
}
