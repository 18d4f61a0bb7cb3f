//! Drawn workgroups.

use crate::{
	draw, types::Reexecution, AttestationOf, Attestations, Computed, Config, Error, Event, Pallet,
	WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	traits::Contains,
	weights::Weight,
};
use mutirao_traits::{Clock, Jobs, Work};
use mutirao_types::{
	FaultKind, Job, JobId, JobState, RefundReason, Sample, Steps, Witness, Workgroup,
};
use sp_runtime::{DispatchError, DispatchResult};

type JobOf<T> = Job<<T as frame_system::Config>::AccountId, crate::BalanceOf<T>>;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_open(
		who: T::AccountId,
		id: JobId,
		sample: u8,
		steps: Steps,
		witness: Witness,
	) -> DispatchResultWithPostInfo {
		let job = T::Jobs::job(id).ok_or(Error::<T>::NoSuchJob)?;
		let JobState::Attested { deal, until } = &job.state else {
			return Err(Error::<T>::NotAttested.into());
		};
		// Not by anybody: who copied a provider's opening would let the provider's own fail and pay.
		ensure!(Self::opens_for(&deal.provider, who), Error::<T>::NotProvider);
		Self::ensure_in_time(*until)?;
		let mut attestation = Attestations::<T>::get(id).ok_or(Error::<T>::NotAttested)?;
		ensure!(sample < attestation.samples, Error::<T>::NoSuchSample);
		ensure!(attestation.opened >> sample & 1 == 0, Error::<T>::AlreadyOpened);
		let workgroup = Self::drawn(id, &job, &attestation, sample)?;

		let transcript = Some(&attestation.transcript);
		let run = Self::recompute(Work::of(&job.request), transcript, workgroup, steps, &witness)?;
		let pays = match run.computed {
			Computed::Same => {
				let steps = run.steps;
				Self::deposit_event(Event::Opened { job: id, sample, workgroup, steps });
				Self::mark_opened(id, &job, &mut attestation, sample)?;
				Pays::No
			}
			Computed::Different => {
				let slash = T::Jobs::refunded(id, RefundReason::OpeningWrong, None)?;
				Self::deposit_event(Event::OpeningWrong { job: id, workgroup, slash });
				Pays::Yes
			}
			Computed::Fault(fault) => {
				Self::note_fault(id, workgroup, fault, run.from_inputs);
				if run.from_inputs {
					T::Jobs::faulted(id, fault)?;
				} else {
					attestation.fault.get_or_insert(fault);
					Self::mark_opened(id, &job, &mut attestation, sample)?;
				}
				Pays::No
			}
		};
		Ok(Self::post_info(T::WeightInfo::open(), &witness, &run, pays))
	}

	fn opens_for(provider: &T::AccountId, who: T::AccountId) -> bool {
		*provider == who || T::WorkerKeys::contains(&(provider.clone(), who))
	}

	pub(super) fn note_fault(
		job: JobId,
		workgroup: Workgroup,
		fault: FaultKind,
		from_inputs: bool,
	) {
		Self::deposit_event(Event::FaultFound { job, workgroup, fault, from_inputs });
	}

	pub(super) fn post_info(
		base: Weight,
		witness: &Witness,
		run: &Reexecution,
		pays: Pays,
	) -> PostDispatchInfo {
		let weight = Self::weight_of(base, witness, run.steps, run.code_bytes);
		PostDispatchInfo { actual_weight: Some(weight), pays_fee: pays }
	}

	/// The workgroups that are drawn for a job.
	///
	/// # Errors
	///
	/// If they cannot be known yet, or any more.
	pub(crate) fn do_samples(id: JobId) -> Result<Vec<Sample>, DispatchError> {
		let job = T::Jobs::job(id).ok_or(Error::<T>::NoSuchJob)?;
		let attestation = Attestations::<T>::get(id).ok_or(Error::<T>::NotAttested)?;
		let seed = Self::seed(id, &attestation)?;
		let drawn = draw::samples(&seed, attestation.samples, &Self::passes(&job)?);
		let samples = drawn.into_iter().enumerate().map(|(index, workgroup)| Sample {
			workgroup,
			opened: attestation.opened >> index & 1 == 1,
		});
		Ok(samples.collect())
	}

	fn drawn(
		id: JobId,
		job: &JobOf<T>,
		attestation: &AttestationOf<T>,
		sample: u8,
	) -> Result<Workgroup, DispatchError> {
		let seed = Self::seed(id, attestation)?;
		draw::sample(&seed, sample, &Self::passes(job)?).ok_or(Error::<T>::NoSuchSample.into())
	}

	/// What the draw knows of a job's passes.
	fn passes(job: &JobOf<T>) -> Result<Vec<draw::Pass>, DispatchError> {
		Self::passes_of(Work::of(&job.request))
	}

	/// What the draw knows of a work's passes.
	pub(super) fn passes_of(work: Work<'_>) -> Result<Vec<draw::Pass>, DispatchError> {
		let (_, summary) = Self::summary_of(work)?;
		let pass = |pass: &mutirao_machine_core::ResolvedPass| draw::Pass {
			workgroups: pass.workgroup_count,
			steps: pass.fuel,
		};
		Ok(summary.passes.iter().map(pass).collect())
	}

	fn mark_opened(
		id: JobId,
		job: &JobOf<T>,
		attestation: &mut AttestationOf<T>,
		sample: u8,
	) -> DispatchResult {
		attestation.opened |= 1 << sample;
		if attestation.opened.count_ones() == u32::from(attestation.samples) {
			T::Jobs::audited(id)?;
			attestation.demand_until =
				T::Clock::now().saturating_add(job.request.times.contest_for);
		}
		Attestations::<T>::insert(id, attestation);
		Ok(())
	}
}
