//! `mutirao account show`.

use clap::Args;
use mutirao_client::{money, pallets::JobsExt, AccountId, Balance, Hold};
use serde::Serialize;

use crate::{
	exit::{chain, failed, Failure},
	output::{print, Format},
	settings::{ChainArgs, DataArgs, KeyArgs},
	show,
};

/// Arguments of `show`.
#[derive(Args)]
pub(crate) struct Show {
	/// An address; without one, the account that the key options name.
	address: Option<String>,
	#[command(flatten)]
	key: KeyArgs,
	#[command(flatten)]
	data: DataArgs,
	#[command(flatten)]
	chain: ChainArgs,
}

#[derive(Serialize)]
struct Shown {
	address: String,
	public_key: String,
	/// What can be spent or put on hold, in planck.
	free: String,
	/// What is on hold, in planck: it is not part of `free`, and comes back.
	on_hold: String,
	/// The same, reason by reason.
	holds: Vec<Held>,
	/// Jobs that it posted and that are remembered.
	jobs: Vec<u64>,
	/// Accounts in the keystore.
	keystore: Vec<String>,
}

#[derive(Serialize)]
struct Held {
	reason: &'static str,
	planck: String,
}

impl Show {
	/// Looks the account up.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let client = self.chain.connect().await?;
		let account = match &self.address {
			Some(text) => {
				show::parse_account(text).map_err(|error| failed(Failure::Input, error))?
			}
			None => {
				let (key, _) = self.key.account(&self.data, &client).await?;
				AccountId::from(key.public_key().0)
			}
		};
		let holds = client.holds(&account).await.map_err(chain)?;
		let on_hold = holds.iter().fold(0, |sum: Balance, hold| sum.saturating_add(hold.planck));
		let held = |hold: Hold| Held { reason: hold.reason, planck: hold.planck.to_string() };
		let shown = Shown {
			address: show::address(&account),
			public_key: show::hex(&account.0),
			free: client.free_balance(&account).await.map_err(chain)?.to_string(),
			on_hold: on_hold.to_string(),
			holds: holds.into_iter().map(held).collect(),
			jobs: client.jobs_of_buyer(account).await.map_err(chain)?,
			keystore: self.data.keystore()?.names()?,
		};
		Ok(print(format, &shown, text)?)
	}
}

fn text(shown: &Shown) -> String {
	let display = |planck: &str| money::display(planck.parse().unwrap_or(0));
	let mut text = format!("{}\n  free: {}\n", shown.address, display(&shown.free));
	text += &format!("  on hold: {}\n", display(&shown.on_hold));
	for held in &shown.holds {
		text += &format!("    {}: {}\n", held.reason, display(&held.planck));
	}
	text + &format!("  jobs posted: {}", shown.jobs.len())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_on_hold_is_shown_reason_by_reason() {
		let held = |reason, planck: u64| Held { reason, planck: planck.to_string() };
		let shown = Shown {
			address: "gZ".into(),
			public_key: String::new(),
			free: "5000000000000".into(),
			on_hold: "355000000000".into(),
			holds: vec![
				held("records of jobs", 220_000_000_000),
				held("programs", 135_000_000_000),
			],
			jobs: vec![4],
			keystore: Vec::new(),
		};
		let text = text(&shown);
		assert!(text.contains("on hold: 0.355 MUT\n    records of jobs: 0.22 MUT\n"), "{text}");
	}
}
