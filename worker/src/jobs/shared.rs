//! What all parts of the job loop share.

use std::{
	collections::{BTreeSet, HashMap},
	sync::{
		atomic::{AtomicU32, Ordering},
		Mutex, MutexGuard, PoisonError,
	},
};

use mutirao_client::Chain;
use mutirao_data::store::Stored;
use mutirao_types::{BufferId, JobId};

use crate::{
	funds::{Funds, JobFees, USUAL_FEES},
	gpu::DeviceInfo,
};

use super::{
	error::ActError, load::Load, parts::Parts, policy::seconds, program::Programs,
	standstill::Standstill, unwanted::Unwanted, view::Moment, waiting::Waiting, Record,
};

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
	/// What the calls of a job cost.
	fees: Mutex<JobFees>,
	/// How the hot key's money stood in the last round, with what was taken since.
	funds: Mutex<Option<Funds>>,
	/// The last block that was looked at.
	block: AtomicU32,
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
			fees: Mutex::new(USUAL_FEES),
			funds: Mutex::default(),
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

	/// What the calls of a job cost, as far as was seen.
	pub(super) fn job_fees(&self) -> JobFees {
		*self.fees()
	}

	pub(super) fn fees(&self) -> MutexGuard<'_, JobFees> {
		self.fees.lock().unwrap_or_else(PoisonError::into_inner)
	}

	pub(super) fn funds(&self) -> MutexGuard<'_, Option<Funds>> {
		self.funds.lock().unwrap_or_else(PoisonError::into_inner)
	}

	pub(super) fn standstill(&self) -> MutexGuard<'_, Standstill> {
		self.standstill.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn tried(&self) -> MutexGuard<'_, HashMap<JobId, BTreeSet<String>>> {
		self.tried.lock().unwrap_or_else(PoisonError::into_inner)
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
