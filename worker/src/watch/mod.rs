//! The watchtower: other providers' results are fetched, random workgroups computed again on the VM,
//! and what is wrong is challenged (docs/protocol/attestation.md).
//!
//! A challenge that is upheld costs nothing and earns a part of the liar's stake. One that fails costs
//! its fee, so what may be lost is bounded by a budget. Whoever watches signs in its own name. Several
//! jobs are examined at once, each for half of the time that is left to challenge it at most: a provider
//! that does not serve, or serves slowly, does not keep the tower from others.

mod attend;
mod budget;
mod challenge;
mod error;
mod examine;
mod queue;
#[cfg(test)]
mod tests;
mod tower;

pub use budget::{Budget, Reservation};
pub use error::WatchError;
pub use examine::{examine, Finding, Thoroughness};
pub use queue::{Contestable, Queue, Watched};
pub use tower::{Seen, Tower};
