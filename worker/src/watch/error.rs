//! Why a job could not be examined.

use std::time::Duration;

use mutirao_data::store::StoreError;

use crate::{chain::SubmitError, jobs::is_filtered};

/// What can go wrong. The tower goes on with the other jobs after each of these.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
	/// The chain did not answer, or refused.
	#[error(transparent)]
	Chain(#[from] mutirao_client::Error),
	/// A challenge was not taken.
	#[error(transparent)]
	Submit(#[from] SubmitError),
	/// The provider does not serve a buffer. Its buyer can demand it on the chain.
	#[error("a buffer cannot be fetched: {0}")]
	Fetch(String),
	/// Fetching and computing took longer than the contest window allows.
	#[error(
		"it was not examined within {0:?}: its provider serves too slowly, or it is too large"
	)]
	TooSlow(Duration),
	/// Bytes cannot be kept.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The job's program and what was attested do not fit together.
	#[error("the job cannot be computed again: {0}")]
	Malformed(String),
	/// The run cannot be made.
	#[error(transparent)]
	Prover(#[from] mutirao_machine_prover::Error),
	/// A thread that computed was stopped.
	#[error("a computation was interrupted")]
	Interrupted,
}

impl WatchError {
	/// Whether the chain is no longer understood.
	pub fn is_fatal(&self) -> bool {
		use mutirao_client::Error::{Incompatible, OtherChain};
		let chain = match self {
			Self::Chain(error) => Some(error),
			Self::Submit(error) => error.chain_error(),
			_ => None,
		};
		matches!(chain, Some(Incompatible(_) | OtherChain { .. }))
	}

	/// Whether the chain takes no challenges now: it stands still.
	pub fn is_filtered(&self) -> bool {
		matches!(self, Self::Submit(SubmitError::Refused { error, .. }) if is_filtered(error))
	}

	/// Whether the same job may be examined, and challenged, later, and no challenge is on its way.
	pub fn may_pass(&self) -> bool {
		match self {
			Self::Chain(error) => error.is_retryable(),
			Self::Submit(error @ SubmitError::GaveUp { .. }) => error.is_certain(),
			_ => self.is_filtered(),
		}
	}
}
