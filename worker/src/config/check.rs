//! Whether values make sense, and make sense together.

use std::{collections::BTreeSet, fmt};

use super::{
	load::{Origin, Origins},
	Config, Device, Watched,
};

/// Bytes of a provider's address on the chain, at most.
const LONGEST_URL: usize = 128;
/// Bytes of a device's name on the chain, at most.
const LONGEST_NAME: usize = 64;

/// Jobs that a watchtower examines at once, at most.
const MOST_AT_ONCE: u8 = 64;

/// A value that makes no sense.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
	/// Who set it.
	pub origin: Origin,
	/// Which setting.
	pub path: String,
	/// What is wrong, and what to do.
	pub message: String,
}

impl fmt::Display for Problem {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}: {}: {}", self.origin, self.path, self.message)
	}
}

/// Everything that is wrong.
pub(super) fn check(config: &Config, origins: &Origins) -> Vec<Problem> {
	let mut found = Vec::new();
	let mut wrong = |path: &str, message: &str| {
		let (path, message) = (path.to_owned(), message.to_owned());
		found.push(Problem { origin: origins.nearest(&path), path, message });
	};
	check_chain(config, &mut wrong);
	check_data(config, &mut wrong);
	for (number, device) in config.device.iter().enumerate() {
		check_device(device, |key, message| wrong(&format!("device.{number}.{key}"), message));
	}
	check_offers(&config.device, &mut wrong);
	let policy = &config.policy;
	if !(policy.margin >= 1.0 && policy.margin.is_finite()) {
		wrong("policy.margin", "give at least 1: the expected time must fit before the deadline");
	}
	if !(policy.slowest >= 1.0 && policy.slowest.is_finite()) {
		wrong("policy.slowest", "give at least 1: no kernel is slow if all are as fast as gemm_i8");
	}
	if policy.max_job_seconds == 0 {
		wrong("policy.max_job_seconds", "give at least 1, or set policy.accept = false");
	}
	if config.watch.jobs != Watched::Off && config.watch.bond_budget.0 == 0 {
		wrong("watch.bond_budget", "challenges need bonds: give more, or set watch.jobs = \"off\"");
	}
	if !(1..=MOST_AT_ONCE).contains(&config.watch.at_once) {
		wrong("watch.at_once", "give 1 to 64");
	}
	if !config.metrics.listen.ip().is_loopback() {
		let message =
			"status and metrics are for this machine alone: listen on 127.0.0.1, and put a \
			proxy that asks for a password before it if others shall read them";
		wrong("metrics.listen", message);
	}
	found
}

fn check_chain(config: &Config, wrong: &mut impl FnMut(&str, &str)) {
	let endpoints = &config.chain.endpoints;
	if endpoints.is_empty() {
		wrong("chain.endpoints", "name a node, such as ws://127.0.0.1:9944");
	}
	if endpoints.iter().any(|url| !url.starts_with("ws://") && !url.starts_with("wss://")) {
		wrong("chain.endpoints", "a node's address begins with ws:// or wss://");
	}
}

fn check_data(config: &Config, wrong: &mut impl FnMut(&str, &str)) {
	let data = &config.data;
	if let Some(url) = &data.public_url {
		if !is_url(url) {
			wrong("data.public_url", "give http:// or https://, a host, and no spaces");
		} else if url.len() > LONGEST_URL {
			wrong("data.public_url", "the chain keeps at most 128 bytes of it");
		} else if url.contains(['?', '#']) {
			wrong("data.public_url", "paths are put behind it: leave out what follows ? or #");
		}
	}
	if data.sources.iter().any(|url| !is_url(url)) {
		wrong("data.sources", "each begins with http:// or https://");
	}
	if data.quota_gib == 0 {
		wrong("data.quota_gib", "give at least 1");
	}
	if data.tls_certificate.is_some() != data.tls_key.is_some() {
		wrong("data.tls_key", "TLS needs both data.tls_certificate and data.tls_key");
	}
	if data.folder.as_os_str().is_empty() {
		wrong("data.folder", "name a folder");
	}
}

/// Whether it is the address of a data plane, as far as its form tells.
pub(crate) fn is_url(url: &str) -> bool {
	let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
	let is_host = |rest: &str| rest.split('/').next().is_some_and(|host| !host.is_empty());
	rest.is_some_and(is_host) && url.bytes().all(|byte| byte.is_ascii_graphic())
}

fn check_device(device: &Device, mut wrong: impl FnMut(&str, &str)) {
	if device.adapter.is_empty() || device.adapter.len() > LONGEST_NAME {
		wrong("adapter", "give a part of the adapter's name, at most 64 bytes");
	}
	if device.maximum_price < device.minimum_price {
		wrong("maximum_price", "it is less than minimum_price: no job could be taken");
	}
	if device.price_per_gigastep.0 == 0 && device.minimum_price.0 == 0 {
		wrong("price_per_gigastep", "all jobs would be free: ask for something");
	}
	if device.capacity == 0 {
		wrong("capacity", "give at least 1");
	}
}

fn check_offers(devices: &[Device], wrong: &mut impl FnMut(&str, &str)) {
	let mut seen = BTreeSet::new();
	for (number, device) in devices.iter().enumerate() {
		if device.offer.is_some_and(|offer| !seen.insert(offer)) {
			wrong(&format!("device.{number}.offer"), "two devices have the same offer");
		}
	}
}
