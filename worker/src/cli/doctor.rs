//! `mutirao-worker doctor`.

use std::io::{IsTerminal as _, Write as _};

use clap::Args;
use mutirao_client::AccountId;

use super::{connect::connect, output::print, Common};
use crate::{
	config::Config,
	doctor::{
		check_account, check_configuration, check_data, check_devices, check_node, Report, Severity,
	},
	exit::{failed, Failure},
	gpu::Records,
};

pub(crate) const EXAMPLES: &str = "Examples:\n  mutirao-worker doctor\n  \
	mutirao-worker doctor -o json --skip-devices\n  mutirao-worker doctor --clear 'NVIDIA H100'";

/// Arguments of `doctor`.
#[derive(Args)]
pub(crate) struct Doctor {
	/// Do not open devices; checking a new one takes minutes.
	#[arg(long)]
	skip_devices: bool,
	/// Let a quarantined device serve again, if it then shows that it is right.
	#[arg(long, value_name = "DEVICE")]
	clear: Option<String>,
}

impl Doctor {
	/// Looks at everything, says everything, then decides.
	pub(crate) async fn run(self, common: &Common) -> anyhow::Result<()> {
		let loaded = common.load();
		let mut report = Report::default();
		let hot = check_configuration(&mut report, &loaded);
		let hot = hot.map(|key| AccountId::from(key.public_key()));
		if let Ok(loaded) = &loaded {
			let config = &loaded.config;
			let is_for_all = self.check_chain(&mut report, config, hot).await;
			check_data(&mut report, &config.data, is_for_all).await;
			self.check_devices(&mut report, config).await?;
		}
		print(common.output, &report, Report::text)?;
		match report.failure() {
			None => Ok(()),
			Some(failure) => {
				Err(failed(failure, format!("{} errors", report.count(Severity::Error))))
			}
		}
	}

	/// Whether the chain is known to be one for all, and not for development.
	async fn check_chain(
		&self,
		report: &mut Report,
		config: &Config,
		hot: Option<AccountId>,
	) -> bool {
		let connected = connect(config).await;
		check_node(report, &connected).await;
		let Ok(client) = connected else { return false };
		check_account(report, config, hot, &client, &client).await;
		matches!(client.is_development().await, Ok(false))
	}

	async fn check_devices(&self, report: &mut Report, config: &Config) -> anyhow::Result<()> {
		if self.skip_devices && self.clear.is_none() {
			return Ok(());
		}
		let records = match Records::open(&config.data.folder) {
			Ok(records) => records,
			Err(error) => {
				let remedy = "see data.folder";
				report.error(Failure::Configuration, "devices", error.to_string(), remedy);
				return Ok(());
			}
		};
		if let Some(device) = &self.clear {
			if !records.clear(device) {
				let message = format!("`{device}` is not in quarantine here");
				return Err(failed(Failure::Device, message));
			}
			report.note("quarantine", format!("{device} was cleared, and is checked anew"), "");
		}
		check_devices(report, config, &records, tell).await;
		Ok(())
	}
}

/// A line that is written over, if somebody watches.
pub(crate) fn tell(device: &str, done: u64, all: u64) {
	let mut stream = std::io::stderr();
	if stream.is_terminal() {
		let end = if done < all { "" } else { "\n" };
		let _ = write!(stream, "\r{device}: {done} of {all} checks{end}");
		let _ = stream.flush();
	}
}
