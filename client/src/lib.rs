//! A typed client of the Mutirão chain.
//!
//! [`api`] is generated from the metadata checked in beside this crate; a test of the runtime fails
//! when that file is stale. [`Client`] connects, submits, and follows what it submitted to finality.

mod error;
mod submit;

pub use error::Error;
pub use submit::{Client, Receipt};

/// Calls, storage and events of the chain, generated from `metadata.scale`.
#[allow(missing_docs, clippy::all)]
#[subxt::subxt(runtime_metadata_path = "metadata.scale")]
pub mod api {}

/// The chain's types, as subxt needs them.
pub type Config = subxt::PolkadotConfig;
