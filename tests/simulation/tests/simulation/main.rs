//! The worker against the real runtime, with everything that goes wrong on a real chain. No schedule
//! costs an honest worker its stake.
//!
//! The chain is the runtime itself, run natively (`network`); the worker is the real one, over a line
//! that breaks (`account`, `line`, `reads`, `wire`); a schedule follows from its seed (`schedule`,
//! `weather`, `buyer`), and what must hold at its end is in `checks`.
//!
//! Bounds within which an honest worker keeps its stake: a call meets at most three faults in a row; no
//! node answers, the worker's node does not follow, or its machine is off, for at most 8 blocks at a
//! time, with 30 blocks between; once in a schedule no node answers for 60 blocks; a worker that was
//! killed at a fault point is up again after 3 blocks, and lives for 10; a job leaves 200 blocks or more
//! to attest it. The chain's clock jumps by up to an
//! hour while no block is made. The worker's own clock has no part in it: deadlines are in blocks.

#[path = "../../../../runtime/tests/runtime/chain.rs"]
#[allow(dead_code)] // Shared with the runtime's tests, as is what follows.
mod chain;
#[path = "../../../../runtime/tests/runtime/invariants.rs"]
mod invariants;
#[path = "../../../../runtime/tests/runtime/market/world.rs"]
#[allow(dead_code)]
mod world;

mod account;
mod buyer;
mod checks;
mod line;
mod market;
mod network;
mod provider;
mod reads;
mod schedule;
mod weather;
mod wire;

use checks::{check, Tally};
use schedule::{Simulation, Weather};
use std::{
	sync::{
		atomic::{AtomicU64, Ordering},
		Mutex,
	},
	thread,
	time::Instant,
};

/// Seeds in `cargo test`: about a minute's.
const SEEDS: u64 = 350;
/// More blocks than any schedule needs.
const MOST_TICKS: usize = 3_000;
/// The same for what is left to do once all jobs are over.
const LAST_TICKS: usize = 150;

/// Lets a schedule run to its end, and the worker tidy up.
async fn simulate(seed: u64, weather: Weather) -> Tally {
	let mut simulation = Simulation::new(seed, weather);
	let mut ticks = 0;
	while !simulation.is_over() {
		simulation.tick().await;
		ticks += 1;
		assert!(ticks < MOST_TICKS, "seed {seed}: {:?} do not end", simulation.jobs);
	}
	simulation.calm_down().await;
	for _ in 0..LAST_TICKS {
		simulation.tick().await;
		if is_tidy(&simulation) {
			break;
		}
	}
	assert!(is_tidy(&simulation), "seed {seed}: the worker keeps something");
	check(&simulation)
}

/// Whether nothing is kept for any job.
fn is_tidy(simulation: &Simulation) -> bool {
	let Some(running) = &simulation.running else { return false };
	let records = running.journal.records().expect("the journal is readable");
	records.is_empty() && running.worker.is_idle() && simulation.disk.store().owners().is_empty()
}

fn run(seed: u64, weather: Weather) -> Tally {
	// One thread for what blocks: what was begun first ends first, so that a seed mostly goes the same
	// way again.
	let runtime =
		tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(1).build();
	runtime.expect("a runtime can be made").block_on(simulate(seed, weather))
}

/// Runs seeds on all processors.
fn run_all(first: u64, count: u64) -> Tally {
	let (next, sum) = (AtomicU64::new(first), Mutex::new(Tally::default()));
	let threads = thread::available_parallelism().map_or(1, usize::from);
	thread::scope(|scope| {
		for _ in 0..threads {
			scope.spawn(|| loop {
				let seed = next.fetch_add(1, Ordering::Relaxed);
				if seed >= first + count {
					return;
				}
				let tally = run(seed, Weather::Rough);
				*sum.lock().expect("no thread failed") += tally;
			});
		}
	});
	sum.into_inner().expect("no thread failed")
}

fn number(name: &str, default: u64) -> u64 {
	match std::env::var(name) {
		Ok(text) => text.parse().expect("a number"),
		Err(_) => default,
	}
}

#[test]
fn no_schedule_costs_an_honest_worker_its_stake() {
	let (first, count) = (number("SIMULATION_FIRST", 0), number("SIMULATION_SEEDS", SEEDS));
	let start = Instant::now();
	let tally = run_all(first, count);
	println!("seeds {first} to {}: {tally:?}, in {:?}", first + count - 1, start.elapsed());
	if count >= SEEDS {
		let count = count as usize;
		assert!(tally.settled > count, "most jobs are done: {tally:?}");
		assert!(tally.faulted > count / 16, "buyers' faults cost no stake: {tally:?}");
		assert!(tally.kills > count && tally.faults > 10 * count, "much goes wrong: {tally:?}");
		assert!(tally.forks > count / 4 && tally.demands > count / 4, "{tally:?}");
		assert!(tally.safe_modes > count && tally.losses > count / 8, "{tally:?}");
		assert!(3 * tally.sent_in_safe_mode <= tally.safe_modes, "calls wait: {tally:?}");
	}
}

#[test]
fn where_nothing_goes_wrong_nothing_is_sent_twice() {
	for seed in 0..3 {
		let tally = run(seed, Weather::Calm);
		assert_eq!((tally.expired, tally.kills, tally.faults), (0, 0, 0), "seed {seed}");
		assert!(tally.settled > 0 && tally.sent_again == 0, "seed {seed}: {tally:?}");
	}
}
