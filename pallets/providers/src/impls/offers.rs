//! Offers.

use crate::{
	Config, Error, Event, NextOffer, OfferRecord, OfferRecordOf, Offers, OffersByProvider, Pallet,
	Providers, TermsOf,
};
use codec::MaxEncodedLen;
use frame_support::{
	ensure,
	traits::{Consideration, Footprint},
};
use mutirao_traits::{Clock, Scores, Withdrawals};
use mutirao_types::{offer::Label, Device, Offer, OfferId, OfferState, Score};
use sp_runtime::{traits::Get, ArithmeticError, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_post_offer(
		provider: T::AccountId,
		device: Device,
		terms: TermsOf<T>,
	) -> DispatchResult {
		Self::ensure_device(&device)?;
		Self::ensure_terms(&terms)?;
		Self::try_mutate_provider(&provider, |record| {
			Self::ensure_active(record)?;
			ensure!(record.offers < T::MaxOffers::get(), Error::<T>::TooManyOffers);
			record.offers += 1;
			Ok(())
		})?;
		let id = NextOffer::<T>::get();
		NextOffer::<T>::put(id.checked_add(1).ok_or(ArithmeticError::Overflow)?);
		let ticket = T::Rent::new(&provider, Self::offer_footprint())?;
		let offer = Offer {
			provider: provider.clone(),
			device: device.clone(),
			terms: terms.clone(),
			state: OfferState::Active,
			running: 0,
			score: None,
		};
		Offers::<T>::insert(id, OfferRecord { offer, ticket, failures: Default::default() });
		OffersByProvider::<T>::insert(&provider, id, ());
		Self::deposit_event(Event::OfferPosted { offer: id, provider, device, terms });
		Ok(())
	}

	pub(crate) fn do_change_offer(
		provider: T::AccountId,
		offer: OfferId,
		terms: TermsOf<T>,
	) -> DispatchResult {
		Self::ensure_terms(&terms)?;
		Self::try_mutate_own_offer(&provider, offer, |record| {
			record.offer.terms = terms.clone();
			Ok(())
		})?;
		Self::deposit_event(Event::OfferChanged { offer, terms });
		Ok(())
	}

	pub(crate) fn do_pause_offer(provider: T::AccountId, offer: OfferId) -> DispatchResult {
		Self::try_mutate_own_offer(&provider, offer, |record| {
			record.offer.state = OfferState::Paused;
			Ok(())
		})?;
		Self::deposit_event(Event::OfferPaused { offer });
		Ok(())
	}

	pub(crate) fn do_resume_offer(provider: T::AccountId, offer: OfferId) -> DispatchResult {
		Self::try_mutate_own_offer(&provider, offer, |record| {
			record.offer.state = OfferState::Active;
			record.failures = Default::default();
			Ok(())
		})?;
		Self::deposit_event(Event::OfferResumed { offer });
		Ok(())
	}

	pub(crate) fn do_withdraw_offer(provider: T::AccountId, offer: OfferId) -> DispatchResult {
		let record = Offers::<T>::get(offer).ok_or(Error::<T>::NoSuchOffer)?;
		ensure!(record.offer.provider == provider, Error::<T>::NotOwnOffer);
		ensure!(record.offer.running == 0, Error::<T>::JobsOpen);
		T::Withdrawals::withdrawn(offer)?;
		record.ticket.drop(&provider)?;
		Offers::<T>::remove(offer);
		OffersByProvider::<T>::remove(&provider, offer);
		Self::try_mutate_provider(&provider, |record| {
			record.offers = record.offers.saturating_sub(1);
			Ok(())
		})?;
		Self::deposit_event(Event::OfferWithdrawn { offer });
		Ok(())
	}

	/// Remembers that a job on an offer was broken, and pauses the offer if that happens often: whatever
	/// the cause is, a device that fails or a stolen key, the stake is safe until its owner has looked.
	pub(super) fn note_failure(id: OfferId, record: &mut OfferRecordOf<T>) {
		let now = T::Clock::now();
		let since = now.saturating_sub(T::FailurePeriod::get());
		record.failures.retain(|failed| *failed >= since);
		// It is full only if the offer is paused already, with jobs left from before.
		let _ = record.failures.try_push(now);
		if record.failures.is_full() && record.offer.state == OfferState::Active {
			record.offer.state = OfferState::Paused;
			Self::deposit_event(Event::OfferPaused { offer: id });
		}
	}

	fn try_mutate_own_offer<R>(
		provider: &T::AccountId,
		offer: OfferId,
		change: impl FnOnce(&mut OfferRecordOf<T>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Offers::<T>::try_mutate(offer, |record| {
			let record = record.as_mut().ok_or(Error::<T>::NoSuchOffer)?;
			ensure!(record.offer.provider == *provider, Error::<T>::NotOwnOffer);
			change(record)
		})
	}

	fn ensure_device(device: &Device) -> DispatchResult {
		let is_text =
			|label: &Label| !label.is_empty() && core::str::from_utf8(label.as_slice()).is_ok();
		ensure!(is_text(&device.adapter) && is_text(&device.driver), Error::<T>::MalformedLabel);
		ensure!(device.region.is_well_formed(), Error::<T>::MalformedRegion);
		Ok(())
	}

	fn ensure_terms(terms: &TermsOf<T>) -> DispatchResult {
		ensure!(terms.capacity >= 1, Error::<T>::NoCapacity);
		ensure!(terms.minimum_price <= terms.maximum_price, Error::<T>::MaximumPriceTooLow);
		let ahead =
			terms.expires.checked_sub(T::Clock::now()).ok_or(Error::<T>::ExpiryOutOfRange)?;
		ensure!((1..=T::MaxOfferBlocks::get()).contains(&ahead), Error::<T>::ExpiryOutOfRange);
		Ok(())
	}

	/// One record and one entry of the index.
	pub(crate) fn offer_footprint() -> Footprint {
		let key = T::AccountId::max_encoded_len() + OfferId::max_encoded_len();
		Footprint::from_parts(2, OfferRecordOf::<T>::max_encoded_len() + key)
	}
}

impl<T: Config> Scores<T::AccountId> for Pallet<T> {
	fn provider_of(offer: OfferId) -> Option<T::AccountId> {
		Offers::<T>::get(offer).map(|record| record.offer.provider)
	}

	fn score(offer: OfferId) -> Option<Score> {
		Offers::<T>::get(offer)?.offer.score
	}

	fn set_score(offer: OfferId, score: Option<Score>) {
		Offers::<T>::mutate(offer, |record| {
			if let Some(record) = record {
				record.offer.score = score;
				Self::deposit_event(Event::ScoreSet { offer, score });
			}
		});
	}

	fn next_offer() -> OfferId {
		NextOffer::<T>::get()
	}
}

// Only the index and the records know how many offers there are.
#[cfg(any(feature = "try-runtime", feature = "std"))]
impl<T: Config> Pallet<T> {
	/// Each offer is in the index of its provider, and the index names nothing else.
	pub(crate) fn try_state_offers() -> Result<(), sp_runtime::TryRuntimeError> {
		let mut listed = 0usize;
		for (provider, offer, ()) in OffersByProvider::<T>::iter() {
			let record = Offers::<T>::get(offer).ok_or("the index names no offer")?;
			ensure!(record.offer.provider == provider, "an offer is listed under another provider");
			ensure!(Providers::<T>::contains_key(&provider), "an offer has no provider");
			ensure!(offer < NextOffer::<T>::get(), "an offer has a number that was never given");
			listed += 1;
		}
		ensure!(Offers::<T>::iter_keys().count() == listed, "an offer is not in the index");
		for (provider, record) in Providers::<T>::iter() {
			let offers =
				OffersByProvider::<T>::iter_key_prefix(&provider).collect::<alloc::vec::Vec<_>>();
			ensure!(offers.len() as u32 == record.offers, "a provider's number of offers is wrong");
			let running = |offer: &OfferId| {
				Offers::<T>::get(offer).map_or(0, |record| u32::from(record.offer.running))
			};
			let running: u32 = offers.iter().map(running).sum();
			ensure!(running == record.open_jobs, "offers' running jobs are not the open ones");
		}
		Ok(())
	}
}
