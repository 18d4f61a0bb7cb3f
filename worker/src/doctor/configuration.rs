//! The file of settings and the key.

use std::{fs, path::Path};

use mutirao_client::{address, keys::Keypair, AccountId};

use super::Report;
use crate::{
	config::{ConfigError, Loaded, KEY_VARIABLE},
	exit::Failure,
	keys::hot_key,
};

/// Looks at the settings and reads the hot key; gives the key if there is one.
pub fn check(report: &mut Report, loaded: &Result<Loaded, ConfigError>) -> Option<Keypair> {
	let loaded = match loaded {
		Ok(loaded) => loaded,
		Err(ConfigError::Invalid(problems)) => {
			for problem in problems {
				let about = format!("configuration: {}", problem.path);
				let found = format!("{}: {}", problem.origin, problem.message);
				report.error(Failure::Configuration, &about, found, "change it");
			}
			return None;
		}
		Err(error) => {
			report.error(Failure::Configuration, "configuration", error.to_string(), "");
			return None;
		}
	};
	match &loaded.file {
		Some(file) => {
			report.good("configuration", format!("{} is read", file.display()));
			check_mode(report, file);
		}
		None => report.note("configuration", "no file: defaults, environment and flags", ""),
	}
	let config = &loaded.config;
	if config.device.is_empty() {
		let remedy = "`mutirao-worker init` lists adapters and writes [[device]] for each";
		report.error(Failure::Configuration, "configuration", "no [[device]] is set", remedy);
	}
	if config.keys.provider.is_none() {
		let remedy = "set keys.provider to the account whose stake answers";
		report.error(Failure::Configuration, "configuration", "no provider is set", remedy);
	}
	match hot_key(&config.keys) {
		Ok(key) => {
			let account = address::display(&AccountId::from(key.public_key()));
			report.good("hot key", format!("{account}, readable by its owner alone"));
			Some(key)
		}
		Err(error) => {
			let remedy = format!("`mutirao-worker init` makes one, or set {KEY_VARIABLE}");
			report.error(Failure::Configuration, "hot key", format!("{error:#}"), remedy);
			None
		}
	}
}

/// Whoever can write the file can choose the key and the node.
#[cfg(unix)]
fn check_mode(report: &mut Report, file: &Path) {
	use std::os::unix::fs::PermissionsExt as _;
	let Ok(metadata) = fs::metadata(file) else { return };
	let mode = metadata.permissions().mode() & 0o777;
	if mode & 0o022 != 0 {
		let found = format!("others can change {} (mode {mode:03o})", file.display());
		report.warning("configuration", found, format!("chmod 600 {}", file.display()));
	}
}

#[cfg(not(unix))]
fn check_mode(_: &mut Report, _: &Path) {
	let _ = fs::metadata;
}
