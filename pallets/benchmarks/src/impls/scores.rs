//! What follows from windows for an offer.

use crate::{Claims, Config, Current, Ended, Error, Event, Measurements, Pallet};
use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use mutirao_traits::{Penalties, Scores};
use mutirao_types::{
	benchmark::{EndedWindow, Measurement},
	OfferId, Score,
};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_conclude(who: T::AccountId, offer: OfferId) -> DispatchResult {
		let had_claim = Self::conclude_claim(who, offer);
		let changed = match T::Scores::provider_of(offer) {
			Some(_) => Self::refresh(offer),
			None => Self::forget(offer),
		};
		ensure!(had_claim || changed, Error::<T>::NothingToConclude);
		Ok(())
	}

	/// Ends a claim that can no longer be proven. Returns whether there was one.
	fn conclude_claim(reporter: T::AccountId, offer: OfferId) -> bool {
		let Some(claim) = Claims::<T>::get(offer) else { return false };
		let window = claim.window;
		let is_open = Current::<T>::get().is_some_and(|current| current.number == window);
		if is_open && !claim.refuted {
			return false;
		}
		Claims::<T>::remove(offer);
		// Whatever else is left is of a void window, or of one that nobody remembers.
		if claim.refuted || Self::has_ended(window) {
			if is_open {
				Self::measured(offer, Measurement { window, steps_per_second: 0 });
			}
			let provider = claim.provider;
			let penalty = T::Penalties::penalise(&provider, T::Penalty::get(), &reporter);
			Self::deposit_event(Event::ClaimLost { offer, window, provider, reporter, penalty });
		}
		true
	}

	/// Gives an offer the score that follows from recent windows. Returns whether it is another one.
	pub(super) fn refresh(offer: OfferId) -> bool {
		let Some(score) = Self::score_of(offer) else { return false };
		if T::Scores::score(offer) == Some(score) {
			return false;
		}
		T::Scores::set_score(offer, Some(score));
		true
	}

	/// The score that follows from recent windows, if the offer took part in one.
	pub(crate) fn score_of(offer: OfferId) -> Option<Score> {
		let measured = Measurements::<T>::get(offer);
		let found = |window: &EndedWindow| {
			measured.iter().find(|one| one.window == window.number).map(|one| one.steps_per_second)
		};
		let mut windows: Vec<_> =
			Ended::<T>::get().into_iter().filter(|window| offer < window.offers).collect();
		// The present window counts as soon as its result is known.
		let current = Current::<T>::get().map(|window| EndedWindow {
			number: window.number,
			offers: window.offers,
			ended_at: window.prove_until,
		});
		windows.extend(current.filter(|window| found(window).is_some()));
		let excess = windows.len().saturating_sub(T::RecentWindows::get() as usize);
		let recent = windows.get(excess..)?;
		let steps_per_second = recent.iter().map(|window| found(window).unwrap_or(0)).min()?;
		let expires = recent.last()?.ended_at.saturating_add(T::ScoreBlocks::get());
		Some(Score { steps_per_second, expires })
	}

	/// Forgets what was measured of an offer that is gone. Returns whether there was something.
	fn forget(offer: OfferId) -> bool {
		let had_some = Measurements::<T>::contains_key(offer);
		Measurements::<T>::remove(offer);
		had_some
	}
}
