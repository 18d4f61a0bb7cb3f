//! Reputation: a Beta estimate of how likely a provider keeps an obligation, in which old
//! obligations weigh less and less (Jøsang and Ismail, "The Beta Reputation System", 2002: the
//! expectation (r + 1) / (r + s + 2) with a forgetting factor).

use crate::{wire, ActiveBlock, ActiveBlocks};
use sp_arithmetic::Permill;

/// What one obligation counts when it is new.
const ONE: u64 = 1 << 32;

/// Counts stop growing here: far beyond what obligations at one in each block could reach.
const MOST: u64 = 1 << 62;

wire! {
	/// Kept and broken obligations, each a sum of decayed ones with 32 fractional bits.
	#[derive(Copy, Default)]
	pub struct Reputation {
		/// Obligations kept.
		pub kept: u64,
		/// Obligations broken.
		pub broken: u64,
		/// The moment that both sums refer to.
		pub at: ActiveBlock,
	}
}

impl Reputation {
	/// Adds one obligation at `now`; what came before loses half its weight in each `half_life`.
	pub fn record(&mut self, kept: bool, now: ActiveBlock, half_life: ActiveBlocks) {
		*self = self.decayed(now, half_life);
		let count = if kept { &mut self.kept } else { &mut self.broken };
		*count = count.saturating_add(ONE).min(MOST);
	}

	/// The same reputation, as it weighs at `now`. Time does not run backwards: an earlier `now`
	/// changes nothing.
	pub fn decayed(&self, now: ActiveBlock, half_life: ActiveBlocks) -> Self {
		let passed = now.saturating_sub(self.at);
		let decay = |count| halve(count, passed, half_life.max(1));
		Self { kept: decay(self.kept), broken: decay(self.broken), at: self.at.max(now) }
	}

	/// The expected share of obligations that are kept, as it stands at `now`: one half for a
	/// stranger, and again for someone of whom nothing was heard for long.
	pub fn estimate(&self, now: ActiveBlock, half_life: ActiveBlocks) -> Permill {
		let Self { kept, broken, .. } = self.decayed(now, half_life);
		let (kept, broken) = (u128::from(kept), u128::from(broken));
		let one = u128::from(ONE);
		Permill::from_rational(kept + one, kept + broken + 2 * one)
	}
}

/// `count × 2^(-passed / half_life)`. Whole half-lives are shifts; between two of them it falls on a
/// straight line, at most 6.2 % above the curve.
fn halve(count: u64, passed: ActiveBlocks, half_life: ActiveBlocks) -> u64 {
	let count = count.checked_shr(passed / half_life).unwrap_or(0);
	let lost = u128::from(count) * u128::from(passed % half_life) / (2 * u128::from(half_life));
	count.saturating_sub(u64::try_from(lost).unwrap_or(count))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const HALF_LIFE: ActiveBlocks = 1_000;

	fn reputation() -> impl Strategy<Value = Reputation> {
		(0..MOST, 0..MOST, 0..1_000_000u32).prop_map(|(kept, broken, at)| Reputation {
			kept,
			broken,
			at,
		})
	}

	#[test]
	fn a_stranger_is_worth_one_half() {
		assert_eq!(Reputation::default().estimate(0, HALF_LIFE), Permill::from_percent(50));
	}

	#[test]
	fn one_kept_obligation_is_worth_two_thirds_and_half_as_much_a_half_life_later() {
		let mut reputation = Reputation::default();
		reputation.record(true, 10, HALF_LIFE);
		assert_eq!(reputation.estimate(10, HALF_LIFE), Permill::from_rational(2u32, 3));
		assert_eq!(reputation.estimate(1_010, HALF_LIFE), Permill::from_rational(3u32, 5));
	}

	proptest! {
		#[test]
		fn keeping_never_lowers_and_breaking_never_raises(r in reputation(), later in 0..5_000u32) {
			let now = r.at + later;
			let before = r.estimate(now, HALF_LIFE);
			let (mut kept, mut broken) = (r, r);
			kept.record(true, now, HALF_LIFE);
			broken.record(false, now, HALF_LIFE);
			prop_assert!(kept.estimate(now, HALF_LIFE) >= before);
			prop_assert!(broken.estimate(now, HALF_LIFE) <= before);
		}

		#[test]
		fn time_moves_every_estimate_towards_one_half(r in reputation(), a in 0..50_000u32, b in 0..50_000u32) {
			let half = Permill::from_percent(50).deconstruct();
			let distance = |after| r.estimate(r.at + after, HALF_LIFE).deconstruct().abs_diff(half);
			// One part in a million for rounding.
			prop_assert!(distance(a.max(b)) <= distance(a.min(b)) + 1);
		}

		#[test]
		fn decay_never_grows_and_loses_half_in_a_half_life(count in 0..MOST, passed: u32) {
			let left = halve(count, passed, HALF_LIFE);
			prop_assert!(left <= count);
			prop_assert_eq!(halve(count, HALF_LIFE, HALF_LIFE), count / 2);
			let exact = count as f64 * (-f64::from(passed) / f64::from(HALF_LIFE)).exp2();
			prop_assert!(left as f64 <= exact * 1.062 + 1.0 && left as f64 >= exact - 2.0);
		}

		#[test]
		fn any_numbers_are_taken(kept: u64, broken: u64, at: u32, now: u32, half_life: u32, good: bool) {
			let mut r = Reputation { kept, broken, at };
			r.record(good, now, half_life);
			let _ = r.estimate(now, half_life);
		}
	}
}
