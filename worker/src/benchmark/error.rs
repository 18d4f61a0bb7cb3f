//! Why a window could not be answered.

use std::io;

use mutirao_data::store::StoreError;

use crate::gpu::{DeviceError, PoolError};

/// What can go wrong in a window. The loop goes on after each of these; the window may be lost.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
	/// The chain did not answer, or refused.
	#[error(transparent)]
	Chain(#[from] mutirao_client::Error),
	/// The benchmark's program is not on the chain, or is none.
	#[error("the benchmark's program cannot be used: {0}")]
	Program(String),
	/// The device cannot be had.
	#[error(transparent)]
	Pool(#[from] PoolError),
	/// The device gave no result.
	#[error(transparent)]
	Device(#[from] DeviceError),
	/// The device computed something wrong. It must not claim anything.
	#[error("the device computed something wrong in the benchmark: {0}")]
	Wrong(String),
	/// A witness cannot be built.
	#[error(transparent)]
	Prover(#[from] mutirao_machine_prover::Error),
	/// Bytes cannot be kept or found.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// A record cannot be kept.
	#[error("the record of a claim: {0}")]
	Record(#[from] io::Error),
	/// A thread that computed was stopped.
	#[error("a computation was interrupted")]
	Interrupted,
}

impl BenchmarkError {
	/// Whether the worker no longer understands the chain, and must stop.
	pub fn is_fatal(&self) -> bool {
		matches!(
			self,
			Self::Chain(
				mutirao_client::Error::Incompatible(_) | mutirao_client::Error::OtherChain { .. }
			)
		)
	}
}
