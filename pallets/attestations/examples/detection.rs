//! How often a lie is drawn: the chain's own draw, over many seeds, beside the formula.
//!
//! A provider computes all but a share δ of a job's declared steps and makes the rest up. The chain
//! draws m workgroups. The formula says that it draws a made-up one with probability 1 − (1 − δ)^m.
//!
//! ```sh
//! cargo run --example detection            # 100,000 draws for each row
//! cargo run --example detection -- 7 20000 # another seed, another number of draws
//! cargo run --example detection -- --json  # as JSON lines; with a seed and a number of draws, too
//! ```
//!
//! Exits with 1 if a measured share is more than four standard deviations off.

use pallet_attestations::draw::{samples, seed, Pass};
use std::process::ExitCode;

/// A job of three passes that differ in size: 2,000,000 steps, of which a pass declares half.
const PASSES: [Pass; 3] = [
	Pass { workgroups: 1_000, steps: 1_000 },
	Pass { workgroups: 250, steps: 2_000 },
	Pass { workgroups: 50, steps: 10_000 },
];

/// δ, in thousandths.
const SHARES: [u64; 7] = [1, 10, 50, 100, 250, 500, 1_000];
/// m.
const SAMPLES: [u8; 4] = [1, 4, 8, 16];
/// Blocks whose VRF outputs make a seed, as on the chain.
const DRAW_BLOCKS: usize = 8;

/// VRF outputs and a transcript's root that look random and follow from a number.
fn drawn_with(number: u64, draw: u64, count: u8) -> Vec<mutirao_types::Workgroup> {
	let mut random = fastrand::Rng::with_seed(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ draw);
	let mut bytes = || core::array::from_fn(|_| random.u8(..));
	let outputs: Vec<[u8; 32]> = (0..DRAW_BLOCKS).map(|_| bytes()).collect();
	let root = bytes();
	samples(&seed(&outputs, draw, &root), count, &PASSES)
}

/// The lie: the last workgroups of each pass, a share of it.
fn is_made_up(workgroup: &mutirao_types::Workgroup, thousandths: u64) -> bool {
	let all = u64::from(PASSES[usize::from(workgroup.pass)].workgroups);
	u64::from(workgroup.number) * 1_000 >= all * (1_000 - thousandths)
}

/// The share of all declared steps that is made up. Passes have whole numbers of workgroups.
fn share(thousandths: u64) -> f64 {
	let made_up = |(index, pass): (usize, &Pass)| {
		let is_lie = |number: &u32| {
			let workgroup = mutirao_types::Workgroup { pass: index as u16, number: *number };
			is_made_up(&workgroup, thousandths)
		};
		pass.steps * (0..pass.workgroups).filter(is_lie).count() as u64
	};
	let declared: u64 = PASSES.iter().map(|pass| u64::from(pass.workgroups) * pass.steps).sum();
	PASSES.iter().enumerate().map(made_up).sum::<u64>() as f64 / declared as f64
}

/// How rows are printed.
#[derive(Clone, Copy, PartialEq)]
enum Format {
	Table,
	JsonLines,
}

/// Prints a row. Whether the formula holds for it.
fn row(format: Format, number: u64, draws: u64, thousandths: u64, count: u8) -> bool {
	let is_found = |draw: &u64| {
		drawn_with(number, *draw, count).iter().any(|one| is_made_up(one, thousandths))
	};
	let found = (0..draws).filter(is_found).count() as f64 / draws as f64;
	let share = share(thousandths);
	let stated = 1.0 - (1.0 - share).powi(count.into());
	let deviation = (stated * (1.0 - stated) / draws as f64).sqrt();
	// A single draw more or less is chance, too, where nearly all or nearly none are found.
	let is_stated = (found - stated).abs() <= 4.0 * deviation + 1.0 / draws as f64;
	match format {
		Format::Table => {
			let remark = if is_stated { "" } else { "  more than four standard deviations off" };
			println!("| {share:.4} | {count:2} | {found:.5} | {stated:.5} |{remark}");
		}
		Format::JsonLines => {
			for (what, value) in [("drawn", found), ("formula", stated)] {
				let name = format!("detection of a share of {share:.4}, {count} samples: {what}");
				println!(r#"{{"name":"{name}","value":{value:.5},"unit":"probability"}}"#);
			}
		}
	}
	is_stated
}

fn main() -> ExitCode {
	let (options, numbers): (Vec<String>, Vec<String>) =
		std::env::args().skip(1).partition(|argument| argument == "--json");
	let format = if options.is_empty() { Format::Table } else { Format::JsonLines };
	let mut arguments = numbers.iter().map(|argument| argument.parse::<u64>());
	let (number, draws) = match (arguments.next(), arguments.next(), arguments.next()) {
		(None, None, None) => (1, 100_000),
		(Some(Ok(number)), None, None) => (number, 100_000),
		(Some(Ok(number)), Some(Ok(draws)), None) if draws > 0 => (number, draws),
		_ => {
			eprintln!("error: give at most --json, a seed and a number of draws above 0");
			return ExitCode::from(2);
		}
	};
	if format == Format::Table {
		println!("seed {number}, {draws} draws for each row");
		println!("| δ | m | found | 1 − (1 − δ)^m |");
		println!("|---|---|---|---|");
	}
	let mut all = true;
	for thousandths in SHARES {
		for count in SAMPLES {
			all &= row(format, number, draws, thousandths, count);
		}
	}
	if all {
		ExitCode::SUCCESS
	} else {
		ExitCode::FAILURE
	}
}
