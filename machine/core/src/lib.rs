//! The kernel machine: bytecode with exactly one meaning on every GPU and on the chain, its
//! validator, and the VM that runs one workgroup in lockstep.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod bytecode;
