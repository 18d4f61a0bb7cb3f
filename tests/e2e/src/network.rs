//! Validators of the local chain, all on loopback.

use crate::{Node, NodeOptions};
use anyhow::{anyhow, Result};

const NAMES: [&str; 4] = ["alice", "bob", "charlie", "dave"];
/// The peer identity that follows from the first validator's node key, by which the others find it.
const BOOT_PEER: &str = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

/// The four validators of `--chain local`; a slot is empty while its validator is down.
pub struct Network {
	running: [Option<Node>; 4],
	stopped: [Option<NodeOptions>; 4],
}

impl Network {
	/// Starts all four.
	pub async fn start() -> Result<Self> {
		let mut network = Self { running: [const { None }; 4], stopped: [const { None }; 4] };
		let mut boot_address = String::new();
		for (index, name) in NAMES.into_iter().enumerate() {
			let mut options =
				NodeOptions::new(&["--chain", "local", &format!("--{name}"), "--validator"])?;
			options.args.extend(["--node-key".into(), format!("{:064x}", index + 1)]);
			if index == 0 {
				boot_address = format!("/ip4/127.0.0.1/tcp/{}/p2p/{BOOT_PEER}", options.ports[2]);
			} else {
				options.args.extend(["--bootnodes".into(), boot_address.clone()]);
			}
			network.running[index] = Some(options.start().await?);
		}
		Ok(network)
	}

	/// A validator that runs.
	pub fn node(&self, index: usize) -> Result<&Node> {
		self.running[index].as_ref().ok_or_else(|| anyhow!("{} is down", NAMES[index]))
	}

	/// Kills a validator without warning.
	pub fn kill(&mut self, index: usize) -> Result<()> {
		let node = self.running[index].take().ok_or_else(|| anyhow!("already down"))?;
		self.stopped[index] = Some(node.kill()?);
		Ok(())
	}

	/// Starts a killed validator again, with the database it had.
	pub async fn restart(&mut self, index: usize) -> Result<()> {
		let options = self.stopped[index].take().ok_or_else(|| anyhow!("not stopped"))?;
		self.running[index] = Some(options.start().await?);
		Ok(())
	}
}
