//! Every movement of money of this pallet.

use crate::{BalanceOf, Config, HoldReason};
use frame_support::traits::{
	fungible::hold::{Balanced as _, Inspect as _, Mutate as _},
	tokens::{imbalance::Imbalance, Fortitude, Precision, Restriction},
	OnUnbalanced,
};
use sp_runtime::{traits::Zero, DispatchResult};

/// What a buyer has in escrow, over all its jobs.
#[cfg(any(feature = "try-runtime", feature = "std"))]
pub(crate) fn in_escrow<T: Config>(buyer: &T::AccountId) -> BalanceOf<T> {
	T::Currency::balance_on_hold(&HoldReason::Escrow.into(), buyer)
}

/// Puts free money of a buyer into escrow.
pub(crate) fn escrow<T: Config>(buyer: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	T::Currency::hold(&HoldReason::Escrow.into(), buyer, amount)
}

/// Gives escrow back to its buyer.
pub(crate) fn give_back<T: Config>(buyer: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	if amount.is_zero() {
		return Ok(());
	}
	T::Currency::release(&HoldReason::Escrow.into(), buyer, amount, Precision::Exact).map(|_| ())
}

/// Pays a provider from a buyer's escrow. Returns what it got: nothing, if its account is gone and
/// this is less than an account needs.
///
/// Neither that nor a lock on the buyer's account may keep a job from ending, hence `Force`.
pub(crate) fn pay<T: Config>(
	buyer: &T::AccountId,
	provider: &T::AccountId,
	amount: BalanceOf<T>,
) -> BalanceOf<T> {
	if amount.is_zero() {
		return amount;
	}
	T::Currency::transfer_on_hold(
		&HoldReason::Escrow.into(),
		buyer,
		provider,
		amount,
		Precision::Exact,
		Restriction::Free,
		Fortitude::Force,
	)
	.unwrap_or_default()
}

/// Gives a part of a buyer's escrow to the treasury. Returns what was given.
pub(crate) fn pay_treasury<T: Config>(buyer: &T::AccountId, amount: BalanceOf<T>) -> BalanceOf<T> {
	if amount.is_zero() {
		return amount;
	}
	let (credit, _) = T::Currency::slash(&HoldReason::Escrow.into(), buyer, amount);
	let given = credit.peek();
	T::OnFee::on_unbalanced(credit);
	given
}
