//! `mutirao doctor`.

use clap::Args;
use mutirao_client::{money, pallets::JobsExt, AccountId, Blocks as _};
use serde::Serialize;

use crate::{
	exit::{failed, Failure},
	job::offers::OfferBook,
	keystore::make_private,
	output::{print, Format},
	settings::{ChainArgs, DataArgs, KeyArgs},
	show,
};

/// Arguments of `doctor`.
#[derive(Args)]
pub(crate) struct Doctor {
	#[command(flatten)]
	key: KeyArgs,
	#[command(flatten)]
	data: DataArgs,
	#[command(flatten)]
	chain: ChainArgs,
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
	what: &'static str,
	good: bool,
	/// Whether nothing works without it.
	needed: bool,
	text: String,
}

impl Doctor {
	/// Looks at everything, and fails if something is missing that every job needs.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let mut findings = vec![self.folder()];
		findings.extend(self.market().await);
		findings.push(gpu());
		let missing = findings.iter().filter(|finding| finding.needed && !finding.good).count();
		print(format, &findings, |findings| {
			let line = |finding: &Finding| {
				let mark = match (finding.good, finding.needed) {
					(true, _) => "ok  ",
					(false, true) => "BAD ",
					(false, false) => "note",
				};
				format!("{mark} {}: {}\n", finding.what, finding.text)
			};
			findings.iter().map(line).collect()
		})?;
		match missing {
			0 => Ok(()),
			_ => Err(failed(Failure::Other, format!("{missing} things are missing: see above"))),
		}
	}

	fn folder(&self) -> Finding {
		let made = self.data.folder().and_then(|folder| make_private(&folder).map(|()| folder));
		let (good, text) = match made {
			Ok(folder) => (true, folder.display().to_string()),
			Err(error) => (false, format!("{error:#}")),
		};
		Finding { what: "own files", good, needed: true, text }
	}

	async fn market(&self) -> Vec<Finding> {
		let bad = |what, error: String| Finding { what, good: false, needed: true, text: error };
		let good = |what, text: String| Finding { what, good: true, needed: true, text };
		let client = match self.chain.connect().await {
			Ok(client) => client,
			Err(error) => {
				let tried = self.chain.endpoints().join(", ");
				return vec![bad("chain", format!("{error:#} (tried {tried})"))];
			}
		};
		let mut findings = Vec::new();
		let name = client.chain_name().await;
		let clock = client.now().await;
		match (name, clock, client.finalized_number().await) {
			(Ok(name), Ok(now), Ok(number)) => findings.push(good(
				"chain",
				format!("{name} at {}, final block {number}, clock {now}", client.endpoint()),
			)),
			(Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
				findings.push(bad("chain", error.to_string()));
			}
		}
		findings.push(match client.offers().await {
			Err(error) => bad("offers", error.to_string()),
			Ok(offers) => {
				let available = offers.iter().filter(|offer| offer.available).count();
				let text = format!("{} offers, {available} take jobs now", offers.len());
				Finding { what: "offers", good: available > 0, needed: false, text }
			}
		});
		match self.key.account(&self.data, &client).await {
			Err(error) => findings.push(bad("key", format!("{error:#}"))),
			Ok((key, _)) => {
				let account = AccountId::from(key.public_key().0);
				findings.push(good("key", show::address(&account)));
				findings.push(match client.free_balance(&account).await {
					Err(error) => bad("money", error.to_string()),
					Ok(0) => bad("money", "none: see `mutirao account fund`".into()),
					Ok(free) => good("money", money::display(free)),
				});
			}
		}
		findings
	}
}

/// A GPU makes local checks faster; without one the VM does them.
fn gpu() -> Finding {
	let adapters = mutirao_machine_gpu::list();
	let names: Vec<_> = adapters.iter().map(|one| format!("{} ({})", one.name, one.kind)).collect();
	let text = match names.is_empty() {
		true => "none; results are checked on the processor".into(),
		false => names.join(", "),
	};
	Finding { what: "GPU", good: !names.is_empty(), needed: false, text }
}
