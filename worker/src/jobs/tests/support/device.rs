//! A device that does what a test tells it.

use std::{
	collections::BTreeMap,
	fs,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc,
	},
	time::Duration,
};

use futures::future::BoxFuture;
use mutirao_commitment::Outboard;
use mutirao_machine_core::Program;
use mutirao_machine_prover::Computed;
use mutirao_types::Backend;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::gpu::{
	Device, DeviceError, DeviceInfo, Finished, Progress, StageTimes, Suspicion, Task, VmDevice,
	Written,
};

/// What it does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
	/// Computes.
	Honest,
	/// Computes all words wrong.
	Liar,
	/// Never ends by itself.
	Endless,
	/// Fails.
	Broken,
	/// Says that the program is at fault, rightly or not.
	Blames,
	/// The same, in a pass that reads what another wrote.
	BlamesLate,
}

/// A device of which a test says what it does.
pub(crate) struct Scripted {
	info: DeviceInfo,
	mode: Mode,
	pub(crate) runs: AtomicUsize,
}

impl Scripted {
	pub(crate) fn new(name: &str, mode: Mode) -> Arc<Self> {
		let info = DeviceInfo {
			name: name.into(),
			backend: Backend::Other,
			driver: "scripted".into(),
			memory_mib: 1_024,
			max_buffer_bytes: 1 << 20,
			loop_limit: None,
			steps_per_second: Some(1_000_000),
		};
		Arc::new(Self { info, mode, runs: AtomicUsize::new(0) })
	}

	pub(crate) fn honest(name: &str) -> Arc<Self> {
		Self::new(name, Mode::Honest)
	}

	pub(crate) fn runs(&self) -> usize {
		self.runs.load(Ordering::Relaxed)
	}

	fn suspect(&self, suspicion: Suspicion) -> DeviceError {
		DeviceError::Suspect { device: self.info.name.clone(), suspicion }
	}
}

fn blame(pass: usize) -> DeviceError {
	DeviceError::Program { pass, workgroup: None, reason: "because".into() }
}

/// Results of which all words are wrong.
fn lie(task: &Task) -> Result<Finished, DeviceError> {
	let program = Program::decode(&task.code).unwrap();
	let inputs = task.inputs.iter().map(|input| input.bytes().to_vec()).collect();
	let computed = Computed::by_vm(program, &task.parameters, inputs).unwrap();
	fs::create_dir_all(&task.folder).unwrap();
	let mut buffers = BTreeMap::new();
	for slot in computed.summary().written() {
		let mut bytes = computed.buffer(slot.buffer).to_vec();
		bytes.iter_mut().for_each(|byte| *byte ^= 1);
		let path = task.folder.join(slot.buffer.to_string());
		fs::write(&path, &bytes).unwrap();
		let outboard = Outboard::of(&bytes);
		buffers.insert(slot.buffer, Written { path, outboard });
	}
	Ok(Finished { buffers, times: StageTimes::default() })
}

impl Device for Scripted {
	fn info(&self) -> &DeviceInfo {
		&self.info
	}

	fn run(
		&self,
		task: Task,
		_: watch::Sender<Progress>,
		cancel: CancellationToken,
	) -> BoxFuture<'_, Result<Finished, DeviceError>> {
		self.runs.fetch_add(1, Ordering::Relaxed);
		let mode = self.mode;
		Box::pin(async move {
			match mode {
				Mode::Honest => {
					let unseen = watch::channel(Progress::default()).0;
					VmDevice::new().run(task, unseen, cancel).await
				}
				Mode::Liar => lie(&task),
				Mode::Broken => Err(self.suspect(Suspicion::Crashed("signal 11".into()))),
				Mode::Blames => Err(blame(0)),
				Mode::BlamesLate => Err(blame(1)),
				Mode::Endless => {
					// A real device has minutes; a test has not.
					let limit = Duration::from_millis(200);
					tokio::select! {
						() = tokio::time::sleep(limit) => {
							Err(self.suspect(Suspicion::Overrun(task.limit)))
						}
						() = cancel.cancelled() => Err(DeviceError::Cancelled),
					}
				}
			}
		})
	}

	fn check(&self) -> BoxFuture<'_, Result<(), DeviceError>> {
		let mode = self.mode;
		Box::pin(async move {
			match mode {
				Mode::Broken => Err(self.suspect(Suspicion::Crashed("signal 11".into()))),
				_ => Ok(()),
			}
		})
	}
}
