//! Whose inputs are kept for jobs that are not taken yet. Nobody pays for them: so no buyer may have the
//! disk for itself.

use std::{
	collections::{BTreeSet, HashMap},
	sync::{Mutex, PoisonError},
};

use mutirao_client::{AccountId, Chain};
use mutirao_data::store::disk_bytes;
use mutirao_types::{BufferId, JobId};

use super::shared::Shared;

/// A buyer's inputs may take this part of the quota, or be those of one job.
const BUYERS_SHARE: u64 = 4;

/// Jobs that wait for their inputs or for us, with their buyers and what their inputs take.
#[derive(Debug, Default)]
pub(super) struct Waiting {
	jobs: Mutex<HashMap<JobId, (AccountId, u64)>>,
}

impl Waiting {
	/// Counts a job whose inputs may come, of so many bytes, in a store of this quota. Whether they may:
	/// not if the buyer's other jobs leave no room in its share.
	pub(super) fn admit(&self, job: JobId, buyer: AccountId, bytes: u64, quota: u64) -> bool {
		let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
		let others = jobs.iter().filter(|(other, (of, _))| **other != job && *of == buyer);
		let others = others.map(|(_, (_, bytes))| *bytes).fold(0, u64::saturating_add);
		if others > 0 && others.saturating_add(bytes) > quota / BUYERS_SHARE {
			return false;
		}
		jobs.insert(job, (buyer, bytes));
		true
	}

	/// Forgets other jobs than these.
	pub(super) fn retain(&self, keep: impl Fn(JobId) -> bool) {
		let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
		jobs.retain(|job, _| keep(*job));
	}
}

impl<C: Chain> Shared<C> {
	/// Whether a job's inputs may come before it is taken. It is counted among those of its buyer.
	pub(super) fn admits(&self, job: JobId, buyer: AccountId, inputs: &[BufferId]) -> bool {
		let distinct: BTreeSet<&BufferId> = inputs.iter().collect();
		let bytes = distinct.iter().map(|input| disk_bytes(input.bytes));
		let bytes = bytes.fold(0, u64::saturating_add);
		self.waiting.admit(job, buyer, bytes, self.parts.store.usage().quota)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_buyer_has_its_share_or_one_job_and_leaves_the_rest_to_others() {
		let (waiting, buyer, other) =
			(Waiting::default(), AccountId::from([1; 32]), AccountId::from([2; 32]));
		assert!(waiting.admit(1, buyer, 60, 400));
		assert!(waiting.admit(2, buyer, 40, 400));
		assert!(waiting.admit(2, buyer, 40, 400), "once is as good as twice");
		assert!(!waiting.admit(3, buyer, 1, 400));
		assert!(waiting.admit(4, other, 300, 400), "a single job may be larger");
		assert!(!waiting.admit(5, other, 1, 400));
		waiting.retain(|job| job != 1);
		assert!(waiting.admit(3, buyer, 60, 400));
	}
}
