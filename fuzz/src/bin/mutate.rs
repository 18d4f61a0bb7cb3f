//! Mutates generated programs for some time and counts how far they get.

use std::{
	collections::BTreeMap,
	env, fs,
	process::ExitCode,
	time::{Duration, Instant},
};

use fastrand::Rng;
use mutirao_fuzz::{machine_program, Reached};
use mutirao_machine_testgen::Case;

const USAGE: &str = "mutate [--seconds 600] [--seed 0]";

fn main() -> ExitCode {
	let Some((seconds, seed)) = options() else {
		eprintln!("{USAGE}");
		return ExitCode::from(2);
	};
	let mut rng = Rng::with_seed(seed);
	let end = Instant::now() + Duration::from_secs(seconds);
	let mut reached: BTreeMap<Reached, u64> = BTreeMap::new();
	let (mut runs, mut slowest) = (0u64, Duration::ZERO);
	while Instant::now() < end {
		let program = Case::generate(rng.u64(..)).program().encode();
		let other = Case::generate(rng.u64(..)).program().encode();
		for _ in 0..200 {
			let bytes = mutate(&mut rng, &program, &other);
			let (outcome, mut taken) = timed(&bytes);
			// Whatever else the computer does slows one run, hardly the same one three times.
			for _ in 0..2 {
				if taken > slowest {
					taken = taken.min(timed(&bytes).1);
				}
			}
			slowest = slowest.max(taken);
			*reached.entry(outcome).or_default() += 1;
			runs += 1;
		}
	}
	println!(
		r#"{{"seed":{seed},"seconds":{seconds},"runs":{runs},"reached":"{reached:?}","slowest_ms":{},"peak_memory":"{}"}}"#,
		slowest.as_millis(),
		peak_memory()
	);
	ExitCode::SUCCESS
}

fn timed(bytes: &[u8]) -> (Reached, Duration) {
	let start = Instant::now();
	let outcome = machine_program(bytes);
	(outcome, start.elapsed())
}

fn options() -> Option<(u64, u64)> {
	let (mut seconds, mut seed) = (600, 0);
	let mut arguments = env::args().skip(1);
	while let Some(name) = arguments.next() {
		let value = arguments.next()?.parse().ok()?;
		match name.as_str() {
			"--seconds" => seconds = value,
			"--seed" => seed = value,
			_ => return None,
		}
	}
	Some((seconds, seed))
}

/// A few small changes: bytes replaced, bits flipped, pieces cut out, doubled or taken from another
/// program.
fn mutate(rng: &mut Rng, program: &[u8], other: &[u8]) -> Vec<u8> {
	let mut bytes = program.to_vec();
	for _ in 0..rng.usize(1..4) {
		if bytes.is_empty() {
			return bytes;
		}
		let at = rng.usize(0..bytes.len());
		let len = rng.usize(0..16).min(bytes.len() - at);
		match rng.u8(0..8) {
			0..=2 => bytes[at] = rng.u8(..),
			3 => bytes[at] ^= 1 << rng.u8(0..8),
			4 => bytes[at] = [0, 1, 2, 31, 32, 127, 128, 252, 253, 254, 255][rng.usize(0..11)],
			5 => drop(bytes.drain(at..at + len)),
			6 => {
				let piece = bytes[at..at + len].to_vec();
				bytes.splice(at..at, piece);
			}
			_ => {
				let from = rng.usize(0..other.len());
				let piece = other[from..other.len().min(from + len)].to_vec();
				bytes.splice(at..at, piece);
			}
		}
	}
	bytes
}

/// The most memory that this process ever had, as Linux reports it.
fn peak_memory() -> String {
	let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
	let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
	peak.map_or_else(|| "not known".into(), |peak| peak.trim().to_owned())
}
