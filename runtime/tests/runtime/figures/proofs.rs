//! What proofs cost: openings of every kernel, jobs of them, and the chain's part of a long job.

use super::{base, block_micros, micros, print};
use crate::market::{World, SAMPLES};
use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;
use mutirao_machine_prover::Computed;
use mutirao_machine_wasm::{request, Guest};
use mutirao_runtime::{Runtime, RuntimeCall};
use mutirao_types::{Steps, Workgroup};
use pallet_attestations::{
	draw::{samples, seed, Pass},
	WeightInfo as _,
};
use std::time::Instant;

type AttestationsWeight = <Runtime as pallet_attestations::Config>::WeightInfo;

/// How long a device computes the long job, in seconds.
const GPU_SECONDS: f64 = 10.0;
/// Steps a second of the devices that compute it: lavapipe on two cores, which docs/performance.md
/// has, and the fastest device that docs/protocol/benchmarks.md reckons with.
const RATES: &str = "5e9 1e13";
/// Draws whose mean is a job's cost.
const DRAWS: u64 = 25;
/// Runs of which the median is measured, and re-executions in each.
const RUNS: usize = 9;
const REPETITIONS: u32 = 5;

/// What one opening is made of.
#[derive(Clone, Copy, Default)]
struct Opening {
	/// Encoded bytes of its witness.
	bytes: f64,
	chunks: f64,
	siblings: f64,
	/// Steps that its workgroup declares.
	steps: f64,
	micros: f64,
}

impl Opening {
	fn of(work: &Computed, workgroup: Workgroup) -> Self {
		let (witness, steps) = work.witness(workgroup).unwrap();
		let openings = || witness.reads.iter().flatten().chain(&witness.slices);
		let chunks: usize = openings().map(|opening| opening.chunks.len()).sum();
		let siblings: usize = openings().map(|opening| opening.siblings.len()).sum();
		let bytes = witness.encoded_size();
		let call = pallet_attestations::Call::open { job: 0, sample: 0, steps, witness };
		let weight = RuntimeCall::from(call).get_dispatch_info().call_weight + base();
		Self {
			bytes: bytes as f64,
			chunks: chunks as f64,
			siblings: siblings as f64,
			steps: steps as f64,
			micros: micros(weight),
		}
	}

	/// The mean for workgroups that the chain draws, over many draws.
	fn mean(work: &Computed) -> Self {
		let passes: Vec<Pass> = work.summary().passes.iter().map(pass).collect();
		let drawn = (0..DRAWS)
			.flat_map(|job| samples(&seed(&[[7; 32]; 8], job, &[0; 32]), SAMPLES, &passes));
		let openings: Vec<Self> = drawn.map(|workgroup| Self::of(work, workgroup)).collect();
		let mean =
			|part: fn(&Self) -> f64| openings.iter().map(part).sum::<f64>() / openings.len() as f64;
		Self {
			bytes: mean(|opening| opening.bytes),
			chunks: mean(|opening| opening.chunks),
			siblings: mean(|opening| opening.siblings),
			steps: mean(|opening| opening.steps),
			micros: mean(|opening| opening.micros),
		}
	}

	/// The same in a job that has so many times as many workgroups: trees are deeper, and each chunk may
	/// need a sibling more for each level.
	fn in_larger_job(self, times: f64) -> Self {
		let levels = times.max(1.0).log2().ceil();
		let siblings = levels * self.chunks;
		let of_siblings = |count: f64| micros(AttestationsWeight::verify_siblings(count as u32));
		Self {
			bytes: self.bytes + 32.0 * siblings,
			siblings: self.siblings + siblings,
			micros: self.micros + of_siblings(siblings) - of_siblings(0.0),
			..self
		}
	}
}

fn pass(pass: &mutirao_machine_core::ResolvedPass) -> Pass {
	Pass { workgroups: pass.workgroup_count, steps: pass.fuel }
}

/// How long the VM as WASM takes for a workgroup, in milliseconds, and the steps that it takes.
fn reexecution(
	guest: &mut Guest,
	world: &World,
	work: &Computed,
	workgroup: Workgroup,
) -> (f64, Steps) {
	let pass = &work.summary().passes[usize::from(workgroup.pass)];
	let slots: Vec<&[u8]> = pass.slots.iter().map(|slot| work.buffer(slot.buffer)).collect();
	let request = request(&world.program, &world.parameters, pass, workgroup.number, &slots);
	let mut time = |runs| {
		let start = Instant::now();
		let steps = guest.repeat(&request, runs).expect("no trap");
		(start.elapsed().as_secs_f64() * 1e3, steps)
	};
	// What comes before the first run, decoding above all, is in both and falls out.
	let (_, steps) = time(1);
	let mut taken: Vec<f64> =
		(0..RUNS).map(|_| (time(1 + REPETITIONS).0 - time(1).0) / f64::from(REPETITIONS)).collect();
	taken.sort_by(f64::total_cmp);
	(taken[RUNS / 2], steps)
}

/// The last of a kernel's examples.
fn example(kernel: &mutirao_kernels::Kernel) -> World {
	World::with(kernel.name, kernel.examples[kernel.examples.len() - 1])
}

/// Openings of the largest workgroups: the weight that is charged beside the time that the VM takes.
#[test]
fn openings() {
	let block = block_micros();
	let mut guest = Guest::new().expect("the guest starts");
	for kernel in &mutirao_kernels::KERNELS {
		let world = example(kernel);
		let work = world.work(1);
		let passes = work.summary().passes.iter().zip(0u16..);
		let (largest, index) = passes.max_by_key(|(pass, _)| pass.fuel).unwrap();
		let workgroup = Workgroup { pass: index, number: 0 };
		let opening = Opening::of(&work, workgroup);
		let (measured, taken) = reexecution(&mut guest, &world, &work, workgroup);
		let kilosteps = largest.fuel.div_ceil(1_000) as u32;
		let charged = micros(AttestationsWeight::execute_kilosteps(kilosteps)) / 1e3;

		let print = |what: &str, value: f64, unit: &str| {
			print(&format!("{} opening: {what}", kernel.name), value, unit);
		};
		print("declared steps", opening.steps, "steps");
		print("steps taken", taken as f64, "steps");
		print("witness", opening.bytes, "bytes");
		print("chunks", opening.chunks, "chunks");
		print("siblings", opening.siblings, "siblings");
		print("weight", opening.micros / 1e3, "ms");
		print("weight of the re-execution", charged, "ms");
		print("re-execution by the VM as WASM", measured, "ms");
		print("share of a block", 100.0 * opening.micros / block, "%");
		print("in a block", (block / opening.micros).floor(), "openings");
		let name = kernel.name;
		assert!(taken <= largest.fuel, "{name}: took {taken} of {} steps", largest.fuel);
		assert!(opening.micros < block / 4.0, "{name}: an opening takes {} us", opening.micros);
	}
}

/// All openings of a job, and what part they are of a job that a device computes for ten seconds.
#[test]
fn jobs() {
	let rates = std::env::var("MUTIRAO_STEPS_PER_SECOND").unwrap_or_else(|_| RATES.into());
	let rates: Vec<f64> = rates
		.split_whitespace()
		.map(|rate| {
			rate.parse().expect("MUTIRAO_STEPS_PER_SECOND has numbers, with spaces between")
		})
		.collect();
	assert!(rates.iter().all(|rate| *rate >= 1.0), "rates are steps a second: {rates:?}");
	for kernel in &mutirao_kernels::KERNELS {
		let world = example(kernel);
		let work = world.work(1);
		let opening = Opening::mean(&work);
		let samples = f64::from(SAMPLES);
		let print = |what: &str, value: f64, unit: &str| {
			print(&format!("{} job of {SAMPLES} openings{what}", kernel.name), value, unit);
		};
		print(": witnesses", samples * opening.bytes, "bytes");
		print(": chunks", samples * opening.chunks, "chunks");
		print(": declared steps", samples * opening.steps, "steps");
		print(": weight", samples * opening.micros / 1e3, "ms");

		for rate in &rates {
			let steps = rate * GPU_SECONDS;
			let opening = opening.in_larger_job(steps / work.summary().declared_steps as f64);
			let seconds = samples * opening.micros / 1e6;
			let share = seconds / GPU_SECONDS;
			let job = format!(", {GPU_SECONDS} s at {rate:e} steps/s");
			print(&format!("{job}: witnesses"), samples * opening.bytes, "bytes");
			print(&format!("{job}: weight"), 1e3 * seconds, "ms");
			print(&format!("{job}: weight / the device's time"), 100.0 * share, "%");
			let again = samples * opening.steps / steps;
			print(&format!("{job}: steps computed again"), 100.0 * again, "%");
			assert!(share < 0.1, "{}: the chain works {share} of the device's time", kernel.name);
		}
	}
}
