//! Finalised blocks, read one after the other for as long as the worker lives.

use std::time::Duration;

use mutirao_client::{
	pallets::{AttestationsEvent, BenchmarksEvent, JobsEvent},
	BlockNumber, Blocks, Error, Event, Follower,
};
use mutirao_types::{JobBuffer, JobId};
use tokio::time::sleep;

use super::{is_fatal, Backoff};

/// A node that prunes its state has it for so many blocks. Whoever is further behind looks at the present
/// instead.
const FURTHEST_BEHIND: BlockNumber = 250;

/// What a block brought.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct News {
	/// Its height.
	pub number: BlockNumber,
	/// Blocks before it that were skipped: we were too far behind.
	pub skipped: BlockNumber,
	/// Jobs that something happened to.
	pub jobs: Vec<JobId>,
	/// Jobs that were posted.
	pub posted: Vec<JobId>,
	/// Chunks that somebody wants to see.
	pub demands: Vec<(JobId, JobBuffer, u32)>,
	/// Whether a benchmark window opened.
	pub window_opened: bool,
}

/// Why the chain cannot be followed any further.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
	/// The chain speaks another language now, or it is another chain.
	#[error("the worker stops, because it must not guess: {0}")]
	Stopped(Error),
}

/// Reads block after block, from wherever it stopped last.
pub struct Watcher<C> {
	chain: C,
	follower: Follower,
	backoff: Backoff,
}

impl<C: Blocks> Watcher<C> {
	/// Begins with the block at this height, or with the last one.
	pub fn new(chain: C, next: Option<BlockNumber>) -> Self {
		let follower = Follower::from(next.unwrap_or(BlockNumber::MAX));
		let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
		Self { chain, follower, backoff }
	}

	/// The height of the block that comes next.
	pub fn position(&self) -> BlockNumber {
		self.follower.position()
	}

	/// The next block, once it is final. While no node answers, waits.
	///
	/// # Errors
	///
	/// [`WatchError::Stopped`] when waiting does not help.
	pub async fn next(&mut self) -> Result<News, WatchError> {
		let mut skipped = 0;
		loop {
			let error = match self.try_next(&mut skipped).await {
				Ok(news) => {
					self.backoff.reset();
					return Ok(news);
				}
				Err(error) if is_fatal(&error) => return Err(WatchError::Stopped(error)),
				Err(error) => error,
			};
			tracing::warn!("cannot read block {}: {error}", self.follower.position());
			sleep(self.backoff.pause()).await;
		}
	}

	async fn try_next(&mut self, skipped: &mut BlockNumber) -> Result<News, Error> {
		let head = self.chain.finalized_number().await?;
		let next = self.follower.position();
		// At first: from here on. Later: the node has forgotten what we did not read.
		if next == BlockNumber::MAX || head.saturating_sub(next) > FURTHEST_BEHIND {
			*skipped = head.saturating_sub(next);
			self.follower = Follower::from(head);
		}
		let block = match self.follower.next(&self.chain).await {
			Err(Error::Query(_)) if head > next => {
				// Some nodes keep less: do not ask for the same block for ever.
				*skipped = head.saturating_sub(next);
				self.follower = Follower::from(head);
				self.follower.next(&self.chain).await?
			}
			other => other?,
		};
		let mut news = News { number: block.number, skipped: *skipped, ..News::default() };
		for event in &block.events {
			news.note(event);
		}
		Ok(news)
	}
}

impl News {
	fn note(&mut self, event: &Event) {
		match event {
			Event::Jobs(event) => {
				let job = job_of(event);
				self.jobs.push(job);
				if matches!(event, JobsEvent::Posted { .. }) {
					self.posted.push(job);
				}
			}
			Event::Attestations(AttestationsEvent::Demanded { job, buffer, chunk, .. }) => {
				self.jobs.push(*job);
				self.demands.push((*job, *buffer, *chunk));
			}
			Event::Benchmarks(BenchmarksEvent::WindowOpened { .. }) => self.window_opened = true,
			_ => {}
		}
	}
}

fn job_of(event: &JobsEvent) -> JobId {
	match event {
		JobsEvent::Posted { job, .. }
		| JobsEvent::Accepted { job, .. }
		| JobsEvent::Attested { job, .. }
		| JobsEvent::Postponed { job, .. }
		| JobsEvent::Audited { job, .. }
		| JobsEvent::WindowExtended { job, .. }
		| JobsEvent::Finished { job, .. }
		| JobsEvent::Pruned { job } => *job,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_client::{fake::FakeChain, known_metadata, pallets::ProvidersExt};

	#[tokio::test]
	async fn each_block_comes_once_and_a_node_that_fails_is_asked_again() {
		let chain = FakeChain::new().unwrap();
		let pia = chain.account([1; 32]);
		chain.advance(3);
		let mut watcher = Watcher::new(pia.clone(), Some(2));
		watcher.backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(1));
		assert_eq!(watcher.next().await.unwrap().number, 2);
		let timeout = Error::Timeout { what: "a test", after: Duration::ZERO };
		chain.fail_next_read(timeout);
		assert_eq!(watcher.next().await.unwrap().number, 3);
		pia.register_provider(1, Default::default()).await.unwrap();
		assert_eq!(watcher.next().await.unwrap().number, 4);
	}

	#[tokio::test]
	async fn whoever_is_far_behind_looks_at_the_present() {
		let chain = FakeChain::new().unwrap();
		let pia = chain.account([1; 32]);
		chain.advance(1_000);
		let news = Watcher::new(pia.clone(), Some(2)).next().await.unwrap();
		assert_eq!((news.number, news.skipped), (1_000, 998));
		let news = Watcher::new(pia.clone(), None).next().await.unwrap();
		assert_eq!((news.number, news.skipped), (1_000, 0));
		let news = Watcher::new(pia, Some(900)).next().await.unwrap();
		assert_eq!((news.number, news.skipped), (900, 0));
	}

	#[tokio::test]
	async fn a_chain_that_is_not_understood_ends_it() {
		known_metadata().unwrap();
		let chain = FakeChain::new().unwrap();
		let reason = "the chain does not have it".into();
		chain.fail_next_read(Error::Decode { what: "Jobs.now".into(), reason });
		let mut watcher = Watcher::new(chain.account([1; 32]), Some(0));
		let error = watcher.next().await.unwrap_err().to_string();
		assert!(error.contains("Update this program"), "{error}");
	}
}
