//! Programs, inputs, a store, and a device for the tests.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use mutirao_data::store::{Store, Stored};
use mutirao_kernels::Kernel;
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_prover::{Bytes, Computed};
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use mutirao_worker::gpu::{
	faulty::Misbehaviour, Device, DeviceError, Finished, ProcessDevice, ProcessOptions, Progress,
	Task,
};
use tempfile::TempDir;
use tokio::sync::{watch, Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

/// The worker's program, which is an executor too.
pub(crate) const WORKER: &str = env!("CARGO_BIN_EXE_mutirao-worker");

/// Tests that start executors take turns: they look for their children.
pub(crate) async fn turn() -> MutexGuard<'static, ()> {
	static TURN: Mutex<()> = Mutex::const_new(());
	TURN.lock().await
}

/// A program from its text.
pub(crate) fn program(manifest: &str, source: &str) -> Program {
	let manifest = Manifest::parse(manifest).unwrap();
	let compiled = compile(&manifest, source).unwrap_or_else(|error| panic!("{error}"));
	Program::new(compiled.definition).unwrap()
}

/// A kernel's program.
pub(crate) fn of_kernel(kernel: &Kernel) -> Program {
	program(kernel.manifest, kernel.source)
}

/// One workgroup of 64 invocations; each loops `turns` times in all, in two nested loops.
pub(crate) fn looping(fuel: &str) -> Program {
	let manifest = format!(
		"[program]\nname = \"loops\"\n[parameters]\nturns = {{}}\ngroups = {{ min = 1 }}\n\
		 [buffers]\ny = {{ role = \"output\", words = \"groups * 64\" }}\n\
		 [[passes]]\nentry = \"main\"\nworkgroups = [\"groups\"]\nslice = {{ y = \"64\" }}\n\
		 fuel = \"{fuel}\"\n"
	);
	let source = "struct P { turns: u32 }
		@group(0) @binding(0) var<uniform> p: P;
		@group(0) @binding(1) var<storage, read_write> y: array<u32>;
		@compute @workgroup_size(64)
		fn main(@builtin(global_invocation_id) id: vec3<u32>) {
			var sum = id.x;
			for (var a = 0u; a < p.turns / 100u; a++) {
				for (var b = 0u; b < 100u; b++) { sum = sum * 3u + b; }
			}
			y[id.x] = sum;
		}";
	program(&manifest, source)
}

/// What is attested to: inputs from the store, results from the task's folder.
pub(crate) fn computed(program: Program, task: &Task, finished: &Finished) -> Computed {
	let mut inputs = task.inputs.iter();
	let (mut buffers, mut outboards): (Vec<Bytes>, Vec<_>) = (Vec::new(), Vec::new());
	for index in 0..program.definition().buffers.len() {
		match finished.buffers.get(&index) {
			Some(written) => {
				buffers.push(Box::new(std::fs::read(&written.path).unwrap()));
				outboards.push(written.outboard.clone());
			}
			None => {
				let input = inputs.next().unwrap().clone();
				outboards.push(input.outboard().unwrap().clone());
				buffers.push(Box::new(input));
			}
		}
	}
	Computed::from_parts(program, &task.parameters, buffers, outboards).unwrap()
}

/// A folder with a store in it.
pub(crate) struct World {
	pub(crate) folder: TempDir,
	store: Store,
}

impl World {
	pub(crate) fn new() -> Self {
		let folder = tempfile::tempdir().unwrap();
		let store = Store::open(folder.path().join("store"), 1 << 30).unwrap();
		Self { folder, store }
	}

	/// Where the results of a task go.
	pub(crate) fn results(&self) -> PathBuf {
		self.folder.path().join("work")
	}

	/// A task with inputs that look random.
	pub(crate) fn task(&self, program: &Program, parameters: &[u32]) -> Task {
		let inputs = noise(program, parameters);
		let stored = inputs.iter().map(|bytes| self.stored(bytes)).collect();
		Task {
			code: program.encode(),
			parameters: parameters.to_vec(),
			inputs: stored,
			folder: self.results(),
			name: "test".into(),
			limit: Duration::from_secs(120),
		}
	}

	pub(crate) fn stored(&self, bytes: &[u8]) -> Stored {
		let id = self.store.put(bytes).unwrap();
		self.store.get(&id).unwrap().unwrap()
	}
}

/// Inputs that look random, the same for the same program and parameters.
pub(crate) fn noise(program: &Program, parameters: &[u32]) -> Vec<Vec<u8>> {
	let summary = program.summary(parameters).unwrap();
	let mut random = fastrand::Rng::with_seed(parameters.iter().map(|one| u64::from(*one)).sum());
	let buffers = program.definition().buffers.iter().zip(&summary.buffer_words);
	let inputs = buffers.filter(|(buffer, _)| buffer.role == Role::Input);
	inputs.map(|(_, words)| (0..4 * *words).map(|_| random.u8(..)).collect()).collect()
}

/// The first adapter of this machine, driven by the worker's program.
pub(crate) fn options() -> ProcessOptions {
	ProcessOptions {
		adapter: String::new(),
		program: WORKER.into(),
		stall: Duration::from_secs(60),
		fault: None,
	}
}

/// The same, whose executors misbehave when they get a task.
pub(crate) async fn misbehaving(fault: Misbehaviour, stall: Duration) -> ProcessDevice {
	let options = ProcessOptions { stall, fault: Some(fault), ..options() };
	ProcessDevice::open(options).await.unwrap()
}

pub(crate) async fn device() -> ProcessDevice {
	ProcessDevice::open(options()).await.unwrap()
}

/// Runs a task without watching it.
pub(crate) async fn run(device: &dyn Device, task: Task) -> Result<Finished, DeviceError> {
	device.run(task, watch::channel(Progress::default()).0, CancellationToken::new()).await
}

/// The bytes of everything that a task wrote.
pub(crate) fn bytes(finished: &Finished) -> BTreeMap<usize, Vec<u8>> {
	let buffers = finished.buffers.iter();
	buffers.map(|(index, written)| (*index, std::fs::read(&written.path).unwrap())).collect()
}

/// The processes that this one has started and that are executors.
pub(crate) fn executors() -> Vec<u32> {
	let own = std::process::id().to_string();
	let processes = std::fs::read_dir("/proc").unwrap().flatten();
	let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
	ids.filter(|id| {
		let read = |file: &str| std::fs::read_to_string(format!("/proc/{id}/{file}"));
		let stat = read("stat").unwrap_or_default();
		// After the name in parentheses: the state, then the parent.
		let fields = stat.rsplit(')').next().unwrap_or_default();
		let mut fields = fields.split_whitespace();
		let (state, parent) = (fields.next(), fields.next());
		let is_executor = read("cmdline").is_ok_and(|line| line.contains("\0executor"));
		parent == Some(&own) && state != Some("Z") && is_executor
	})
	.collect()
}

/// Waits until something is so.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
	for _ in 0..400 {
		if condition() {
			return;
		}
		tokio::time::sleep(Duration::from_millis(25)).await;
	}
	panic!("it is not so after ten seconds");
}

/// A device that tests share as the worker does.
pub(crate) fn shared(device: impl Device + 'static) -> Arc<dyn Device> {
	Arc::new(device)
}
