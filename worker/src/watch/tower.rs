//! The loop.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures::{stream::FuturesUnordered, StreamExt as _};
use mutirao_client::{AccountId, Balance, Chain};
use mutirao_data::store::Store;
use mutirao_types::{ActiveBlock, Job, JobId, JobStateKind};
use serde::Serialize;
use tokio::{
	sync::{watch, Semaphore},
	time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{Budget, Contestable, Queue, Thoroughness, WatchError, Watched};
use crate::{
	chain::Submitter,
	jobs::{Inputs, Moment, Standstill},
};

/// How often the chain is asked for jobs that can be challenged.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// In whose name the store keeps what is fetched; the job's number follows.
pub(super) const OWNER: &str = "watch of job ";

/// What the tower has seen, for status and metrics.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Seen {
	/// Jobs of which workgroups were computed again.
	pub examined: u64,
	/// Jobs that could not be examined.
	pub skipped: u64,
	/// Challenges that were upheld.
	pub upheld: u64,
	/// Challenges that failed.
	pub failed: u64,
	/// Challenges that the chain did not hear: somebody was first, or the window had closed.
	pub refused: u64,
	/// What challenges that failed cost, in planck.
	pub spent: Balance,
	/// What those that were upheld earned, in planck.
	pub earned: Balance,
}

/// Watches other providers.
pub struct Tower<C> {
	/// The chain, as whoever challenges sees it.
	pub chain: C,
	/// Sends challenges.
	pub submitter: Submitter,
	/// Where what is fetched is kept meanwhile.
	pub store: Store,
	/// Fetches it.
	pub fetcher: Arc<dyn Inputs>,
	/// Whose jobs are examined.
	pub watched: Watched,
	/// Our own provider's account, which is not watched.
	pub provider: AccountId,
	/// How many workgroups are computed again.
	pub thoroughness: Thoroughness,
	/// The most bytes that are fetched for a job.
	pub max_bytes: u64,
	/// Jobs that are examined at once, at least 1.
	pub at_once: usize,
}

/// What one look at the chain found.
struct Look {
	moment: Moment,
	contestable: BTreeSet<JobId>,
	new: Vec<(JobId, Job<AccountId, Balance>)>,
}

/// What the loop remembers.
#[derive(Default)]
struct Memory {
	queue: Queue,
	standstill: Standstill,
	now: ActiveBlock,
}

impl<C: Chain> Tower<C> {
	/// Examines jobs until it is cancelled. What goes wrong with one job is logged.
	///
	/// # Errors
	///
	/// Those that [`WatchError::is_fatal`] names.
	pub async fn run(
		&self,
		budget: Budget,
		seen: &watch::Sender<Seen>,
		cancel: &CancellationToken,
	) -> Result<(), WatchError> {
		// What a run before this one left behind.
		for owner in self.store.owners().iter().filter(|owner| owner.starts_with(OWNER)) {
			self.store.unpin(owner)?;
		}
		let mut memory = Memory::default();
		let threads = Arc::new(Semaphore::new(self.at_once.max(1)));
		let mut running = FuturesUnordered::new();
		let mut looking = Box::pin(self.look(Duration::ZERO, BTreeSet::new()));
		loop {
			tokio::select! {
				() = cancel.cancelled() => return Ok(()),
				looked = &mut looking => {
					self.note_look(&mut memory, looked)?;
					looking = Box::pin(self.look(LOOK_EVERY, memory.queue.known()));
				}
				Some((job, outcome)) = running.next(), if !running.is_empty() => {
					note_end(&mut memory, job, outcome, seen)?;
				}
			}
			// A challenge would not be taken, and the windows do not close.
			while !memory.standstill.is_known() {
				let Some(job) = memory.queue.next(memory.now, self.at_once) else { break };
				running.push(self.attend(job, memory.now, &budget, &threads, seen));
			}
		}
	}

	/// Asks the chain, after a pause, for jobs that can be challenged; reads those that are not known.
	async fn look(&self, pause: Duration, known: BTreeSet<JobId>) -> Result<Look, WatchError> {
		sleep(pause).await;
		let contestable: BTreeSet<JobId> =
			self.chain.jobs_at(JobStateKind::Contestable).await?.into_iter().collect();
		let mut new = Vec::new();
		for id in contestable.difference(&known) {
			if let Some(job) = self.chain.job(*id).await? {
				new.push((*id, job));
			}
		}
		Ok(Look { moment: Moment::of(&self.chain).await?, contestable, new })
	}

	fn note_look(
		&self,
		memory: &mut Memory,
		looked: Result<Look, WatchError>,
	) -> Result<(), WatchError> {
		let look = match looked {
			Ok(look) => look,
			Err(error) if error.is_fatal() => return Err(error),
			Err(error) => {
				tracing::warn!("watch: {error}");
				return Ok(());
			}
		};
		memory.now = look.moment.now;
		memory.standstill.observe(look.moment);
		memory.queue.update(&look.contestable);
		for (id, job) in &look.new {
			memory.queue.add(*id, job, self.watched.includes(job, &self.provider));
		}
		Ok(())
	}
}

/// Notes how the examination of a job ended.
fn note_end(
	memory: &mut Memory,
	job: Contestable,
	outcome: Result<(), WatchError>,
	seen: &watch::Sender<Seen>,
) -> Result<(), WatchError> {
	let error = match outcome {
		Err(error) if error.is_fatal() => return Err(error),
		Err(error) => error,
		Ok(()) => {
			memory.queue.done(job.id);
			return Ok(());
		}
	};
	tracing::warn!(job = job.id, "watch: {error}");
	if error.is_filtered() {
		memory.standstill.refused(memory.now);
	}
	match error.may_pass() {
		true => memory.queue.again(job),
		false => memory.queue.done(job.id),
	}
	if !matches!(error, WatchError::Submit(_)) && !error.may_pass() {
		seen.send_modify(|seen| seen.skipped += 1);
	}
	Ok(())
}
