//! The invariants.

#![cfg(any(feature = "try-runtime", feature = "std"))]

use crate::{
	asset, BalanceOf, Config, History, Jobs, JobsByBuyer, JobsByProvider, JobsByState, NextJob,
	Pallet,
};
use alloc::collections::BTreeMap;
use frame_support::ensure;
use mutirao_types::{JobId, JobStateKind};
use sp_runtime::{traits::Saturating, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// Escrow is on hold to the planck; each job is in one place, and in the indices where it
	/// belongs and nowhere else.
	///
	/// # Errors
	///
	/// The first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::try_state_escrow()?;
		Self::try_state_indices()
	}

	fn try_state_escrow() -> Result<(), TryRuntimeError> {
		let mut escrow = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
		for record in Jobs::<T>::iter_values() {
			let amount = Self::escrow_of(&record.job);
			escrow.entry(record.job.buyer).or_default().saturating_accrue(amount);
		}
		for (buyer, amount) in &escrow {
			ensure!(asset::in_escrow::<T>(buyer) == *amount, "escrow is not what is on hold");
		}
		for record in History::<T>::iter_values() {
			let nothing_live = !escrow.contains_key(&record.job.buyer);
			ensure!(
				!nothing_live || asset::in_escrow::<T>(&record.job.buyer) == Default::default(),
				"money is in escrow for no job"
			);
		}
		Ok(())
	}

	fn try_state_indices() -> Result<(), TryRuntimeError> {
		let (mut jobs, mut accepted) = (0usize, 0usize);
		let mut check = |id: JobId, kind: JobStateKind, buyer, provider: Option<T::AccountId>| {
			jobs += 1;
			ensure!(id < NextJob::<T>::get(), "a job has a number that was never given");
			ensure!(JobsByState::<T>::contains_key(kind, id), "a job is not listed by its stage");
			ensure!(JobsByBuyer::<T>::contains_key(buyer, id), "a job is not listed by its buyer");
			if let Some(provider) = provider {
				accepted += 1;
				ensure!(
					JobsByProvider::<T>::contains_key(provider, id),
					"a job is not listed by its provider"
				);
			}
			Ok::<(), TryRuntimeError>(())
		};
		for (id, record) in Jobs::<T>::iter() {
			ensure!(!History::<T>::contains_key(id), "a job is both live and finished");
			let provider = record.job.state.deal().map(|deal| deal.provider.clone());
			check(id, record.job.state.kind(), record.job.buyer, provider)?;
		}
		for (id, record) in History::<T>::iter() {
			let provider = record.job.deal.map(|deal| deal.provider);
			check(id, JobStateKind::Finished, record.job.buyer, provider)?;
		}
		ensure!(JobsByState::<T>::iter().count() == jobs, "an index by stage names no job");
		ensure!(JobsByBuyer::<T>::iter().count() == jobs, "an index by buyer names no job");
		ensure!(
			JobsByProvider::<T>::iter().count() == accepted,
			"an index by provider names no job"
		);
		Ok(())
	}
}
