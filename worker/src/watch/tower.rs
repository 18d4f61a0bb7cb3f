//! The loop.

use std::{
	collections::BTreeSet,
	convert::Infallible,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	time::Duration,
};

use futures::{stream::FuturesUnordered, StreamExt as _};
use mutirao_client::{
	pallets::{AttestationsCall, AttestationsEvent},
	AccountId, Balance, Chain, Event, Included,
};
use mutirao_data::store::Store;
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_prover::{Bytes, Computed};
use mutirao_types::{
	ActiveBlock, BufferId, Job, JobId, JobState, JobStateKind, Transcript, Workgroup,
};
use serde::Serialize;
use tokio::{
	sync::{watch, Semaphore},
	task::spawn_blocking,
	time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
	examine::examine_while, Budget, Contestable, Finding, Queue, Reservation, Thoroughness,
	WatchError, Watched,
};
use crate::{
	chain::{Outcome, SubmitError, Submitter},
	jobs::{Inputs, Moment, Standstill},
};

/// How often the chain is asked for jobs that can be challenged.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// The chain's block time.
const BLOCK: Duration = Duration::from_secs(3);
/// The longest time for one job.
const LONGEST: Duration = Duration::from_secs(900);
/// In whose name the store keeps what is fetched; the job's number follows.
const OWNER: &str = "watch of job ";

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

/// What was found of a job.
struct Examined {
	job: Job<AccountId, Balance>,
	computed: Arc<Computed>,
	finding: Finding,
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

	/// Examines a job within its time, and challenges what is wrong.
	async fn attend(
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

	/// Counts what was found, and challenges what is wrong.
	async fn act(
		&self,
		id: JobId,
		examined: Examined,
		budget: &Budget,
		seen: &watch::Sender<Seen>,
	) -> Result<(), WatchError> {
		seen.send_modify(|seen| seen.examined += 1);
		let Finding::Wrong(workgroup) = examined.finding else {
			tracing::info!(job = id, "watch: {:?}", examined.finding);
			return Ok(());
		};
		let Workgroup { pass, number } = workgroup;
		tracing::warn!(job = id, pass, workgroup = number, "watch: wrong");
		let computed = examined.computed;
		let building = spawn_blocking(move || computed.witness(workgroup));
		let (witness, steps) = building.await.map_err(|_| WatchError::Interrupted)??;
		// What others that are made at this moment may cost is not left for this one.
		let Some(reserved) = budget.reserve(most_fee(&examined.job)) else {
			tracing::warn!(job = id, "watch: the budget for challenges is spent");
			return Ok(());
		};
		let call = AttestationsCall::Challenge { job: id, workgroup, steps, witness };
		let is_due = || self.is_contestable(id);
		let noted = |_| Ok::<_, Infallible>(());
		match self.submitter.send(&self.chain, call.into(), is_due, noted).await {
			Ok(Outcome::Done(included)) => note_verdict(id, &included, reserved, seen),
			Ok(Outcome::NotDue) => tracing::info!(job = id, "watch: somebody was first"),
			Err(error @ SubmitError::Refused { .. }) => {
				seen.send_modify(|seen| seen.refused += 1);
				return Err(error.into());
			}
			Err(error) => {
				// Nobody knows what it came to: it may have failed.
				if !error.is_certain() {
					let fee = reserved.fee();
					reserved.spend(fee);
				}
				return Err(error.into());
			}
		}
		seen.send_modify(|seen| seen.spent = budget.spent());
		Ok(())
	}

	/// Whether a job can be challenged now.
	async fn is_contestable(&self, id: JobId) -> Result<bool, mutirao_client::Error> {
		let (Some(job), now) = (self.chain.job(id).await?, self.chain.now().await?) else {
			return Ok(false);
		};
		Ok(matches!(job.state, JobState::Contestable { until, .. } if now < until))
	}
}

/// How long a job may be examined: half of the time in which it can be challenged. The other half is for
/// the challenge.
fn time_limit(now: ActiveBlock, until: ActiveBlock) -> Duration {
	let blocks = until.saturating_sub(now).max(1);
	(BLOCK * blocks / 2).min(LONGEST)
}

/// What a challenge of a job costs at most if it fails, about: twice what is set aside for computing one of
/// its workgroups again, as a witness travels with it.
fn most_fee(job: &Job<AccountId, Balance>) -> Balance {
	let samples = Balance::from(job.request.samples.max(1));
	job.audit_fee.checked_div(samples).unwrap_or(0).saturating_mul(2).max(1)
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

/// Notes what became of a challenge that the chain has heard.
fn note_verdict(
	id: JobId,
	included: &Included,
	reserved: Reservation<'_>,
	seen: &watch::Sender<Seen>,
) {
	let upheld = included.events.iter().find_map(|event| match event {
		Event::Attestations(AttestationsEvent::ChallengeUpheld { slash, .. }) => Some(*slash),
		_ => None,
	});
	match upheld {
		Some(slash) => {
			tracing::info!(job = id, earned = slash.to_challenger, "watch: upheld");
			seen.send_modify(|seen| {
				seen.upheld += 1;
				seen.earned = seen.earned.saturating_add(slash.to_challenger);
			});
		}
		None => {
			tracing::error!(job = id, "watch: a challenge failed");
			reserved.spend(included.fee);
			seen.send_modify(|seen| seen.failed += 1);
		}
	}
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
