//! Chunks that somebody wants to see.

use crate::{asset, Attestations, Config, Demands, Error, Event, Pallet};
use frame_support::ensure;
use mutirao_commitment::Opening;
use mutirao_traits::{Clock, Jobs};
use mutirao_types::{BufferId, Demand, Job, JobBuffer, JobId, JobState, Transcript};
use sp_runtime::{traits::Get, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_demand(
		by: T::AccountId,
		id: JobId,
		buffer: JobBuffer,
		chunk: u32,
	) -> DispatchResult {
		let job = T::Jobs::job(id).ok_or(Error::<T>::NoSuchJob)?;
		let JobState::Contestable { .. } = &job.state else {
			return Err(Error::<T>::NotContestable.into());
		};
		let mut attestation = Attestations::<T>::get(id).ok_or(Error::<T>::NotAttested)?;
		// Answers may extend the window for challenges, never that for demands: it ends.
		Self::ensure_in_time(attestation.demand_until)?;
		let name = Self::name_of(&job, &attestation.transcript, buffer)?;
		ensure!(u64::from(chunk) < name.chunks(), Error::<T>::NoSuchChunk);
		ensure!(!Demands::<T>::contains_key(id, (buffer, chunk)), Error::<T>::AlreadyDemanded);
		let for_buyer = if by == job.buyer { T::MaxDemands::get() } else { 0 };
		let most = T::MaxDemands::get().saturating_add(for_buyer);
		ensure!(attestation.demands < most, Error::<T>::TooManyDemands);

		let deposit = T::DemandDeposit::get();
		asset::deposit::<T>(&by, deposit)?;
		attestation.demands = attestation.demands.saturating_add(1);
		Attestations::<T>::insert(id, attestation);
		let until = T::Clock::now().saturating_add(T::SupplyBlocks::get());
		Demands::<T>::insert(id, (buffer, chunk), Demand { by: by.clone(), deposit, until });
		Self::deposit_event(Event::Demanded { job: id, buffer, chunk, by, until });
		Ok(())
	}

	pub(crate) fn do_supply(id: JobId, buffer: JobBuffer, opening: Opening) -> DispatchResult {
		let [chunk] = opening.chunks[..] else {
			return Err(Error::<T>::WrongChunk.into());
		};
		let demand = Demands::<T>::get(id, (buffer, chunk)).ok_or(Error::<T>::NotDemanded)?;
		Self::ensure_in_time(demand.until)?;
		let job = T::Jobs::job(id).ok_or(Error::<T>::NoSuchJob)?;
		let mut attestation = Attestations::<T>::get(id).ok_or(Error::<T>::NotAttested)?;
		let name = Self::name_of(&job, &attestation.transcript, buffer)?;
		Self::verified(&opening, &name)?;

		let provider = &job.state.deal().ok_or(Error::<T>::NotAttested)?.provider;
		asset::pay::<T>(&demand.by, provider, demand.deposit)?;
		Demands::<T>::remove(id, (buffer, chunk));
		attestation.demands = attestation.demands.saturating_sub(1);
		Attestations::<T>::insert(id, attestation);
		T::Jobs::extended(id, T::GraceBlocks::get())?;
		Self::deposit_event(Event::Supplied { job: id, buffer, chunk });
		Ok(())
	}

	fn name_of<AccountId, Balance>(
		job: &Job<AccountId, Balance>,
		transcript: &Transcript,
		buffer: JobBuffer,
	) -> Result<BufferId, DispatchError> {
		let name = match buffer {
			JobBuffer::Input(place) => job.request.inputs.get(usize::from(place)),
			JobBuffer::Written(place) => transcript.get(usize::from(place)),
		};
		name.copied().ok_or(Error::<T>::NoSuchChunk.into())
	}
}
