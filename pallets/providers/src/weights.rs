//! Weights until they are measured.

use core::marker::PhantomData;
use frame_support::weights::Weight;

/// Weights of the calls.
#[allow(missing_docs)]
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

/// On the machine that measured them.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T> WeightInfo for SubstrateWeight<T> {
	fn register() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn add_stake() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn set_endpoint() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn leave() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn withdraw() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn post_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn change_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn pause_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn resume_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn withdraw_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}

impl WeightInfo for () {
	fn register() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn add_stake() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn set_endpoint() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn leave() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn withdraw() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn post_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn change_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn pause_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn resume_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
	fn withdraw_offer() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}
