//! The watchtower: other providers' results are fetched, random workgroups computed again on the VM,
//! and what is wrong is challenged (docs/protocol/attestation.md).
//!
//! A challenge that is upheld costs nothing and earns a part of the liar's stake. One that fails costs
//! its fee, so what may be lost is bounded by a budget. Whoever watches signs in its own name.

mod budget;
mod error;
mod examine;
mod queue;
mod tower;

pub use budget::Budget;
pub use error::WatchError;
pub use examine::{examine, Finding, Thoroughness};
pub use queue::{Queue, Watched};
pub use tower::{Seen, Tower};
