//! Examining one job: fetching its buffers, and computing workgroups again.

use std::{
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	time::Duration,
};

use mutirao_client::{AccountId, Balance, Chain};
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_prover::{Bytes, Computed};
use mutirao_types::{ActiveBlock, BufferId, Job, JobId, Transcript};
use tokio::{
	sync::{watch, Semaphore},
	task::spawn_blocking,
	time::timeout,
};

use super::{
	examine::examine_while,
	tower::{Seen, Tower, OWNER},
	Budget, Contestable, Finding, WatchError,
};

/// The chain's block time.
const BLOCK: Duration = Duration::from_secs(3);
/// The longest time for one job.
const LONGEST: Duration = Duration::from_secs(900);

/// What was found of a job.
pub(super) struct Examined {
	pub(super) job: Job<AccountId, Balance>,
	pub(super) computed: Arc<Computed>,
	pub(super) finding: Finding,
}

/// Tells a thread to stop when whoever waits for it does not any more.
#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
	fn drop(&mut self) {
		self.0.store(true, Ordering::Relaxed);
	}
}

impl<C: Chain> Tower<C> {
	/// Examines a job within its time, and challenges what is wrong.
	pub(super) async fn attend(
		&self,
		job: Contestable,
		now: ActiveBlock,
		budget: &Budget,
		threads: &Arc<Semaphore>,
		seen: &watch::Sender<Seen>,
	) -> (Contestable, Result<(), WatchError>) {
		let (owner, limit) = (format!("{OWNER}{}", job.id), time_limit(now, job.until));
		let examined = timeout(limit, self.examine(job.id, &owner, threads)).await;
		let examined = examined.unwrap_or(Err(WatchError::TooSlow(limit)));
		let unpinned = self.store.unpin(&owner).map_err(WatchError::from);
		let outcome = match examined {
			Ok(None) => Ok(()),
			Ok(Some(examined)) => self.act(job.id, examined, budget, seen).await,
			Err(error) => Err(error),
		};
		(job, outcome.and(unpinned))
	}

	/// Fetches all of a job's buffers and computes workgroups again. `None`: the job has ended.
	async fn examine(
		&self,
		id: JobId,
		owner: &str,
		threads: &Arc<Semaphore>,
	) -> Result<Option<Examined>, WatchError> {
		let Some(job) = self.chain.job(id).await? else { return Ok(None) };
		let Some(attestation) = self.chain.attestation(id).await? else { return Ok(None) };
		let Some(code) = self.chain.program_code(job.request.program).await? else {
			return Ok(None);
		};
		let malformed = |error: &dyn std::fmt::Display| WatchError::Malformed(error.to_string());
		let program = Program::decode(&code).map_err(|error| malformed(&error))?;
		let ids = buffers(&program, &job, &attestation.transcript)?;
		let bytes: u64 = ids.iter().fold(0, |sum, id| sum.saturating_add(id.bytes));
		if bytes > self.max_bytes {
			let most = self.max_bytes;
			return Err(malformed(&format!(
				"it has {bytes} bytes, and {most} are fetched at most"
			)));
		}
		let source = self.source(&job).await?;
		self.store.pin(owner, &ids)?;
		let (mut fetched, mut outboards): (Vec<Bytes>, Vec<_>) = Default::default();
		for id in &ids {
			let stored = self.fetcher.fetch(id, &source, &self.store).await;
			let stored = stored.map_err(WatchError::Fetch)?;
			outboards.push(stored.outboard()?.clone());
			fetched.push(Box::new(stored));
		}
		// A thread that was told to stop keeps its place until it does.
		let place = threads.clone().acquire_owned().await.map_err(|_| WatchError::Interrupted)?;
		let (parameters, thoroughness) = (job.request.parameters.to_vec(), self.thoroughness);
		let stop = StopOnDrop::default();
		let stopped = stop.0.clone();
		let examining = spawn_blocking(move || {
			let _place = place;
			let computed = Computed::from_parts(program, &parameters, fetched, outboards)?;
			// Nobody waits for what is found after it was stopped.
			let goes_on = || !stopped.load(Ordering::Relaxed);
			let finding = examine_while(&computed, thoroughness, fastrand::u64(..), goes_on)?;
			Ok::<_, WatchError>((Arc::new(computed), finding))
		});
		let (computed, finding) = examining.await.map_err(|_| WatchError::Interrupted)??;
		Ok(Some(Examined { job, computed, finding }))
	}

	/// Where the job's provider serves buffers.
	async fn source(&self, job: &Job<AccountId, Balance>) -> Result<Vec<String>, WatchError> {
		let Some(deal) = job.state.deal() else { return Ok(Vec::new()) };
		let provider = self.chain.provider(deal.provider).await?;
		let url = provider.map(|provider| String::from_utf8_lossy(&provider.endpoint).into_owned());
		Ok(url.into_iter().collect())
	}
}

/// How long a job may be examined: half of the time in which it can be challenged. The other half is for
/// the challenge.
fn time_limit(now: ActiveBlock, until: ActiveBlock) -> Duration {
	let blocks = until.saturating_sub(now).max(1);
	(BLOCK * blocks / 2).min(LONGEST)
}

/// The names of all of a job's buffers, by the program's buffers.
fn buffers(
	program: &Program,
	job: &Job<AccountId, Balance>,
	transcript: &Transcript,
) -> Result<Vec<BufferId>, WatchError> {
	let malformed = |what: &str| WatchError::Malformed(what.to_owned());
	let summary = program
		.summary(&job.request.parameters)
		.map_err(|error| WatchError::Malformed(error.to_string()))?;
	let mut inputs = job.request.inputs.iter();
	let declared = program.definition().buffers.iter();
	let mut ids: Vec<Option<BufferId>> = declared
		.map(|buffer| match buffer.role {
			Role::Input => inputs.next().copied(),
			Role::Intermediate | Role::Output => None,
		})
		.collect();
	for (slot, id) in summary.written().zip(transcript) {
		let place = ids.get_mut(slot.buffer).ok_or_else(|| malformed("a buffer is missing"))?;
		*place = Some(*id);
	}
	ids.into_iter().collect::<Option<_>>().ok_or_else(|| malformed("a buffer is missing"))
}
