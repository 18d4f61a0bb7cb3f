//! Why something that was to be done for a job was not.

use mutirao_client::Error;
use mutirao_data::store::StoreError;
use mutirao_types::BufferId;

use crate::{
	chain::{is_fatal, SubmitError},
	gpu::{DeviceError, PoolError},
};

use super::{JournalError, Refusal};

/// Why something that was to be done was not.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
	/// The chain did not answer.
	#[error(transparent)]
	Chain(#[from] Error),
	/// A call did not take effect.
	#[error(transparent)]
	Submit(#[from] SubmitError),
	/// The journal failed.
	#[error(transparent)]
	Journal(#[from] JournalError),
	/// The store failed.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// A witness cannot be built.
	#[error(transparent)]
	Witness(#[from] mutirao_machine_prover::Error),
	/// A device failed.
	#[error(transparent)]
	Device(#[from] DeviceError),
	/// A device cannot be had.
	#[error(transparent)]
	Pool(#[from] PoolError),
	/// The job is not taken.
	#[error(transparent)]
	Refused(#[from] Refusal),
	/// A buffer that should be here is not.
	#[error("buffer {0} is not in the store")]
	BufferMissing(BufferId),
	/// Inputs cannot be had.
	#[error("inputs cannot be fetched: {0}")]
	Inputs(String),
	/// Demands are counted on the chain, and nobody says which.
	#[error("the chain counts {waiting} demands, of which {known} are known; their blocks cannot be read here")]
	DemandsUnknown {
		/// How many wait.
		waiting: usize,
		/// How many of them are known.
		known: usize,
	},
	/// A task of the process died.
	#[error("a task of the worker died: {0}")]
	Died(String),
}

impl ActError {
	/// Whether the worker cannot go on.
	pub fn is_fatal(&self) -> bool {
		match self {
			Self::Chain(error) => is_fatal(error),
			Self::Submit(error) => error.chain_error().is_some_and(is_fatal),
			Self::Journal(_) => true,
			_ => false,
		}
	}
}
