//! Weights until they are measured.

use core::marker::PhantomData;
use frame_support::weights::Weight;

/// Weights of the calls.
#[allow(missing_docs)]
pub trait WeightInfo {
	fn remember_last_vrf() -> Weight;
	/// By buffers.
	fn attest(b: u32) -> Weight;
	fn redraw() -> Weight;
	/// The most that an opening's end can take: a slash. What its parts take comes on top.
	fn open() -> Weight;
	/// The same of a challenge: demands end too.
	fn challenge() -> Weight;
	/// By bytes of code.
	fn decode_program(b: u32) -> Weight;
	/// The bound of one part of decoding.
	fn barrier_check() -> Weight;
	fn verify_chunks(c: u32) -> Weight;
	fn verify_siblings(s: u32) -> Weight;
	fn execute_kilosteps(k: u32) -> Weight;
	fn demand() -> Weight;
	fn supply(s: u32) -> Weight;
	/// The most that a contest takes that is lost at its end.
	fn close() -> Weight;
}

/// On the machine that measured them.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T> WeightInfo for SubstrateWeight<T> {
	fn remember_last_vrf() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn attest(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn redraw() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn open() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn challenge() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn barrier_check() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn decode_program(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn verify_chunks(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn verify_siblings(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn execute_kilosteps(k: u32) -> Weight {
		Weight::from_parts(2_000_000, 0).saturating_mul(k.into())
	}
	fn demand() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn supply(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn close() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}

impl WeightInfo for () {
	fn remember_last_vrf() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn attest(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn redraw() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn open() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn challenge() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn barrier_check() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn decode_program(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn verify_chunks(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn verify_siblings(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn execute_kilosteps(k: u32) -> Weight {
		Weight::from_parts(2_000_000, 0).saturating_mul(k.into())
	}
	fn demand() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn supply(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn close() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}
