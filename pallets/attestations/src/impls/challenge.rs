//! Workgroups that somebody else points at.

use crate::{Attestations, Computed, Config, Error, Event, Pallet, WeightInfo};
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays},
	ensure,
};
use mutirao_traits::{Clock, Jobs, Work};
use mutirao_types::{ActiveBlock, JobId, JobState, RefundReason, Steps, Witness, Workgroup};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_challenge(
		challenger: T::AccountId,
		id: JobId,
		workgroup: Workgroup,
		steps: Steps,
		witness: Witness,
	) -> DispatchResultWithPostInfo {
		let job = T::Jobs::job(id).ok_or(Error::<T>::NoSuchJob)?;
		let JobState::Contestable { until, .. } = &job.state else {
			return Err(Error::<T>::NotContestable.into());
		};
		Self::ensure_in_time(*until)?;
		let attestation = Attestations::<T>::get(id).ok_or(Error::<T>::NotAttested)?;
		let transcript = Some(&attestation.transcript);
		let run = Self::recompute(Work::of(&job.request), transcript, workgroup, steps, &witness)?;
		let pays = match run.computed {
			Computed::Same => {
				Self::deposit_event(Event::ChallengeFailed { job: id, workgroup, challenger });
				Pays::Yes
			}
			Computed::Different => {
				let reason = RefundReason::ChallengeUpheld;
				let slash = T::Jobs::refunded(id, reason, Some(&challenger))?;
				Self::deposit_event(Event::ChallengeUpheld {
					job: id,
					workgroup,
					challenger,
					slash,
				});
				Pays::No
			}
			Computed::Fault(_) => return Err(Error::<T>::ProgramFaults.into()),
		};
		Ok(Self::post_info(T::WeightInfo::challenge(), &witness, &run, pays))
	}

	pub(crate) fn do_prove_fault(
		id: JobId,
		workgroup: Workgroup,
		steps: Steps,
		witness: Witness,
	) -> DispatchResultWithPostInfo {
		let job = T::Jobs::job(id).ok_or(Error::<T>::NoSuchJob)?;
		let run = Self::recompute(Work::of(&job.request), None, workgroup, steps, &witness)?;
		let Computed::Fault(fault) = run.computed else {
			return Err(Error::<T>::NoFault.into());
		};
		T::Jobs::faulted(id, fault)?;
		Self::note_fault(id, workgroup, fault, true);
		Ok(Self::post_info(T::WeightInfo::open(), &witness, &run, Pays::No))
	}

	pub(super) fn ensure_in_time(until: ActiveBlock) -> DispatchResult {
		ensure!(T::Clock::now() <= until, Error::<T>::TooLate);
		Ok(())
	}
}
