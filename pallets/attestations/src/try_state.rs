//! The invariants.

#![cfg(any(feature = "try-runtime", feature = "std"))]

use crate::{Attestations, Config, Demands, HoldReason, Pallet};
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::InspectHold};
use mutirao_traits::Jobs;
use mutirao_types::JobState;
use sp_runtime::{
	traits::{Get, Saturating},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// What is attested belongs to a live job, and demands are counted and paid for.
	///
	/// # Errors
	///
	/// The first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut demanded = BTreeMap::<_, u32>::new();
		let mut deposits = BTreeMap::<T::AccountId, crate::BalanceOf<T>>::new();
		for (job, _, demand) in Demands::<T>::iter() {
			demanded.entry(job).or_default().saturating_inc();
			deposits.entry(demand.by).or_default().saturating_accrue(demand.deposit);
		}
		for (id, attestation) in Attestations::<T>::iter() {
			let job = T::Jobs::job(id).ok_or("an attestation of no live job")?;
			let is_attested =
				matches!(job.state, JobState::Attested { .. } | JobState::Contestable { .. });
			ensure!(is_attested, "an attestation of a job that is not attested");
			let found = demanded.remove(&id).unwrap_or(0);
			ensure!(found == u32::from(attestation.demands), "demands are miscounted");
			ensure!(found <= 2 * u32::from(T::MaxDemands::get()), "too many demands");
			let opened = u32::from(attestation.opened);
			ensure!(opened >> attestation.samples == 0, "an opening of no sample");
			let all_opened = opened.count_ones() == u32::from(attestation.samples);
			let is_contestable = matches!(job.state, JobState::Contestable { .. });
			ensure!(all_opened == is_contestable, "a job is contestable once all is opened");
			ensure!(found == 0 || is_contestable, "a demand outside the contest window");
		}
		ensure!(demanded.is_empty(), "a demand to no attestation");
		for (by, amount) in deposits {
			let held = T::Currency::balance_on_hold(&HoldReason::Demand.into(), &by);
			ensure!(held == amount, "demands' deposits are not what is on hold");
		}
		Ok(())
	}
}
