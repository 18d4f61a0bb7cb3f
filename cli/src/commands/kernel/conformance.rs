//! `mutirao kernel conformance`.

use std::sync::{
	atomic::{AtomicU64, Ordering},
	Mutex,
};

use clap::Args;
use mutirao_machine_gpu::{
	conformance::{features, random_case, Verdict},
	Gpu,
};
use serde::Serialize;

use super::run::device_error;
use crate::{
	exit::{failed, Failure},
	output::{print, progress, Format},
};

/// Arguments of `conformance`.
#[derive(Args)]
pub(crate) struct Conformance {
	/// Part of the adapter's name; without it, the first, hardware before software.
	#[arg(long, env = "MUTIRAO_ADAPTER")]
	adapter: Option<String>,
	/// The first random program.
	#[arg(long, default_value_t = 0)]
	seed: u64,
	/// How many random programs.
	#[arg(long, default_value_t = 200)]
	count: u64,
	/// How many at once.
	#[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
	jobs: u32,
}

#[derive(Serialize)]
struct Report {
	adapter: String,
	driver: String,
	loop_limit: Option<u32>,
	features: Vec<FeatureReport>,
	random: RandomReport,
}

#[derive(Serialize)]
struct FeatureReport {
	name: &'static str,
	verdict: String,
}

#[derive(Default, Serialize)]
struct RandomReport {
	first_seed: u64,
	count: u64,
	equal: u64,
	/// Programs that fault on the VM, as some are meant to.
	faulted: u64,
	/// Seeds whose results differ, or whose program the device refuses, with how.
	wrong: Vec<(u64, String)>,
}

impl Conformance {
	/// Checks a device.
	pub(crate) fn run(self, format: Format) -> anyhow::Result<()> {
		let gpu = Gpu::open(self.adapter.as_deref()).map_err(|error| device_error(&error))?;
		let mut wrong = 0;
		let mut reports = Vec::new();
		features(&gpu, |name, verdict| {
			wrong += usize::from(*verdict != Verdict::Equal);
			reports.push(FeatureReport { name, verdict: describe(verdict) });
		});
		let random = self.random(&gpu);
		wrong += random.wrong.len();
		let report = Report {
			adapter: gpu.adapter().name.clone(),
			driver: gpu.adapter().driver.clone(),
			loop_limit: gpu.loop_limit(),
			features: reports,
			random,
		};
		print(format, &report, text)?;
		match wrong {
			0 => Ok(()),
			_ => Err(failed(Failure::Differs, format!("{wrong} checks are not equal to the VM"))),
		}
	}

	fn random(&self, gpu: &Gpu) -> RandomReport {
		let bar = progress(self.count, "random programs");
		let next = AtomicU64::new(0);
		let report = Mutex::new(RandomReport { first_seed: self.seed, ..RandomReport::default() });
		let work = || loop {
			let offset = next.fetch_add(1, Ordering::Relaxed);
			if offset >= self.count {
				return;
			}
			let seed = self.seed.wrapping_add(offset);
			let verdict = random_case(gpu, seed);
			bar.inc(1);
			let Ok(mut report) = report.lock() else {
				return;
			};
			report.count += 1;
			match verdict {
				Verdict::Equal => report.equal += 1,
				Verdict::Faulted => report.faulted += 1,
				wrong => report.wrong.push((seed, describe(&wrong))),
			}
		};
		std::thread::scope(|scope| {
			for _ in 0..self.jobs {
				scope.spawn(work);
			}
		});
		bar.finish_and_clear();
		report.into_inner().unwrap_or_default()
	}
}

fn describe(verdict: &Verdict) -> String {
	match verdict {
		Verdict::Equal => "equal".into(),
		Verdict::Differs { buffer, word, expected, found } => {
			format!("word {word} of buffer {buffer} is {found:#x}, not {expected:#x}")
		}
		Verdict::NotRun(why) => format!("not run: {why}"),
		Verdict::Faulted => "not run: it faults on the VM".into(),
	}
}

fn text(report: &Report) -> String {
	let mut text = format!("{} ({})\n", report.adapter, report.driver);
	match report.loop_limit {
		Some(limit) => text += &format!("  loops stop after {limit} iterations (measured)\n"),
		None => text += "  loops run as long as was tried\n",
	}
	for feature in &report.features {
		text += &format!("  {}: {}\n", feature.name, feature.verdict);
	}
	let random = &report.random;
	text += &format!(
		"  random programs: {} equal, {} wrong, {} not run because they fault\n",
		random.equal,
		random.wrong.len(),
		random.faulted
	);
	for (seed, how) in &random.wrong {
		text += &format!("    seed {seed}: {how}\n");
	}
	text
}
