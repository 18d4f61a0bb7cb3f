//! Units of work, time, speed and money.

use sp_arithmetic::{
	helpers_128bit::multiply_by_rational_with_rounding, per_things::SignedRounding, Rounding,
};

use crate::wire;

/// Bytecode operations, counted as machine/core charges them: the unit of fuel and of price.
pub type Steps = u64;

/// 10⁹ steps, the unit in which offers state prices.
pub const GIGASTEP: Steps = 1_000_000_000;

/// A moment: how many blocks were active since genesis. Blocks in safe mode, or in which a
/// migration runs, do not count, so nobody loses a deadline to them.
pub type ActiveBlock = u32;

/// A span of active blocks.
pub type ActiveBlocks = u32;

wire! {
	/// How fast the chain found a device to be, and until when that counts.
	#[derive(Copy)]
	pub struct Score {
		/// Proven steps per second: the lowest of the device's recent benchmark windows.
		pub steps_per_second: u64,
		/// The last moment at which it counts.
		pub expires: ActiveBlock,
	}
}

/// What `steps` cost at a price for a gigastep, rounded up; `None` above 2¹²⁸ - 1 planck.
pub fn price_of(steps: Steps, per_gigastep: u128) -> Option<u128> {
	multiply_by_rational_with_rounding(
		per_gigastep,
		u128::from(steps),
		u128::from(GIGASTEP),
		Rounding::from_signed(SignedRounding::High, false),
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn price_rounds_up_and_overflow_is_no_price() {
		assert_eq!(price_of(0, 7), Some(0));
		assert_eq!(price_of(1, 7), Some(1));
		assert_eq!(price_of(GIGASTEP, 7), Some(7));
		assert_eq!(price_of(GIGASTEP + 1, 7), Some(8));
		assert_eq!(price_of(u64::MAX, u128::MAX), None);
	}

	proptest! {
		#[test]
		fn price_is_the_exact_quotient_rounded_up(steps: u64, per_gigastep: u64) {
			let exact = (u128::from(steps) * u128::from(per_gigastep)).div_ceil(u128::from(GIGASTEP));
			prop_assert_eq!(price_of(steps, per_gigastep.into()), Some(exact));
		}
	}
}
