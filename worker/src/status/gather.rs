//! What chain and journal tell of how a provider stands.

use mutirao_client::AccountId;
use mutirao_types::{JobId, JobState, OfferState, ProviderState};

use crate::{
	config::Device,
	facts::Reads,
	jobs::{Journal, JournalError, Record},
};

use super::{DeviceStatus, JobStatus, Planck, Registered, Status};

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

/// What is owed of a job that may be contested.
async fn contestable_duty<C: Reads>(
	chain: &C,
	job: JobId,
	is_over: bool,
) -> Result<&'static str, crate::Error> {
	let attestation = chain.attestation(job).await?;
	Ok(match attestation.map_or(0, |attestation| attestation.demands) {
		0 if is_over => "settle",
		0 => "nothing, unless a chunk is demanded",
		_ => "answer demands",
	})
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
			JobState::Contestable { until, .. } => {
				("contestable", contestable_duty(chain, number, *until < now).await?)
			}
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
