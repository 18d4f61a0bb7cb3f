//! Exit codes, which scripts and supervisors may rely on.

use std::{fmt, process::ExitCode};

use serde::Serialize;

use crate::{config::ConfigError, gpu::DeviceError};

/// Why a command failed, by what to do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
	/// Something else, such as a file that cannot be written.
	Other = 1,
	/// The command line is wrong.
	Usage = 2,
	/// The configuration or a key file is wrong: change it.
	Configuration = 3,
	/// No node answers, or the chain is not the one that this program knows.
	Chain = 4,
	/// A device is not there, does not fit, or computes something else than the VM.
	Device = 5,
	/// The chain refused what was asked of it.
	Refused = 6,
	/// An account has too little money, or the provider too little stake.
	Money = 7,
}

/// An error with its exit code.
#[derive(Debug)]
pub struct Failed {
	failure: Failure,
	message: String,
}

impl Failed {
	/// What kind it is.
	pub fn failure(&self) -> Failure {
		self.failure
	}
}

impl fmt::Display for Failed {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.message)
	}
}

impl std::error::Error for Failed {}

/// An error of this kind.
pub fn failed(failure: Failure, message: impl fmt::Display) -> anyhow::Error {
	Failed { failure, message: message.to_string() }.into()
}

/// The kind of an error: what was said with [`failed`], or what the error itself tells.
pub fn kind(error: &anyhow::Error) -> Failure {
	let of_cause = |cause: &(dyn std::error::Error + 'static)| {
		if let Some(failed) = cause.downcast_ref::<Failed>() {
			return Some(failed.failure);
		}
		if let Some(error) = cause.downcast_ref::<crate::Error>() {
			return Some(error.failure());
		}
		if let Some(error) = cause.downcast_ref::<mutirao_client::Error>() {
			return Some(crate::error::failure_of_chain(error));
		}
		if cause.is::<ConfigError>() {
			return Some(Failure::Configuration);
		}
		cause.is::<DeviceError>().then_some(Failure::Device)
	};
	error.chain().find_map(of_cause).unwrap_or(Failure::Other)
}

/// Prints an error on standard error, as text or as JSON, and gives the exit code.
pub fn report(result: anyhow::Result<()>, json: bool) -> ExitCode {
	let Err(error) = result else {
		return ExitCode::SUCCESS;
	};
	let failure = kind(&error);
	match json {
		false => eprintln!("error: {error:#}"),
		true => {
			let error = serde_json::json!({ "error": format!("{error:#}"), "failure": failure });
			eprintln!("{error}");
		}
	}
	ExitCode::from(failure as u8)
}

#[cfg(test)]
mod tests {
	use super::*;
	use anyhow::Context as _;

	#[test]
	fn the_code_follows_the_cause_however_it_is_wrapped() {
		let error = Err::<(), _>(failed(Failure::Money, "no stake")).context("cannot start");
		assert_eq!(kind(&error.unwrap_err()), Failure::Money);
		let error = anyhow::Error::new(mutirao_client::Error::NoEndpoint).context("a read");
		assert_eq!(kind(&error), Failure::Chain);
		let error = anyhow::Error::from(ConfigError::Invalid(Vec::new())).context("settings");
		assert_eq!(kind(&error), Failure::Configuration);
		assert_eq!(kind(&anyhow::Error::from(DeviceError::Cancelled)), Failure::Device);
		assert_eq!(kind(&anyhow::anyhow!("disk")), Failure::Other);
	}
}
