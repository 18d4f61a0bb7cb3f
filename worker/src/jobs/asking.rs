//! Answers about jobs that anybody may ask for: each is kept for a while, one question is asked once however
//! many want to know, and only so many are asked at a time.

use std::{
	collections::HashMap,
	future::Future,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant},
};

use mutirao_types::JobId;
use tokio::{
	sync::{Mutex as AsyncMutex, Semaphore},
	time::timeout,
};

/// Answers that are kept.
const KEPT: usize = 1_024;
/// Questions about jobs that we know to be open that are with the node at a time.
const AT_ONCE: usize = 8;
/// The same about others: somebody may be making numbers up.
const STRANGERS_AT_ONCE: usize = 2;
/// How long a question waits to be asked.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer, and how long it holds.
#[derive(Clone, Debug)]
struct Kept<T> {
	answer: T,
	until: Instant,
}

type Slot<T> = Arc<AsyncMutex<Option<Kept<T>>>>;

/// Answers by job.
pub(super) struct Asking<T> {
	slots: Mutex<HashMap<JobId, Slot<T>>>,
	known: Semaphore,
	strangers: Semaphore,
}

/// Too many questions wait already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooMany;

impl<T> Default for Asking<T> {
	fn default() -> Self {
		let (known, strangers) = (Semaphore::new(AT_ONCE), Semaphore::new(STRANGERS_AT_ONCE));
		Self { slots: Mutex::default(), known, strangers }
	}
}

impl<T: Clone> Asking<T> {
	/// What is known of a job; asks if nothing fresh is. `ask` tells how long its answer holds.
	///
	/// # Errors
	///
	/// If too many others ask.
	pub(super) async fn answer<F>(
		&self,
		job: JobId,
		is_known: bool,
		ask: impl FnOnce() -> F,
	) -> Result<T, TooMany>
	where
		F: Future<Output = (T, Duration)>,
	{
		let slot = self.slot(job).ok_or(TooMany)?;
		// Whoever comes meanwhile waits here, and finds the answer.
		let mut kept = timeout(PATIENCE, slot.lock()).await.map_err(|_| TooMany)?;
		if let Some(kept) = kept.as_ref().filter(|kept| Instant::now() < kept.until) {
			return Ok(kept.answer.clone());
		}
		let turns = if is_known { &self.known } else { &self.strangers };
		let turn = timeout(PATIENCE, turns.acquire()).await;
		let _turn = turn.map_err(|_| TooMany)?.map_err(|_| TooMany)?;
		let (answer, holds) = ask().await;
		*kept = Some(Kept { answer: answer.clone(), until: Instant::now() + holds });
		Ok(answer)
	}

	/// Changes what is kept of a job, if anything is.
	pub(super) async fn change(&self, job: JobId, change: impl FnOnce(&mut T)) {
		let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).get(&job).cloned();
		if let Some(slot) = slot {
			if let Some(kept) = slot.lock().await.as_mut() {
				change(&mut kept.answer);
			}
		}
	}

	/// A job's place; `None` if all are taken by answers that are asked for now or still hold.
	fn slot(&self, job: JobId) -> Option<Slot<T>> {
		let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(slot) = slots.get(&job) {
			return Some(slot.clone());
		}
		if slots.len() >= KEPT {
			let now = Instant::now();
			let holds = |slot: &Slot<T>| match slot.try_lock() {
				Ok(kept) => kept.as_ref().is_some_and(|kept| now < kept.until),
				Err(_) => true,
			};
			slots.retain(|_, slot| Arc::strong_count(slot) > 1 || holds(slot));
		}
		(slots.len() < KEPT).then(|| slots.entry(job).or_default().clone())
	}
}

#[cfg(test)]
mod tests {
	use std::sync::atomic::{AtomicUsize, Ordering};

	use futures::future::join_all;
	use tokio::time::sleep;

	use super::*;

	const HOLDS: Duration = Duration::from_secs(60);

	/// Counts how many ask at a time, and in all.
	#[derive(Default)]
	struct Node {
		now: AtomicUsize,
		most: AtomicUsize,
		asked: AtomicUsize,
	}

	impl Node {
		async fn ask(&self, holds: Duration) -> (usize, Duration) {
			let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
			self.most.fetch_max(now, Ordering::SeqCst);
			sleep(Duration::from_millis(1)).await;
			self.now.fetch_sub(1, Ordering::SeqCst);
			(self.asked.fetch_add(1, Ordering::SeqCst), holds)
		}
	}

	#[tokio::test]
	async fn many_that_ask_at_once_ask_once_and_the_answer_is_kept() {
		let (asking, node) = (Asking::default(), Node::default());
		let all = join_all((0..50).map(|_| asking.answer(7, false, || node.ask(HOLDS)))).await;
		assert_eq!(all, vec![Ok(0); 50]);
		assert_eq!(asking.answer(7, true, || node.ask(HOLDS)).await, Ok(0));
		asking.change(7, |answer| *answer = 9).await;
		assert_eq!(asking.answer(7, true, || node.ask(HOLDS)).await, Ok(9));
	}

	#[tokio::test]
	async fn numbers_that_are_made_up_reach_the_node_two_at_a_time() {
		let (asking, node) = (Asking::default(), Node::default());
		let all = join_all((0..40).map(|job| asking.answer(job, false, || node.ask(HOLDS)))).await;
		assert!(all.iter().all(Result::is_ok));
		assert_eq!(node.most.load(Ordering::SeqCst), STRANGERS_AT_ONCE);
	}

	#[tokio::test]
	async fn what_is_kept_is_bounded_and_what_is_stale_makes_way() {
		let (asking, node) = (Asking::default(), Node::default());
		for job in 0..KEPT as u64 {
			let holds = if job == 0 { HOLDS } else { Duration::ZERO };
			*asking.slot(job).unwrap().lock().await =
				Some(Kept { answer: 0, until: Instant::now() + holds });
		}
		assert!(asking.answer(5_000, true, || node.ask(HOLDS)).await.is_ok());
		assert_eq!(asking.slots.lock().unwrap().len(), 2, "the one that holds, and the new one");
		for job in 10_000..10_000 + KEPT as u64 - 2 {
			let held = asking.slot(job).unwrap();
			*held.lock().await = Some(Kept { answer: 0, until: Instant::now() + HOLDS });
		}
		assert_eq!(asking.answer(6_000, true, || node.ask(HOLDS)).await, Err(TooMany));
	}
}
