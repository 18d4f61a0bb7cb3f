//! A device that an executor child drives, one child a task.

use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _};
use mutirao_commitment::BufferId;
use mutirao_machine_core::{Program, Summary};
use tokio::{sync::watch, task::spawn_blocking, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
	child::Child,
	device::{Device, DeviceInfo, Finished, Progress, Stage, StageTimes, Task},
	dialogue::{ask, next, start, ProcessOptions},
	executor::Confined,
	output::{load, written_bytes},
	replies::{failed, info, panicked, unexpected},
	wire::{self, FilePath, Reply, Request},
	DeviceError, Suspicion,
};

/// Address space that a software device may take besides four times a task's buffers.
const SOFTWARE_BYTES: u64 = 16 << 30;

/// A device of this machine.
#[derive(Debug)]
pub struct ProcessDevice {
	options: ProcessOptions,
	info: DeviceInfo,
	is_software: bool,
	confined: Confined,
}

impl ProcessDevice {
	/// Finds the adapter and asks what it can do. Whether it is right is asked by
	/// [`conformance::admit`](super::conformance::admit).
	///
	/// # Errors
	///
	/// If there is no such adapter, or its driver fails.
	pub async fn open(options: ProcessOptions) -> Result<Self, DeviceError> {
		let request = Request::Probe { adapter: options.adapter.clone() };
		let (confined, reply) = ask(&options, &options.adapter, request).await?;
		let Reply::Probed(probed) = reply else {
			return Err(unexpected(&options.adapter, &reply));
		};
		if !confined.is_complete() {
			tracing::warn!(
				device = probed.listed.name,
				?confined,
				"executors are not fully confined"
			);
		}
		let is_software = probed.listed.is_software;
		Ok(Self { options, info: info(probed), is_software, confined })
	}

	/// How far its executors confine themselves on this machine.
	pub fn confined(&self) -> &Confined {
		&self.confined
	}

	/// Whether it is no hardware, but a program that computes on the CPU.
	pub fn is_software(&self) -> bool {
		self.is_software
	}

	/// The same device, driven otherwise from now on.
	#[must_use]
	pub fn driven_by(mut self, options: ProcessOptions) -> Self {
		self.options = options;
		self
	}

	/// Notes how fast it is.
	pub(super) fn with_speed(mut self, steps_per_second: u64) -> Self {
		self.info.steps_per_second = Some(steps_per_second).filter(|speed| *speed > 0);
		self
	}

	/// Checks that it computes what the VM computes, with so many random programs among others, and
	/// returns its declared steps of `gemm_i8` per second.
	pub(super) async fn conform(
		&self,
		seeds: u64,
		limit: Duration,
		mut report: impl FnMut(u64, u64),
	) -> Result<u64, DeviceError> {
		let request = Request::Conform { adapter: self.info.name.clone(), seeds };
		let mut child = self.start(request).await?;
		let deadline = Instant::now() + limit;
		let speed = loop {
			match self.next(&mut child, deadline, limit).await? {
				Reply::Checked(done, total) => report(done, total),
				Reply::Conforms { steps_per_second } => break Ok(steps_per_second),
				other => break Err(self.answered(other)),
			}
		};
		child.kill().await;
		speed
	}

	async fn start(&self, request: Request) -> Result<Child, DeviceError> {
		start(&self.options, &self.info.name, request).await.map(|(child, _)| child)
	}

	/// The next reply, within the deadline and before the child counts as stalled.
	async fn next(
		&self,
		child: &mut Child,
		deadline: Instant,
		limit: Duration,
	) -> Result<Reply, DeviceError> {
		next(child, &self.info.name, deadline, limit, self.options.stall).await
	}

	fn answered(&self, reply: Reply) -> DeviceError {
		match reply {
			Reply::Failed(failure) => failed(&self.info.name, failure),
			other => unexpected(&self.info.name, &other),
		}
	}

	async fn run_task(
		&self,
		task: Task,
		progress: watch::Sender<Progress>,
	) -> Result<Finished, DeviceError> {
		let (task, summary, request) = self.prepare(task).await?;
		let deadline = Instant::now() + task.limit;
		let mut child = self.start(request).await?;
		let answer = self.watch(&mut child, deadline, task.limit, &progress).await;
		// Until it has ended, it holds memory of the device.
		child.kill().await;
		let (buffers, times) = answer?;
		self.collect(task, summary, buffers, times).await
	}

	/// Passes progress on until the executor has an answer.
	async fn watch(
		&self,
		child: &mut Child,
		deadline: Instant,
		limit: Duration,
		progress: &watch::Sender<Progress>,
	) -> Result<(Vec<(u32, BufferId)>, StageTimes), DeviceError> {
		loop {
			match self.next(child, deadline, limit).await? {
				Reply::Progress { stage, done, total } => {
					let stage = Stage::from_number(stage);
					progress.send_replace(Progress { stage, done, total });
				}
				Reply::Finished { buffers, nanoseconds } => {
					let [upload, gpu, read_back_and_hash] = nanoseconds.map(Duration::from_nanos);
					let times = StageTimes { upload, gpu, read_back_and_hash };
					return Ok((buffers, times));
				}
				other => return Err(self.answered(other)),
			}
		}
	}

	/// Makes the folder and the request.
	async fn prepare(&self, task: Task) -> Result<(Task, Summary, Request), DeviceError> {
		let (name, place) = (self.info.name.clone(), task.folder.clone());
		let (is_software, fault) = (self.is_software, self.options.fault);
		let prepared = move || {
			let malformed =
				|error: &dyn std::fmt::Display| DeviceError::Malformed(error.to_string());
			let program = Program::decode_known(&task.code).map_err(|error| malformed(&error))?;
			let summary = program.summary(&task.parameters).map_err(|error| malformed(&error))?;
			std::fs::create_dir_all(&task.folder)
				.map_err(DeviceError::local("making the folder", &task.folder))?;
			let folder = std::path::absolute(&task.folder)
				.map_err(DeviceError::local("the folder", &task.folder))?;
			let bytes: u64 = summary.buffer_words.iter().map(|words| 4 * u64::from(*words)).sum();
			let run = wire::Run {
				adapter: name,
				code: task.code.clone(),
				parameters: task.parameters.clone(),
				inputs: task.inputs.iter().map(|input| FilePath::new(input.path())).collect(),
				folder: FilePath::new(&folder),
				address_space: is_software.then(|| bytes.saturating_mul(4) + SOFTWARE_BYTES),
				fault,
			};
			Ok((task, summary, Request::Run(run)))
		};
		spawn_blocking(prepared).await.unwrap_or_else(|error| Err(panicked(&place, error)))
	}

	/// Takes what the executor left, and checks that it is what the program writes.
	async fn collect(
		&self,
		task: Task,
		summary: Summary,
		said: Vec<(u32, BufferId)>,
		times: StageTimes,
	) -> Result<Finished, DeviceError> {
		let (device, place) = (self.info.name.clone(), task.folder.clone());
		let collected = move || {
			let garbage = |text: &str| DeviceError::Suspect {
				device: device.clone(),
				suspicion: Suspicion::Garbage(text.to_owned()),
			};
			if said.len() != written_bytes(&summary).len() {
				return Err(garbage("it wrote other buffers than the program does"));
			}
			let buffers = load(&task.folder, &summary)?;
			let is_said = said.iter().all(|(buffer, id)| {
				let found = usize::try_from(*buffer).ok().and_then(|buffer| buffers.get(&buffer));
				found.is_some_and(|written| written.outboard.id() == *id)
			});
			match is_said {
				true => Ok(Finished { buffers, times }),
				false => Err(garbage("its outboards are not those of the buffers that it names")),
			}
		};
		spawn_blocking(collected).await.unwrap_or_else(|error| Err(panicked(&place, error)))
	}
}

impl Device for ProcessDevice {
	fn info(&self) -> &DeviceInfo {
		&self.info
	}

	fn run(
		&self,
		task: Task,
		progress: watch::Sender<Progress>,
		cancel: CancellationToken,
	) -> BoxFuture<'_, Result<Finished, DeviceError>> {
		async move {
			// The child is killed when its future is dropped.
			tokio::select! {
				biased;
				() = cancel.cancelled() => Err(DeviceError::Cancelled),
				result = self.run_task(task, progress) => result,
			}
		}
		.boxed()
	}

	fn check(&self) -> BoxFuture<'_, Result<(), DeviceError>> {
		async move {
			let request = Request::Check { adapter: self.info.name.clone() };
			match ask(&self.options, &self.info.name, request).await?.1 {
				Reply::Healthy => Ok(()),
				other => Err(self.answered(other)),
			}
		}
		.boxed()
	}
}
