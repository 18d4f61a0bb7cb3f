//! The worker's keys: from a file or the environment, never from the command line.

use std::path::Path;

use mutirao_client::keys::{from_environment, from_file, Development, Keypair};

use crate::{
	config::{Keys, KEY_VARIABLE, OWNER_KEY_VARIABLE},
	exit::{failed, Failure},
};

fn development(allowed: bool) -> Development {
	match allowed {
		true => Development::Allowed,
		false => Development::Refused,
	}
}

/// The key that serves jobs: of the environment, or of the file that is configured.
///
/// # Errors
///
/// If there is none, or it cannot be read, or others could read it. The secret itself is not told.
pub fn hot_key(keys: &Keys) -> anyhow::Result<Keypair> {
	let hint = format!("set keys.hot_key_file, or put the key into {KEY_VARIABLE}");
	read(KEY_VARIABLE, keys.hot_key_file.as_deref(), keys.allow_development_keys, &hint)
}

/// The key of the provider's account: of the environment, or of this file.
///
/// # Errors
///
/// As [`hot_key`].
pub fn owner_key(file: Option<&Path>, allow_development_keys: bool) -> anyhow::Result<Keypair> {
	let hint = format!(
		"the provider's own key signs this: name its file with --owner-key-file, or put the key into \
		 {OWNER_KEY_VARIABLE}"
	);
	read(OWNER_KEY_VARIABLE, file, allow_development_keys, &hint)
}

fn read(
	variable: &str,
	file: Option<&Path>,
	allow_development_keys: bool,
	hint: &str,
) -> anyhow::Result<Keypair> {
	let development = development(allow_development_keys);
	let wrong = |error: mutirao_client::keys::KeyError| failed(Failure::Configuration, error);
	if let Some(key) = from_environment(variable, development).map_err(wrong)? {
		return Ok(key);
	}
	match file {
		Some(file) => from_file(file, development).map_err(wrong),
		None => Err(failed(Failure::Configuration, format!("no key: {hint}"))),
	}
}
