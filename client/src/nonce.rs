//! Consecutive numbers for an account's transactions, however many are sent at once.
//!
//! A transaction takes effect only when all of the account's earlier ones have. So each account has
//! one [`Turn`] at a time: it takes the next number, and returns it as used once the node has the
//! transaction in its pool. A turn that ends in any other way leaves the next number unknown, and the
//! next turn asks the node.
//!
//! Another node's pool does not hold what ours held. So after a change of nodes, the first turn gets the
//! transactions that are still [`Pending`], to send them before their numbers are given away again.

use crate::{AccountId, Error};
use std::{
	collections::BTreeMap,
	future::Future,
	sync::{
		atomic::{AtomicU64, Ordering::SeqCst},
		Arc, Mutex, MutexGuard, PoisonError,
	},
};
use tokio::sync::{Mutex as Queue, OwnedMutexGuard};

/// Accounts' next numbers.
#[derive(Default)]
pub(crate) struct Nonces {
	accounts: Mutex<BTreeMap<AccountId, Lane>>,
	/// How often the node was changed.
	era: Arc<AtomicU64>,
}

/// What we know of one account.
#[derive(Clone, Default)]
struct Lane {
	next: Arc<Queue<Next>>,
	pending: Arc<Mutex<Sent>>,
}

/// The number of an account's next transaction, if we know it, and of the era in which we learnt it.
#[derive(Default)]
struct Next {
	era: u64,
	nonce: Option<u64>,
}

/// Transactions in bytes, by number.
type Sent = BTreeMap<u64, Vec<u8>>;

/// The right to send an account's next transaction. Dropped unused, it forgets the number.
pub(crate) struct Turn {
	next: OwnedMutexGuard<Next>,
	pending: Arc<Mutex<Sent>>,
	era: Arc<AtomicU64>,
	used: bool,
}

/// A transaction of which it is not known yet what becomes. Dropped when it is.
pub(crate) struct Pending {
	pending: Arc<Mutex<Sent>>,
	nonce: u64,
}

impl Nonces {
	/// Waits for the account's turn.
	pub(crate) async fn turn(&self, account: &AccountId) -> Turn {
		let lane = lock(&self.accounts).entry(*account).or_default().clone();
		let next = lane.next.lock_owned().await;
		Turn { next, pending: lane.pending, era: self.era.clone(), used: false }
	}

	/// Forgets an account's next number, because a transaction that was in a pool is not any more.
	pub(crate) async fn forget(&self, account: &AccountId) {
		drop(self.turn(account).await);
	}

	/// Forgets all next numbers: the node was changed.
	pub(crate) fn forget_all(&self) {
		self.era.fetch_add(1, SeqCst);
	}
}

impl Turn {
	/// What must be sent again before a number is taken: all that is pending, in order, if the node was
	/// changed since the last turn.
	pub(crate) fn left_behind(&mut self) -> Vec<Vec<u8>> {
		let era = self.era.load(SeqCst);
		if self.next.era == era {
			return Vec::new();
		}
		*self.next = Next { era, nonce: None };
		lock(&self.pending).values().cloned().collect()
	}

	/// The number to use. `ask` is asked when we do not know it.
	///
	/// # Errors
	///
	/// Those of `ask`.
	pub(crate) async fn nonce<F>(&mut self, ask: F) -> Result<u64, Error>
	where
		F: Future<Output = Result<u64, Error>>,
	{
		let nonce = match self.next.nonce {
			Some(nonce) => nonce,
			None => ask.await?,
		};
		self.next.nonce = Some(nonce);
		Ok(nonce)
	}

	/// Remembers a transaction with this number until what is returned is dropped.
	pub(crate) fn pending(&self, nonce: u64, bytes: Vec<u8>) -> Pending {
		lock(&self.pending).insert(nonce, bytes);
		Pending { pending: self.pending.clone(), nonce }
	}

	/// Ends the turn: a node has the transaction in its pool.
	pub(crate) fn used(mut self) {
		self.next.nonce = self.next.nonce.and_then(|nonce| nonce.checked_add(1));
		self.used = true;
	}
}

impl Drop for Turn {
	fn drop(&mut self) {
		if !self.used {
			self.next.nonce = None;
		}
	}
}

impl Drop for Pending {
	fn drop(&mut self) {
		lock(&self.pending).remove(&self.nonce);
	}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALICE: AccountId = subxt::utils::AccountId32([1; 32]);
	const BOB: AccountId = subxt::utils::AccountId32([2; 32]);

	/// A pool that takes an account's transactions in order, and loses some of them.
	#[derive(Default)]
	struct Pool {
		next: AtomicU64,
		asked: AtomicU64,
		refused: AtomicU64,
	}

	impl Pool {
		async fn next(&self) -> Result<u64, Error> {
			self.asked.fetch_add(1, SeqCst);
			tokio::task::yield_now().await;
			Ok(self.next.load(SeqCst))
		}

		/// Whether it takes the transaction; any but the next one is a bug of ours.
		async fn take(&self, nonce: u64, refuse: bool) -> bool {
			tokio::task::yield_now().await;
			assert_eq!(nonce, self.next.load(SeqCst), "a gap, or a number used twice");
			if refuse {
				self.refused.fetch_add(1, SeqCst);
			} else {
				self.next.fetch_add(1, SeqCst);
			}
			!refuse
		}
	}

	async fn send(nonces: Arc<Nonces>, pool: Arc<Pool>, refuse: bool) {
		let mut turn = nonces.turn(&ALICE).await;
		let nonce = turn.nonce(pool.next()).await.unwrap();
		if pool.take(nonce, refuse).await {
			turn.used();
		}
	}

	#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
	async fn fifty_at_once_get_consecutive_numbers_and_the_node_is_asked_once() {
		let (nonces, pool) = (Arc::new(Nonces::default()), Arc::new(Pool::default()));
		let tasks = (0..50).map(|_| tokio::spawn(send(nonces.clone(), pool.clone(), false)));
		for task in tasks.collect::<Vec<_>>() {
			task.await.unwrap();
		}
		assert_eq!((pool.next.load(SeqCst), pool.asked.load(SeqCst)), (50, 1));
	}

	#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
	async fn a_refused_transaction_leaves_no_gap() {
		let (nonces, pool) = (Arc::new(Nonces::default()), Arc::new(Pool::default()));
		let task = |i| tokio::spawn(send(nonces.clone(), pool.clone(), i % 5 == 0));
		for task in (0..50).map(task).collect::<Vec<_>>() {
			task.await.unwrap();
		}
		assert_eq!((pool.next.load(SeqCst), pool.refused.load(SeqCst)), (40, 10));
		assert!(pool.asked.load(SeqCst) <= 11, "asked again only after a refusal");
	}

	#[tokio::test]
	async fn a_turn_that_is_cancelled_or_forgotten_asks_again() {
		let (nonces, pool) = (Nonces::default(), Pool::default());
		let mut turn = nonces.turn(&ALICE).await;
		assert_eq!(turn.nonce(pool.next()).await.unwrap(), 0);
		drop(turn);
		pool.next.store(7, SeqCst);
		let mut turn = nonces.turn(&ALICE).await;
		assert_eq!(turn.nonce(pool.next()).await.unwrap(), 7);
		turn.used();
		nonces.forget(&ALICE).await;
		pool.next.store(3, SeqCst);
		assert_eq!(nonces.turn(&ALICE).await.nonce(pool.next()).await.unwrap(), 3);
	}

	#[tokio::test]
	async fn after_a_change_of_nodes_the_pending_ones_go_first() {
		let (nonces, pool) = (Nonces::default(), Pool::default());
		let mut pending = Vec::new();
		for number in 0..3u8 {
			let mut turn = nonces.turn(&ALICE).await;
			assert!(turn.left_behind().is_empty());
			let nonce = turn.nonce(pool.next()).await.unwrap();
			pending.push(turn.pending(nonce, vec![number]));
			turn.used();
		}
		nonces.forget_all();
		pending.remove(1);
		let mut turn = nonces.turn(&ALICE).await;
		assert_eq!(turn.left_behind(), [[0], [2]]);
		assert!(turn.left_behind().is_empty(), "once for each change");
		pool.next.store(9, SeqCst);
		assert_eq!(turn.nonce(pool.next()).await.unwrap(), 9);
	}

	#[tokio::test]
	async fn accounts_do_not_wait_for_one_another() {
		let nonces = Nonces::default();
		let _alice = nonces.turn(&ALICE).await;
		let bob = tokio::time::timeout(std::time::Duration::from_secs(5), nonces.turn(&BOB)).await;
		assert!(bob.is_ok(), "Bob waits for Alice");
	}

	#[tokio::test]
	async fn a_failed_question_is_asked_again() {
		let nonces = Nonces::default();
		let mut turn = nonces.turn(&ALICE).await;
		assert!(turn.nonce(async { Err(Error::NoEndpoint) }).await.is_err());
		assert_eq!(turn.nonce(async { Ok(5) }).await.unwrap(), 5);
	}
}
