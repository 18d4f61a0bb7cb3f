//! A buyer on this machine: its key, and its command line.

use crate::{key, program, Node, Sent, MONEY};
use anyhow::Result;
use mutirao_client::{AccountId, Client};
use serde_json::Value;
use std::{
	path::{Path, PathBuf},
	process::Command,
};
use subxt_signer::sr25519::{dev, Keypair};
use tempfile::TempDir;

/// A buyer with money.
pub struct Buyer {
	/// Its key.
	pub key: Keypair,
	name: String,
	endpoint: String,
	folder: TempDir,
}

impl Buyer {
	/// The same as [`Self::at`], on one node.
	pub async fn new(node: &Node, client: &Client, name: &str) -> Result<Self> {
		Self::at(&[node.ws_url()], client, name).await
	}

	/// Gives the account `//NAME` money. `endpoints` are nodes of the chain, in the order in which the
	/// command line tries them.
	pub async fn at(endpoints: &[String], client: &Client, name: &str) -> Result<Self> {
		let buyer = Self {
			key: key(name)?,
			name: name.to_owned(),
			endpoint: endpoints.join(","),
			folder: tempfile::tempdir()?,
		};
		client.transfer(&dev::alice(), buyer.account(), MONEY).await?;
		Ok(buyer)
	}

	/// Its account.
	pub fn account(&self) -> AccountId {
		AccountId::from(self.key.public_key())
	}

	/// A file in its folder.
	pub fn file(&self, name: &str) -> PathBuf {
		self.folder.path().join(name)
	}

	/// Writes a file into its folder; its path as text.
	pub fn write(&self, name: &str, bytes: &[u8]) -> Result<String> {
		let path = self.file(name);
		std::fs::write(&path, bytes)?;
		Ok(path.display().to_string())
	}

	/// `mutirao ...` with its key, its data folder, and JSON.
	pub fn command<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Command {
		let mut command = Command::new(program("mutirao").unwrap_or_default());
		command
			.args(["-o", "json"])
			.args(arguments)
			.env("MUTIRAO_KEY", format!("//{}", self.name))
			.env("MUTIRAO_ENDPOINT", &self.endpoint)
			.env("MUTIRAO_DATA_DIR", self.folder.path().join("data"));
		command
	}

	/// Runs it to its end, on a thread of its own.
	pub async fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Result<Sent> {
		let command = self.command(arguments);
		tokio::task::spawn_blocking(move || Sent::run(command)).await?
	}

	/// What it prints, if it succeeds.
	pub async fn json<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Result<Value> {
		self.run(arguments).await?.json()
	}

	/// Where it keeps its files.
	pub fn folder(&self) -> &Path {
		self.folder.path()
	}
}
