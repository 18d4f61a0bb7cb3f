//! A provider on this machine: its accounts, its settings, its worker's process.

use crate::{free_ports, program, wait_for, Node, Sent};
use anyhow::{bail, ensure, Context, Result};
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
/// The least that a job of theirs costs, unless the test says otherwise.
const MINIMUM_PRICE: &str = "0.001 MUT";
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
	url: String,
}

impl Provider {
	/// The same as [`Self::register_at`], on one node.
	pub async fn register(
		node: &Node,
		client: &Client,
		name: &str,
		adapter: &str,
		arguments: &[&str],
	) -> Result<Self> {
		Self::register_at(&[node.ws_url()], client, name, adapter, arguments).await
	}

	/// Makes settings with `init`, gives the account money, and registers it with `register`.
	/// `endpoints` are nodes of the chain, in the order in which the worker tries them; `arguments` are
	/// further ones of `init`.
	pub async fn register_at(
		endpoints: &[String],
		client: &Client,
		name: &str,
		adapter: &str,
		arguments: &[&str],
	) -> Result<Self> {
		let owner = key(name)?;
		let account = AccountId::from(owner.public_key());
		client.transfer(&dev::alice(), account, MONEY).await?;
		let [data_port, metrics_port, _] = free_ports()?;
		let data = format!("127.0.0.1:{data_port}");
		let (metrics, url) = (format!("127.0.0.1:{metrics_port}"), format!("http://{data}"));
		let provider = Self { owner, folder: tempfile::tempdir()?, metrics_port, url };
		let url = &provider.url;
		let folder = provider.folder.path();
		let (key_file, data_folder) = (folder.join("worker.key"), folder.join("data"));
		let mut init = provider.command("init");
		init.args(endpoints.iter().flat_map(|url| ["--endpoint", url]))
			.args(["--provider", &account.to_string(), "--new-key"])
			.args(["--allow-development-keys", "--adapter", adapter])
			.args(["--listen", &data, "--metrics", &metrics, "--public-url", url])
			.args(["--region", "BR-SP", "--quota-gib", "1", "--key-file"])
			.arg(key_file)
			.arg("--data")
			.arg(data_folder)
			.args(arguments);
		if !arguments.contains(&"--minimum-price") {
			init.args(["--minimum-price", MINIMUM_PRICE]);
		}
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

	/// Where its data plane is, as the chain has it.
	pub fn url(&self) -> &str {
		&self.url
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

	/// Starts `mutirao-worker COMMAND`, its log in the provider's folder.
	fn spawn(&self, mut command: Command) -> Result<Child> {
		let log = File::options().append(true).create(true).open(self.log_file())?;
		command.stdin(Stdio::null()).stderr(log);
		command.spawn().with_context(|| format!("{command:?}"))
	}

	/// Starts its watchtower, which computes other providers' work again.
	pub fn watch(&self, arguments: &[&str]) -> Result<Tower> {
		let mut watch = self.command("watch");
		watch.args(arguments).stdout(Stdio::piped());
		Ok(Tower { child: Some(self.spawn(watch)?) })
	}

	/// The account of the key with which its worker and its watchtower sign.
	pub fn hot_account(&self) -> Result<AccountId> {
		let text = std::fs::read_to_string(self.folder.path().join("worker.key"))?;
		let key = Keypair::from_uri(&SecretUri::from_str(text.trim())?)?;
		Ok(AccountId::from(key.public_key()))
	}

	/// Starts its worker and waits until it serves.
	pub async fn start(&self) -> Result<Worker<'_>> {
		self.start_with(&[]).await
	}

	/// The same with variables, such as a fault point.
	pub async fn start_with(&self, variables: &[(&str, &str)]) -> Result<Worker<'_>> {
		let mut run = self.command("run");
		run.envs(variables.iter().copied()).stdout(Stdio::null());
		let mut worker = Worker { child: self.spawn(run)?, provider: self };
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

/// A running watchtower; killed when dropped.
pub struct Tower {
	child: Option<Child>,
}

impl Tower {
	/// Asks it to stop, as an operator would; what it says that it has seen.
	pub async fn stop(mut self) -> Result<Value> {
		let child = self.child.take().context("it runs")?;
		Command::new("kill").arg(child.id().to_string()).status()?;
		let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await??;
		let seen = String::from_utf8_lossy(&output.stdout);
		ensure!(output.status.success(), "the watchtower: {}: {seen}", output.status);
		serde_json::from_str(&seen).with_context(|| format!("the watchtower said: {seen}"))
	}
}

impl Drop for Tower {
	fn drop(&mut self) {
		if let Some(child) = &mut self.child {
			// One that ended by itself cannot be killed again; nothing is left to do then.
			let _ = child.kill();
			let _ = child.wait();
		}
	}
}

async fn answers(url: &str) -> bool {
	let url = url.to_owned();
	let asked = tokio::task::spawn_blocking(move || {
		Command::new("curl").args(["-sf", "--max-time", "2", "-o", "/dev/null", &url]).status()
	});
	matches!(asked.await, Ok(Ok(status)) if status.success())
}
