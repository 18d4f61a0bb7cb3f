//! Benchmarks.

use crate::{
	BalanceOf, Call, Config, NextOffer, Offers, OffersByProvider, Pallet, Providers, TermsOf,
};
use alloc::vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Balanced as _, Inspect as _},
	Consideration, Get,
};
use frame_system::RawOrigin;
use mutirao_traits::{Clock, Scores};
use mutirao_types::{
	offer::Label, Backend, Device, Endpoint, OfferId, OfferState, OfferTerms, ProviderState,
	Region, Score,
};
use sp_runtime::{
	traits::{Saturating, Zero},
	BoundedVec,
};

/// The longest URL.
fn endpoint(letter: u8) -> Endpoint {
	let mut url = b"https://".to_vec();
	url.resize(128, letter);
	BoundedVec::truncate_from(url)
}

/// The longest description of a device that is as good as any.
fn device() -> Device {
	let label = || Label::truncate_from(alloc::vec![b'x'; 64]);
	Device {
		adapter: label(),
		driver: label(),
		backend: Backend::Vulkan,
		memory_mib: u32::MAX,
		region: Region { country: *b"BR", subdivision: *b"SP\0" },
		watts: u16::MAX,
	}
}

/// Costs little, but enough that each part of a slash can make an account. Any job is taken that the
/// stake covers.
fn terms<T: Config>() -> TermsOf<T> {
	OfferTerms {
		price_per_gigastep: Zero::zero(),
		minimum_price: T::Currency::minimum_balance().saturating_mul(4u64.into()),
		maximum_price: stake::<T>(),
		capacity: u16::MAX,
		expires: T::Clock::now().saturating_add(T::MaxOfferBlocks::get()),
	}
}

/// More than any benchmark earmarks.
fn stake<T: Config>() -> BalanceOf<T> {
	let least = T::MinimumStake::get().max(T::Currency::minimum_balance());
	least.saturating_mul(1_000u64.into())
}

/// Gives an account what it needs to register and to add as much stake again.
fn funded<T: Config>(who: &T::AccountId) {
	let money = T::Currency::issue(stake::<T>().saturating_mul(3u64.into()));
	assert!(T::Currency::resolve(who, money).is_ok(), "it is more than an account must have");
}

fn registered<T: Config>(provider: &T::AccountId) {
	if !Providers::<T>::contains_key(provider) {
		funded::<T>(provider);
		Pallet::<T>::do_register(provider.clone(), stake::<T>(), endpoint(b'x'))
			.expect("stake and endpoint are right");
	}
}

/// Makes a provider, if it is none, with an active offer that takes any job in its region.
pub(crate) fn open_offer<T: Config>(provider: &T::AccountId) -> OfferId {
	registered::<T>(provider);
	T::Rent::ensure_successful(provider, Pallet::<T>::offer_footprint());
	let offer = NextOffer::<T>::get();
	Pallet::<T>::do_post_offer(provider.clone(), device(), terms::<T>())
		.expect("device and terms are right");
	let score = Score { steps_per_second: u64::MAX, expires: u32::MAX };
	Pallet::<T>::set_score(offer, Some(score));
	Offers::<T>::mutate(offer, |record| {
		// The next job that is broken pauses it.
		let failures = vec![T::Clock::now(); T::FailuresToPause::get().saturating_sub(1) as usize];
		record.as_mut().expect("it was posted").failures = BoundedVec::truncate_from(failures);
	});
	offer
}

/// A provider with so many offers, of which the last is returned.
fn with_offers<T: Config>(count: u32) -> (T::AccountId, OfferId) {
	let provider = whitelisted_caller();
	registered::<T>(&provider);
	let last = (0..count).map(|_| open_offer::<T>(&provider)).last();
	(provider, last.unwrap_or_default())
}

fn state_of<T: Config>(offer: OfferId) -> Option<OfferState> {
	Offers::<T>::get(offer).map(|record| record.offer.state)
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn register() {
		let caller: T::AccountId = whitelisted_caller();
		funded::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), stake::<T>(), endpoint(b'x'));

		assert!(Providers::<T>::contains_key(caller));
	}

	#[benchmark]
	fn add_stake() {
		let (caller, _) = with_offers::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), stake::<T>());

		let twice = stake::<T>().saturating_mul(2u64.into());
		assert_eq!(Providers::<T>::get(caller).map(|record| record.stake), Some(twice));
	}

	#[benchmark]
	fn set_endpoint() {
		let (caller, _) = with_offers::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), endpoint(b'y'));

		let found = Providers::<T>::get(caller).map(|record| record.endpoint);
		assert_eq!(found, Some(endpoint(b'y')));
	}

	#[benchmark]
	fn leave() {
		let (caller, _) = with_offers::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(Providers::<T>::get(caller)
			.is_some_and(|record| matches!(record.state, ProviderState::Leaving { .. })));
	}

	#[benchmark]
	fn withdraw() {
		let (caller, _) = with_offers::<T>(0);
		Providers::<T>::mutate(&caller, |record| {
			let record = record.as_mut().expect("was registered");
			record.state = ProviderState::Leaving { free_at: T::Clock::now() };
		});

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert!(!Providers::<T>::contains_key(caller));
	}

	#[benchmark]
	fn post_offer() {
		let (caller, _) = with_offers::<T>(T::MaxOffers::get() - 1);
		T::Rent::ensure_successful(&caller, Pallet::<T>::offer_footprint());
		let offer = NextOffer::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), device(), terms::<T>());

		assert!(OffersByProvider::<T>::contains_key(caller, offer));
	}

	#[benchmark]
	fn change_offer() {
		let (caller, offer) = with_offers::<T>(1);
		let changed = OfferTerms { capacity: 1, ..terms::<T>() };

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), offer, changed.clone());

		assert_eq!(Offers::<T>::get(offer).map(|record| record.offer.terms), Some(changed));
	}

	#[benchmark]
	fn pause_offer() {
		let (caller, offer) = with_offers::<T>(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), offer);

		assert_eq!(state_of::<T>(offer), Some(OfferState::Paused));
	}

	#[benchmark]
	fn resume_offer() {
		let (caller, offer) = with_offers::<T>(1);
		Pallet::<T>::do_pause_offer(caller.clone(), offer).expect("it is the caller's");

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), offer);

		assert_eq!(state_of::<T>(offer), Some(OfferState::Active));
	}

	#[benchmark]
	fn withdraw_offer() {
		let (caller, offer) = with_offers::<T>(T::MaxOffers::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), offer);

		assert!(!Offers::<T>::contains_key(offer));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
