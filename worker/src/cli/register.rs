//! `mutirao-worker register`.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use mutirao_client::{
	address, money,
	pallets::{JobsExt as _, ProvidersEvent, ProvidersExt as _},
	types::{Device, Endpoint, OfferId, OfferTerms},
	Account, AccountId, Client, Event, Submit as _,
};
use serde::Serialize;

use super::{
	connect::{connect, provider},
	files::write,
	output::{confirm, doing, print, Format},
	Common,
};
use crate::{
	config::{with_offers, Config, Loaded, Money},
	devices,
	exit::{failed, Failure},
	facts::Facts as _,
	gpu::DeviceInfo,
	keys::{hot_key, owner_key},
	registration::{plan, Chainside, NoPlan, Plan, Wanted, WantedOffer, HOT_KEY_FEES},
};

pub(crate) const EXAMPLES: &str = "Examples:\n  \
	mutirao-worker register --stake '100 MUT' --owner-key-file owner.key\n  \
	MUTIRAO_WORKER_OWNER_KEY=//Alice mutirao-worker register --yes --config worker.toml";

/// Arguments of `register`. Running it again changes only what is not yet as the settings say.
#[derive(Args)]
pub(crate) struct Register {
	/// The provider's stake; at least what there is.
	#[arg(long, value_name = "MONEY")]
	stake: Option<Money>,
	/// What the hot key should have for fees; the difference is sent to it.
	#[arg(long, value_name = "MONEY", default_value_t = Money(HOT_KEY_FEES))]
	fees: Money,
	/// The file of the provider's own key; or put the key into MUTIRAO_WORKER_OWNER_KEY.
	#[arg(long, value_name = "FILE")]
	owner_key_file: Option<PathBuf>,
	/// Do not ask.
	#[arg(short, long)]
	yes: bool,
}

#[derive(Serialize)]
struct Report {
	provider: String,
	done: Vec<String>,
	offers: Vec<OfferReport>,
	fee_planck: String,
}

#[derive(Serialize)]
struct OfferReport {
	adapter: String,
	offer: OfferId,
}

impl Register {
	/// Says what it takes, asks, does it, writes the offers' numbers into the file.
	pub(crate) async fn run(self, common: &Common) -> anyhow::Result<()> {
		let loaded = common.load()?;
		let config = &loaded.config;
		let provider = provider(config)?;
		let owner = owner_key(self.owner_key_file.as_deref(), config.keys.allow_development_keys)?;
		if AccountId::from(owner.public_key()) != provider {
			let provider = address::display(&provider);
			let message = format!("the owner's key is not that of keys.provider, {provider}");
			return Err(failed(Failure::Configuration, message));
		}
		let hot = AccountId::from(hot_key(&config.keys)?.public_key());
		doing("looking at the devices");
		let described = describe(config).await?;
		doing("asking the chain");
		let client = connect(config).await?;
		let wanted = self.wanted(config, provider, hot, described)?;
		let is = chainside(&client, provider, hot).await?;
		let plan = plan(&is, &wanted).map_err(|error| refused(&error))?;
		let mut offers = plan.kept.clone();
		let mut fee = 0;
		if let Some(call) = plan.call() {
			show(&plan, common.output);
			let free = client.free_balance(&provider).await?;
			if free < plan.takes().saturating_add(is.terms.existential_deposit) {
				let message = format!(
					"{} has {}, and this takes {} besides fees",
					address::display(&provider),
					money::display(free),
					money::display(plan.takes())
				);
				return Err(failed(Failure::Money, message));
			}
			confirm(self.yes)?;
			doing("waiting until the block is final");
			let included = Account::new(client, owner).submit(call).await?;
			fee = included.fee;
			let posted = included.events.iter().filter_map(|event| match event {
				Event::Providers(ProvidersEvent::OfferPosted { offer, .. }) => Some(*offer),
				_ => None,
			});
			offers.extend(plan.posted.iter().copied().zip(posted));
		}
		offers.sort_unstable();
		write_offers(&loaded, &offers)?;
		let report = Report {
			provider: address::display(&provider),
			done: plan.steps.iter().map(|step| step.text.clone()).collect(),
			offers: offers
				.iter()
				.map(|(device, offer)| OfferReport {
					adapter: config.device[*device].adapter.clone(),
					offer: *offer,
				})
				.collect(),
			fee_planck: fee.to_string(),
		};
		Ok(print(common.output, &report, text)?)
	}

	fn wanted(
		&self,
		config: &Config,
		provider: AccountId,
		hot: AccountId,
		described: Vec<Device>,
	) -> anyhow::Result<Wanted> {
		let url = config.data.public_url.as_ref().ok_or_else(|| {
			failed(Failure::Configuration, "set data.public_url: the chain sends buyers there")
		})?;
		let endpoint = Endpoint::try_from(url.clone().into_bytes()).map_err(|_| {
			failed(Failure::Configuration, "data.public_url: the chain keeps at most 128 bytes")
		})?;
		let offer = |(device, described): (&crate::config::Device, Device)| WantedOffer {
			known: device.offer,
			device: described,
			terms: OfferTerms {
				price_per_gigastep: device.price_per_gigastep.0,
				minimum_price: device.minimum_price.0,
				maximum_price: device.maximum_price.0,
				capacity: device.capacity,
				expires: 0,
			},
		};
		Ok(Wanted {
			stake: self.stake.map(|stake| stake.0),
			endpoint,
			hot_key: (hot != provider).then_some(hot),
			fees: self.fees.0,
			offers: config.device.iter().zip(described).map(offer).collect(),
		})
	}
}

/// What the chain is told of each device.
async fn describe(config: &Config) -> anyhow::Result<Vec<Device>> {
	let mut all = Vec::new();
	for device in &config.device {
		let info = devices::info(device)
			.await
			.map_err(|error| failed(Failure::Device, format!("{}: {error}", device.adapter)))?;
		all.push(description(device, &info));
	}
	Ok(all)
}

/// The words of an offer for a device.
pub(crate) fn description(device: &crate::config::Device, info: &DeviceInfo) -> Device {
	let label = |text: &str| {
		// At a character's boundary: the chain takes UTF-8 of at most 64 bytes.
		let end = (0..=text.len().min(64)).rev().find(|at| text.is_char_boundary(*at));
		let text =
			text.get(..end.unwrap_or(0)).filter(|text| !text.is_empty()).unwrap_or("unknown");
		text.as_bytes().to_vec().try_into().unwrap_or_default()
	};
	Device {
		adapter: label(&info.name),
		driver: label(&info.driver),
		backend: info.backend,
		memory_mib: info.memory_mib,
		region: device.region.0,
		watts: device.watts,
	}
}

async fn chainside(
	client: &Client,
	provider: AccountId,
	hot: AccountId,
) -> anyhow::Result<Chainside> {
	let mut offers = BTreeMap::new();
	for number in client.offers_of(provider).await? {
		if let Some(offer) = client.offer(number).await? {
			offers.insert(number, offer);
		}
	}
	Ok(Chainside {
		provider: client.provider(provider).await?,
		offers,
		is_worker: client.is_worker_of(hot, provider).await?,
		hot_free: client.free(hot).await?,
		now: client.now().await?,
		terms: client.terms().await?,
	})
}

fn refused(error: &NoPlan) -> anyhow::Error {
	let failure = match error {
		NoPlan::StakeTooSmall(_) | NoPlan::StakeIsMore(_) => Failure::Money,
		NoPlan::Leaving | NoPlan::TooManyOffers(_) => Failure::Refused,
	};
	failed(failure, error)
}

fn show(plan: &Plan, format: Format) {
	if format == Format::Json {
		return;
	}
	println!("this will");
	for step in &plan.steps {
		println!("  {}", step.text);
	}
	println!(
		"and take {} of spendable money, fees and deposits apart",
		money::display(plan.takes())
	);
}

/// Writes the offers' numbers into the file that was read.
fn write_offers(loaded: &Loaded, offers: &[(usize, OfferId)]) -> anyhow::Result<()> {
	let known = |(device, offer): &(usize, OfferId)| {
		loaded.config.device.get(*device).and_then(|device| device.offer) == Some(*offer)
	};
	let Some(file) = loaded.file.as_ref().filter(|_| !offers.iter().all(known)) else {
		return Ok(());
	};
	let context = || format!("cannot write the offers' numbers into {}", file.display());
	let text = fs::read_to_string(file).with_context(context)?;
	let text = with_offers(&text, offers).with_context(context)?;
	write(file, &text, true).with_context(context)
}

fn text(report: &Report) -> String {
	let mut text = match report.done.is_empty() {
		true => "nothing to do: the chain has what the settings say\n".into(),
		false => format!("done: {}\n", report.done.join("; ")),
	};
	for offer in &report.offers {
		text += &format!("{}: offer {}\n", offer.adapter, offer.offer);
	}
	text + "\nnext:\n  mutirao-worker doctor\n  mutirao-worker run\n"
}
