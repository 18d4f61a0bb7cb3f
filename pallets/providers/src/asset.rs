//! Every movement of money of this pallet.

use crate::{BalanceOf, Config, CreditOf, HoldReason};
use frame_support::traits::{
	fungible::{
		hold::{Balanced as _, Inspect as _, Mutate as _},
		Balanced as _,
	},
	tokens::{imbalance::Imbalance, Precision},
};
use sp_runtime::{traits::Zero, DispatchError, DispatchResult};

/// What a provider has on hold as stake.
#[cfg(any(feature = "try-runtime", feature = "std"))]
pub(crate) fn staked<T: Config>(provider: &T::AccountId) -> BalanceOf<T> {
	T::Currency::balance_on_hold(&HoldReason::Stake.into(), provider)
}

/// Puts free money on hold as stake.
pub(crate) fn stake<T: Config>(provider: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	T::Currency::hold(&HoldReason::Stake.into(), provider, amount)
}

/// Frees stake.
pub(crate) fn unstake<T: Config>(
	provider: &T::AccountId,
	amount: BalanceOf<T>,
) -> Result<BalanceOf<T>, DispatchError> {
	T::Currency::release(&HoldReason::Stake.into(), provider, amount, Precision::Exact)
}

/// Takes stake, or as much of it as is there.
pub(crate) fn seize<T: Config>(provider: &T::AccountId, amount: BalanceOf<T>) -> CreditOf<T> {
	T::Currency::slash(&HoldReason::Stake.into(), provider, amount).0
}

/// Gives what was seized to an account. What it cannot take, being gone and getting less than an
/// account must have, is burned. Returns what it got.
pub(crate) fn give<T: Config>(to: &T::AccountId, credit: CreditOf<T>) -> BalanceOf<T> {
	let amount = credit.peek();
	match T::Currency::resolve(to, credit) {
		Ok(()) => amount,
		Err(burned) => {
			drop(burned);
			Zero::zero()
		}
	}
}
