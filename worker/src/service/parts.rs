//! What must be there before anything starts: the provider, the journal, the store, the devices.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Context as _;
use mutirao_client::{
	pallets::{JobsExt as _, ProvidersExt as _},
	AccountId, Client,
};
use mutirao_data::{
	fetch::{FetchOptions, Fetcher},
	store::Store,
};
use mutirao_types::ProviderState;

use crate::{
	config::{self, Config},
	devices,
	energy::Meter,
	exit::{failed, Failure},
	gpu::{faulty, Device, DeviceInfo, Pool, Records},
	jobs::{Journal, Policy, Serving},
	metrics::{Metered, Metrics},
};

const GIB: u64 = 1 << 30;
/// Active blocks in an hour.
const BLOCKS_AN_HOUR: u32 = 1_200;

/// What must be there before anything starts.
pub(super) struct Parts {
	pub(super) journal: Arc<Journal>,
	pub(super) store: Store,
	pub(super) fetcher: Fetcher,
	pub(super) pool: Pool,
	/// Devices with an offer.
	pub(super) serving: Vec<Serving>,
	/// Devices without one.
	pub(super) spare: Vec<DeviceInfo>,
	/// What measures each device of the settings, and its name in the pool; `None`: it does not serve.
	pub(super) meters: Vec<Option<(String, Meter)>>,
}

/// Opens everything.
pub(super) async fn gather(
	config: &Config,
	client: &Client,
	provider: AccountId,
	metrics: &Metrics,
	report: impl FnMut(&str, u64, u64),
) -> anyhow::Result<Parts> {
	check_provider(client, provider).await?;
	let folder = &config.data.folder;
	std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
	// The journal first: it is what tells that another worker uses this folder.
	let journal = Arc::new(Journal::open(&folder.join("journal.redb"))?);
	let store = Store::open(folder.join("store"), config.data.quota_gib.saturating_mul(GIB))?;
	let options = FetchOptions {
		allow_private: config.data.allow_private_sources,
		..FetchOptions::default()
	};
	let mut parts = Parts {
		journal,
		store,
		fetcher: Fetcher::new(options)?,
		pool: Pool::new(Vec::new()),
		serving: Vec::new(),
		spare: Vec::new(),
		meters: Vec::new(),
	};
	open_devices(&mut parts, config, metrics, report).await?;
	match check_offers(&parts, client, provider).await {
		Ok(()) => Ok(parts),
		// Openings and demands need no device: whoever refused to start would lose the stake.
		Err(error) if owes(&parts.journal)? => {
			tracing::error!("{error:#}. No new jobs are taken; open ones are served");
			parts.serving.clear();
			Ok(parts)
		}
		Err(error) => Err(error),
	}
}

/// Whether jobs are open for which the worker may still have to answer.
fn owes(journal: &Journal) -> anyhow::Result<bool> {
	Ok(!journal.records()?.is_empty())
}

async fn check_provider(client: &Client, provider: AccountId) -> anyhow::Result<()> {
	let Some(record) = client.provider(provider).await? else {
		let provider = mutirao_client::address::display(&provider);
		let message = format!("{provider} is not registered: `mutirao-worker register`");
		return Err(failed(Failure::Money, message));
	};
	if let ProviderState::Leaving { .. } = record.state {
		tracing::warn!(
			"the provider is leaving: open jobs are served to their end, no new ones are taken"
		);
	}
	Ok(())
}

async fn open_devices(
	parts: &mut Parts,
	config: &Config,
	metrics: &Metrics,
	mut report: impl FnMut(&str, u64, u64),
) -> anyhow::Result<()> {
	let records = Records::open(&config.data.folder)?;
	let mut opened: Vec<Arc<dyn Device>> = Vec::new();
	let mut names = BTreeSet::new();
	for device in &config.device {
		tracing::info!(device = device.adapter, "checking");
		let progress = |done, all| report(&device.adapter, done, all);
		let found = match devices::admit(&device.adapter, &records, progress).await {
			Ok(found) => found,
			Err(error) => {
				tracing::error!(device = device.adapter, "it does not serve: {error}");
				parts.meters.push(None);
				continue;
			}
		};
		let computes: Arc<dyn Device> = match config.testing.lie {
			Some(lie) => Arc::new(faulty::liar(lie).named(&found.device.info().name)),
			None => found.device,
		};
		let info = computes.info().clone();
		if !names.insert(info.name.clone()) {
			let message = format!("two [[device]] are the same adapter, `{}`", info.name);
			return Err(failed(Failure::Configuration, message));
		}
		tracing::info!(
			device = info.name,
			driver = info.driver,
			steps_per_second = info.steps_per_second
		);
		let meter = Meter::of(&info.name);
		if let Meter::Unavailable(reason) = &meter {
			tracing::info!(device = info.name, "energy is not measured: {reason}");
		}
		opened.push(Arc::new(Metered::new(computes, meter.clone(), metrics.clone())));
		parts.meters.push(Some((info.name.clone(), meter)));
		match device.offer {
			Some(offer) => parts.serving.push(Serving { offer, device: info }),
			None => parts.spare.push(info),
		}
	}
	if opened.is_empty() && !owes(&parts.journal)? {
		let message = "no device may serve: `mutirao-worker doctor` says why";
		return Err(failed(Failure::Device, message));
	}
	parts.pool = Pool::with_records(opened, records);
	Ok(())
}

async fn check_offers(parts: &Parts, client: &Client, provider: AccountId) -> anyhow::Result<()> {
	if parts.serving.is_empty() {
		let message = "no device that may serve has an offer: `mutirao-worker register` posts them";
		return Err(failed(Failure::Configuration, message));
	}
	let now = client.now().await?;
	for serving in &parts.serving {
		let offer = client.offer(serving.offer).await?.filter(|offer| offer.provider == provider);
		let Some(offer) = offer else {
			let message = format!(
				"the chain has no offer {} of this provider: `mutirao-worker register`",
				serving.offer
			);
			return Err(failed(Failure::Configuration, message));
		};
		if offer.terms.expires < now {
			tracing::warn!(offer = serving.offer, "expired: `mutirao-worker register` renews it");
		}
	}
	Ok(())
}

/// Which jobs are taken, as the settings say.
pub(super) fn policy(policy: &config::Policy) -> Policy {
	Policy {
		accept: policy.accept,
		minimum_profit: policy.minimum_profit.0,
		energy_price: policy.energy_price_per_kwh.map(|price| price.0),
		max_job_seconds: policy.max_job_seconds.into(),
		margin: policy.margin,
		slowest: policy.slowest,
		max_contest: policy.max_contest_hours.saturating_mul(BLOCKS_AN_HOUR),
	}
}
