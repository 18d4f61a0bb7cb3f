//! Which jobs are examined, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use mutirao_client::{AccountId, Balance};
use mutirao_types::{ActiveBlock, Job, JobId, JobState};

/// Whose jobs are examined.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Watched {
	/// Those that this account has bought.
	Of(AccountId),
	/// Everybody's.
	Any,
}

impl Watched {
	/// Whether a job is examined. A provider need not watch itself.
	pub fn includes(&self, job: &Job<AccountId, Balance>, provider: &AccountId) -> bool {
		let is_own = job.state.deal().is_some_and(|deal| deal.provider == *provider);
		match self {
			Self::Of(buyer) => job.buyer == *buyer,
			Self::Any => !is_own,
		}
	}
}

/// Jobs that wait to be examined. Each is examined once.
#[derive(Debug, Default)]
pub struct Queue {
	waiting: BTreeMap<JobId, ActiveBlock>,
	examined: BTreeSet<JobId>,
}

impl Queue {
	/// Notes the jobs that can be challenged now: those that are not among them are forgotten.
	pub fn update(&mut self, contestable: &BTreeSet<JobId>) {
		self.waiting.retain(|job, _| contestable.contains(job));
		self.examined.retain(|job| contestable.contains(job));
	}

	/// Whether a job was seen before.
	pub fn knows(&self, job: JobId) -> bool {
		self.waiting.contains_key(&job) || self.examined.contains(&job)
	}

	/// Puts a job in the queue if it can be challenged; the others are not looked at again.
	pub fn add(&mut self, id: JobId, job: &Job<AccountId, Balance>, is_watched: bool) {
		match job.state {
			JobState::Contestable { until, .. } if is_watched => {
				self.waiting.insert(id, until);
			}
			_ => {
				self.examined.insert(id);
			}
		}
	}

	/// The job whose window closes first, of those that are open at this moment.
	pub fn next(&mut self, now: ActiveBlock) -> Option<JobId> {
		let open = self.waiting.iter().filter(|(_, until)| **until >= now);
		let next = open.min_by_key(|(job, until)| (**until, **job)).map(|(job, _)| *job)?;
		self.waiting.remove(&next);
		self.examined.insert(next);
		Some(next)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_types::{Deal, JobRequest, Target, Times};

	const PROVIDER: AccountId = AccountId { 0: [1; 32] };
	const BUYER: AccountId = AccountId { 0: [2; 32] };

	fn job(until: ActiveBlock) -> Job<AccountId, Balance> {
		let request = JobRequest {
			program: [0; 32],
			parameters: Default::default(),
			inputs: Default::default(),
			target: Target::Anyone,
			requirements: Default::default(),
			price_cap: 0,
			samples: 1,
			times: Times { accept_within: 1, attest_within: 1, contest_for: 1 },
		};
		let deal = Deal { provider: PROVIDER, offer: 0, price: 0, collateral: 0 };
		let state = JobState::Contestable { deal, until };
		Job { buyer: BUYER, request, declared_steps: 1, audit_fee: 0, posted_at: 0, state }
	}

	#[test]
	fn the_window_that_closes_first_is_first_and_none_is_examined_twice() {
		let mut queue = Queue::default();
		for (id, until) in [(1, 30), (2, 20), (3, 25), (4, 9)] {
			queue.add(id, &job(until), true);
		}
		let all: BTreeSet<JobId> = (1..=4).collect();
		queue.update(&all);
		assert_eq!(queue.next(10), Some(2));
		assert!(queue.knows(2) && queue.knows(1));
		queue.update(&all);
		assert_eq!((queue.next(10), queue.next(10), queue.next(10)), (Some(3), Some(1), None));
	}

	#[test]
	fn jobs_that_ended_are_forgotten() {
		let mut queue = Queue::default();
		queue.add(1, &job(30), true);
		queue.add(2, &job(30), false);
		queue.update(&BTreeSet::new());
		assert!(!queue.knows(1) && !queue.knows(2));
		assert_eq!(queue.next(0), None);
	}

	#[test]
	fn whose_jobs_are_examined_is_said() {
		let other = AccountId { 0: [3; 32] };
		assert!(Watched::Of(BUYER).includes(&job(1), &other));
		assert!(!Watched::Of(other).includes(&job(1), &other));
		assert!(Watched::Any.includes(&job(1), &other));
		assert!(!Watched::Any.includes(&job(1), &PROVIDER));
	}
}
