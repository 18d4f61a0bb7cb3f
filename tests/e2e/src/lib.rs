//! Runs the real programs and talks to them over their public interfaces.
//!
//! [`Node`] is one running `mutirao-node`; [`Network`] several of them on loopback, each with its own
//! folder and ports; [`Rpc`] asks a node; [`Provider`] is a provider and its worker, [`Buyer`] a buyer
//! with the command line, and [`bring`] its bare hand; [`wait_for`] turns "soon" into a bounded wait.

mod buyer;
mod network;
mod node;
mod provider;
mod rpc;
mod sent;
mod upload;
mod wait;

pub use buyer::Buyer;
pub use network::Network;
pub use node::{free_ports, node_binary, program, run_to_end, Node, NodeOptions};
pub use provider::{key, Provider, Tower, Worker, MONEY, STAKE};
pub use rpc::Rpc;
pub use sent::Sent;
pub use upload::bring;
pub use wait::{holds_for, wait_for};
