//! Every movement of money of this pallet.

use crate::{BalanceOf, Config};
use frame_support::traits::{
	fungible::Balanced as _,
	tokens::{Fortitude, Precision, Preservation},
	OnUnbalanced,
};
use sp_runtime::DispatchResult;

/// Gives free money of a provider to the treasury, and leaves its account alive.
pub(crate) fn pay_treasury<T: Config>(
	provider: &T::AccountId,
	amount: BalanceOf<T>,
) -> DispatchResult {
	let (precision, force) = (Precision::Exact, Fortitude::Polite);
	let credit = T::Currency::withdraw(provider, amount, precision, Preservation::Preserve, force)?;
	T::OnFee::on_unbalanced(credit);
	Ok(())
}
