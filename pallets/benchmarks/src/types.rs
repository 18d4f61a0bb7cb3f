//! What is stored, of a runtime.

use crate::Config;
use frame_support::traits::fungible;
use frame_system::pallet_prelude::BlockNumberFor;
use mutirao_types::benchmark::{Claim, Window};

/// Money.
pub type BalanceOf<T> =
	<<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// Money taken that must go somewhere.
pub type CreditOf<T> =
	fungible::Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;
/// [`Window`] of a runtime.
pub type WindowOf<T> = Window<BlockNumberFor<T>>;
/// [`Claim`] of a runtime.
pub type ClaimOf<T> = Claim<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;
