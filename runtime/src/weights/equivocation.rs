//! What it costs to check and punish a reported equivocation.
//!
//! The SDK states these costs only for RocksDB and as `()`. The compute times are its published
//! ones (`pallet-babe` and `pallet-grandpa`, `default_weights.rs`); reads and writes are priced with
//! this runtime's own database weight.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{
		constants::{WEIGHT_REF_TIME_PER_MICROS, WEIGHT_REF_TIME_PER_NANOS},
		Weight,
	},
};

/// Costs of BABE and GRANDPA equivocation reports on `T`.
pub struct EquivocationWeight<T>(PhantomData<T>);

/// A membership proof is paid as if the set had at least this many validators.
const MIN_VALIDATORS_PAID: u32 = 100;

impl<T: frame_system::Config> EquivocationWeight<T> {
	/// Checks the proof of membership and the two signatures (`proof_micros`), then slashes one
	/// validator with `nominators` behind it.
	fn report(validators: u32, nominators: u32, proof_micros: u64) -> Weight {
		let validators = u64::from(validators.max(MIN_VALIDATORS_PAID));
		let nominators = u64::from(nominators);
		let db = T::DbWeight::get();
		let membership = micros(35)
			.saturating_add(Weight::from_parts(
				validators.saturating_mul(175 * WEIGHT_REF_TIME_PER_NANOS),
				0,
			))
			.saturating_add(db.reads(5));
		let offence = micros(110)
			.saturating_add(micros(25).saturating_mul(nominators))
			.saturating_add(db.reads(3u64.saturating_mul(nominators).saturating_add(14)))
			.saturating_add(db.writes(3u64.saturating_mul(nominators).saturating_add(10)));
		membership.saturating_add(micros(proof_micros)).saturating_add(offence)
	}
}

fn micros(n: u64) -> Weight {
	Weight::from_parts(n.saturating_mul(WEIGHT_REF_TIME_PER_MICROS), 0)
}

impl<T: frame_system::Config> pallet_babe::WeightInfo for EquivocationWeight<T> {
	fn plan_config_change() -> Weight {
		T::DbWeight::get().writes(1)
	}

	fn report_equivocation(validators: u32, nominators: u32) -> Weight {
		Self::report(validators, nominators, 110)
	}
}

impl<T: frame_system::Config> pallet_grandpa::WeightInfo for EquivocationWeight<T> {
	fn report_equivocation(validators: u32, nominators: u32) -> Weight {
		// Two more reads find the session of the voter set.
		Self::report(validators, nominators, 95).saturating_add(T::DbWeight::get().reads(2))
	}

	fn note_stalled() -> Weight {
		micros(3).saturating_add(T::DbWeight::get().writes(1))
	}
}
