//! What a passed deadline means.

use crate::{Config, Error, JobOf, Pallet, WeightInfo};
use frame_support::{ensure, weights::Weight};
use mutirao_traits::{Contest, Standing};
use mutirao_types::{JobId, JobState, RefundReason, Verdict};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_settle(id: JobId) -> Result<Verdict, DispatchError> {
		let record = Self::live(id)?;
		let verdict = Self::verdict_when_due(id, &record.job)?;
		Self::finish(id, record, verdict, None)?;
		Ok(verdict)
	}

	/// What it takes, the contest apart: a payment, or a refund that slashes.
	pub(crate) fn settle_weight() -> Weight {
		T::WeightInfo::settle().max(T::WeightInfo::give_up())
	}

	/// The verdict that a job's passed deadline leads to.
	fn verdict_when_due(id: JobId, job: &JobOf<T>) -> Result<Verdict, DispatchError> {
		ensure!(Self::now() > job.state.until(), Error::<T>::DeadlineNotReached);
		let refund = match job.state {
			JobState::Open { .. } => RefundReason::Expired,
			JobState::Running { .. } => RefundReason::Late,
			JobState::Attested { .. } => RefundReason::OpeningMissed,
			JobState::Contestable { .. } => match T::Contest::standing(id) {
				Standing::Clear => return Ok(Verdict::Settled),
				Standing::Pending => return Err(Error::<T>::ContestPending.into()),
				Standing::Lost(reason) => reason,
				Standing::Faulted(fault) => return Ok(Verdict::Faulted(fault)),
			},
		};
		Ok(Verdict::Refunded(refund))
	}
}
