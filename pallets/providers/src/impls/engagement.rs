//! What happens to a provider when it takes a job and when the job ends.

use crate::{BalanceOf, Config, Error, Event, OfferOf, Offers, Pallet, ProviderOf, Providers};
use frame_support::{defensive, ensure};
use mutirao_traits::{Clock, Conduct};
use mutirao_types::{units::price_of, Deal, OfferId, OfferState, Requirements, SlashReport, Steps};
use sp_runtime::{
	traits::{CheckedMul, Get, Saturating},
	DispatchError, DispatchResult,
};

impl<T: Config> mutirao_traits::Providers<T::AccountId, BalanceOf<T>> for Pallet<T> {
	fn engage(
		provider: &T::AccountId,
		offer: OfferId,
		requirements: &Requirements,
		steps: Steps,
		price_cap: BalanceOf<T>,
		least_collateral: BalanceOf<T>,
	) -> Result<Deal<T::AccountId, BalanceOf<T>>, DispatchError> {
		Offers::<T>::try_mutate(offer, |record| {
			let asked = &mut record.as_mut().ok_or(Error::<T>::NoSuchOffer)?.offer;
			ensure!(asked.provider == *provider, Error::<T>::NotOwnOffer);
			let price = Self::price(asked, steps)?;
			ensure!(price <= price_cap, Error::<T>::PriceAboveCap);
			let collateral = Self::collateral(asked, price, least_collateral)?;
			Self::try_mutate_provider(provider, |record| {
				Self::ensure_takes_jobs(asked)?;
				Self::ensure_meets(record, asked, requirements)?;
				Self::earmark(record, collateral)
			})?;
			asked.running += 1;
			Ok(Deal { provider: provider.clone(), offer, price, collateral })
		})
	}

	fn release(deal: &Deal<T::AccountId, BalanceOf<T>>, conduct: Conduct) {
		Offers::<T>::mutate(deal.offer, |record| match record {
			Some(record) if record.offer.running > 0 => {
				record.offer.running -= 1;
				if conduct == Conduct::Broken {
					Self::note_failure(deal.offer, record);
				}
			}
			_ => {
				defensive!("an offer is not withdrawn while a job runs on it; qed");
			}
		});
		Providers::<T>::mutate(&deal.provider, |record| match record {
			Some(record) => {
				record.earmarked.saturating_reduce(deal.collateral);
				record.open_jobs = record.open_jobs.saturating_sub(1);
				Self::judge(&deal.provider, record, conduct);
			}
			None => {
				defensive!("a provider does not leave while a job is open; qed");
			}
		});
	}

	fn slash(
		provider: &T::AccountId,
		penalty: BalanceOf<T>,
		buyer: &T::AccountId,
		challenger: Option<&T::AccountId>,
	) -> SlashReport<BalanceOf<T>> {
		Self::do_slash(provider, penalty, buyer, challenger)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_offer(provider: &T::AccountId) -> OfferId {
		crate::benchmarking::open_offer::<T>(provider)
	}
}

impl<T: Config> Pallet<T> {
	/// What a job of so many steps costs on an offer.
	///
	/// # Errors
	///
	/// If it costs more than there can be money.
	pub fn price(offer: &OfferOf<T>, steps: Steps) -> Result<BalanceOf<T>, DispatchError> {
		price_of(steps, offer.terms.price_per_gigastep.into())
			.and_then(|price| BalanceOf::<T>::try_from(price).ok())
			.map(|price| price.max(offer.terms.minimum_price))
			.ok_or(Error::<T>::PriceAboveCap.into())
	}

	/// What answers for a job of this price on an offer, which is no less than `least`.
	///
	/// # Errors
	///
	/// If the offer's maximum price, or what money there can be, is too small for it.
	pub fn collateral(
		offer: &OfferOf<T>,
		price: BalanceOf<T>,
		least: BalanceOf<T>,
	) -> Result<BalanceOf<T>, DispatchError> {
		let factor = BalanceOf::<T>::from(u64::from(T::CollateralFactor::get()));
		let needed = factor.checked_mul(&price).ok_or(Error::<T>::StakeNotFree)?.max(least);
		// So the price, too, is no more than the offer's most.
		let most = factor.saturating_mul(offer.terms.maximum_price);
		ensure!(needed <= most, Error::<T>::PriceAboveMaximum);
		Ok(needed)
	}

	/// Whether an offer takes jobs now: it and its provider are active, it has not expired, and the
	/// device has room. Whether the offer takes this one, and free stake covers it, depends on its
	/// price.
	pub fn takes_jobs(provider: &ProviderOf<T>, offer: &OfferOf<T>) -> bool {
		Self::ensure_active(provider).is_ok()
			&& provider.stake >= T::MinimumStake::get()
			&& Self::ensure_takes_jobs(offer).is_ok()
	}

	/// Whether provider and device are what a buyer asks for.
	pub fn meets(
		provider: &ProviderOf<T>,
		offer: &OfferOf<T>,
		requirements: &Requirements,
	) -> bool {
		Self::ensure_meets(provider, offer, requirements).is_ok()
	}

	fn ensure_takes_jobs(offer: &OfferOf<T>) -> DispatchResult {
		ensure!(offer.state == OfferState::Active, Error::<T>::OfferPaused);
		ensure!(T::Clock::now() <= offer.terms.expires, Error::<T>::OfferExpired);
		ensure!(offer.running < offer.terms.capacity, Error::<T>::DeviceBusy);
		Ok(())
	}

	fn ensure_meets(
		provider: &ProviderOf<T>,
		offer: &OfferOf<T>,
		requirements: &Requirements,
	) -> DispatchResult {
		let now = T::Clock::now();
		let speed = offer.score.filter(|score| now <= score.expires);
		ensure!(
			speed.map_or(0, |score| score.steps_per_second) >= requirements.steps_per_second,
			Error::<T>::ScoreTooLow
		);
		ensure!(offer.device.memory_mib >= requirements.memory_mib, Error::<T>::MemoryTooSmall);
		let stands_there = |region: mutirao_types::Region| region.contains(&offer.device.region);
		ensure!(requirements.region.is_none_or(stands_there), Error::<T>::WrongRegion);
		ensure!(
			provider.reputation.estimate(now, T::ReputationHalfLife::get())
				>= requirements.reputation,
			Error::<T>::ReputationTooLow
		);
		Ok(())
	}

	/// Obligations are covered: the sum of collateral never exceeds the stake.
	fn earmark(provider: &mut ProviderOf<T>, collateral: BalanceOf<T>) -> DispatchResult {
		Self::ensure_active(provider)?;
		ensure!(provider.stake >= T::MinimumStake::get(), Error::<T>::StakeTooSmall);
		let earmarked = provider.earmarked.saturating_add(collateral);
		ensure!(earmarked <= provider.stake, Error::<T>::StakeNotFree);
		provider.earmarked = earmarked;
		provider.open_jobs = provider.open_jobs.checked_add(1).ok_or(Error::<T>::DeviceBusy)?;
		Ok(())
	}

	pub(super) fn judge(id: &T::AccountId, record: &mut ProviderOf<T>, conduct: Conduct) {
		let kept = match conduct {
			Conduct::Kept => true,
			Conduct::Broken => false,
			Conduct::Blameless => return,
		};
		let (now, half_life) = (T::Clock::now(), T::ReputationHalfLife::get());
		record.reputation.record(kept, now, half_life);
		let estimate = record.reputation.estimate(now, half_life);
		Self::deposit_event(Event::ReputationChanged { provider: id.clone(), estimate });
	}
}
