//! Weights until they are measured.

use core::marker::PhantomData;
use frame_support::weights::Weight;

/// Weights of the calls.
#[allow(missing_docs)]
pub trait WeightInfo {
	/// By bytes of code.
	fn register(b: u32) -> Weight;
	/// The barrier check's bound.
	fn barrier_check() -> Weight;
	fn remove() -> Weight;
}

/// On the machine that measured them.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T> WeightInfo for SubstrateWeight<T> {
	fn register(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn barrier_check() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn remove() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}

impl WeightInfo for () {
	fn register(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn barrier_check() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn remove() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}
