//! Devices, lent to one task at a time.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::{watch, Mutex, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

use super::{
	records::{Quarantined, Records},
	Device, DeviceError, DeviceInfo, Finished, Progress, Suspicion, Task,
};

/// Why a device is not lent.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PoolError {
	/// There is no such device.
	#[error("there is no device `{0}`")]
	Unknown(String),
	/// It is in quarantine.
	#[error("`{device}` is in quarantine: {reason}")]
	Quarantined {
		/// Its name.
		device: String,
		/// Why.
		reason: String,
	},
}

/// What a device is doing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
	/// Nothing.
	Free,
	/// A task, or a check of its health.
	Busy,
	/// It may not serve.
	Quarantined {
		/// Why.
		reason: String,
	},
}

/// The devices of a worker. Clones share them.
#[derive(Clone)]
pub struct Pool {
	devices: Arc<BTreeMap<String, Slot>>,
	records: Records,
}

struct Slot {
	device: Arc<dyn Device>,
	/// Whoever holds it has the device. Those who wait get it in the order in which they came; one
	/// that stops waiting costs nobody its place.
	turn: Arc<Mutex<()>>,
}

impl Pool {
	/// Devices of different names, whose quarantine ends with this process. Of two devices with one
	/// name, the later is taken.
	pub fn new(devices: Vec<Arc<dyn Device>>) -> Self {
		Self::with_records(devices, Records::default())
	}

	/// Devices, with what is remembered of them.
	pub fn with_records(devices: Vec<Arc<dyn Device>>, records: Records) -> Self {
		let slot = |device: Arc<dyn Device>| {
			(device.info().name.clone(), Slot { device, turn: Arc::default() })
		};
		Self { devices: Arc::new(devices.into_iter().map(slot).collect()), records }
	}

	/// What is known of a device.
	pub fn info(&self, device: &str) -> Option<&DeviceInfo> {
		self.devices.get(device).map(|slot| slot.device.info())
	}

	/// All devices, and what they are doing.
	pub fn states(&self) -> Vec<(DeviceInfo, State)> {
		let state = |(name, slot): (&String, &Slot)| {
			let state = match self.records.quarantined(name) {
				Some(quarantined) => State::Quarantined { reason: quarantined.reason },
				None if slot.turn.try_lock().is_err() => State::Busy,
				None => State::Free,
			};
			(slot.device.info().clone(), state)
		};
		self.devices.iter().map(state).collect()
	}

	/// Whether a device may not serve.
	pub fn is_quarantined(&self, device: &str) -> bool {
		self.records.quarantined(device).is_some()
	}

	/// Keeps a device from serving: what a self-check found. A task that runs on it runs on.
	pub fn quarantine(&self, device: &str, reason: &str) {
		self.records.quarantine(device, reason);
	}

	/// Waits for a device and lends it.
	///
	/// # Errors
	///
	/// If there is none of this name, or it is in quarantine, or gets there before its turn.
	pub async fn acquire(&self, device: &str) -> Result<Lease, PoolError> {
		let slot = self.devices.get(device).ok_or_else(|| PoolError::Unknown(device.to_owned()))?;
		self.check(device)?;
		let turn = slot.turn.clone().lock_owned().await;
		self.check(device)?;
		let (device, records) = (slot.device.clone(), self.records.clone());
		Ok(Lease { device, records, running: Mutex::default(), _turn: turn })
	}

	fn check(&self, device: &str) -> Result<(), PoolError> {
		match self.records.quarantined(device) {
			Some(Quarantined { reason, .. }) => {
				Err(PoolError::Quarantined { device: device.to_owned(), reason })
			}
			None => Ok(()),
		}
	}
}

/// A device that is lent. Dropping it gives it back.
pub struct Lease {
	device: Arc<dyn Device>,
	records: Records,
	/// Held while a task runs: a lease, too, runs one at a time.
	running: Mutex<()>,
	_turn: OwnedMutexGuard<()>,
}

impl Lease {
	/// What is known of the device.
	pub fn info(&self) -> &DeviceInfo {
		self.device.info()
	}

	/// Runs a task. After a crash, an overrun or the like, the device's health is checked before this
	/// returns, and a device that fails is quarantined.
	///
	/// # Errors
	///
	/// As for [`Device::run`].
	pub async fn run(
		&self,
		task: Task,
		progress: watch::Sender<Progress>,
		cancel: CancellationToken,
	) -> Result<Finished, DeviceError> {
		let _running = self.running.lock().await;
		let result = self.device.run(task, progress, cancel).await;
		if let Err(DeviceError::Suspect { suspicion, .. }) = &result {
			self.examine(suspicion).await;
		}
		result
	}

	async fn examine(&self, suspicion: &Suspicion) {
		let device = &self.info().name;
		tracing::warn!(device, %suspicion, "a task failed; checking the device's health");
		if let Suspicion::Wrong(_) = suspicion {
			return self.records.quarantine(device, &suspicion.to_string());
		}
		match self.device.check().await {
			Ok(()) => tracing::info!(device, "the device is healthy"),
			Err(error) => {
				let reason = format!("after a task: {suspicion}; its health check: {error}");
				self.records.quarantine(device, &reason);
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use std::time::Duration;

	use super::*;
	use crate::gpu::faulty::{self, Sick};

	fn task() -> Task {
		let folder = std::env::temp_dir().join("mutirao-no-such-folder");
		Task {
			code: Vec::new(),
			parameters: Vec::new(),
			inputs: Vec::new(),
			folder,
			name: "test".into(),
			limit: Duration::from_secs(1),
		}
	}

	async fn run(lease: &Lease) -> Result<Finished, DeviceError> {
		lease.run(task(), watch::channel(Progress::default()).0, CancellationToken::new()).await
	}

	fn name(pool: &Pool) -> String {
		pool.states()[0].0.name.clone()
	}

	#[tokio::test]
	async fn a_device_is_lent_to_one_at_a_time_in_the_order_of_asking() {
		let pool = Pool::new(vec![Arc::new(faulty::crasher(Sick::No))]);
		let name = name(&pool);
		let first = pool.acquire(&name).await.unwrap();
		assert_eq!(pool.states()[0].1, State::Busy);
		let order = Arc::new(std::sync::Mutex::new(Vec::new()));
		let mut waiting = Vec::new();
		for number in 0..4 {
			let (pool, name, order) = (pool.clone(), name.clone(), order.clone());
			waiting.push(tokio::spawn(async move {
				let _lease = pool.acquire(&name).await.unwrap();
				order.lock().unwrap().push(number);
				tokio::task::yield_now().await;
			}));
			tokio::task::yield_now().await;
		}
		// One that stops waiting is passed over.
		waiting.remove(1).abort();
		drop(first);
		for task in waiting {
			task.await.unwrap();
		}
		assert_eq!(*order.lock().unwrap(), [0, 2, 3]);
		assert_eq!(pool.states()[0].1, State::Free);
		assert_eq!(pool.acquire("other").await.err(), Some(PoolError::Unknown("other".into())));
	}

	#[tokio::test]
	async fn a_device_that_fails_its_health_check_is_quarantined() {
		for (sick, quarantined) in [(Sick::No, false), (Sick::Yes, true)] {
			let pool = Pool::new(vec![Arc::new(faulty::crasher(sick))]);
			let name = name(&pool);
			let lease = pool.acquire(&name).await.unwrap();
			assert!(run(&lease).await.unwrap_err().is_suspicious());
			drop(lease);
			assert_eq!(pool.is_quarantined(&name), quarantined);
			assert_eq!(pool.acquire(&name).await.is_err(), quarantined);
		}
	}

	#[tokio::test]
	async fn whoever_waits_for_a_device_that_is_quarantined_meanwhile_does_not_get_it() {
		let pool = Pool::new(vec![Arc::new(faulty::crasher(Sick::No))]);
		let name = name(&pool);
		let lease = pool.acquire(&name).await.unwrap();
		let (waiting_pool, waiting_name) = (pool.clone(), name.clone());
		let waiting =
			tokio::spawn(async move { waiting_pool.acquire(&waiting_name).await.map(|_| ()) });
		tokio::task::yield_now().await;
		pool.quarantine(&name, "a wrong word");
		drop(lease);
		let reason = "a wrong word".to_owned();
		assert_eq!(waiting.await.unwrap(), Err(PoolError::Quarantined { device: name, reason }));
		assert!(matches!(pool.states()[0].1, State::Quarantined { .. }));
	}

	#[tokio::test]
	async fn a_hanging_task_ends_when_it_is_cancelled_and_gives_the_device_back() {
		let pool = Pool::new(vec![Arc::new(faulty::hanger())]);
		let name = name(&pool);
		let lease = pool.acquire(&name).await.unwrap();
		let cancel = CancellationToken::new();
		let progress = watch::channel(Progress::default()).0;
		let mut hanging = Box::pin(lease.run(task(), progress, cancel.clone()));
		assert!(tokio::time::timeout(Duration::from_millis(50), &mut hanging).await.is_err());
		cancel.cancel();
		assert!(matches!(hanging.await, Err(DeviceError::Cancelled)));
		drop(lease);
		assert_eq!(pool.states()[0].1, State::Free);
		assert!(!pool.is_quarantined(&name));
	}
}
