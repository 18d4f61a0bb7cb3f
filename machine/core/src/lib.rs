//! The kernel machine: bytecode with exactly one meaning on every GPU and on the chain, its
//! validator, and the VM that runs one workgroup in lockstep.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod bytecode;
pub mod cost;
mod error;
pub mod functions;
mod outline;
mod program;
mod resolve;
mod validate;
mod vm;

pub use error::{DecodeError, Indexed, Limited, ParameterError, Place, Reason, ValidateError};
pub use outline::Outline;
pub use program::Program;
pub use resolve::{ResolvedPass, ResolvedSlot, Summary};
pub use vm::{
	run_resolved, run_workgroup, Buffer, Buffers, ByteBuffers, ChunkId, Fault, FaultReason,
	RecordedBuffer, Recorder, Run, RunError, Witness, WitnessBuffer, WitnessError, CHUNK_BYTES,
	CHUNK_WORDS,
};
