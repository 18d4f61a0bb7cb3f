//! Runs many random programs on every executor; see `scripts/differential`.

use std::{
	path::PathBuf,
	process::ExitCode,
	sync::{
		atomic::{AtomicBool, AtomicU64, Ordering},
		Mutex,
	},
	time::{Duration, Instant},
};

use anyhow::{ensure, Result};
use clap::Parser;
use mutirao_machine_differential::{Block, Executors, Journal, BLOCK_SEEDS};
use mutirao_machine_gpu::Gpu;

/// Runs random programs on the VM natively, on the VM as WASM, and on a GPU, and compares.
#[derive(Parser)]
struct Arguments {
	/// The first program.
	#[arg(long, default_value_t = 0)]
	seed: u64,
	/// How many.
	#[arg(long, default_value_t = 1_000_000)]
	count: u64,
	/// How many at once.
	#[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=256))]
	jobs: u32,
	/// Compare the two VMs only, which is much faster.
	#[arg(long)]
	no_gpu: bool,
	/// Part of the adapter's name; without it, the first, hardware before software.
	#[arg(long, env = "MUTIRAO_ADAPTER")]
	adapter: Option<String>,
	/// Remembers finished blocks, so that a stopped run goes on where it was.
	#[arg(long, value_name = "FILE")]
	journal: Option<PathBuf>,
}

/// Between two lines about progress.
const QUIET: Duration = Duration::from_secs(60);

fn main() -> Result<ExitCode> {
	let arguments = Arguments::parse();
	let gpu = match arguments.no_gpu {
		true => None,
		false => Some(Gpu::open(arguments.adapter.as_deref())?),
	};
	let names = Executors::names(gpu.as_ref());
	let (first, count) = (arguments.seed, arguments.count);
	// Blocks of one journal must not overlap.
	ensure!(first.is_multiple_of(BLOCK_SEEDS), "--seed must be a multiple of {BLOCK_SEEDS}");
	let journal = Mutex::new(Journal::open(arguments.journal.as_deref(), &names)?);
	let start = Instant::now();
	let (next, is_failed) = (AtomicU64::new(0), AtomicBool::new(false));
	let told = Mutex::new(start);
	let work = || -> Result<()> {
		let mut executors = Executors::new(gpu.as_ref())?;
		while !is_failed.load(Ordering::Relaxed) {
			let offset = next.fetch_add(BLOCK_SEEDS, Ordering::Relaxed);
			if offset >= count {
				break;
			}
			let (seed, seeds) = (first + offset, BLOCK_SEEDS.min(count - offset));
			if lock(&journal).has(seed, seeds) {
				continue;
			}
			let block = Block::run(&names, &mut executors, seed, seeds)?;
			let mut journal = lock(&journal);
			journal.push(block)?;
			let mut told = lock(&told);
			if told.elapsed() > QUIET {
				*told = Instant::now();
				let sum = journal.sum(&names, first, count);
				eprintln!("differential: {} of {count}, {} differ", sum.count, sum.different.len());
			}
		}
		Ok(())
	};
	let stopping = || work().inspect_err(|_| is_failed.store(true, Ordering::Relaxed));
	std::thread::scope(|scope| -> Result<()> {
		let threads: Vec<_> = (0..arguments.jobs).map(|_| scope.spawn(stopping)).collect();
		threads.into_iter().try_for_each(|thread| {
			thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
		})
	})?;
	let sum = lock(&journal).sum(&names, first, count);
	eprintln!("differential: {:.0} s", start.elapsed().as_secs_f64());
	println!("{}", serde_json::to_string(&sum)?);
	Ok(ExitCode::from(u8::from(!sum.different.is_empty())))
}

/// A panic of another thread is reported when that thread is joined.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
