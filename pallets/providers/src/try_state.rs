//! The invariants.

#![cfg(any(feature = "try-runtime", feature = "std"))]

use crate::{asset, Config, Pallet, Providers};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Stake is on hold and covers what is earmarked; offers and their index agree.
	///
	/// # Errors
	///
	/// The first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		for (provider, record) in Providers::<T>::iter() {
			ensure!(asset::staked::<T>(&provider) == record.stake, "stake is not what is on hold");
			ensure!(record.earmarked <= record.stake, "stake does not cover the running jobs");
		}
		Self::try_state_offers()
	}
}
