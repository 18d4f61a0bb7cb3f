//! What ends the worker, or a command, and what to do about it.

use mutirao_client::{DispatchError, Error as ChainError};

use crate::{config::ConfigError, energy::EnergyError, exit::Failure};

/// Why the worker, or a command, cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The configuration is wrong.
	#[error(transparent)]
	Config(#[from] ConfigError),
	/// The chain did not answer, or refused.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The meter of energy is there but does not work.
	#[error(transparent)]
	Energy(#[from] EnergyError),
	/// The chain's runtime has changed into one that this program does not know.
	#[error(
		"the chain's runtime changed to one that this worker does not understand: {0}. Update the \
		 worker; nothing is signed before that. Duties that are open have their deadlines: see \
		 `mutirao-worker status`"
	)]
	RuntimeUnknown(String),
	/// A second signal came while the worker was stopping.
	#[error(
		"killed by a second signal while stopping; the journal is kept, and `run` goes on with it"
	)]
	Killed,
	/// A part of the worker that must run for ever has ended.
	#[error("{what} ended: {reason}")]
	Ended {
		/// Which part.
		what: &'static str,
		/// Why.
		reason: String,
	},
}

impl Error {
	/// Whether the same may succeed later, with nothing changed.
	pub fn is_retryable(&self) -> bool {
		matches!(self, Self::Chain(error) if error.is_retryable())
	}

	/// Which exit code it has.
	pub fn failure(&self) -> Failure {
		match self {
			Self::Config(_) => Failure::Configuration,
			Self::Chain(error) => failure_of_chain(error),
			Self::RuntimeUnknown(_) => Failure::Chain,
			Self::Energy(_) | Self::Killed | Self::Ended { .. } => Failure::Other,
		}
	}
}

/// The pallets' errors that mean: more money is needed.
const POOR: [(&str, &str); 3] = [
	("Providers", "StakeTooSmall"),
	("Providers", "StakeNotFree"),
	("Balances", "InsufficientBalance"),
];

/// Which exit code an error of the chain has.
pub(crate) fn failure_of_chain(error: &ChainError) -> Failure {
	if let Some(error) = error.pallet_error() {
		return if POOR.contains(&error) { Failure::Money } else { Failure::Refused };
	}
	match error {
		ChainError::Failed { error: DispatchError::Runtime { name, .. }, .. }
			if name.starts_with("Token.") =>
		{
			Failure::Money
		}
		// What a node's pool says when the signer cannot pay the fee.
		ChainError::Rejected(reason) if reason.contains("pay some fees") => Failure::Money,
		ChainError::Failed { .. } | ChainError::Rejected(_) => Failure::Refused,
		_ => Failure::Chain,
	}
}
