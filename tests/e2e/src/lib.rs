//! Runs the real programs and talks to them over their public interfaces.
//!
//! [`Node`] is one running `mutirao-node`; [`Network`] several of them on loopback, each with its own
//! folder and ports; [`Rpc`] asks a node; [`wait_for`] turns "soon" into a bounded wait.

mod network;
mod node;
mod rpc;
mod wait;

pub use network::Network;
pub use node::{node_binary, run_to_end, Node, NodeOptions};
pub use rpc::Rpc;
pub use wait::{holds_for, wait_for};
