//! `mutirao-worker leave`.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use clap::Args;
use mutirao_client::{
	address,
	pallets::{JobsExt as _, ProvidersExt as _},
	Account, AccountId, Call, Client, Submit as _,
};
use serde::Serialize;

use super::{
	connect::{connect, provider},
	output::{confirm, doing, print, Format},
	Common,
};
use crate::{
	exit::{failed, Failure},
	keys::owner_key,
	registration::{plan_leave, LeavePlan, Standing, Then},
};

pub(crate) const EXAMPLES: &str =
	"Examples:\n  mutirao-worker leave --owner-key-file owner.key\n  \
	mutirao-worker leave --owner-key-file owner.key --yes --wait";

/// How often the chain is asked while waiting.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// A block's time, in seconds.
const BLOCK_SECONDS: u64 = 3;

/// Arguments of `leave`. Keep `run` going meanwhile: open jobs must be served to their end.
#[derive(Args)]
pub(crate) struct Leave {
	/// The file of the provider's own key; or put the key into MUTIRAO_WORKER_OWNER_KEY.
	#[arg(long, value_name = "FILE")]
	owner_key_file: Option<PathBuf>,
	/// Go on until the stake is back: a week after leaving.
	#[arg(long)]
	wait: bool,
	/// Do not ask.
	#[arg(short, long)]
	yes: bool,
}

#[derive(Default, Serialize)]
struct Report {
	provider: String,
	done: Vec<String>,
	left: bool,
	open_jobs: u32,
	blocks_until_free: Option<u32>,
}

impl Leave {
	/// Does what can be done now; says, or waits for, the rest.
	pub(crate) async fn run(self, common: &Common) -> anyhow::Result<()> {
		let config = common.load()?.config;
		let provider = provider(&config)?;
		let owner = owner_key(self.owner_key_file.as_deref(), config.keys.allow_development_keys)?;
		if AccountId::from(owner.public_key()) != provider {
			let provider = address::display(&provider);
			let message = format!("the owner's key is not that of keys.provider, {provider}");
			return Err(failed(Failure::Configuration, message));
		}
		let client = connect(&config).await?;
		let account = Account::new(client.clone(), owner);
		let mut report = Report { provider: address::display(&provider), ..Report::default() };
		let mut confirmed = self.yes;
		loop {
			let plan = plan_leave(&standing(&client, provider).await?);
			if !plan.calls.is_empty() {
				if !confirmed {
					show(&plan, common.output);
					confirm(false)?;
					confirmed = true;
				}
				doing("waiting until the block is final");
				account.submit(Call::Batch(plan.calls.clone())).await?;
				report.done.extend(plan.texts.iter().cloned());
				// What remains depends on what these calls began.
				if plan.then.is_some_and(|then| then.blocks.is_none()) {
					continue;
				}
			}
			report.note(plan.then);
			if report.left || !self.wait {
				return Ok(print(common.output, &report, text)?);
			}
			doing(&format!("{} active blocks until the stake is free", report.rest()));
			tokio::time::sleep(LOOK_EVERY).await;
		}
	}
}

impl Report {
	fn note(&mut self, then: Option<Then>) {
		self.left = then.is_none();
		self.open_jobs = then.map_or(0, |then| then.open_jobs);
		self.blocks_until_free = then.and_then(|then| then.blocks);
	}

	fn rest(&self) -> u32 {
		self.blocks_until_free.unwrap_or(0)
	}
}

async fn standing(client: &Client, provider: AccountId) -> anyhow::Result<Standing> {
	let mut offers = BTreeMap::new();
	for number in client.offers_of(provider).await? {
		if let Some(offer) = client.offer(number).await? {
			offers.insert(number, offer);
		}
	}
	let record = client.provider(provider).await?;
	Ok(Standing { provider: record, offers, now: client.now().await? })
}

fn show(plan: &LeavePlan, format: Format) {
	if format == Format::Text {
		println!("this will\n  {}", plan.texts.join("\n  "));
	}
}

fn text(report: &Report) -> String {
	let mut text = match report.done.is_empty() {
		true => String::new(),
		false => format!("done: {}\n", report.done.join("; ")),
	};
	if report.left {
		return text + "the provider has left; its stake is spendable again\n";
	}
	let hours = u64::from(report.rest()) * BLOCK_SECONDS / 3_600;
	text += &format!(
		"{} jobs are open, and the stake is free in {} active blocks (about {hours} hours)\nkeep \
		 `mutirao-worker run` going until no job is open; then call this again\n",
		report.open_jobs,
		report.rest(),
	);
	text
}
