//! The loop.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use mutirao_client::{pallets::AttestationsEvent, AccountId, Balance, Chain, Event};
use mutirao_data::{fetch::Fetcher, store::Store};
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_prover::{Bytes, Computed};
use mutirao_types::{BufferId, Job, JobId, JobStateKind, Transcript, Workgroup};
use serde::Serialize;
use tokio::{sync::watch, task::spawn_blocking, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{examine, Budget, Finding, Queue, Thoroughness, WatchError, Watched};

/// How often the chain is asked for jobs that can be challenged.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// In whose name the store keeps what is fetched; the job's number follows.
const OWNER: &str = "watch of job ";

/// What the tower has seen, for status and metrics.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Seen {
	/// Jobs of which workgroups were computed again.
	pub examined: u64,
	/// Jobs that could not be examined.
	pub skipped: u64,
	/// Challenges that were upheld.
	pub upheld: u64,
	/// Challenges that failed.
	pub failed: u64,
	/// What challenges cost, in planck.
	pub spent: Balance,
	/// What they earned, in planck.
	pub earned: Balance,
}

/// Watches other providers.
pub struct Tower<C> {
	/// The chain, as whoever challenges sees it.
	pub chain: C,
	/// Where what is fetched is kept meanwhile.
	pub store: Store,
	/// Fetches it.
	pub fetcher: Fetcher,
	/// Whose jobs are examined.
	pub watched: Watched,
	/// Our own provider's account, which is not watched.
	pub provider: AccountId,
	/// How many workgroups are computed again.
	pub thoroughness: Thoroughness,
	/// The most bytes that are fetched for a job.
	pub max_bytes: u64,
}

impl<C: Chain> Tower<C> {
	/// Examines jobs until it is cancelled. What goes wrong with one job is logged.
	///
	/// # Errors
	///
	/// Those that [`WatchError::is_fatal`] names.
	pub async fn run(
		&self,
		mut budget: Budget,
		seen: &watch::Sender<Seen>,
		cancel: &CancellationToken,
	) -> Result<(), WatchError> {
		let mut queue = Queue::default();
		// What a run before this one left behind.
		for owner in self.store.owners().iter().filter(|owner| owner.starts_with(OWNER)) {
			self.store.unpin(owner)?;
		}
		while !cancel.is_cancelled() {
			match self.look(&mut queue, &mut budget, seen).await {
				Ok(true) => continue,
				Ok(false) => {}
				Err(error) if error.is_fatal() => return Err(error),
				Err(error) => tracing::warn!("watch: {error}"),
			}
			tokio::select! {
				() = cancel.cancelled() => {}
				() = sleep(LOOK_EVERY) => {}
			}
		}
		Ok(())
	}

	/// Examines the most urgent job; whether there was one.
	async fn look(
		&self,
		queue: &mut Queue,
		budget: &mut Budget,
		seen: &watch::Sender<Seen>,
	) -> Result<bool, WatchError> {
		let contestable: BTreeSet<JobId> =
			self.chain.jobs_at(JobStateKind::Contestable).await?.into_iter().collect();
		queue.update(&contestable);
		for id in contestable.iter().copied().filter(|id| !queue.knows(*id)).collect::<Vec<_>>() {
			if let Some(job) = self.chain.job(id).await? {
				queue.add(id, &job, self.watched.includes(&job, &self.provider));
			}
		}
		let Some(id) = queue.next(self.chain.now().await?) else { return Ok(false) };
		let owner = format!("{OWNER}{id}");
		let examined = self.examine(id, &owner).await;
		self.store.unpin(&owner)?;
		match examined {
			Ok((computed, Some(Finding::Wrong(workgroup)))) => {
				seen.send_modify(|seen| seen.examined += 1);
				tracing::warn!(
					job = id,
					pass = workgroup.pass,
					workgroup = workgroup.number,
					"watch: wrong"
				);
				match budget.allows() {
					true => self.challenge(id, computed, workgroup, budget, seen).await?,
					false => tracing::warn!(job = id, "watch: the budget for challenges is spent"),
				}
			}
			Ok((_, Some(Finding::Right(count)))) => {
				seen.send_modify(|seen| seen.examined += 1);
				tracing::info!(job = id, count, "watch: right");
			}
			Ok((_, None)) => {}
			Err(error) if error.is_fatal() => return Err(error),
			Err(error) => {
				seen.send_modify(|seen| seen.skipped += 1);
				tracing::warn!(job = id, "watch: {error}");
			}
		}
		Ok(true)
	}

	/// Fetches all of a job's buffers and computes workgroups again. No finding: the job has ended.
	async fn examine(
		&self,
		id: JobId,
		owner: &str,
	) -> Result<(Option<Arc<Computed>>, Option<Finding>), WatchError> {
		let Some(job) = self.chain.job(id).await? else { return Ok((None, None)) };
		let Some(attestation) = self.chain.attestation(id).await? else { return Ok((None, None)) };
		let Some(code) = self.chain.program_code(job.request.program).await? else {
			return Ok((None, None));
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
			let stored = self.fetcher.fetch(id, &source, &self.store, &|_| {}).await?;
			outboards.push(stored.outboard()?.clone());
			fetched.push(Box::new(stored));
		}
		let (parameters, thoroughness) = (job.request.parameters.to_vec(), self.thoroughness);
		let examining = spawn_blocking(move || {
			let computed = Computed::from_parts(program, &parameters, fetched, outboards)?;
			let finding = examine(&computed, thoroughness, fastrand::u64(..))?;
			Ok::<_, WatchError>((Some(Arc::new(computed)), Some(finding)))
		});
		examining.await.map_err(|_| WatchError::Interrupted)?
	}

	/// Where the job's provider serves buffers.
	async fn source(&self, job: &Job<AccountId, Balance>) -> Result<Vec<String>, WatchError> {
		let Some(deal) = job.state.deal() else { return Ok(Vec::new()) };
		let provider = self.chain.provider(deal.provider).await?;
		let url = provider.map(|provider| String::from_utf8_lossy(&provider.endpoint).into_owned());
		Ok(url.into_iter().collect())
	}

	async fn challenge(
		&self,
		id: JobId,
		computed: Option<Arc<Computed>>,
		workgroup: Workgroup,
		budget: &mut Budget,
		seen: &watch::Sender<Seen>,
	) -> Result<(), WatchError> {
		let Some(computed) = computed else { return Ok(()) };
		let building = spawn_blocking(move || computed.witness(workgroup));
		let (witness, steps) = building.await.map_err(|_| WatchError::Interrupted)??;
		let included = self.chain.challenge(id, workgroup, steps, witness).await?;
		budget.spend(included.fee);
		let upheld = included.events.iter().find_map(|event| match event {
			Event::Attestations(AttestationsEvent::ChallengeUpheld { slash, .. }) => Some(*slash),
			_ => None,
		});
		seen.send_modify(|seen| {
			seen.spent = budget.spent();
			match upheld {
				Some(slash) => {
					seen.upheld += 1;
					seen.earned = seen.earned.saturating_add(slash.to_challenger);
				}
				None => seen.failed += 1,
			}
		});
		match upheld {
			Some(slash) => tracing::info!(job = id, earned = slash.to_challenger, "watch: upheld"),
			None => tracing::error!(job = id, "watch: a challenge failed"),
		}
		Ok(())
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
