//! What `init` tells.

use mutirao_client::{money, Balance};
use serde::Serialize;

use crate::gpu;

/// What `init` did.
#[derive(Serialize)]
pub(super) struct Report {
	pub(super) config: String,
	pub(super) hot_key: String,
	pub(super) adapters: Vec<Adapter>,
	pub(super) devices: Vec<String>,
	/// How much of the disk the store may take, in GiB.
	pub(super) quota_gib: u64,
	/// What the provider's account must have to register, in planck.
	pub(super) needs_planck: String,
	/// The public address, if only buyers on this machine or its network reach it.
	pub(super) private_url: Option<String>,
	pub(super) next: String,
}

/// An adapter that was found.
#[derive(Clone, Serialize)]
pub(super) struct Adapter {
	pub(super) name: String,
	pub(super) backend: String,
	pub(super) driver: String,
	pub(super) is_software: bool,
}

impl Adapter {
	pub(super) fn of(found: gpu::Listed) -> Self {
		let gpu::Listed { name, backend, driver, is_software, .. } = found;
		Self { name, backend, driver, is_software }
	}
}

impl Report {
	/// For people. `made`: the hot key is new; `needs`: what the account must have, in planck.
	pub(super) fn text(&self, made: bool, needs: Balance) -> String {
		let mut text = String::from("adapters:\n");
		for adapter in &self.adapters {
			let Adapter { name, backend, driver, is_software } = adapter;
			let kind = if *is_software { "software" } else { "hardware" };
			text += &format!("  {name} ({backend}, {kind}, {driver})\n");
		}
		if self.adapters.is_empty() {
			text += "  none: is a Vulkan driver installed?\n";
		}
		let made = if made { " (new)" } else { "" };
		text += &format!(
			"devices that serve: {}\nhot key: {}{made}\nwrote {}: the store may take {} GiB\n",
			self.devices.join(", "),
			self.hot_key,
			self.config,
			self.quota_gib
		);
		if let Some(url) = &self.private_url {
			text += &format!(
				"! buyers elsewhere cannot reach {url}: on any but a development chain, set \
				 data.public_url to a public address\n"
			);
		}
		text += &format!(
			"\nnext, with the provider's own key and at least {} in its account (stake, the hot key's \
			 money, deposits and fees):\n  {}\n",
			money::display(needs),
			self.next
		);
		text
	}
}
