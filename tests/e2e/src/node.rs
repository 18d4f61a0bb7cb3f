//! One node process.

use crate::{wait_for, Rpc};
use anyhow::{anyhow, bail, Context, Result};
use std::{
	fs::File,
	io::{Read, Seek, SeekFrom},
	net::TcpListener,
	ops::Range,
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Output, Stdio},
	sync::atomic::{AtomicU16, Ordering},
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// A node on a busy machine may need this long until it answers.
const START_TIMEOUT: Duration = Duration::from_secs(120);

/// The node's program: `$MUTIRAO_NODE`, or the one built beside this test.
pub fn node_binary() -> Result<PathBuf> {
	match std::env::var_os("MUTIRAO_NODE") {
		Some(path) => Ok(path.into()),
		None => program("mutirao-node"),
	}
}

/// A program that was built beside this test.
pub fn program(name: &str) -> Result<PathBuf> {
	let test = std::env::current_exe()?;
	let folder = test
		.ancestors()
		.find(|folder| folder.join(name).is_file())
		.ok_or_else(|| anyhow!("no {name} beside {test:?}: run `cargo build` first"))?;
	Ok(folder.join(name))
}

/// Runs the node's program with these arguments until it ends, or kills it.
///
/// # Errors
///
/// When it still runs after `timeout`.
pub fn run_to_end(args: &[&str], timeout: Duration) -> Result<Output> {
	// Files rather than pipes: nobody reads a pipe while we wait, and a full one stops its writer.
	let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
	let mut child = Command::new(node_binary()?)
		.args(args)
		.stdin(Stdio::null())
		.stdout(stdout.try_clone()?)
		.stderr(stderr.try_clone()?)
		.spawn()?;
	let start = Instant::now();
	let status = loop {
		if let Some(status) = child.try_wait()? {
			break status;
		}
		if start.elapsed() > timeout {
			child.kill()?;
			child.wait()?;
			bail!("`mutirao-node {}` still ran after {timeout:?}", args.join(" "));
		}
		std::thread::sleep(Duration::from_millis(50));
	};
	Ok(Output { status, stdout: contents(&mut stdout)?, stderr: contents(&mut stderr)? })
}

fn contents(file: &mut File) -> Result<Vec<u8>> {
	let mut bytes = Vec::new();
	file.seek(SeekFrom::Start(0))?;
	file.read_to_end(&mut bytes)?;
	Ok(bytes)
}

/// How a node is started. Its folder survives restarts.
pub struct NodeOptions {
	/// Arguments besides folder and ports.
	pub args: Vec<String>,
	/// The database, keys and logs.
	pub folder: TempDir,
	/// Of JSON-RPC, of Prometheus, of peers.
	pub ports: [u16; 3],
}

impl NodeOptions {
	/// A node with these arguments, a new folder and free ports.
	pub fn new<S: AsRef<str>>(args: &[S]) -> Result<Self> {
		Ok(Self {
			args: args.iter().map(|a| a.as_ref().to_owned()).collect(),
			folder: tempfile::tempdir()?,
			ports: free_ports()?,
		})
	}

	/// Starts the node and waits until it answers.
	pub async fn start(self) -> Result<Node> {
		let [rpc_port, prometheus_port, p2p_port] = self.ports;
		let log = self.folder.path().join("node.log");
		let child = Command::new(node_binary()?)
			.args(&self.args)
			.arg("--base-path")
			.arg(self.folder.path().join("data"))
			.args(["--rpc-port", &rpc_port.to_string()])
			.args(["--prometheus-port", &prometheus_port.to_string()])
			.args(["--listen-addr", &format!("/ip4/127.0.0.1/tcp/{p2p_port}")])
			.args(["--no-mdns", "--no-telemetry", "--allow-private-ip"])
			.stdin(Stdio::null())
			.stdout(Stdio::null())
			.stderr(File::options().append(true).create(true).open(&log)?)
			.spawn()?;
		let rpc = Rpc::new(rpc_port)?;
		let mut node = Node { child, options: self, rpc };
		node.wait_until_up().await?;
		Ok(node)
	}
}

/// A running node; killed when dropped.
pub struct Node {
	child: Child,
	options: NodeOptions,
	/// Asks this node.
	pub rpc: Rpc,
}

impl Node {
	/// A one-validator development chain.
	pub async fn dev() -> Result<Self> {
		NodeOptions::new(&["--dev"])?.start().await
	}

	/// `ws://127.0.0.1:port`.
	pub fn ws_url(&self) -> String {
		format!("ws://127.0.0.1:{}", self.options.ports[0])
	}

	/// The port of JSON-RPC.
	pub fn rpc_port(&self) -> u16 {
		self.options.ports[0]
	}

	/// The port of Prometheus metrics.
	pub fn prometheus_port(&self) -> u16 {
		self.options.ports[1]
	}

	/// The port where peers connect.
	pub fn p2p_port(&self) -> u16 {
		self.options.ports[2]
	}

	/// The folder of database and log.
	pub fn folder(&self) -> &Path {
		self.options.folder.path()
	}

	/// What the node has logged so far.
	pub fn log(&self) -> Result<String> {
		Ok(std::fs::read_to_string(self.folder().join("node.log"))?)
	}

	/// The process, for reading its memory use.
	pub fn pid(&self) -> u32 {
		self.child.id()
	}

	/// Whether the process still runs.
	pub fn is_alive(&mut self) -> Result<bool> {
		Ok(self.child.try_wait()?.is_none())
	}

	/// Ends the node at once, as a power cut would.
	pub fn kill(mut self) -> Result<NodeOptions> {
		self.child.kill()?;
		self.child.wait()?;
		self.into_options()
	}

	/// Asks the node to stop, as an operator would, and gives its exit status.
	pub fn stop(mut self) -> Result<(ExitStatus, NodeOptions)> {
		let sent = Command::new("kill").arg(self.child.id().to_string()).status()?;
		if !sent.success() {
			bail!("cannot signal process {}", self.child.id());
		}
		let status = self.child.wait()?;
		Ok((status, self.into_options()?))
	}

	fn into_options(mut self) -> Result<NodeOptions> {
		let nothing = NodeOptions { args: Vec::new(), folder: tempfile::tempdir()?, ports: [0; 3] };
		Ok(std::mem::replace(&mut self.options, nothing))
	}

	async fn wait_until_up(&mut self) -> Result<()> {
		let rpc = self.rpc.clone();
		let up = wait_for("the node to answer", START_TIMEOUT, || {
			let rpc = rpc.clone();
			let dead = self.child.try_wait().map(|status| status.is_some());
			async move {
				// A dead node will never answer: stop waiting and let the caller see its log.
				match dead {
					Ok(false) => Ok(rpc.best().await.ok().map(|_| true)),
					_ => Ok(Some(false)),
				}
			}
		});
		match up.await {
			Ok((true, _)) => Ok(()),
			Ok((false, _)) => bail!("the node ended; its log:\n{}", self.log()?),
			Err(e) => Err(e.context(format!("its log:\n{}", self.log()?))),
		}
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		// A node that ended by itself cannot be killed again; nothing is left to do then.
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

/// The ports that nodes of tests take: below those that systems give to outgoing connections
/// (32768 and up on Linux), one of which may else take a node's port between its stop and restart.
const PORTS: Range<u16> = 10_000..32_000;

/// Three ports that no other node of this process has been given, and that are free now.
pub fn free_ports() -> Result<[u16; 3]> {
	static NEXT: AtomicU16 = AtomicU16::new(0);
	// Processes that run side by side begin at different places, far enough from each other although
	// their numbers are neighbours.
	let start = std::process::id().wrapping_mul(499) % u32::from(PORTS.len() as u16);
	let start = u16::try_from(start)?;
	let mut ports = [0; 3];
	for port in &mut ports {
		*port = (0..PORTS.len())
			.map(|_| {
				let offset = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
				PORTS.start + offset % (PORTS.len() as u16)
			})
			.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
			.context("no free port")?;
	}
	Ok(ports)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;

	#[test]
	fn ports_are_distinct_and_never_those_of_outgoing_connections() -> Result<()> {
		let mut seen = BTreeSet::new();
		for _ in 0..50 {
			for port in free_ports()? {
				assert!(PORTS.contains(&port) && seen.insert(port), "{port}");
			}
		}
		Ok(())
	}
}
