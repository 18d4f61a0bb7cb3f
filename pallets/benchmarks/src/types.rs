//! What is stored, of a runtime.

use frame_system::pallet_prelude::BlockNumberFor;
use mutirao_types::benchmark::{Claim, Window};

/// [`Window`] of a runtime.
pub type WindowOf<T> = Window<BlockNumberFor<T>>;
/// [`Claim`] of a runtime.
pub type ClaimOf<T> = Claim<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;
