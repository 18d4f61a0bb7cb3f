//! The kernel machine: bytecode with exactly one meaning on every GPU and on the chain, its
//! validator, and the VM that runs one workgroup in lockstep.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod bytecode;
mod error;
mod program;
mod resolve;
mod validate;

pub use error::{DecodeError, Indexed, Limited, ParameterError, Place, Reason, ValidateError};
pub use program::Program;
pub use resolve::{ResolvedPass, ResolvedSlot, Summary};
