//! How the worker stands: what `status` prints and `/status` serves.

mod gather;

use mutirao_client::{address, AccountId, Balance};
use mutirao_types::{JobId, OfferId};
use serde::{Deserialize, Serialize};

use crate::{benchmark::Measured, funds::Funds, jobs::Earnings, watch::Seen};

pub use gather::gather;

/// An amount in planck: text in JSON, as numbers there hold no more than 53 bits everywhere.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Planck(pub Balance);

impl From<Planck> for String {
	fn from(planck: Planck) -> Self {
		planck.0.to_string()
	}
}

impl TryFrom<String> for Planck {
	type Error = std::num::ParseIntError;

	fn try_from(text: String) -> Result<Self, Self::Error> {
		text.parse().map(Self)
	}
}

impl std::fmt::Display for Planck {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str(&mutirao_client::money::display(self.0))
	}
}

/// Everything at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
	/// Whether a worker runs; without one, this comes from chain and journal alone.
	pub running: bool,
	/// The program's version.
	pub version: String,
	/// The provider's account.
	pub provider: String,
	/// The node in use.
	pub endpoint: String,
	/// The last finalised block.
	pub height: u32,
	/// For how long it has been the last, in seconds; `None` without a worker.
	pub finality_age_s: Option<u64>,
	/// The clock of deadlines, in active blocks.
	pub now: u32,
	/// The provider on the chain; `None`: it is not registered.
	pub registered: Option<Registered>,
	/// The devices, in the configuration's order.
	pub devices: Vec<DeviceStatus>,
	/// Open jobs, the most urgent first.
	pub jobs: Vec<JobStatus>,
	/// Open jobs on the chain that this worker does not take.
	pub refused: Vec<RefusedJob>,
	/// Sums of all jobs; `None`: there is no journal yet, or another process has it open.
	pub earnings: Option<EarningsStatus>,
	/// Buffers on disk; `None` without a worker.
	pub store: Option<StoreStatus>,
	/// What the watchtower came to; `None`: none runs.
	#[serde(default)]
	pub watch: Option<WatchStatus>,
	/// The money for fees; `None`: the worker has not looked yet, or its key cannot be read.
	#[serde(default)]
	pub hot_key: Option<HotKeyStatus>,
	/// Why it cannot serve; empty: it can.
	pub problems: Vec<String>,
	/// What will keep it from serving some day.
	#[serde(default)]
	pub warnings: Vec<String>,
}

/// The account that pays for calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HotKeyStatus {
	/// Its address.
	pub address: String,
	/// What it holds.
	pub free_planck: Planck,
	/// What must be there for jobs that were taken.
	pub owed_planck: Planck,
	/// What the fees of a job are taken to be.
	pub job_fees_planck: Planck,
	/// How many more jobs it pays for.
	pub pays_for_jobs: u64,
}

impl HotKeyStatus {
	/// An account with this money.
	pub fn new(account: &AccountId, funds: &Funds) -> Self {
		Self {
			address: address::display(account),
			free_planck: Planck(funds.money.free),
			owed_planck: Planck(funds.owed.sum()),
			job_fees_planck: Planck(funds.fees.sum()),
			pays_for_jobs: u64::try_from(funds.jobs()).unwrap_or(u64::MAX),
		}
	}
}

impl Status {
	/// Shows how the money for fees stands; says so if it is short.
	pub fn add_funds(&mut self, account: &AccountId, funds: &Funds) {
		let hot_key = HotKeyStatus::new(account, funds);
		if let Some(warning) = funds.warning(account) {
			match hot_key.pays_for_jobs {
				0 => self.problems.push(warning),
				_ => self.warnings.push(warning),
			}
		}
		self.hot_key = Some(hot_key);
	}
}

/// A provider on the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registered {
	/// `active` or `leaving`.
	pub state: String,
	/// When it leaves: the moment from which stake can be withdrawn.
	pub free_at: Option<u32>,
	/// Stake.
	pub stake_planck: Planck,
	/// The part of it that answers for running jobs.
	pub earmarked_planck: Planck,
	/// Where buyers are sent.
	pub endpoint: String,
	/// The expected share of obligations that are kept, in millionths.
	pub reputation_ppm: Option<u32>,
}

/// A device of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeviceStatus {
	/// As the configuration names it.
	pub adapter: String,
	/// `idle`, `busy`, `quarantined`; `unknown` without a worker.
	pub state: String,
	/// Why it is in quarantine.
	pub reason: Option<String>,
	/// Its offer.
	pub offer: Option<OfferId>,
	/// `active`, `paused`, `expired`, `missing`.
	pub offer_state: String,
	/// Proven steps per second.
	pub score: Option<u64>,
	/// The benchmark window that was answered last; `None` without a worker.
	#[serde(default)]
	pub benchmark: Option<BenchmarkStatus>,
	/// What measures its energy: `nvml, device 0`, or `unavailable` and why.
	pub energy: Option<String>,
}

/// How an offer's device was measured, since the worker started.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct BenchmarkStatus {
	/// The window that was answered last; `None`: none yet.
	pub window: Option<u32>,
	/// How much was claimed in it.
	pub size: u32,
	/// Samples that were proven in it.
	pub proven: u32,
	/// Steps per second that the chain counts for the offer.
	pub score: Option<u64>,
}

impl From<&Measured> for BenchmarkStatus {
	fn from(measured: &Measured) -> Self {
		let Measured { window, size, proven, score } = *measured;
		Self { window, size, proven, score }
	}
}

/// What a watchtower came to since it started.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct WatchStatus {
	/// Jobs of which workgroups were computed again.
	pub examined: u64,
	/// Jobs that could not be examined.
	pub skipped: u64,
	/// Challenges that were upheld.
	pub upheld: u64,
	/// Challenges that failed.
	pub failed: u64,
	/// Challenges that the chain did not hear.
	pub refused: u64,
	/// What challenges that failed cost.
	pub spent_planck: Planck,
	/// What those that were upheld earned.
	pub earned_planck: Planck,
}

impl From<Seen> for WatchStatus {
	fn from(seen: Seen) -> Self {
		Self {
			examined: seen.examined,
			skipped: seen.skipped,
			upheld: seen.upheld,
			failed: seen.failed,
			refused: seen.refused,
			spent_planck: Planck(seen.spent),
			earned_planck: Planck(seen.earned),
		}
	}
}

/// A job that has not ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobStatus {
	/// The job.
	pub job: JobId,
	/// On which offer.
	pub offer: Option<OfferId>,
	/// `preparing`, `running`, `attested`, `contestable`.
	pub stage: String,
	/// What is owed next.
	pub duty: String,
	/// What it pays.
	pub price_planck: Planck,
	/// The stage's last moment that is in time.
	pub until: u32,
	/// Active blocks until then; negative: it has passed.
	pub slack_blocks: i64,
	/// What the worker does or waits for; `None` without a worker.
	pub step: Option<String>,
	/// The device's progress, in percent.
	pub progress_percent: Option<u8>,
	/// What went wrong last.
	pub error: Option<String>,
}

/// An open job that is not taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedJob {
	/// The job.
	pub job: JobId,
	/// Why.
	pub reason: String,
}

/// Sums of all jobs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarningsStatus {
	/// Paid for jobs.
	pub earned_planck: Planck,
	/// Slashed.
	pub lost_planck: Planck,
	/// Paid for calls.
	pub fees_planck: Planck,
	/// Jobs that were paid.
	pub settled: u64,
	/// Jobs whose programs were at fault.
	pub faulted: u64,
	/// Jobs that were late or given up.
	pub failed: u64,
	/// Jobs that ended as lies.
	pub lies: u64,
}

impl From<Earnings> for EarningsStatus {
	fn from(sums: Earnings) -> Self {
		Self {
			earned_planck: Planck(sums.earned),
			lost_planck: Planck(sums.lost),
			fees_planck: Planck(sums.fees),
			settled: sums.settled,
			faulted: sums.faulted,
			failed: sums.failed,
			lies: sums.lies,
		}
	}
}

/// Buffers on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoreStatus {
	/// Bytes that are taken.
	pub used: u64,
	/// Bytes that may be taken.
	pub quota: u64,
}
