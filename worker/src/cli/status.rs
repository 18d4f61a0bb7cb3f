//! `mutirao-worker status`.

use clap::Args;

use super::{
	connect::{connect, provider},
	http,
	output::print,
	Common,
};
use crate::{
	config::Config,
	exit::{failed, Failure},
	jobs::{Journal, JournalError},
	status::{gather, BenchmarkStatus, EarningsStatus, JobStatus, Status, WatchStatus},
};

pub(crate) const EXAMPLES: &str = "Examples:\n  mutirao-worker status\n  \
	mutirao-worker status -o json --endpoint ws://127.0.0.1:9944";

/// Where the journal is in the data folder.
pub(crate) const JOURNAL: &str = "journal.redb";

/// Arguments of `status`.
#[derive(Args)]
pub(crate) struct ShowStatus {}

impl ShowStatus {
	/// Asks the running worker; without one, chain and journal.
	pub(crate) async fn run(self, common: &Common) -> anyhow::Result<()> {
		let config = common.load()?.config;
		let address = config.metrics.listen;
		let running = http::get(address, "/status").await.map_err(|error| {
			failed(Failure::Other, format!("the worker at {address} does not answer: {error}"))
		})?;
		let status = match running {
			Some(body) => serde_json::from_str(&body)?,
			None => without_worker(&config).await?,
		};
		Ok(print(common.output, &status, text)?)
	}
}

async fn without_worker(config: &Config) -> anyhow::Result<Status> {
	let provider = provider(config)?;
	let client = connect(config).await?;
	let path = config.data.folder.join(JOURNAL);
	// Asking must not make one.
	let journal = match path.exists().then(|| Journal::open(&path)).transpose() {
		Ok(journal) => journal,
		Err(error @ JournalError::Database { .. }) => {
			tracing::warn!("{error}");
			None
		}
		Err(error) => return Err(error.into()),
	};
	let mut status = gather(&client, provider, &config.device, journal.as_ref()).await?;
	status.endpoint = client.endpoint();
	status.problems.push("no worker is running".into());
	Ok(status)
}

/// The status for people.
pub(crate) fn text(status: &Status) -> String {
	let mut text =
		format!("provider {} at block {} of {}\n", status.provider, status.height, status.endpoint);
	match &status.registered {
		None => text += "not registered: `mutirao-worker register`\n",
		Some(found) => {
			text += &format!(
				"{}, stake {}, of it for running jobs {}, reputation {:.1} %\n",
				found.state,
				found.stake_planck,
				found.earmarked_planck,
				f64::from(found.reputation_ppm.unwrap_or(0)) / 1e4
			);
		}
	}
	for problem in &status.problems {
		text += &format!("! {problem}\n");
	}
	text += "\ndevices\n";
	for device in &status.devices {
		let offer = device.offer.map_or("no offer".into(), |offer| format!("offer {offer}"));
		let score = device.score.map_or("not measured".into(), |steps| {
			format!("score {:.2} gigasteps/s", steps as f64 / 1e9)
		});
		text += &format!(
			"  {}: {}, {offer} {}, {score}{}{}\n",
			device.adapter,
			device.state,
			device.offer_state,
			device.benchmark.as_ref().map_or(String::new(), benchmark_text),
			device.reason.as_ref().map_or(String::new(), |why| format!(" ({why})"))
		);
	}
	text += &jobs_text(&status.jobs);
	for refused in &status.refused {
		text += &format!("  not taken: job {}: {}\n", refused.job, refused.reason);
	}
	text += &status.earnings.as_ref().map_or(String::new(), earnings_text);
	text + &status.watch.as_ref().map_or(String::new(), watch_text)
}

fn benchmark_text(benchmark: &BenchmarkStatus) -> String {
	benchmark.window.map_or(String::new(), |window| {
		let BenchmarkStatus { size, proven, .. } = benchmark;
		format!(", in window {window} claimed {size} and proved {proven} samples")
	})
}

fn watch_text(seen: &WatchStatus) -> String {
	format!(
		"watchtower: {} jobs examined, {} could not be; challenges: {} upheld, {} failed, {} not heard; \
		 spent {}, earned {}\n",
		seen.examined,
		seen.skipped,
		seen.upheld,
		seen.failed,
		seen.refused,
		seen.spent_planck,
		seen.earned_planck
	)
}

fn jobs_text(jobs: &[JobStatus]) -> String {
	if jobs.is_empty() {
		return "\nno open jobs\n".into();
	}
	let mut text = String::from("\nopen jobs, the most urgent first\n");
	for job in jobs {
		let progress =
			job.progress_percent.map_or(String::new(), |percent| format!(" {percent} %"));
		let error =
			job.error.as_ref().map_or(String::new(), |error| format!("; last error: {error}"));
		text += &format!(
			"  job {}: {}{progress}, to do: {}, {} blocks left, {}{error}\n",
			job.job, job.stage, job.duty, job.slack_blocks, job.price_planck
		);
	}
	text
}

fn earnings_text(sums: &EarningsStatus) -> String {
	format!(
		"\nearned {}, lost {}, fees {}; jobs: {} settled, {} at fault, {} failed, {} lies\n",
		sums.earned_planck,
		sums.lost_planck,
		sums.fees_planck,
		sums.settled,
		sums.faulted,
		sums.failed,
		sums.lies
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::status::{DeviceStatus, Planck};

	#[test]
	fn the_text_tells_what_the_loops_came_to() {
		let benchmark = BenchmarkStatus { window: Some(7), size: 512, proven: 3, score: Some(9) };
		let device = DeviceStatus {
			adapter: "A device".into(),
			benchmark: Some(benchmark),
			..DeviceStatus::default()
		};
		let watch = WatchStatus {
			examined: 41,
			upheld: 2,
			refused: 1,
			earned_planck: Planck(5_000_000_000_000),
			..WatchStatus::default()
		};
		let mut status = Status { devices: vec![device], watch: Some(watch), ..Status::default() };
		let shown = text(&status);
		assert!(shown.contains("in window 7 claimed 512 and proved 3 samples"), "{shown}");
		assert!(shown.contains("41 jobs examined, 0 could not be"), "{shown}");
		assert!(shown.contains("2 upheld, 0 failed, 1 not heard"), "{shown}");
		assert!(shown.contains("earned 5 MUT"), "{shown}");
		status.watch = None;
		assert!(!text(&status).contains("watchtower"));
	}
}
