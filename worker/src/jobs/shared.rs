//! What all parts of the job loop share.

use std::{
	collections::{BTreeSet, HashMap},
	future::Future,
	path::PathBuf,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex, MutexGuard, PoisonError,
	},
	time::Duration,
};

use mutirao_client::{BlockNumber, Call, Chain, Error};
use mutirao_data::store::{Store, StoreError, Stored};
use mutirao_types::{ActiveBlocks, BufferId, JobId, OfferId};

use crate::{
	chain::{is_fatal, Outcome, SubmitError, Submitter},
	gpu::{DeviceError, DeviceInfo, Pool, PoolError, SelfCheck},
};

use super::{
	inputs::{Inputs, Sources},
	load::Load,
	policy::seconds,
	program::Programs,
	standstill::{is_filtered, Standstill},
	unwanted::Unwanted,
	view::Moment,
	waiting::Waiting,
	Journal, JournalError, Policy, Record, Refusal, What,
};

/// An offer on the chain and the device behind it.
#[derive(Clone, Debug)]
pub struct Serving {
	/// The offer.
	pub offer: OfferId,
	/// The device, by which name the pool knows it.
	pub device: DeviceInfo,
}

/// How the loop goes about its work.
#[derive(Clone, Debug)]
pub struct Limits {
	/// How long results are served after their job's end, in active blocks. A day.
	pub keep: ActiveBlocks,
	/// How long a call that was sent may still be included: the `life_blocks` of the account's
	/// [`mutirao_client::SubmitOptions`], and a few.
	pub life: BlockNumber,
	/// The same for a call that takes a job: [`mutirao_client::ACCEPT_LIFE`], and a few.
	pub accept_life: BlockNumber,
	/// Jobs whose inputs are fetched at a time; of one buyer half as many, at least one.
	pub fetches: usize,
	/// Calls of one job that are sent at a time.
	pub calls: usize,
	/// Times that a job is computed, on whatever device, before it is given up.
	pub attempts: u8,
	/// How thoroughly results are checked before they are attested.
	pub check: SelfCheck,
	/// How long a graceful stop waits for calls that are on their way.
	pub stop: Duration,
}

impl Default for Limits {
	fn default() -> Self {
		Self {
			keep: 28_800,
			life: 72,
			accept_life: 24,
			fetches: 4,
			calls: 4,
			attempts: 3,
			check: SelfCheck::default(),
			stop: Duration::from_secs(30),
		}
	}
}

impl Limits {
	/// How long such a call may still be included once it was sent, in blocks.
	pub(super) fn life_of(&self, what: What) -> BlockNumber {
		match what {
			What::Accept => self.life.min(self.accept_life),
			_ => self.life,
		}
	}
}

/// What the job loop is made of.
pub struct Parts<C> {
	/// The provider's account on the chain.
	pub chain: C,
	/// The buffers.
	pub store: Store,
	/// What survives.
	pub journal: Arc<Journal>,
	/// The devices.
	pub pool: Pool,
	/// The offers that this worker serves.
	pub serving: Vec<Serving>,
	/// Devices without an offer, on which a job is computed if its own device fails.
	pub spare: Vec<DeviceInfo>,
	/// Which jobs are taken.
	pub policy: Policy,
	/// How it goes about its work.
	pub limits: Limits,
	/// Sends calls.
	pub submitter: Submitter,
	/// The folder for work in progress.
	pub folder: PathBuf,
	/// Where inputs come from.
	pub inputs: Arc<dyn Inputs>,
	/// Where buyers said that inputs can be fetched.
	pub sources: Arc<Sources>,
}

/// What the parts of the loop share.
pub(super) struct Shared<C> {
	pub(super) parts: Parts<C>,
	pub(super) programs: Programs,
	/// Devices that failed at a job, in this process.
	tried: Mutex<HashMap<JobId, BTreeSet<String>>>,
	/// Jobs that the chain did not let us take.
	unwanted: Mutex<Unwanted>,
	/// Jobs that are not taken, and whose inputs may come.
	pub(super) waiting: Waiting,
	/// What was promised in the last round.
	pub(super) load: Mutex<Load>,
	standstill: Mutex<Standstill>,
	/// The last block that was looked at.
	block: AtomicU32,
}

/// Why something that was to be done was not.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
	/// The chain did not answer.
	#[error(transparent)]
	Chain(#[from] Error),
	/// A call did not take effect.
	#[error(transparent)]
	Submit(#[from] SubmitError),
	/// The journal failed.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// The store failed.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// A witness cannot be built.
	#[error(transparent)]
	Witness(#[from] mutirao_machine_prover::Error),
	/// A device failed.
	#[error(transparent)]
	Device(#[from] DeviceError),
	/// A device cannot be had.
	#[error(transparent)]
	Pool(#[from] PoolError),
	/// The job is not taken.
	#[error(transparent)]
	Refused(#[from] Refusal),
	/// A buffer that should be here is not.
	#[error("buffer {0} is not in the store")]
	BufferMissing(BufferId),
	/// Inputs cannot be had.
	#[error("inputs cannot be fetched: {0}")]
	Inputs(String),
	/// Demands are counted on the chain, and nobody says which.
	#[error("the chain counts {waiting} demands, of which {known} are known; their blocks cannot be read here")]
	DemandsUnknown {
		/// How many wait.
		waiting: usize,
		/// How many of them are known.
		known: usize,
	},
	/// A task of the process died.
	#[error("a task of the worker died: {0}")]
	Died(String),
}

impl ActError {
	/// Whether the worker cannot go on.
	pub fn is_fatal(&self) -> bool {
		match self {
			Self::Chain(error) => is_fatal(error),
			Self::Submit(error) => error.chain_error().is_some_and(is_fatal),
			Self::Journal(_) => true,
			_ => false,
		}
	}
}

impl<C: Chain> Shared<C> {
	pub(super) fn new(parts: Parts<C>) -> Self {
		Self {
			parts,
			programs: Programs::default(),
			tried: Mutex::default(),
			unwanted: Mutex::default(),
			waiting: Waiting::default(),
			load: Mutex::default(),
			standstill: Mutex::default(),
			block: AtomicU32::new(0),
		}
	}

	/// A buffer that should be here.
	pub(super) fn stored(&self, id: &BufferId) -> Result<Stored, ActError> {
		self.parts.store.get(id)?.ok_or(ActError::BufferMissing(*id))
	}

	/// Whether all of these are here.
	pub(super) fn has(&self, ids: impl IntoIterator<Item = BufferId>) -> bool {
		ids.into_iter().all(|id| self.parts.store.contains(&id))
	}

	/// The devices that may compute a job, its own first, without those that failed at it or are in
	/// quarantine.
	pub(super) fn devices_for(&self, record: &Record) -> Vec<DeviceInfo> {
		let parts = &self.parts;
		let own = parts.serving.iter().filter(|serving| serving.offer == record.offer);
		let others = parts.serving.iter().filter(|serving| serving.offer != record.offer);
		let all = own.chain(others).map(|serving| &serving.device).chain(&parts.spare);
		let tried = self.tried();
		let tried = tried.get(&record.job);
		let mut devices: Vec<DeviceInfo> = Vec::new();
		for device in all {
			let failed = tried.is_some_and(|tried| tried.contains(&device.name));
			let known = devices.iter().any(|one| one.name == device.name);
			if !failed && !known && !parts.pool.is_quarantined(&device.name) {
				devices.push(device.clone());
			}
		}
		devices
	}

	/// The shortest time that a job would take on any of them, in seconds.
	pub(super) fn best_seconds(&self, record: &Record) -> Option<f64> {
		let devices = self.devices_for(record);
		devices.iter().map(|device| seconds(record.declared_steps, device)).reduce(f64::min)
	}

	/// Remembers that a device failed at a job.
	pub(super) fn note_failed(&self, job: JobId, device: &str) {
		self.tried().entry(job).or_default().insert(device.to_owned());
	}

	/// Forgets which devices failed at a job.
	pub(super) fn forget_failed(&self, job: JobId) {
		self.tried().remove(&job);
	}

	/// Remembers that the chain did not let us take a job. A chain that stands still says nothing about it.
	pub(super) fn note_refused(&self, job: JobId, why: String) {
		if !self.stands_still() {
			let block = self.block.load(Ordering::Relaxed);
			self.unwanted().note(job, why, block);
		}
	}

	/// Why a job is not to be taken now, if the chain is in the way.
	pub(super) fn refused(&self, job: JobId) -> Option<String> {
		if self.stands_still() {
			return Some("it stands still (safe mode or a migration)".into());
		}
		self.unwanted().why(job, self.block.load(Ordering::Relaxed))
	}

	/// Forgets other jobs than these.
	pub(super) fn retain_refused(&self, keep: impl Fn(JobId) -> bool) {
		self.unwanted().retain(keep);
	}

	fn unwanted(&self) -> MutexGuard<'_, Unwanted> {
		self.unwanted.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Takes note of the moment that a round starts from; whether the chain stands still.
	pub(super) fn observe(&self, moment: Moment) -> bool {
		self.block.store(moment.block, Ordering::Relaxed);
		self.standstill().observe(moment)
	}

	/// Whether the chain stands still, as far as we know: no call is sent then.
	pub(super) fn stands_still(&self) -> bool {
		self.standstill().is_known()
	}

	fn standstill(&self) -> MutexGuard<'_, Standstill> {
		self.standstill.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn tried(&self) -> MutexGuard<'_, HashMap<JobId, BTreeSet<String>>> {
		self.tried.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Makes a call about a job of the journal, unless the chain says that it is not due, or stands still. That it is on
	/// its way is in the journal before it is sent, until its effect is seen or it is known to have none.
	pub(super) async fn call<D>(
		&self,
		job: JobId,
		what: What,
		call: Call,
		is_due: impl Fn() -> D + Send + Sync,
	) -> Result<Outcome, ActError>
	where
		D: Future<Output = Result<bool, Error>> + Send,
	{
		let Parts { chain, journal, limits, submitter, .. } = &self.parts;
		let note = |until| journal.change(job, |record| record.note_sent(what, until)).map(drop);
		let sending = |block: BlockNumber| note(block.saturating_add(limits.life_of(what)));
		let is_due = || {
			let asking = is_due();
			async move { Ok(!self.stands_still() && asking.await?) }
		};
		match submitter.send(chain, call, is_due, sending).await {
			Ok(Outcome::Done(included)) => {
				// Seen from this block on, or a re-org took it away.
				note(included.block_number)?;
				journal.add_fee(included.fee)?;
				tracing::info!(job, block = included.block_number, "{what:?} took effect");
				Ok(Outcome::Done(included))
			}
			Ok(Outcome::NotDue) => {
				journal.change(job, |record| record.note_lost(what))?;
				Ok(Outcome::NotDue)
			}
			Err(error) => {
				if error.is_certain() {
					journal.change(job, |record| record.note_lost(what))?;
				}
				self.note_filtered(&error).await;
				Err(error.into())
			}
		}
	}

	/// Remembers that the chain takes no calls for as long as its clock shows what it shows now.
	async fn note_filtered(&self, error: &SubmitError) {
		if !matches!(error, SubmitError::Refused { error, .. } if is_filtered(error)) {
			return;
		}
		match self.parts.chain.now().await {
			Ok(now) => self.standstill().refused(now),
			// The clock itself tells, some blocks later.
			Err(error) => tracing::debug!("the clock cannot be read: {error}"),
		}
	}
}

/// Runs what takes long or blocks, beside the loop.
///
/// # Errors
///
/// What it gives, or that it died.
pub(super) async fn blocking<T: Send + 'static>(
	work: impl FnOnce() -> Result<T, ActError> + Send + 'static,
) -> Result<T, ActError> {
	let done = tokio::task::spawn_blocking(work).await;
	done.unwrap_or_else(|error| Err(ActError::Died(error.to_string())))
}
