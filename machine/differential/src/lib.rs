//! One random program on every executor: the VM natively, reading whole buffers; the VM as WASM,
//! reading from a witness as the chain does; and a device. All must write the same bytes, and both
//! VMs take the same steps.

mod block;
mod executors;

pub use block::{Block, Journal, BLOCK_SEEDS};
pub use executors::{Executors, Verdict};
