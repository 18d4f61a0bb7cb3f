//! Weights until they are measured: placeholders, typed in by hand.

use core::marker::PhantomData;
use frame_support::weights::Weight;

/// Weights of the calls and of what a block's beginning does.
#[allow(missing_docs)]
pub trait WeightInfo {
	fn idle() -> Weight;
	fn open_window() -> Weight;
	fn start_window() -> Weight;
	fn end_window() -> Weight;
	fn set_benchmark() -> Weight;
	/// By buffers.
	fn claim(b: u32) -> Weight;
	/// What surrounds the re-execution.
	fn prove() -> Weight;
	fn conclude() -> Weight;
}

/// On the machine that measured them.
pub struct SubstrateWeight<T>(PhantomData<T>);

macro_rules! placeholders {
	() => {
		fn idle() -> Weight {
			Weight::from_parts(1_000_000, 0)
		}
		fn open_window() -> Weight {
			Weight::from_parts(1_000_000, 0)
		}
		fn start_window() -> Weight {
			Weight::from_parts(1_000_000, 0)
		}
		fn end_window() -> Weight {
			Weight::from_parts(1_000_000, 0)
		}
		fn set_benchmark() -> Weight {
			Weight::from_parts(1_000_000, 0)
		}
		fn claim(_: u32) -> Weight {
			Weight::from_parts(1_000_000, 0)
		}
		fn prove() -> Weight {
			Weight::from_parts(1_000_000, 0)
		}
		fn conclude() -> Weight {
			Weight::from_parts(1_000_000, 0)
		}
	};
}

impl<T> WeightInfo for SubstrateWeight<T> {
	placeholders!();
}

impl WeightInfo for () {
	placeholders!();
}
