//! The VM as a WASM module, to compare and to measure it as a runtime would run it.
//!
//! The host writes a SCALE-encoded [`Request`] to the mailbox, calls an export with its length,
//! and reads the reply from the mailbox. The mailbox is made of atomics, so that neither side needs
//! a pointer to shared memory: without threads they are plain loads and stores.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

#[cfg(target_family = "wasm")]
mod exports;
pub mod handwritten;
mod request;

pub use request::{execute, prepare, Prepared, Reply, Request};
