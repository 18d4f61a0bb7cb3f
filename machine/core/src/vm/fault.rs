//! How a run ends without a result.

use thiserror::Error;

use super::buffers::ChunkId;
use crate::{bytecode::Memory, error::ParameterError};

/// What a program did that it may not do. It is the program's fault on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("kernel {kernel}, operation {operation}: {reason}")]
pub struct Fault {
	/// Index of the kernel.
	pub kernel: usize,
	/// Index of the operation in the kernel's code.
	pub operation: usize,
	/// What it did.
	pub reason: FaultReason,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FaultReason {
	/// Two invocations touched one word between two barriers, and the result depends on which
	/// came first.
	#[error(
		"a race on word {word} of {memory:?}: two invocations touch it without a barrier in \
		 between, and not both only read it or apply the same atomic function"
	)]
	Race {
		/// The memory.
		memory: Memory,
		/// The word's index in the array, or in the slice.
		word: u32,
	},
	/// More steps than declared.
	#[error("out of fuel: the workgroup needs more than the {declared} steps it declares")]
	Fuel {
		/// Steps that the program declares for a workgroup of the pass.
		declared: u64,
	},
	/// A barrier that some invocations do not reach.
	#[error("a barrier that {arrived} of {expected} invocations reach")]
	DivergentBarrier {
		/// Invocations at the barrier.
		arrived: usize,
		/// Invocations of the workgroup.
		expected: usize,
	},
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RunError {
	/// The program is at fault.
	#[error(transparent)]
	Fault(#[from] Fault),
	/// The witness lacks a chunk that the workgroup reads: the run is void.
	#[error("chunk {} of the buffer in slot {} is missing", .0.chunk, .0.slot)]
	MissingChunk(ChunkId),
	/// No buffer was given for a slot that the kernel reads.
	#[error("no buffer for slot {0}")]
	MissingBuffer(u8),
	/// The parameters do not fit the program.
	#[error(transparent)]
	Parameters(#[from] ParameterError),
	/// The pass has no workgroup of that number.
	#[error("there is no workgroup {number}; the pass has {count}")]
	NoSuchWorkgroup {
		/// The number asked for.
		number: u32,
		/// Workgroups of the pass.
		count: u32,
	},
}
