//! Every movement of money of this pallet: demands' deposits.

use crate::{BalanceOf, Config, HoldReason};
use frame_support::traits::{
	fungible::hold::Mutate as _,
	tokens::{Fortitude, Precision, Restriction},
};
use sp_runtime::DispatchResult;

/// Puts a demand's deposit on hold.
pub(crate) fn deposit<T: Config>(by: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	T::Currency::hold(&HoldReason::Demand.into(), by, amount)
}

/// Gives it back.
pub(crate) fn give_back<T: Config>(by: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	T::Currency::release(&HoldReason::Demand.into(), by, amount, Precision::Exact).map(|_| ())
}

/// Pays it to whom answered. A lock on the account that demanded must not make a provider lose that
/// answers in time, hence `Force`.
pub(crate) fn pay<T: Config>(
	by: &T::AccountId,
	to: &T::AccountId,
	amount: BalanceOf<T>,
) -> DispatchResult {
	if by == to {
		return give_back::<T>(by, amount);
	}
	T::Currency::transfer_on_hold(
		&HoldReason::Demand.into(),
		by,
		to,
		amount,
		Precision::Exact,
		Restriction::Free,
		Fortitude::Force,
	)
	.map(|_| ())
}
