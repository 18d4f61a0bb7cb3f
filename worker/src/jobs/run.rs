//! The loop in time: blocks, signals, and an orderly end.

use std::time::Duration;

use mutirao_client::Chain;
use tokio::{
	sync::mpsc,
	time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::chain::{is_fatal, News, WatchError, Watcher};

use super::{flights::Kind, shared::Shared, worker::Worker, ActError, JournalError, Parts};

/// How long to wait after somebody knocked, for others who are about to.
const PAUSE: Duration = Duration::from_millis(300);
/// Blocks of news that wait for the loop.
const NEWS: usize = 16;

/// Why the loop ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
	/// The chain is not understood, or it is another one.
	#[error(transparent)]
	Chain(#[from] WatchError),
	/// The journal cannot be read or written.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// Something that may not fail did.
	#[error("{0}. Start the worker again: it goes on from its journal")]
	Failed(ActError),
	/// The account is no provider, so it has no jobs.
	#[error("the account {0} is not a provider: run `mutirao-worker register`")]
	NotRegistered(String),
}

/// Runs the loop until it is told to stop: follows finalised blocks, looks at all jobs at each of them,
/// and whenever something got done.
///
/// When it is told to stop it takes no new jobs, lets calls that are on their way end, and leaves
/// everything else to the journal.
///
/// # Errors
///
/// What the worker cannot go on after.
pub async fn run<C: Chain + Clone + Send + Sync + 'static>(
	mut worker: Worker<C>,
	stop: CancellationToken,
) -> Result<(), JobsError> {
	let Parts { chain, journal, limits, .. } = &worker.shared.parts;
	let (journal, patience) = (journal.clone(), limits.stop);
	let mut watcher = Watcher::new(chain.clone(), journal.next_block()?);
	worker.shared.repin_all().map_err(stopped)?;
	let (sender, mut news) = mpsc::channel(NEWS);
	// A task of its own, so that waiting for a block is never cut short. It ends when nobody listens.
	let watching = tokio::spawn(async move {
		loop {
			let next = watcher.next().await;
			let is_last = next.is_err();
			if sender.send(next).await.is_err() || is_last {
				return;
			}
		}
	});
	match worker.shared.standing().await {
		Ok(None) => {
			watching.abort();
			let account = worker.shared.parts.chain.account();
			return Err(JobsError::NotRegistered(mutirao_client::address::display(&account)));
		}
		Err(error) if is_fatal(&error) => return Err(WatchError::Stopped(error).into()),
		// Otherwise the first rounds tell.
		Ok(Some(_)) | Err(_) => {}
	}
	let outcome = worker.work(&mut news, &stop).await;
	watching.abort();
	if outcome.is_ok() {
		worker.wind_down(patience).await?;
	}
	outcome
}

impl<C: Chain> Shared<C> {
	/// Pins what the journal's records need, and lets go what else is pinned in their names: a crash may
	/// have come between the journal and the store.
	fn repin_all(&self) -> Result<(), ActError> {
		for record in self.parts.journal.records()? {
			self.parts.store.repin(&record.owner(), &record.buffers())?;
		}
		Ok(())
	}
}

impl<C: Chain + Clone + Send + Sync + 'static> Worker<C> {
	async fn work(
		&mut self,
		news: &mut mpsc::Receiver<Result<News, WatchError>>,
		stop: &CancellationToken,
	) -> Result<(), JobsError> {
		let journal = self.shared.parts.journal.clone();
		self.round().await?;
		loop {
			tokio::select! {
				() = stop.cancelled() => return Ok(()),
				block = news.recv() => {
					let Some(block) = block else { return Ok(()) };
					let block = block?;
					if block.skipped > 0 {
						tracing::warn!("{} blocks were not read; jobs are looked at all the same", block.skipped);
					}
					let next = block.number.saturating_add(1);
					journal.advance(next, &block.demands)?;
				}
				landed = self.flights.landed(self.seen) => {
					let (job, kind) = landed.map_err(stopped)?;
					// Inputs that have come may let a job be taken, which all others have to do with.
					if kind != Kind::Prepare {
						self.follow(job).await?;
						continue;
					}
				}
				() = self.wake.notified() => sleep(PAUSE).await,
			}
			self.round().await?;
		}
	}

	/// Lets calls that are on their way end; stops the rest.
	async fn wind_down(&mut self, patience: Duration) -> Result<(), JobsError> {
		self.stop_accepting();
		self.flights.cancel_all();
		let ending = async {
			while !self.flights.is_empty() {
				self.flights.landed(self.seen).await.map_err(stopped)?;
			}
			Ok(())
		};
		match timeout(patience, ending).await {
			Ok(ended) => ended,
			Err(_) => {
				tracing::warn!("calls are still on their way; the journal knows of them");
				Ok(())
			}
		}
	}
}

/// What the worker cannot go on after.
pub(super) fn stopped(error: ActError) -> JobsError {
	match error {
		ActError::Journal(error) => JobsError::Journal(error),
		ActError::Chain(error) if is_fatal(&error) => WatchError::Stopped(error).into(),
		other => JobsError::Failed(other),
	}
}
