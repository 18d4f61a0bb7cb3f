//! Exit codes, which scripts may rely on.

use std::{fmt, process::ExitCode};

use serde::Serialize;

use crate::output::Format;

/// Why a command failed, by what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
	/// Something else, such as a file that cannot be read.
	Other = 1,
	/// The kernel or its manifest is refused: change it.
	Refused = 3,
	/// Parameters or inputs do not fit: give others.
	Input = 4,
	/// The program faults: a race, a divergent barrier, too little fuel.
	Fault = 5,
	/// A device computes something else than the VM: do not use it.
	Differs = 6,
	/// No device, or it cannot run this program.
	Device = 7,
}

/// An error with its exit code.
#[derive(Debug)]
pub(crate) struct Failed {
	pub(crate) failure: Failure,
	message: String,
}

impl fmt::Display for Failed {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.message)
	}
}

impl std::error::Error for Failed {}

/// An error of this kind.
pub(crate) fn failed(failure: Failure, message: impl fmt::Display) -> anyhow::Error {
	Failed { failure, message: message.to_string() }.into()
}

/// Prints an error and gives the exit code.
pub(crate) fn report(result: anyhow::Result<()>, format: Format) -> ExitCode {
	let Err(error) = result else {
		return ExitCode::SUCCESS;
	};
	let failure = error.downcast_ref::<Failed>().map_or(Failure::Other, |failed| failed.failure);
	match format {
		Format::Text => eprintln!("error: {error:#}"),
		Format::Json => {
			let error = serde_json::json!({ "error": format!("{error:#}"), "failure": failure });
			eprintln!("{error}");
		}
	}
	ExitCode::from(failure as u8)
}
