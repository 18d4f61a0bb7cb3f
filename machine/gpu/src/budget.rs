//! What a pass's fuel allows an invocation and its workgroup.

use mutirao_machine_core::{bytecode::Kernel, cost::MIN_LANES};
use mutirao_machine_wgsl::gpu::layout;

/// What a pass's invocations may spend before they stop.
///
/// What is said of units is in `machine/wgsl`: an invocation has at most a sixteenth of the fuel, the
/// workgroup all of it, and what is less than a portion nobody hands in. A portion is a bit more than
/// each invocation may spend on average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
	/// The most units of an invocation that counts alone.
	units: u64,
	/// Units of a portion.
	portion: u32,
	/// Portions of an invocation.
	alone: u32,
	/// Portions of a workgroup.
	together: u32,
}

impl Budget {
	/// The most units that an invocation counts alone.
	const MOST_ALONE: u32 = layout::TOO_MANY - 1;

	/// Whether an invocation that counts alone can count all its units: if not, one that stops says
	/// nothing about the fuel.
	pub(crate) fn counts_all_alone(&self) -> bool {
		self.units <= u64::from(Self::MOST_ALONE)
	}

	/// For workgroups of a kernel with so much fuel each.
	pub(crate) fn new(kernel: &Kernel, fuel: u64) -> Self {
		let least = u64::from(MIN_LANES);
		let lanes: u64 = kernel.workgroup_size.iter().map(|side| u64::from(*side)).product();
		let average = (fuel / lanes.max(least)).saturating_add(1);
		let portion = average.min(layout::MOST_PORTION_UNITS.into());
		let word = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
		Self {
			units: fuel / least,
			portion: word(portion),
			alone: word(fuel / least / portion),
			together: word(fuel / portion),
		}
	}

	/// Puts it among a job's numbers.
	pub(crate) fn write(&self, words: &mut [u32; layout::JOB_WORDS]) {
		let units = u32::try_from(self.units).map_or(Self::MOST_ALONE, |n| n.min(Self::MOST_ALONE));
		words[layout::FIRST_UNIT] = Self::MOST_ALONE - units;
		words[layout::PORTION_UNITS] = self.portion;
		words[layout::MOST_PORTIONS] = self.alone;
		words[layout::MOST_WORKGROUP_PORTIONS] = self.together;
		words[layout::CANARY_TURNS] = 4;
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn budget(lanes: u16, fuel: u64) -> Budget {
		let kernel = Kernel { workgroup_size: [lanes, 1, 1], ..Kernel::default() };
		Budget::new(&kernel, fuel)
	}

	/// The least units with which an invocation stops alone, and its workgroup if all spend alike.
	fn stops(lanes: u16, fuel: u64) -> (u128, u128) {
		let Budget { portion, alone, together, .. } = budget(lanes, fuel);
		let portion = u128::from(portion);
		let shares = (u128::from(together) + 1).div_ceil(lanes.into());
		((u128::from(alone) + 1) * portion, shares * portion * u128::from(lanes))
	}

	#[test]
	fn nobody_stops_within_the_fuel_and_all_soon_after() {
		for lanes in [1, 5, 16, 17, 31, 64, 100, 256] {
			for fuel in [1, 15, 16, 17, 255, 256, 1_000, 99_999, 1 << 32, 1 << 44] {
				let (alone, together) = stops(lanes, fuel);
				let about = format!("{lanes} invocations, fuel {fuel}: {alone}, {together}");
				assert!(alone > u128::from(fuel / 16), "{about}");
				assert!(alone <= u128::from(fuel / 16) * 2 + 1, "{about}");
				if lanes >= 16 {
					assert!(together > u128::from(fuel), "{about}");
					assert!(together <= 2 * (u128::from(fuel) + u128::from(lanes)), "{about}");
				}
			}
		}
	}

	#[test]
	fn who_counts_alone_stops_after_its_sixteenth_or_says_that_it_cannot_tell() {
		for (fuel, units) in [(1, 0), (160, 10), (1 << 34, 1 << 30), ((1 << 35) - 1, (1 << 31) - 1)]
		{
			let mut words = [0; layout::JOB_WORDS];
			budget(64, fuel).write(&mut words);
			assert_eq!(words[layout::FIRST_UNIT] + units + 1, layout::TOO_MANY, "{fuel}");
			assert!(budget(64, fuel).counts_all_alone());
		}
		assert!(!budget(64, 1 << 35).counts_all_alone());
	}

	#[test]
	fn no_fuel_is_too_much_to_count() {
		let most = budget(256, u64::MAX);
		assert_eq!((most.portion, most.alone, most.together), (1 << 30, (1 << 30) - 1, u32::MAX));
	}
}
