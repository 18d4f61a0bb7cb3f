//! The native VM as a device: slow, always right, and on every machine.

mod buffers;

use std::{
	fs,
	num::NonZero,
	sync::atomic::{AtomicBool, Ordering},
	thread,
	time::Instant,
};

use futures::future::{BoxFuture, FutureExt as _};
use mutirao_machine_core::{run_resolved, ByteBuffers, Program, ResolvedPass, RunError, Summary};
use mutirao_types::Backend;
use tokio::{sync::watch, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::{
	blame::reads_inputs_only,
	device::{Device, DeviceInfo, Finished, Progress, Stage, StageTimes, Task},
	faulty::Lie,
	DeviceError, Suspicion,
};

use self::buffers::{given, save, Bytes};

/// Workgroups that a thread runs before it is asked whether to stop.
const BATCH: u32 = 64;

/// The VM on all processors of this machine. It holds a task's buffers in memory.
#[derive(Debug)]
pub struct VmDevice {
	info: DeviceInfo,
	lie: Option<Lie>,
}

impl Default for VmDevice {
	fn default() -> Self {
		Self::new()
	}
}

impl VmDevice {
	/// The VM, called `vm`.
	pub fn new() -> Self {
		let info = DeviceInfo {
			name: "vm".into(),
			backend: Backend::Other,
			driver: concat!("native VM ", env!("CARGO_PKG_VERSION")).into(),
			memory_mib: 0,
			max_buffer_bytes: 4 * u64::from(u32::MAX),
			loop_limit: None,
			steps_per_second: None,
		};
		Self { info, lie: None }
	}

	/// The same under another name.
	#[must_use]
	pub fn named(mut self, name: &str) -> Self {
		self.info.name = name.into();
		self
	}

	/// The same, known to take so many declared steps per second.
	#[must_use]
	pub fn with_speed(mut self, steps_per_second: u64) -> Self {
		self.info.steps_per_second = Some(steps_per_second);
		self
	}

	/// The same, but it lies: for tests of whoever must find out.
	#[must_use]
	pub fn with_lie(mut self, lie: Lie) -> Self {
		self.lie = Some(lie);
		self
	}
}

impl Device for VmDevice {
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
			// Dropping the future stops the threads, too.
			let stop = cancel.child_token();
			let _guard = stop.clone().drop_guard();
			let device = self.info.name.clone();
			let limit = task.limit;
			let lie = self.lie;
			let work = Work { deadline: Instant::now() + limit, progress, stop, lie };
			let ran = spawn_blocking(move || work.run(&task)).await;
			let suspect =
				|suspicion| Err(DeviceError::Suspect { device: device.clone(), suspicion });
			match ran {
				Ok(Err(Stopped::Overrun)) => suspect(Suspicion::Overrun(limit)),
				Ok(Err(Stopped::Cancelled)) => Err(DeviceError::Cancelled),
				Ok(Err(Stopped::Failed(error))) => Err(error),
				Ok(Ok(finished)) => Ok(finished),
				Err(error) => suspect(Suspicion::Crashed(error.to_string())),
			}
		}
		.boxed()
	}

	fn check(&self) -> BoxFuture<'_, Result<(), DeviceError>> {
		async { Ok(()) }.boxed()
	}
}

/// Why a run has no result.
enum Stopped {
	Overrun,
	Cancelled,
	Failed(DeviceError),
}

impl From<DeviceError> for Stopped {
	fn from(error: DeviceError) -> Self {
		Self::Failed(error)
	}
}

struct Work {
	deadline: Instant,
	progress: watch::Sender<Progress>,
	stop: CancellationToken,
	lie: Option<Lie>,
}

impl Work {
	fn run(&self, task: &Task) -> Result<Finished, Stopped> {
		let malformed = |error: &dyn std::fmt::Display| DeviceError::Malformed(error.to_string());
		let program = Program::decode_known(&task.code).map_err(|error| malformed(&error))?;
		let summary = program.summary(&task.parameters).map_err(|error| malformed(&error))?;
		fs::create_dir_all(&task.folder)
			.map_err(DeviceError::local("making the folder", &task.folder))?;
		let mut buffers = given(&program, &summary, task)?;
		let (mut finished, mut times) = (Finished::default(), StageTimes::default());
		let mut done = 0;
		for pass in &summary.passes {
			let start = Instant::now();
			let mut slices = self.pass(&program, pass, &buffers, (&mut done, &summary))?;
			if let Some(lie) = self.lie {
				lie.tell(pass, summary.passes.len(), &mut slices);
			}
			times.gpu += start.elapsed();
			let start = Instant::now();
			let written = pass.slots.iter().filter(|slot| slot.slice_words.is_some());
			for (slot, bytes) in written.zip(slices) {
				finished.buffers.insert(slot.buffer, save(task, slot.buffer, &bytes)?);
				buffers[slot.buffer] = Bytes::Written(bytes);
			}
			times.read_back_and_hash += start.elapsed();
		}
		finished.times = times;
		Ok(finished)
	}

	/// What a pass writes, by its written slots.
	fn pass(
		&self,
		program: &Program,
		pass: &ResolvedPass,
		buffers: &[Bytes<'_>],
		(done, summary): (&mut u64, &Summary),
	) -> Result<Vec<Vec<u8>>, Stopped> {
		let given: Vec<&[u8]> =
			pass.slots.iter().map(|slot| buffers[slot.buffer].bytes()).collect();
		let written = pass.slots.iter().filter(|slot| slot.slice_words.is_some());
		let mut slices: Vec<Vec<u8>> =
			written.map(|slot| Vec::with_capacity(4 * slot.words as usize)).collect();
		let threads = thread::available_parallelism().map_or(1, NonZero::get) as u32;
		let mut first = 0;
		while first < pass.workgroup_count {
			if self.stop.is_cancelled() {
				return Err(Stopped::Cancelled);
			}
			if Instant::now() > self.deadline {
				return Err(Stopped::Overrun);
			}
			let end = pass.workgroup_count.min(first.saturating_add(threads * BATCH));
			for part in workgroups(program, pass, &given, first, end, threads)? {
				for (slice, part) in slices.iter_mut().zip(part) {
					slice.extend(part);
				}
			}
			*done += u64::from(end - first).saturating_mul(pass.fuel);
			let total = summary.declared_steps;
			self.progress.send_replace(Progress { stage: Stage::Gpu, done: *done, total });
			first = end;
		}
		Ok(slices)
	}
}

/// Runs workgroups on so many threads; what each thread's write, in order.
fn workgroups(
	program: &Program,
	pass: &ResolvedPass,
	given: &[&[u8]],
	first: u32,
	end: u32,
	threads: u32,
) -> Result<Vec<Vec<Vec<u8>>>, DeviceError> {
	let share = (end - first).div_ceil(threads).max(1);
	let bears_faults = !reads_inputs_only(program, pass);
	let failed = AtomicBool::new(false);
	let run = |start: u32| {
		let mut slices = vec![Vec::new(); pass.slots.len()];
		for number in start..end.min(start.saturating_add(share)) {
			if failed.load(Ordering::Relaxed) {
				break;
			}
			let written = match run_resolved(program, pass, number, &ByteBuffers::new(given)) {
				Ok(run) => run.slices,
				Err(RunError::Fault(_)) if bears_faults => void(pass),
				Err(error) => {
					failed.store(true, Ordering::Relaxed);
					return Err((number, error));
				}
			};
			for (slice, words) in slices.iter_mut().zip(&written) {
				slice.extend(words.iter().flat_map(|word| word.to_le_bytes()));
			}
		}
		Ok(slices)
	};
	let ran: Vec<Result<Vec<Vec<u8>>, (u32, RunError)>> = thread::scope(|scope| {
		let starts = (first..end).step_by(share as usize);
		let running: Vec<_> = starts.map(|start| scope.spawn(move || run(start))).collect();
		running.into_iter().filter_map(|thread| thread.join().ok()).collect()
	});
	let parts: Result<Vec<_>, _> = ran.into_iter().collect();
	parts.map_err(|(number, error)| DeviceError::of_run(pass.pass, number, &error))
}

/// What stands for the slices of a workgroup that faults: zeros. Any words would do.
fn void(pass: &ResolvedPass) -> Vec<Vec<u32>> {
	let written = pass.slots.iter().filter_map(|slot| slot.slice_words);
	written.map(|words| vec![0; words as usize]).collect()
}
