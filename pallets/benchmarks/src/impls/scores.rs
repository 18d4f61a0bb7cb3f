//! What follows from windows for an offer.

use crate::{Claims, Config, Current, Ended, Error, Event, Measurements, Pallet, WeightInfo};
use alloc::vec::Vec;
use frame_support::{ensure, traits::Get, weights::Weight};
use mutirao_traits::{Penalties, Scores, Withdrawals};
use mutirao_types::{
	benchmark::{EndedWindow, Measurement},
	OfferId, Score,
};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_conclude(who: T::AccountId, offer: OfferId) -> DispatchResult {
		let had_claim = Self::conclude_claim(who, offer);
		// An offer that is gone has nothing that could change.
		let changed = T::Scores::provider_of(offer).is_some() && Self::refresh(offer);
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
			let (penalty, reward) = (T::Penalty::get(), T::Reward::get());
			let penalty = T::Penalties::penalise(&provider, penalty, &reporter, reward);
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
}

impl<T: Config> Withdrawals for Pallet<T> {
	/// A claim that can still be proven, or that is lost, has to be ended first: a provider does not get
	/// out of it by withdrawing the offer.
	fn withdrawn(offer: OfferId) -> DispatchResult {
		if let Some(claim) = Claims::<T>::get(offer) {
			let is_lost = claim.refuted || Self::has_ended(claim.window);
			ensure!(!is_lost, Error::<T>::ClaimNotConcluded);
			let is_open = Current::<T>::get().is_some_and(|window| window.number == claim.window);
			ensure!(!is_open, Error::<T>::ClaimNotEnded);
			Claims::<T>::remove(offer);
		}
		Measurements::<T>::remove(offer);
		Ok(())
	}

	/// It reads and writes less than `conclude` does.
	fn weight() -> Weight {
		T::WeightInfo::conclude()
	}
}
