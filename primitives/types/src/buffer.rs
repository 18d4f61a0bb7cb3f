//! Buffers: bytes that travel beside the chain and are named on it.

use bounded_collections::{BoundedVec, ConstU32};

pub use mutirao_commitment::BufferId;

/// Input buffers of a job, and output buffers, at most.
pub const MAX_JOB_BUFFERS: u32 = 16;

/// The inputs, or the outputs, of a job, in the order in which the program declares them.
pub type JobBuffers = BoundedVec<BufferId, ConstU32<MAX_JOB_BUFFERS>>;
