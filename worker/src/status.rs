//! How the worker stands: what `status` prints and `/status` serves.

use mutirao_client::{AccountId, Balance};
use mutirao_types::{JobId, JobState, OfferId, OfferState, ProviderState};
use serde::{Deserialize, Serialize};

use crate::{
	benchmark::Measured,
	config::Device,
	facts::Reads,
	jobs::{Earnings, Journal, JournalError, Record},
	watch::Seen,
};

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
	/// Why it cannot serve; empty: it can.
	pub problems: Vec<String>,
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

/// Reads how a provider stands on the chain, and in the journal if that can be read.
///
/// # Errors
///
/// Those of reads.
pub async fn gather<C: Reads>(
	chain: &C,
	provider: AccountId,
	devices: &[Device],
	journal: Option<&Journal>,
) -> Result<Status, crate::Error> {
	let height = chain.finalized_number().await?;
	let now = chain.now().await?;
	let mut status = Status {
		version: env!("CARGO_PKG_VERSION").into(),
		provider: mutirao_client::address::display(&provider),
		height,
		now,
		registered: registered(chain, provider).await?,
		..Status::default()
	};
	for device in devices {
		status.devices.push(device_status(chain, provider, device, now).await?);
	}
	let records = journal.map(Journal::records).transpose().map_err(unreadable)?;
	let records = records.unwrap_or_default();
	// The journal has them all; without one, the chain is asked for everything that the provider ever did.
	let open = records.iter().filter(|one| one.ended.is_none()).map(|one| one.job).collect();
	let numbers = match journal {
		Some(_) => open,
		None => chain.jobs_of_provider(provider).await?,
	};
	status.jobs = jobs(chain, provider, &records, numbers, now).await?;
	let earnings = journal.map(Journal::earnings).transpose().map_err(unreadable)?;
	status.earnings = earnings.map(Into::into);
	Ok(status)
}

fn unreadable(error: JournalError) -> crate::Error {
	crate::Error::Ended { what: "reading the journal", reason: error.to_string() }
}

async fn registered<C: Reads>(
	chain: &C,
	account: AccountId,
) -> Result<Option<Registered>, crate::Error> {
	let Some(provider) = chain.provider(account).await? else { return Ok(None) };
	let (state, free_at) = match provider.state {
		ProviderState::Active => ("active", None),
		ProviderState::Leaving { free_at } => ("leaving", Some(free_at)),
	};
	let reputation = chain.reputation(account).await?;
	Ok(Some(Registered {
		state: state.into(),
		free_at,
		stake_planck: Planck(provider.stake),
		earmarked_planck: Planck(provider.earmarked),
		endpoint: String::from_utf8_lossy(&provider.endpoint).into_owned(),
		reputation_ppm: reputation.map(|share| share.deconstruct()),
	}))
}

async fn device_status<C: Reads>(
	chain: &C,
	provider: AccountId,
	device: &Device,
	now: u32,
) -> Result<DeviceStatus, crate::Error> {
	let mut status = DeviceStatus {
		adapter: device.adapter.clone(),
		state: "unknown".into(),
		offer: device.offer,
		offer_state: "missing".into(),
		..DeviceStatus::default()
	};
	let Some(number) = device.offer else { return Ok(status) };
	let offer = chain.offer(number).await?.filter(|offer| offer.provider == provider);
	if let Some(offer) = offer {
		status.offer_state = match offer.state {
			_ if offer.terms.expires < now => "expired",
			OfferState::Paused => "paused",
			OfferState::Active => "active",
		}
		.into();
		status.score = chain.score(number).await?.map(|score| score.steps_per_second);
	}
	Ok(status)
}

async fn jobs<C: Reads>(
	chain: &C,
	provider: AccountId,
	records: &[Record],
	numbers: Vec<JobId>,
	now: u32,
) -> Result<Vec<JobStatus>, crate::Error> {
	let mut jobs = Vec::new();
	for number in numbers {
		let Some(job) = chain.job(number).await? else { continue };
		let (stage, duty) = match &job.state {
			JobState::Open { .. } => ("preparing", "accept"),
			JobState::Running { .. } => ("running", "compute and attest"),
			JobState::Attested { .. } => ("attested", "open the drawn workgroups"),
			JobState::Contestable { .. } => ("contestable", "answer demands"),
		};
		let until = job.state.until();
		let deal = job.state.deal();
		if deal.is_some_and(|deal| deal.provider != provider) {
			continue;
		}
		let record = records.iter().find(|record| record.job == number);
		let price = deal.map(|deal| deal.price).or(record.map(|record| record.price));
		jobs.push(JobStatus {
			job: number,
			offer: deal.map(|deal| deal.offer).or(record.map(|record| record.offer)),
			stage: stage.into(),
			duty: duty.into(),
			price_planck: Planck(price.unwrap_or_default()),
			until,
			slack_blocks: i64::from(until) - i64::from(now),
			step: None,
			progress_percent: None,
			error: None,
		});
	}
	jobs.sort_by_key(|job| job.slack_blocks);
	Ok(jobs)
}
