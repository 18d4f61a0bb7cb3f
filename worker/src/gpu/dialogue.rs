//! Questions to executors, and how they are started.

use std::{
	io,
	path::{Path, PathBuf},
	time::Duration,
};

use mutirao_machine_gpu::AdapterSummary;
use tokio::time::Instant;

use super::{
	child::Child,
	executor::Confined,
	replies::{failed, suspect, unexpected},
	wire::{Misbehaviour, Reply, Request},
	DeviceError, Suspicion,
};

/// How long a health check, or opening a device, may take.
const CHECK_LIMIT: Duration = Duration::from_secs(60);
/// How long an executor may say nothing, unless the options tell otherwise. The device says something
/// after each dispatch of a quarter of a second; compiling a large program takes longest.
const STALL: Duration = Duration::from_secs(120);
/// How a device is driven.
#[derive(Clone, Debug)]
pub struct ProcessOptions {
	/// The adapter's name, or a part of it that no other has.
	pub adapter: String,
	/// The program that is an executor when it is called with [`SUBCOMMAND`](super::executor::SUBCOMMAND).
	pub program: PathBuf,
	/// After so long without a word, an executor is killed.
	pub stall: Duration,
	/// How executors misbehave when they get a task: for tests.
	pub fault: Option<Misbehaviour>,
}

impl ProcessOptions {
	/// This program drives the adapter.
	///
	/// # Errors
	///
	/// If the system does not say which program this is.
	pub fn new(adapter: impl Into<String>) -> io::Result<Self> {
		let program = std::env::current_exe()?;
		Ok(Self { adapter: adapter.into(), program, stall: STALL, fault: None })
	}
}

/// An adapter that an executor found.
#[derive(Clone, Debug, Eq, PartialEq, codec::Decode, codec::Encode)]
pub struct Listed {
	/// Its name, unique on this machine.
	pub name: String,
	/// `vulkan`, `metal`, ...
	pub backend: String,
	/// The driver and its version.
	pub driver: String,
	/// Whether it is no hardware, but a program that computes on the CPU.
	pub is_software: bool,
	/// Its memory in bytes; `None` if that cannot be told.
	pub memory_bytes: Option<u64>,
	/// The longest buffer that it binds, in bytes.
	pub max_buffer_bytes: u64,
}

impl Listed {
	pub(super) fn of(adapter: &AdapterSummary) -> Self {
		Self {
			name: adapter.id.clone(),
			backend: adapter.backend.clone(),
			driver: adapter.driver.clone(),
			is_software: adapter.is_software(),
			memory_bytes: adapter.memory_bytes,
			max_buffer_bytes: adapter.max_buffer_bytes,
		}
	}
}

/// All adapters of this machine; hardware first. Drivers are loaded in a child process only.
///
/// # Errors
///
/// If the child does not answer.
pub async fn list(program: &Path) -> Result<Vec<Listed>, DeviceError> {
	let options = ProcessOptions {
		adapter: "the adapters".into(),
		program: program.to_owned(),
		stall: CHECK_LIMIT,
		fault: None,
	};
	match ask(&options, &options.adapter, Request::List).await?.1 {
		Reply::Listed(adapters) => Ok(adapters),
		other => Err(unexpected(&options.adapter, &other)),
	}
}

/// Starts a child with a request, and waits until it has confined itself.
pub(super) async fn start(
	options: &ProcessOptions,
	device: &str,
	request: Request,
) -> Result<(Child, Confined), DeviceError> {
	let mut child = Child::start(&options.program)
		.map_err(DeviceError::local("starting an executor", &options.program))?;
	if let Err(gone) = child.say(&request).await {
		return Err(suspect(device, child.why(gone).await));
	}
	let deadline = Instant::now() + CHECK_LIMIT;
	match next(&mut child, device, deadline, CHECK_LIMIT, CHECK_LIMIT).await? {
		Reply::Confined(confined) => Ok((child, confined)),
		other => Err(unexpected(device, &other)),
	}
}

/// Asks what is answered at once.
pub(super) async fn ask(
	options: &ProcessOptions,
	device: &str,
	request: Request,
) -> Result<(Confined, Reply), DeviceError> {
	let (mut child, confined) = start(options, device, request).await?;
	let deadline = Instant::now() + CHECK_LIMIT;
	let reply = next(&mut child, device, deadline, CHECK_LIMIT, CHECK_LIMIT).await?;
	// Until it has ended, it holds memory of the device.
	child.kill().await;
	match reply {
		Reply::Failed(failure) => Err(failed(device, failure)),
		reply => Ok((confined, reply)),
	}
}

pub(super) async fn next(
	child: &mut Child,
	device: &str,
	deadline: Instant,
	limit: Duration,
	stall: Duration,
) -> Result<Reply, DeviceError> {
	let stalls_at = Instant::now() + stall;
	let suspicion = match tokio::time::timeout_at(deadline.min(stalls_at), child.hear()).await {
		Ok(Ok(reply)) => return Ok(reply),
		Ok(Err(gone)) => child.why(gone).await,
		Err(_) if stalls_at < deadline => Suspicion::Stalled(stall),
		Err(_) => Suspicion::Overrun(limit),
	};
	child.kill().await;
	Err(suspect(device, suspicion))
}
