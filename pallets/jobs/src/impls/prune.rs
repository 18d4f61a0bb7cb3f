//! Forgetting what ended long ago.

use crate::{Config, Error, Event, History, Pallet};
use frame_support::{ensure, traits::Consideration};
use mutirao_types::JobId;
use sp_runtime::{traits::Get, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_prune(id: JobId) -> DispatchResult {
		let record = History::<T>::get(id).ok_or(Error::<T>::NotFinished)?;
		let until = record.job.ended_at.saturating_add(T::HistoryBlocks::get());
		ensure!(Self::now() > until, Error::<T>::TooEarlyToPrune);
		Self::forget_job(id, &record);
		record.ticket.drop(&record.job.buyer)?;
		Self::deposit_event(Event::Pruned { job: id });
		Ok(())
	}
}
