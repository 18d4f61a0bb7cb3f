//! Coming, staying, leaving.

use crate::{asset, BalanceOf, Config, Error, Event, Pallet, ProviderOf, Providers};
use frame_support::ensure;
use mutirao_traits::Clock;
use mutirao_types::{Endpoint, Provider, ProviderState, Reputation};
use sp_runtime::{
	traits::{CheckedAdd, Get, Zero},
	ArithmeticError, DispatchError, DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		provider: T::AccountId,
		stake: BalanceOf<T>,
		endpoint: Endpoint,
	) -> DispatchResult {
		ensure!(!Providers::<T>::contains_key(&provider), Error::<T>::AlreadyRegistered);
		ensure!(stake >= T::MinimumStake::get(), Error::<T>::StakeTooSmall);
		Self::ensure_endpoint(&endpoint)?;
		asset::stake::<T>(&provider, stake)?;
		let record = Provider {
			stake,
			earmarked: Zero::zero(),
			open_jobs: 0,
			offers: 0,
			endpoint: endpoint.clone(),
			state: ProviderState::Active,
			reputation: Reputation::default(),
		};
		Providers::<T>::insert(&provider, record);
		Self::deposit_event(Event::Registered { provider, stake, endpoint });
		Ok(())
	}

	pub(crate) fn do_add_stake(provider: T::AccountId, added: BalanceOf<T>) -> DispatchResult {
		let stake = Self::try_mutate_provider(&provider, |record| {
			Self::ensure_active(record)?;
			asset::stake::<T>(&provider, added)?;
			record.stake = record.stake.checked_add(&added).ok_or(ArithmeticError::Overflow)?;
			Ok(record.stake)
		})?;
		Self::deposit_event(Event::StakeAdded { provider, added, stake });
		Ok(())
	}

	pub(crate) fn do_set_endpoint(provider: T::AccountId, endpoint: Endpoint) -> DispatchResult {
		Self::ensure_endpoint(&endpoint)?;
		Self::try_mutate_provider(&provider, |record| {
			record.endpoint = endpoint.clone();
			Ok(())
		})?;
		Self::deposit_event(Event::EndpointSet { provider, endpoint });
		Ok(())
	}

	pub(crate) fn do_leave(provider: T::AccountId) -> DispatchResult {
		let free_at = T::Clock::now().saturating_add(T::UnbondingBlocks::get());
		Self::try_mutate_provider(&provider, |record| {
			Self::ensure_active(record)?;
			record.state = ProviderState::Leaving { free_at };
			Ok(())
		})?;
		Self::deposit_event(Event::Leaving { provider, free_at });
		Ok(())
	}

	pub(crate) fn do_withdraw(provider: T::AccountId) -> DispatchResult {
		let record = Providers::<T>::get(&provider).ok_or(Error::<T>::NotRegistered)?;
		let ProviderState::Leaving { free_at } = record.state else {
			return Err(Error::<T>::NotLeaving.into());
		};
		ensure!(T::Clock::now() >= free_at, Error::<T>::StillBonded);
		ensure!(record.open_jobs == 0, Error::<T>::JobsOpen);
		ensure!(record.offers == 0, Error::<T>::OffersRemain);
		let stake = asset::unstake::<T>(&provider, record.stake)?;
		Providers::<T>::remove(&provider);
		Self::deposit_event(Event::Left { provider, stake });
		Ok(())
	}

	/// Changes a provider's record, or nothing at all.
	pub(crate) fn try_mutate_provider<R>(
		provider: &T::AccountId,
		change: impl FnOnce(&mut ProviderOf<T>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Providers::<T>::try_mutate(provider, |record| {
			change(record.as_mut().ok_or(Error::<T>::NotRegistered)?)
		})
	}

	pub(crate) fn ensure_active(record: &ProviderOf<T>) -> DispatchResult {
		ensure!(record.state == ProviderState::Active, Error::<T>::IsLeaving);
		Ok(())
	}

	/// Enough to be sure that a client can take it for a URL; whether anyone answers there is seen
	/// by whoever asks.
	fn ensure_endpoint(endpoint: &Endpoint) -> DispatchResult {
		let host = [&b"http://"[..], b"https://"]
			.iter()
			.find_map(|scheme| endpoint.strip_prefix(*scheme))
			.ok_or(Error::<T>::MalformedEndpoint)?;
		ensure!(
			!host.is_empty() && host[0] != b'/' && host.iter().all(u8::is_ascii_graphic),
			Error::<T>::MalformedEndpoint
		);
		Ok(())
	}
}
