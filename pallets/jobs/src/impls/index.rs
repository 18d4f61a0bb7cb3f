//! The indices of jobs by buyer, provider and stage: changed here, and only with the record.

use crate::{
	Config, Error, History, JobOf, JobRecord, JobRecordOf, Jobs, JobsByBuyer, JobsByProvider,
	JobsByState, Pallet,
};
use frame_support::ensure;
use mutirao_types::{JobId, JobState, JobStateKind};
use sp_runtime::DispatchError;

type StateOf<T> = JobState<<T as frame_system::Config>::AccountId, crate::BalanceOf<T>>;

impl<T: Config> Pallet<T> {
	/// Stores a job that was not there.
	pub(crate) fn insert_job(id: JobId, job: JobOf<T>, ticket: T::Rent) {
		JobsByBuyer::<T>::insert(&job.buyer, id, ());
		JobsByState::<T>::insert(job.state.kind(), id, ());
		Jobs::<T>::insert(id, JobRecord { job, ticket });
	}

	/// Moves a job to its next stage.
	pub(crate) fn advance_job(id: JobId, mut record: JobRecordOf<T>, to: StateOf<T>) {
		let from = record.job.state.kind();
		if from != to.kind() {
			JobsByState::<T>::remove(from, id);
			JobsByState::<T>::insert(to.kind(), id, ());
		}
		if let (JobStateKind::Open, Some(deal)) = (from, to.deal()) {
			JobsByProvider::<T>::insert(&deal.provider, id, ());
		}
		record.job.state = to;
		Jobs::<T>::insert(id, record);
	}

	/// Takes a job out of the live ones; its place in the other indices stays until it is pruned.
	pub(crate) fn retire_job(id: JobId, from: JobStateKind) {
		Jobs::<T>::remove(id);
		JobsByState::<T>::remove(from, id);
		JobsByState::<T>::insert(JobStateKind::Finished, id, ());
	}

	/// Forgets a finished job.
	pub(crate) fn forget_job(id: JobId, record: &crate::FinishedRecordOf<T>) {
		History::<T>::remove(id);
		JobsByState::<T>::remove(JobStateKind::Finished, id);
		JobsByBuyer::<T>::remove(&record.job.buyer, id);
		if let Some(deal) = &record.job.deal {
			JobsByProvider::<T>::remove(&deal.provider, id);
		}
	}

	/// A job that has not ended.
	pub(crate) fn live(id: JobId) -> Result<JobRecordOf<T>, DispatchError> {
		Jobs::<T>::get(id).ok_or(Error::<T>::NoSuchJob.into())
	}

	/// Whether a stage can still be acted in.
	pub(crate) fn ensure_in_time(state: &StateOf<T>) -> Result<(), DispatchError> {
		ensure!(Self::now() <= state.until(), Error::<T>::TooLate);
		Ok(())
	}
}
