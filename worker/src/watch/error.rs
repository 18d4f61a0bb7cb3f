//! Why a job could not be examined.

use mutirao_data::{fetch::FetchError, store::StoreError};

/// What can go wrong. The tower goes on with the next job after each of these.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
	/// The chain did not answer, or refused.
	#[error(transparent)]
	Chain(#[from] mutirao_client::Error),
	/// The provider does not serve a buffer. Its buyer can demand it on the chain.
	#[error("a buffer cannot be fetched: {0}")]
	Fetch(#[from] FetchError),
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
		matches!(
			self,
			Self::Chain(
				mutirao_client::Error::Incompatible(_) | mutirao_client::Error::OtherChain { .. }
			)
		)
	}
}
