//! `mutirao-worker status`.

use clap::Args;
use mutirao_client::AccountId;

use super::{
	connect::{connect, provider},
	http,
	output::print,
	Common,
};
use crate::{
	config::Config,
	exit::{failed, Failure},
	facts::Facts,
	funds::{Funds, Money, Owed, USUAL_FEES},
	jobs::{Journal, JournalError},
	keys::hot_key,
	status::{
		gather, BenchmarkStatus, EarningsStatus, HotKeyStatus, JobStatus, Status, WatchStatus,
	},
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
	match hot_key(&config.keys) {
		Ok(key) => add_funds(&mut status, &client, AccountId::from(key.public_key())).await?,
		Err(error) => tracing::warn!("the hot key's money is not shown: {error:#}"),
	}
	status.endpoint = client.endpoint();
	status.problems.push("no worker is running".into());
	Ok(status)
}

/// Shows the hot key's money, as the chain has it.
async fn add_funds(
	status: &mut Status,
	facts: &impl Facts,
	key: AccountId,
) -> Result<(), mutirao_client::Error> {
	let deposit = facts.terms().await?.existential_deposit;
	let money = Money { free: facts.free(key).await?, deposit };
	status.add_funds(&key, &Funds { money, fees: USUAL_FEES, owed: Owed::default() });
	Ok(())
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
	text += &status.hot_key.as_ref().map_or(String::new(), hot_key_text);
	for problem in status.problems.iter().chain(&status.warnings) {
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

fn hot_key_text(hot_key: &HotKeyStatus) -> String {
	format!(
		"hot key {}: {}, enough for about {} more jobs at {} each\n",
		hot_key.address, hot_key.free_planck, hot_key.pays_for_jobs, hot_key.job_fees_planck
	)
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
	fn the_text_and_the_json_tell_of_the_hot_keys_money_and_complain_when_it_is_short() {
		let key = AccountId::from([9; 32]);
		let address = mutirao_client::address::display(&key);
		let shown = |free| {
			let money = Money { free, deposit: 0 };
			let funds = Funds { money, fees: USUAL_FEES, owed: Owed::default() };
			let mut status = Status::default();
			status.add_funds(&key, &funds);
			(text(&status), status)
		};
		let (enough, status) = shown(1_000_000_000_000);
		assert!(enough.contains(&format!("hot key {address}: 1 MUT, enough for about 158 more")));
		assert!(!enough.contains('!') && status.problems.is_empty(), "{enough}");
		let (short, status) = shown(100_000_000_000);
		assert!(
			short.contains("! the hot key has 0.1 MUT, and it pays for 8 more jobs"),
			"{short}"
		);
		assert!(status.problems.is_empty() && status.warnings.len() == 1, "{status:?}");
		let (none, status) = shown(50_000_000_000);
		assert!(none.contains("none is taken: send 1.2 MUT to"), "{none}");
		assert!(status.warnings.is_empty() && status.problems.len() == 1, "{status:?}");
		let json = serde_json::to_value(&status).unwrap();
		assert_eq!(json["hot_key"]["free_planck"], "50000000000");
		assert_eq!(json["hot_key"]["pays_for_jobs"], 0);
		// A worker of the version before tells nothing of it.
		let mut old = json;
		let fields = old.as_object_mut().unwrap();
		assert!(fields.remove("hot_key").is_some() && fields.remove("warnings").is_some());
		assert_eq!(serde_json::from_value::<Status>(old).unwrap().hot_key, None);
	}

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
