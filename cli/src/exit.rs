//! Exit codes, which scripts may rely on (docs/buyers.md lists them).

use std::{fmt, io, process::ExitCode};

use serde::Serialize;

use crate::output::{printable, Format};

/// The exit code when nobody reads on: what a shell gives for a process that SIGPIPE has ended.
const UNREAD: u8 = 141;

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
	/// No node answers, or it is of another chain: name another endpoint, or update.
	Chain = 8,
	/// There is no key, or it cannot be used.
	Key = 9,
	/// The account has too little money.
	Funds = 10,
	/// No offer fits, or nobody took the job in time: ask for less, or pay more.
	NoOffer = 11,
	/// The job ended without a result; the buyer has its money back.
	NotDone = 12,
	/// Bytes cannot be fetched or sent.
	Unavailable = 13,
	/// The outputs are wrong, or a receipt is.
	Wrong = 14,
	/// The job has not ended yet: go on with `job watch`.
	Unfinished = 15,
	/// The chain refused a call.
	Call = 16,
	/// What was asked for is not there.
	NotFound = 17,
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

/// What a failed request to the chain means for the user.
pub(crate) fn chain(error: mutirao_client::Error) -> anyhow::Error {
	use mutirao_client::Error;
	let poor = "fund the account (`mutirao account fund` on a development chain)";
	match &error {
		Error::Rejected(reason) if reason.to_lowercase().contains("pay") => {
			failed(Failure::Funds, format!("{error}: {poor}"))
		}
		Error::Failed { error: inner, .. } => match is_about_money(&inner.to_string()) {
			true => failed(Failure::Funds, format!("{error}: {poor}")),
			false => failed(Failure::Call, error),
		},
		Error::Rejected(_) | Error::Expired { .. } | Error::Unclear { .. } | Error::Build(_) => {
			failed(Failure::Call, error)
		}
		_ => failed(Failure::Chain, error),
	}
}

fn is_about_money(reason: &str) -> bool {
	let reason = reason.to_lowercase();
	["balance", "funds", "token"].iter().any(|word| reason.contains(word))
}

/// Why a command failed.
pub(crate) fn failure_of(error: &anyhow::Error) -> Failure {
	error.downcast_ref::<Failed>().map_or(Failure::Other, |failed| failed.failure)
}

/// Whether nobody reads on what is printed, as in `mutirao offers | head -1`.
fn is_unread(error: &anyhow::Error) -> bool {
	let error = error.downcast_ref::<io::Error>();
	error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Prints an error and gives the exit code.
pub(crate) fn report(result: anyhow::Result<()>, format: Format) -> ExitCode {
	let Err(error) = result else {
		return ExitCode::SUCCESS;
	};
	if is_unread(&error) {
		return ExitCode::from(UNREAD);
	}
	let failure = failure_of(&error);
	match format {
		Format::Text => eprintln!("error: {}", printable(&format!("{error:#}"))),
		Format::Json => {
			let error = serde_json::json!({ "error": format!("{error:#}"), "failure": failure });
			eprintln!("{error}");
		}
	}
	ExitCode::from(failure as u8)
}
