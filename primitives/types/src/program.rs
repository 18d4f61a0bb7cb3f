//! What a job is told about a registered program.

use crate::{buffer::MAX_JOB_BUFFERS, wire, Steps};
use bounded_collections::{BoundedVec, ConstU32};

/// A program's name: the BLAKE3 hash of its bytecode.
pub type ProgramId = [u8; 32];

/// Parameters of a program, at most; the kernel machine's own limit.
pub const MAX_PARAMETERS: u32 = 32;

/// A job's values for its program's parameters, in the order in which the program declares them.
pub type Parameters = BoundedVec<u32, ConstU32<MAX_PARAMETERS>>;

/// Lengths in bytes of a job's inputs or outputs.
pub type BufferLengths = BoundedVec<u64, ConstU32<MAX_JOB_BUFFERS>>;

wire! {
	/// What a program asks for with a job's parameters.
	pub struct Quote {
		/// Steps that all workgroups of all passes declare; the price follows from them.
		pub declared_steps: Steps,
		/// The most that a single workgroup declares; the price of an audit follows from it.
		pub workgroup_steps: Steps,
		/// Length in bytes of each input.
		pub input_bytes: BufferLengths,
		/// Length in bytes of each output.
		pub output_bytes: BufferLengths,
		/// Bytes of all buffers together, intermediate ones too.
		pub total_bytes: u64,
		/// Buffers that passes write: the length of the job's transcript.
		pub written_buffers: u32,
	}
}
