//! What is stored of providers and offers.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::fungible, BoundedVec};
use mutirao_types::{ActiveBlock, Offer, OfferTerms, Provider};
use scale_info::TypeInfo;

type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

/// Money.
pub type BalanceOf<T> =
	<<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// Money taken that must go somewhere.
pub type CreditOf<T> = fungible::Credit<AccountIdOf<T>, <T as Config>::Currency>;
/// [`Provider`] of a runtime.
pub type ProviderOf<T> = Provider<BalanceOf<T>>;
/// [`OfferTerms`] of a runtime.
pub type TermsOf<T> = OfferTerms<BalanceOf<T>>;
/// [`Offer`] of a runtime.
pub type OfferOf<T> = Offer<AccountIdOf<T>, BalanceOf<T>>;

/// An offer, the deposit for its place, and what went wrong on it.
#[derive(
	Clone, Debug, Eq, PartialEq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct OfferRecord<Offer, Ticket, Failures> {
	/// The offer.
	pub offer: Offer,
	/// The deposit.
	pub ticket: Ticket,
	/// When jobs on it were broken, as far as it was not long ago and the provider has not resumed the
	/// offer since.
	pub failures: Failures,
}

/// [`OfferRecord`] of a runtime.
pub type OfferRecordOf<T> = OfferRecord<
	OfferOf<T>,
	<T as Config>::Rent,
	BoundedVec<ActiveBlock, <T as Config>::FailuresToPause>,
>;
