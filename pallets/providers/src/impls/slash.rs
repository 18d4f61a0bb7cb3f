//! The one place where stake is taken.

use crate::{asset, BalanceOf, Config, CreditOf, Event, Pallet, Providers};
use frame_support::traits::tokens::imbalance::Imbalance;
use mutirao_traits::{Conduct, Penalties};
use mutirao_types::SlashReport;
use sp_runtime::traits::{Saturating, Zero};

impl<T: Config> Pallet<T> {
	/// Takes min(stake, penalty). Half of it, rounded up, is burned; of the rest the buyer gets all,
	/// or, if there is a challenger, half, rounded up.
	///
	/// That at least half is burned is what makes a slash a loss for a provider that challenges
	/// itself from another account.
	pub(crate) fn do_slash(
		provider: &T::AccountId,
		penalty: BalanceOf<T>,
		buyer: &T::AccountId,
		challenger: Option<&T::AccountId>,
	) -> SlashReport<BalanceOf<T>> {
		let credit = Self::take(provider, penalty);
		let taken = credit.peek();
		let two = BalanceOf::<T>::from(2u64);
		let (shared, burned) = credit.split(taken / two);
		let to_challenger = challenger.map_or(Zero::zero(), |_| shared.peek() / two);
		let (for_challenger, for_buyer) = shared.split(to_challenger);
		drop(burned);

		let to_challenger =
			challenger.map_or(Zero::zero(), |who| asset::give::<T>(who, for_challenger));
		let to_buyer = asset::give::<T>(buyer, for_buyer);
		let report = SlashReport {
			burned: taken.saturating_sub(to_buyer).saturating_sub(to_challenger),
			to_buyer,
			to_challenger,
			shortfall: penalty.saturating_sub(taken),
		};
		Self::deposit_event(Event::Slashed { provider: provider.clone(), penalty, report });
		report
	}

	/// Takes min(stake, amount).
	fn take(provider: &T::AccountId, amount: BalanceOf<T>) -> CreditOf<T> {
		Providers::<T>::mutate(provider, |record| {
			let stake = record.as_ref().map_or(Zero::zero(), |record| record.stake);
			let credit = asset::seize::<T>(provider, amount.min(stake));
			if let Some(record) = record {
				record.stake.saturating_reduce(credit.peek());
			}
			credit
		})
	}
}

impl<T: Config> Penalties<T::AccountId, BalanceOf<T>> for Pallet<T> {
	/// What is earmarked stays: it answers for jobs, whose buyers did not lie.
	fn penalise(
		provider: &T::AccountId,
		penalty: BalanceOf<T>,
		reporter: &T::AccountId,
		reward: BalanceOf<T>,
	) -> SlashReport<BalanceOf<T>> {
		let free = Providers::<T>::get(provider)
			.map_or(Zero::zero(), |record| record.stake.saturating_sub(record.earmarked));
		let credit = Self::take(provider, penalty.min(free));
		let taken = credit.peek();
		let two = BalanceOf::<T>::from(2u64);
		let (for_reporter, burned) = credit.split(reward.min(taken / two));
		drop(burned);
		let to_buyer = asset::give::<T>(reporter, for_reporter);
		let report = SlashReport {
			burned: taken.saturating_sub(to_buyer),
			to_buyer,
			to_challenger: Zero::zero(),
			shortfall: penalty.saturating_sub(taken),
		};
		Self::deposit_event(Event::Slashed { provider: provider.clone(), penalty, report });
		Providers::<T>::mutate(provider, |record| {
			if let Some(record) = record {
				Self::judge(provider, record, Conduct::Broken);
			}
		});
		report
	}
}
