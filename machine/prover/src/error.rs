//! Why a job cannot be computed or shown.

use mutirao_commitment::{OpenError, PastEnd};
use mutirao_machine_core::{ParameterError, RunError};

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The parameters do not fit the program.
	#[error(transparent)]
	Parameters(#[from] ParameterError),
	/// The buffers do not fit the program with these parameters.
	#[error(transparent)]
	Inputs(#[from] InputError),
	/// A workgroup gives no result.
	#[error("pass {pass}, workgroup {number}: {source}")]
	Run {
		/// Index of the pass.
		pass: usize,
		/// The workgroup's number.
		number: u32,
		/// Why.
		source: RunError,
	},
	/// There is no such pass or workgroup.
	#[error("the job has no pass {pass} with a workgroup {number}")]
	NoSuchWorkgroup {
		/// Index of the pass.
		pass: u16,
		/// The workgroup's number.
		number: u32,
	},
	/// Only the inputs are at hand, and this needs another buffer.
	#[error("buffer {buffer} is not at hand")]
	Absent {
		/// Index of the buffer in the program.
		buffer: usize,
	},
	/// A buffer cannot be opened.
	#[error("buffer {buffer} cannot be opened: {source}")]
	Open {
		/// Index of the buffer in the program.
		buffer: usize,
		/// Why.
		source: OpenError<PastEnd>,
	},
}

/// Buffers that do not fit a job.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InputError {
	/// Too few or too many.
	#[error("the program has {wanted} buffers, but {found} were given")]
	Count {
		/// What the program has.
		wanted: usize,
		/// What was given.
		found: usize,
	},
	/// Too short or too long.
	#[error("buffer {buffer} has {found} bytes; with these parameters it must have {wanted}")]
	Length {
		/// Index of the buffer in the program.
		buffer: usize,
		/// What it must have.
		wanted: u64,
		/// What it has.
		found: u64,
	},
}
