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

/// A job that is to be examined.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Contestable {
	/// The job.
	pub id: JobId,
	/// The last moment to challenge it.
	pub until: ActiveBlock,
	/// Whose work it is.
	pub provider: AccountId,
}

/// Jobs that wait to be examined, and those that are. Each is examined once.
#[derive(Debug, Default)]
pub struct Queue {
	waiting: BTreeMap<JobId, Contestable>,
	running: BTreeMap<JobId, AccountId>,
	/// Those that wait again once the chain was looked at again.
	later: Vec<Contestable>,
	examined: BTreeSet<JobId>,
}

impl Queue {
	/// Notes the jobs that can be challenged now: those that are not among them are forgotten.
	pub fn update(&mut self, contestable: &BTreeSet<JobId>) {
		self.waiting.extend(self.later.drain(..).map(|job| (job.id, job)));
		self.waiting.retain(|job, _| contestable.contains(job));
		self.examined.retain(|job| contestable.contains(job));
	}

	/// The jobs that were seen before.
	pub fn known(&self) -> BTreeSet<JobId> {
		let open = self.waiting.keys().chain(self.running.keys());
		let later = self.later.iter().map(|job| &job.id);
		open.chain(later).chain(&self.examined).copied().collect()
	}

	/// Puts a job in the queue if it can be challenged; the others are not looked at again.
	pub fn add(&mut self, id: JobId, job: &Job<AccountId, Balance>, is_watched: bool) {
		match &job.state {
			JobState::Contestable { until, deal } if is_watched => {
				let (until, provider) = (*until, deal.provider);
				self.waiting.insert(id, Contestable { id, until, provider });
			}
			_ => {
				self.examined.insert(id);
			}
		}
	}

	/// The job whose window closes first, of those that are open at this moment, if less than `at_once`
	/// are examined now. One provider has half of the places at most: however slowly it serves, the
	/// others' jobs do not wait for it.
	pub fn next(&mut self, now: ActiveBlock, at_once: usize) -> Option<Contestable> {
		if self.running.len() >= at_once.max(1) {
			return None;
		}
		let most = (at_once / 2).max(1);
		let places = |of: AccountId| self.running.values().filter(|other| **other == of).count();
		let open = self.waiting.values().filter(|job| job.until >= now);
		let open = open.filter(|job| places(job.provider) < most);
		let next = open.min_by_key(|job| (job.until, job.id)).copied()?;
		self.waiting.remove(&next.id);
		self.running.insert(next.id, next.provider);
		Some(next)
	}

	/// Puts a job back until the next [`Self::update`]: what kept it from being examined may pass.
	pub fn again(&mut self, job: Contestable) {
		self.running.remove(&job.id);
		self.later.push(job);
	}

	/// Notes that a job is not examined any more.
	pub fn done(&mut self, id: JobId) {
		self.running.remove(&id);
		self.examined.insert(id);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_types::{Deal, JobRequest, Target, Times};

	const PROVIDER: AccountId = AccountId { 0: [1; 32] };
	const BUYER: AccountId = AccountId { 0: [2; 32] };

	fn job(until: ActiveBlock) -> Job<AccountId, Balance> {
		job_of(PROVIDER, until)
	}

	fn job_of(provider: AccountId, until: ActiveBlock) -> Job<AccountId, Balance> {
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
		let deal = Deal { provider, offer: 0, price: 0, collateral: 0 };
		let state = JobState::Contestable { deal, until };
		Job { buyer: BUYER, request, declared_steps: 1, audit_fee: 0, posted_at: 0, state }
	}

	/// The jobs that are begun one after the other, each ended before the next.
	fn one_by_one(queue: &mut Queue, now: ActiveBlock) -> Vec<JobId> {
		let mut begun = Vec::new();
		while let Some(next) = queue.next(now, 1) {
			assert_eq!(queue.next(now, 1), None, "one at a time");
			begun.push(next.id);
			queue.done(next.id);
		}
		begun
	}

	#[test]
	fn the_window_that_closes_first_is_first_and_none_is_examined_twice() {
		let mut queue = Queue::default();
		for (id, until) in [(1, 30), (2, 20), (3, 25), (4, 9)] {
			queue.add(id, &job(until), true);
		}
		let all: BTreeSet<JobId> = (1..=4).collect();
		queue.update(&all);
		assert_eq!(one_by_one(&mut queue, 10), [2, 3, 1]);
		queue.update(&all);
		assert_eq!(queue.known(), all);
		assert_eq!(queue.next(10, 1), None);
	}

	#[test]
	fn one_provider_does_not_take_all_places() {
		let other = AccountId { 0: [3; 32] };
		let mut queue = Queue::default();
		for id in 0..9 {
			queue.add(id, &job(20), true);
		}
		queue.add(9, &job_of(other, 90), true);
		let begun: Vec<JobId> =
			(0..9).filter_map(|_| queue.next(10, 4)).map(|one| one.id).collect();
		assert_eq!(begun, [0, 1, 9]);
		queue.done(1);
		assert_eq!(queue.next(10, 4).map(|one| one.id), Some(2));
		// What is examined is not begun again, whatever the chain says meanwhile.
		assert!(queue.known().contains(&0));
	}

	#[test]
	fn a_job_that_is_put_back_waits_for_the_next_look() {
		let mut queue = Queue::default();
		queue.add(1, &job(30), true);
		let begun = queue.next(10, 1).unwrap();
		queue.again(begun);
		assert_eq!(queue.next(10, 1), None);
		assert!(queue.known().contains(&1));
		queue.update(&BTreeSet::from([1]));
		assert_eq!(queue.next(10, 1), Some(begun));
		queue.again(begun);
		queue.update(&BTreeSet::new());
		assert_eq!(queue.next(10, 1), None);
	}

	#[test]
	fn jobs_that_ended_are_forgotten() {
		let mut queue = Queue::default();
		queue.add(1, &job(30), true);
		queue.add(2, &job(30), false);
		queue.update(&BTreeSet::new());
		assert!(queue.known().is_empty());
		assert_eq!(queue.next(0, 1), None);
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
