//! What proving costs a device, and what exactness does; JSON lines (name, value, unit).
//!
//! For each adapter of this machine, or the one that `MUTIRAO_ADAPTER` names a part of: the largest
//! `gemm_i8` that it does in a minute, as the worker runs it, with all that makes its result provable
//! beside it; then rates of `gemm_i8` and `sha256`, beside those of the same WGSL by plain wgpu.
//! `scripts/bench worker`.

use std::{
	env,
	hint::black_box,
	process::ExitCode,
	time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use mutirao_commitment::Outboard;
use mutirao_data::store::Store;
use mutirao_kernels::by_name;
use mutirao_machine_core::{bytecode::Role, Program};
use mutirao_machine_gpu::{compare_times, Gpu, Job};
use mutirao_machine_prover::{Bytes, Computed};
use mutirao_machine_wgsl::{
	compile::{compile, Compiled},
	manifest::Manifest,
};
use mutirao_types::Workgroup;
use mutirao_worker::{
	benchmark::{size_for, Rate},
	devices,
	gpu::{executor, self_check, Device, Finished, Progress, SelfCheck, StageTimes, Task},
	measure::{measure, Workload, WORKLOADS},
};
use subxt_signer::sr25519::dev;
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::watch};
use tokio_util::sync::CancellationToken;

/// The device's time for the job whose proof is measured.
const LONG: Duration = Duration::from_secs(60);
/// The device's time for a run that is compared with plain wgpu: a screen's driver kills longer ones.
const SHORT: Duration = Duration::from_millis(400);
/// Runs each way; the fastest counts.
const RUNS: u32 = 3;
/// Workgroups that a buyer has drawn, unless it says otherwise.
const AUDITS: u32 = 4;
/// The kernel whose proofs are measured.
const GEMM: &str = "gemm_i8";
/// Bytes of a record that is hashed.
const RECORD_BYTES: u32 = 1_024;

fn main() -> ExitCode {
	// This program drives devices as the worker does: in children that are the same program.
	if env::args().nth(1).is_some_and(|argument| argument == executor::SUBCOMMAND) {
		return executor::main();
	}
	match Runtime::new().map_err(Into::into).and_then(|runtime| runtime.block_on(figures())) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("device_figures: {error:#}");
			ExitCode::FAILURE
		}
	}
}

async fn figures() -> Result<()> {
	let wanted = env::var("MUTIRAO_ADAPTER").unwrap_or_default().to_lowercase();
	let mut adapters = devices::list().await?;
	adapters.retain(|one| one.name.to_lowercase().contains(&wanted));
	anyhow::ensure!(!adapters.is_empty(), "there is no adapter: is a Vulkan driver installed?");
	for adapter in &adapters {
		eprintln!("{} ({})", adapter.name, adapter.driver);
		let folder = tempfile::tempdir()?;
		let opened = devices::open(&adapter.name).await?;
		let prefix = format!("worker/{}", slug(&adapter.name));
		proving(&prefix, &*opened.device, &folder).await?;
		rates(&prefix, &adapter.name, &*opened.device, &folder).await?;
	}
	signing();
	Ok(())
}

/// An adapter's name as a part of a figure's name.
fn slug(name: &str) -> String {
	let words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
	let words: Vec<_> = words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
	words.join("-")
}

/// Parameters of a catalogue's kernel that [`WORKLOADS`] measures, for a size of it.
fn parameters(kernel: &str, size: u32) -> Vec<u32> {
	match kernel {
		"sha256" => vec![size, RECORD_BYTES],
		_ => vec![16 * size, 2_048, 2_048],
	}
}

fn workload(kernel: &str) -> Result<Workload> {
	WORKLOADS.into_iter().find(|one| one.kernel == kernel).context("no such workload")
}

fn compiled(kernel: &str) -> Result<(Program, Compiled)> {
	let kernel = by_name(kernel).context("it is not in the catalogue")?;
	let compiled = compile(&Manifest::parse(kernel.manifest)?, kernel.source)?;
	Ok((Program::new(compiled.definition.clone())?, compiled))
}

/// Inputs that no device can shorten.
fn noise(program: &Program, parameters: &[u32]) -> Result<Vec<Vec<u8>>> {
	let words = program.summary(parameters)?.buffer_words;
	let buffers = program.definition().buffers.iter().zip(words);
	let mut random = fastrand::Rng::with_seed(7);
	let inputs = buffers.filter(|(buffer, _)| buffer.role == Role::Input).map(|(_, words)| {
		let mut bytes = vec![0; 4 * words as usize];
		random.fill(&mut bytes);
		bytes
	});
	Ok(inputs.collect())
}

/// The size of a kernel for which a device computes nearly so long, or the largest.
async fn size(kernel: &str, device: &dyn Device, folder: &TempDir, time: Duration) -> Result<u32> {
	let measured = measure(device, &workload(kernel)?, folder.path(), |_| {}).await?;
	// What a run takes besides computing is not the device's time.
	let rate = Rate { start: Duration::ZERO, ..measured.rate };
	let (program, _) = compiled(kernel)?;
	let mut most = 1 << 19;
	while most > 1 && steps_if_it_fits(&program, &parameters(kernel, most), device).is_none() {
		most /= 2;
	}
	Ok(size_for(rate, time, most))
}

/// Declared steps of a job; `None` if its parameters or its buffers are too large.
fn steps_if_it_fits(program: &Program, parameters: &[u32], device: &dyn Device) -> Option<u64> {
	let summary = program.summary(parameters).ok()?;
	let longest = summary.buffer_words.iter().max()?;
	let fits = 4 * u64::from(*longest) <= device.info().max_buffer_bytes;
	fits.then_some(summary.declared_steps)
}

/// The largest product of square matrices that a device computes in a time; its parameters.
async fn largest(device: &dyn Device, folder: &TempDir, time: Duration) -> Result<Vec<u32>> {
	let measured = measure(device, &workload(GEMM)?, folder.path(), |_| {}).await?;
	let most = (measured.steps_per_second() * time.as_secs_f64()) as u64;
	let (program, _) = compiled(GEMM)?;
	let takes = |side: &u32| {
		let steps = steps_if_it_fits(&program, &[*side; 3], device);
		steps.is_some_and(|steps| steps <= most)
	};
	// The kernel takes sides in sixteens.
	let side = (1..).map(|tiles| 16 * tiles).take_while(takes).last();
	Ok(vec![side.context("not even the smallest product fits")?; 3])
}

/// A job that a device computed, how long its stages took, and how long hashing its results takes.
struct Done {
	computed: Computed,
	times: StageTimes,
	hashing: Duration,
}

/// Computes a job as the worker does.
async fn compute(
	device: &dyn Device,
	program: Program,
	parameters: &[u32],
	folder: &TempDir,
) -> Result<Done> {
	let store = Store::open(folder.path().join("store"), u64::MAX)?;
	let mut all = Vec::new();
	for bytes in noise(&program, parameters)? {
		let id = store.put(&bytes)?;
		all.extend(store.get(&id)?);
	}
	let task = Task {
		code: program.encode(),
		parameters: parameters.to_vec(),
		inputs: all.clone(),
		folder: folder.path().join("results"),
		name: "the long job".into(),
		limit: 10 * LONG,
	};
	let progress = watch::channel(Progress::default()).0;
	let Finished { buffers, times } = device.run(task, progress, CancellationToken::new()).await?;
	// The kernel declares its inputs first.
	for written in buffers.into_values() {
		all.push(store.adopt(&written.path, written.outboard)?);
	}
	let (mut buffers, mut outboards, mut hashing): (Vec<Bytes>, _, _) =
		(Vec::new(), Vec::new(), Duration::ZERO);
	for stored in all {
		outboards.push(stored.outboard()?.clone());
		let start = Instant::now();
		black_box(Outboard::of(stored.bytes()));
		hashing += start.elapsed();
		buffers.push(Box::new(stored));
	}
	let computed = Computed::from_parts(program, parameters, buffers, outboards)?;
	Ok(Done { computed, times, hashing })
}

/// A long job, and all that makes its result provable.
async fn proving(prefix: &str, device: &dyn Device, folder: &TempDir) -> Result<()> {
	let parameters = largest(device, folder, LONG).await?;
	let (program, _) = compiled(GEMM)?;
	let Done { computed, times, hashing } = compute(device, program, &parameters, folder).await?;
	let start = Instant::now();
	let checked = self_check(&computed, &SelfCheck::default(), fastrand::u64(..))?;
	let checking = start.elapsed();
	anyhow::ensure!(checked.is_right(), "the device is wrong: {:?}", checked.wrong());
	let start = Instant::now();
	witnesses(&computed)?;
	let witnessing = start.elapsed();

	let name = |part: &str| format!("{prefix}/{GEMM}/{part}");
	figure(&name("sides_of_matrices"), f64::from(parameters[0]), "elements");
	for (part, time) in [
		("upload", times.upload),
		("gpu", times.gpu),
		("read_back_and_hash", times.read_back_and_hash),
		("hash_on_one_core", hashing),
		("self_check", checking),
		("witnesses", witnessing),
	] {
		figure(&name(part), time.as_secs_f64(), "s");
	}
	let proving = (hashing + checking + witnessing).as_secs_f64();
	figure(&name("proving_share_of_gpu_time"), 100.0 * proving / times.gpu.as_secs_f64(), "%");
	Ok(())
}

/// Builds what is shown when as many workgroups are drawn as a buyer has drawn by default.
fn witnesses(computed: &Computed) -> Result<()> {
	let workgroups = computed.summary().passes[0].workgroup_count;
	for _ in 0..AUDITS {
		let workgroup = Workgroup { pass: 0, number: fastrand::u32(..workgroups) };
		black_box(computed.witness(workgroup)?);
	}
	Ok(())
}

/// The lowered kernels beside the author's WGSL, both by wgpu in this process.
async fn rates(prefix: &str, adapter: &str, device: &dyn Device, folder: &TempDir) -> Result<()> {
	let gpu = Gpu::open(Some(adapter))?;
	for kernel in [GEMM, "sha256"] {
		let parameters = parameters(kernel, size(kernel, device, folder, SHORT).await?);
		let (program, compiled) = compiled(kernel)?;
		let inputs = noise(&program, &parameters)?;
		let job = Job::new(&program, &parameters, inputs.iter().map(Vec::as_slice).collect())?;
		let source = by_name(kernel).context("it is in the catalogue")?.source;
		let times = compare_times(&gpu, &job, source, &compiled.source_passes, RUNS)?;
		let numbers = parameters.iter().map(|number| f64::from(*number));
		let (work, unit) = match kernel {
			"sha256" => (numbers.product::<f64>() / 1e6, "MB/s"),
			// A product and a sum for each element of both matrices that meet.
			_ => (2.0 * numbers.product::<f64>() / 1e9, "billion int8 operations/s"),
		};
		let rate = |time: Duration| work / time.as_secs_f64();
		figure(&format!("{prefix}/{kernel}/rate"), rate(times.lowered), unit);
		figure(&format!("{prefix}/{kernel}/rate_by_plain_wgpu"), rate(times.as_written), unit);
		figure(&format!("{prefix}/{kernel}/rate_beside_plain_wgpu"), 1.0 / times.ratio(), "ratio");
	}
	Ok(())
}

/// Signing a call, of which sending takes nearly all of the time.
fn signing() {
	let (key, call, times) = (dev::alice(), [7_u8; 256], 1_000);
	let start = Instant::now();
	for _ in 0..times {
		black_box(key.sign(&call));
	}
	let each = start.elapsed().as_secs_f64() / f64::from(times);
	figure("worker/signature", each * 1e6, "us");
}

fn figure(name: &str, value: f64, unit: &str) {
	println!("{}", serde_json::json!({ "name": name, "value": value, "unit": unit }));
}
