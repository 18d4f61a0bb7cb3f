//! A provider on this machine: its accounts, its settings, its worker's process.

use crate::{free_ports, program, wait_for, Node, Sent};
use anyhow::{bail, Context, Result};
use mutirao_client::{AccountId, Client};
use serde_json::Value;
use std::{
	fs::File,
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	str::FromStr,
	time::Duration,
};
use subxt_signer::{
	sr25519::{dev, Keypair},
	SecretUri,
};
use tempfile::TempDir;

/// What providers of tests put at stake.
pub const STAKE: &str = "1000 MUT";
/// What Alice gives to accounts of tests, in planck.
pub const MONEY: u128 = 10_000_000_000_000_000;
/// A worker checks its devices before it serves.
const READY_TIMEOUT: Duration = Duration::from_secs(180);

/// The key of an account that only this test uses: `//NAME`.
pub fn key(name: &str) -> Result<Keypair> {
	Ok(Keypair::from_uri(&SecretUri::from_str(&format!("//{name}"))?)?)
}

/// A registered provider. Its folder survives restarts of its worker.
pub struct Provider {
	/// Its account's key.
	pub owner: Keypair,
	folder: TempDir,
	metrics_port: u16,
}

impl Provider {
	/// Makes settings with `init`, gives the account money, and registers it with `register`.
	/// `arguments` are further ones of `init`.
	pub async fn register(
		node: &Node,
		client: &Client,
		name: &str,
		adapter: &str,
		arguments: &[&str],
	) -> Result<Self> {
		let owner = key(name)?;
		let account = AccountId::from(owner.public_key());
		client.transfer(&dev::alice(), account, MONEY).await?;
		let [data_port, metrics_port, _] = free_ports()?;
		let provider = Self { owner, folder: tempfile::tempdir()?, metrics_port };
		let (data, metrics) =
			(format!("127.0.0.1:{data_port}"), format!("127.0.0.1:{metrics_port}"));
		let url = format!("http://{data}");
		let folder = provider.folder.path();
		let (key_file, data_folder) = (folder.join("worker.key"), folder.join("data"));
		let mut init = provider.command("init");
		init.args(["--endpoint", &node.ws_url(), "--provider", &account.to_string()])
			.args(["--new-key", "--allow-development-keys", "--adapter", adapter])
			.args(["--listen", &data, "--metrics", &metrics, "--public-url", &url])
			.args(["--region", "BR-SP", "--quota-gib", "1", "--key-file"])
			.arg(key_file)
			.arg("--data")
			.arg(data_folder)
			.args(arguments);
		Sent::run(init)?.success()?;
		let mut register = provider.command("register");
		register.args(["--stake", STAKE, "--yes"]);
		register.env("MUTIRAO_WORKER_OWNER_KEY", format!("//{name}"));
		Sent::run(register)?.success()?;
		Ok(provider)
	}

	/// Its account.
	pub fn account(&self) -> AccountId {
		AccountId::from(self.owner.public_key())
	}

	/// The number of its only offer.
	pub fn offer(&self) -> Result<u64> {
		let settings = std::fs::read_to_string(self.settings())?;
		let line = settings.lines().find_map(|line| line.trim().strip_prefix("offer = "));
		Ok(line.context("register wrote no offer")?.trim().parse()?)
	}

	/// Makes its devices lie from now on, in the words of the setting `testing.lie`.
	pub fn lie(&self, lie: &str) -> Result<()> {
		let settings = std::fs::read_to_string(self.settings())?;
		Ok(std::fs::write(self.settings(), format!("{settings}\n[testing]\nlie = \"{lie}\"\n"))?)
	}

	/// The file of its settings.
	pub fn settings(&self) -> PathBuf {
		self.folder.path().join("worker.toml")
	}

	/// Where it keeps everything.
	pub fn folder(&self) -> &Path {
		self.folder.path()
	}

	/// `mutirao-worker COMMAND` with its settings.
	pub fn command(&self, command: &str) -> Command {
		let mut worker = Command::new(program("mutirao-worker").unwrap_or_default());
		worker.arg(command).arg("--config").arg(self.settings()).args(["-o", "json"]);
		worker.env_remove("RUST_LOG");
		worker
	}

	/// Starts its worker and waits until it serves.
	pub async fn start(&self) -> Result<Worker<'_>> {
		self.start_with(&[]).await
	}

	/// The same with variables, such as a fault point.
	pub async fn start_with(&self, variables: &[(&str, &str)]) -> Result<Worker<'_>> {
		let log = File::options().append(true).create(true).open(self.log_file())?;
		let child = self
			.command("run")
			.envs(variables.iter().copied())
			.stdin(Stdio::null())
			.stdout(Stdio::null())
			.stderr(log)
			.spawn()?;
		let mut worker = Worker { child, provider: self };
		worker.wait_until_ready().await?;
		Ok(worker)
	}

	fn log_file(&self) -> PathBuf {
		self.folder.path().join("worker.log")
	}

	/// What its worker has logged so far.
	pub fn log(&self) -> String {
		std::fs::read_to_string(self.log_file()).unwrap_or_default()
	}
}

/// A running worker; killed when dropped.
pub struct Worker<'a> {
	child: Child,
	provider: &'a Provider,
}

impl Worker<'_> {
	async fn wait_until_ready(&mut self) -> Result<()> {
		let url = format!("http://127.0.0.1:{}/health", self.provider.metrics_port);
		let ready = wait_for("the worker to serve", READY_TIMEOUT, || {
			let dead = !matches!(self.child.try_wait(), Ok(None));
			let url = url.clone();
			async move { Ok((dead || answers(&url).await).then_some(dead)) }
		});
		match ready.await {
			Ok((false, _)) => Ok(()),
			Ok((true, _)) => bail!("the worker ended; its log:\n{}", self.provider.log()),
			Err(error) => Err(error.context(self.provider.log())),
		}
	}

	/// What `status` says.
	pub fn status(&self) -> Result<Value> {
		Sent::run(self.provider.command("status"))?.json()
	}

	/// Ends it at once, as a power cut would.
	pub fn kill(mut self) -> Result<()> {
		self.child.kill()?;
		self.child.wait()?;
		Ok(())
	}

	/// Waits until it has ended by itself.
	pub async fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
		let ended = wait_for("the worker to end", within, || {
			let status = self.child.try_wait();
			async move { Ok(status?) }
		});
		Ok(ended.await?.0)
	}

	/// Asks it to stop, as an operator would; its exit status.
	pub async fn stop(mut self) -> Result<ExitStatus> {
		Command::new("kill").arg(self.child.id().to_string()).status()?;
		self.ended(Duration::from_secs(60)).await
	}
}

impl Drop for Worker<'_> {
	fn drop(&mut self) {
		// One that ended by itself cannot be killed again; nothing is left to do then.
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

async fn answers(url: &str) -> bool {
	let url = url.to_owned();
	let asked = tokio::task::spawn_blocking(move || {
		Command::new("curl").args(["-sf", "--max-time", "2", "-o", "/dev/null", &url]).status()
	});
	matches!(asked.await, Ok(Ok(status)) if status.success())
}
