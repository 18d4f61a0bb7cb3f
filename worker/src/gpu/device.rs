//! What a device is asked and what it answers.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use futures::future::BoxFuture;
use mutirao_commitment::Outboard;
use mutirao_data::store::Stored;
use mutirao_types::Backend;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::DeviceError;

/// A program with all that it takes to run it.
#[derive(Clone)]
pub struct Task {
	/// The encoded program.
	pub code: Vec<u8>,
	/// Its parameters.
	pub parameters: Vec<u32>,
	/// Its input buffers, in the order in which it declares them.
	pub inputs: Vec<Stored>,
	/// Where the results go. The folder is made if it is not there; files in it are overwritten.
	pub folder: PathBuf,
	/// What logs call the task, such as `job 41`.
	pub name: String,
	/// The most time that it may take, from the moment it has the device. After that it is killed.
	pub limit: Duration,
}

/// Where a task is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stage {
	/// The device is opened and the program compiled for it. Nothing is counted.
	#[default]
	Start,
	/// Inputs are copied to the device; counted in bytes.
	Upload,
	/// The device computes; counted in declared steps.
	Gpu,
	/// Results are copied back, hashed and written; counted in bytes.
	ReadBack,
}

impl Stage {
	const ALL: [Self; 4] = [Self::Start, Self::Upload, Self::Gpu, Self::ReadBack];

	pub(super) fn number(self) -> u8 {
		self as u8
	}

	pub(super) fn from_number(number: u8) -> Self {
		Self::ALL.get(usize::from(number)).copied().unwrap_or_default()
	}
}

/// How far a task is. Stages may alternate: each pass uploads what it needs, computes, and is read
/// back.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
	/// What is being done.
	pub stage: Stage,
	/// How much of it is done, over all passes.
	pub done: u64,
	/// How much there is, over all passes.
	pub total: u64,
}

/// A buffer that a task wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
	/// The file that holds its bytes, and nothing else.
	pub path: PathBuf,
	/// Its name and what it takes to open its chunks. Its length was checked against the program's;
	/// that file and hash belong together was not.
	pub outboard: Outboard,
}

/// How long the stages of a task took.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StageTimes {
	/// Copying inputs to the device.
	pub upload: Duration,
	/// Computing, the waiting for it included.
	pub gpu: Duration,
	/// Copying results back, hashing and writing them, which overlap.
	pub read_back_and_hash: Duration,
}

/// What a task leaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finished {
	/// Every buffer that a pass writes, intermediate ones too, by its index in the program.
	pub buffers: BTreeMap<usize, Written>,
	/// How long it took.
	pub times: StageTimes,
}

/// What is known of a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeviceInfo {
	/// The adapter's name, unique on this machine and the same after a restart.
	pub name: String,
	/// How it is driven.
	pub backend: Backend,
	/// The driver and its version.
	pub driver: String,
	/// Memory for buffers, in MiB; 0 if that cannot be told.
	pub memory_mib: u32,
	/// The longest buffer that it takes, in bytes.
	pub max_buffer_bytes: u64,
	/// How many iterations, over all its loops, an invocation may make; `None` if no limit was met.
	pub loop_limit: Option<u32>,
	/// Declared steps per second for `gemm_i8`, measured when its conformance was checked.
	pub steps_per_second: Option<u64>,
}

/// Something that runs programs.
pub trait Device: Send + Sync {
	/// What is known of it.
	fn info(&self) -> &DeviceInfo;

	/// Runs a task. Dropping the future, or `cancel`, stops it; the folder may then hold any part of
	/// the result.
	fn run(
		&self,
		task: Task,
		progress: watch::Sender<Progress>,
		cancel: CancellationToken,
	) -> BoxFuture<'_, Result<Finished, DeviceError>>;

	/// Whether it still computes: a small known computation, seconds at most.
	fn check(&self) -> BoxFuture<'_, Result<(), DeviceError>>;
}
