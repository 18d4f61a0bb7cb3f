//! A device whose tasks' energy and times are noted.

use std::{
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

use futures::future::BoxFuture;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Metrics, Step};
use crate::{
	energy::Meter,
	gpu::{Device, DeviceError, DeviceInfo, Finished, Progress, Task},
};

/// How far the task is that a device runs now; `None`: it runs none.
pub type Running = Arc<Mutex<Option<(String, watch::Receiver<Progress>)>>>;

/// A device whose tasks' energy and times are noted, and whose progress can be looked at.
pub struct Metered {
	device: Arc<dyn Device>,
	meter: Meter,
	metrics: Metrics,
	running: Running,
}

impl Metered {
	/// Notes what this device does.
	pub fn new(device: Arc<dyn Device>, meter: Meter, metrics: Metrics) -> Self {
		let name = device.info().name.clone();
		metrics.set_meter(&name, meter.source(), matches!(meter, Meter::Nvml { .. }));
		metrics.set_device(&name, "idle");
		Self { device, meter, metrics, running: Running::default() }
	}

	/// What it runs now.
	pub fn running(&self) -> Running {
		self.running.clone()
	}

	fn joules(&self) -> Option<f64> {
		match self.meter.joules() {
			Ok(joules) => joules,
			Err(error) => {
				tracing::warn!(device = self.device.info().name, "energy is not measured: {error}");
				None
			}
		}
	}

	fn set(&self, running: Option<(String, watch::Receiver<Progress>)>) {
		*self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
	}
}

/// Forgets what a device runs, however its task ends.
struct Done<'a>(&'a Metered);

impl Drop for Done<'_> {
	fn drop(&mut self) {
		self.0.set(None);
	}
}

impl Device for Metered {
	fn info(&self) -> &DeviceInfo {
		self.device.info()
	}

	fn run(
		&self,
		task: Task,
		progress: watch::Sender<Progress>,
		cancel: CancellationToken,
	) -> BoxFuture<'_, Result<Finished, DeviceError>> {
		Box::pin(async move {
			let name = task.name.clone();
			self.set(Some((name.clone(), progress.subscribe())));
			let _done = Done(self);
			let before = self.joules();
			let finished = self.device.run(task, progress, cancel).await?;
			let consumed = before.zip(self.joules()).map(|(before, after)| after - before);
			let times = finished.times;
			self.metrics.took(Step::Upload, times.upload);
			self.metrics.took(Step::Gpu, times.gpu);
			self.metrics.took(Step::ReadBackAndHash, times.read_back_and_hash);
			tell(&name, &self.device.info().name, times.gpu, consumed);
			if let Some(joules) = consumed {
				self.metrics.consumed(joules);
			}
			Ok(finished)
		})
	}

	fn check(&self) -> BoxFuture<'_, Result<(), DeviceError>> {
		self.device.check()
	}
}

/// Why energy is not measured was said at the start.
fn tell(task: &str, device: &str, gpu: Duration, joules: Option<f64>) {
	let gpu_ms = gpu.as_millis() as u64;
	match joules {
		Some(joules) => tracing::info!(task, device, gpu_ms, joules, "computed"),
		None => tracing::info!(task, device, gpu_ms, "computed"),
	}
}
