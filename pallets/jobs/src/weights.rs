//! Weights until they are measured.

use core::marker::PhantomData;
use frame_support::weights::Weight;

/// Weights of the calls.
#[allow(missing_docs)]
pub trait WeightInfo {
	fn tick() -> Weight;
	fn post() -> Weight;
	fn post_batch(n: u32) -> Weight;
	fn accept() -> Weight;
	fn give_up() -> Weight;
	fn settle() -> Weight;
	fn prune() -> Weight;
}

/// On the machine that measured them.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T> WeightInfo for SubstrateWeight<T> {
	fn tick() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn post() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn post_batch(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn accept() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn give_up() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn settle() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn prune() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}

impl WeightInfo for () {
	fn tick() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn post() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn post_batch(_: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn accept() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn give_up() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn settle() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn prune() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}
