//! Benchmark windows: each offer's device is measured whenever the chain opens a window
//! (docs/protocol/benchmarks.md).
//!
//! One loop for each offer. What is to be done follows from the chain and from what is on the disk
//! ([`decide()`]), so a worker that starts in the middle of a window goes on, and one that lost its disk
//! computes its claim again. From the window's opening to the claim the device computes nothing else.

mod calls;
mod compute;
mod decide;
mod device;
mod error;
mod offer;
mod record;
mod refusals;
mod size;

pub use compute::{claim_of_size, Claimable};
pub use decide::{decide, Step, View};
pub use error::BenchmarkError;
pub use offer::{Bench, Measured};
pub use record::{Record, Records};
pub use size::{calibrate, size_for, Rate};
