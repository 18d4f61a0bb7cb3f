//! The invariants.

#![cfg(any(feature = "try-runtime", feature = "std"))]

use crate::{Chosen, Claims, Config, Current, Ended, Measurements, NextWindow, Pallet};
use frame_support::ensure;
use mutirao_traits::{Programs, Scores};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Windows, claims and measurements are in their order and within their bounds.
	///
	/// # Errors
	///
	/// The first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::try_state_windows()?;
		Self::try_state_offers()
	}

	fn try_state_windows() -> Result<(), TryRuntimeError> {
		let next = NextWindow::<T>::get();
		let ended = Ended::<T>::get();
		let in_order = ended.windows(2).all(|two| two[0].number < two[1].number);
		ensure!(in_order, "windows ended in another order than they were opened in");
		let last = ended.last().map(|window| window.number);
		ensure!(last.is_none_or(|last| last < next), "a window ended that was never opened");
		if let Some(window) = Current::<T>::get() {
			ensure!(window.number.checked_add(1) == Some(next), "the window is not the last one");
			ensure!(last < Some(window.number), "the window has ended before");
			ensure!(
				window.opened_at < window.claim_until && window.claim_until < window.prove_until,
				"a window's deadlines are out of order"
			);
			Self::try_state_program(&window.benchmark)?;
		}
		if let Some(benchmark) = Chosen::<T>::get() {
			Self::try_state_program(&benchmark)?;
		}
		Ok(())
	}

	fn try_state_program(benchmark: &mutirao_types::Benchmark) -> Result<(), TryRuntimeError> {
		let quote = T::Programs::quote(&benchmark.program, &benchmark.parameters(1, &[0; 32]));
		ensure!(quote.is_ok(), "a benchmark's program is gone");
		Ok(())
	}

	fn try_state_offers() -> Result<(), TryRuntimeError> {
		let next = NextWindow::<T>::get();
		for (offer, claim) in Claims::<T>::iter() {
			ensure!(T::Scores::provider_of(offer).is_some(), "a claim of an offer that is gone");
			ensure!(claim.window < next, "a claim in a window that was never opened");
			let measured = Measurements::<T>::get(offer);
			let is_new = measured.iter().all(|one| one.window < claim.window);
			ensure!(is_new, "a claim in a window that was measured");
			if let Some(window) = Current::<T>::get().filter(|one| one.number == claim.window) {
				ensure!(window.start.is_some(), "a claim in a window without a seed");
				ensure!(offer < window.offers, "a claim of an offer that takes no part");
				let samples = window.benchmark.samples;
				ensure!(u32::from(claim.proven) >> samples == 0, "a proof of no sample");
				let proven = claim.proven.count_ones();
				ensure!(proven < u32::from(samples), "a claim that is all proven");
			}
		}
		for (offer, measured) in Measurements::<T>::iter() {
			ensure!(
				T::Scores::provider_of(offer).is_some(),
				"measurements of an offer that is gone"
			);
			ensure!(!measured.is_empty(), "measurements of nothing are kept");
			let in_order = measured.windows(2).all(|two| two[0].window < two[1].window);
			ensure!(in_order, "measurements are not in the order of windows");
			let known = measured.iter().all(|one| one.window < next);
			ensure!(known, "a measurement in a window that was never opened");
		}
		Ok(())
	}
}
