//! `mutirao offers`.

use clap::Args;
use mutirao_client::{money, pallets::JobsExt, types::GIGASTEP};
use serde::Serialize;

use super::kernel::inputs::JobArgs;
use crate::{
	exit::chain,
	job::{
		kernel::Kernel,
		offers::{rank, Listed, OfferBook},
		wanted::WantedArgs,
	},
	output::{print, Format},
	settings::ChainArgs,
	show,
};

/// Arguments of `offers`.
#[derive(Args)]
pub(crate) struct Offers {
	/// Show prices for this kernel and its parameters, instead of for a gigastep.
	#[arg(long)]
	kernel: Option<String>,
	#[command(flatten)]
	job: JobArgs,
	#[command(flatten)]
	wanted: WantedArgs,
	/// Also those that take no jobs now.
	#[arg(long)]
	all: bool,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Row {
	offer: u64,
	provider: String,
	adapter: String,
	backend: String,
	memory_mib: u32,
	region: String,
	watts: u16,
	/// For the steps of the report, in planck.
	price: Option<String>,
	price_per_gigastep: String,
	minimum_price: String,
	maximum_price: String,
	steps_per_second: Option<u64>,
	reputation_ppm: u32,
	running: u16,
	capacity: u16,
	available: bool,
}

#[derive(Serialize)]
struct Report {
	/// What the prices are for.
	steps: u64,
	offers: Vec<Row>,
}

impl Offers {
	/// Lists the offers.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		let steps = match &self.kernel {
			None => GIGASTEP,
			Some(name) => {
				let kernel = Kernel::find(&client, name).await?;
				let parameters = self.job.parameters(&kernel.program)?;
				kernel.summary(&parameters)?.declared_steps
			}
		};
		let now = client.now().await.map_err(chain)?;
		let mut offers = client.offers().await.map_err(chain)?;
		let mut kept = Vec::new();
		if self.all {
			let busy = offers.extract_if(.., |offer| !offer.available);
			kept.extend(busy.map(|offer| (offer.price(steps), offer)));
		}
		let wanted = self.wanted.requirements();
		let ranked = rank(offers, steps, &wanted, self.wanted.max_price, now);
		let fitting = ranked.into_iter().map(|(offer, price)| (Some(price), offer));
		let rows = fitting.chain(kept).map(|(price, offer)| row(&offer, price, now));
		Ok(print(format, &Report { steps, offers: rows.collect() }, text)?)
	}
}

fn row(offer: &Listed, price: Option<u128>, now: u32) -> Row {
	Row {
		offer: offer.id,
		provider: show::address(&offer.provider),
		adapter: offer.adapter.clone(),
		backend: offer.backend.clone(),
		memory_mib: offer.memory_mib,
		region: show::region(&offer.region),
		watts: offer.watts,
		price: price.map(|price| price.to_string()),
		price_per_gigastep: offer.price_per_gigastep.to_string(),
		minimum_price: offer.minimum_price.to_string(),
		maximum_price: offer.maximum_price.to_string(),
		steps_per_second: offer.speed(now),
		reputation_ppm: offer.reputation.deconstruct(),
		running: offer.running,
		capacity: offer.capacity,
		available: offer.available,
	}
}

fn text(report: &Report) -> String {
	if report.offers.is_empty() {
		return "no offer fits: ask for less, or see all with --all".into();
	}
	let mut text = format!("prices for {} steps\n", report.steps);
	for row in &report.offers {
		let price = row.price.as_deref().and_then(|price| price.parse().ok()).map(money::display);
		let speed = row.steps_per_second.map_or("not measured".into(), show::speed);
		text += &format!(
			"{:>6}  {:<20}  {}, {}, {} MiB, {}, reputation {}, {}/{} busy{}\n",
			row.offer,
			price.unwrap_or_else(|| "too large for it".into()),
			row.adapter,
			row.region,
			row.memory_mib,
			speed,
			show::share(row.reputation_ppm),
			row.running,
			row.capacity,
			if row.available { "" } else { ", takes no jobs now" }
		);
	}
	text
}
