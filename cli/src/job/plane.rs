//! Bytes to and from providers, with progress.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use mutirao_client::types::BufferId;
use mutirao_data::{
	fetch::{FetchError, FetchOptions, Fetcher},
	store::{Store, Stored},
	wire::UploadToken,
};

use crate::{
	exit::{failed, Failure},
	output::transfer,
};

/// How data planes are reached.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PlaneArgs {
	/// Also ask data planes at addresses that are not public, as on development chains, where it goes
	/// without saying.
	#[arg(long)]
	allow_private: bool,
	/// A PEM file with the authorities that are trusted for https, instead of the system's.
	#[arg(long, value_name = "FILE")]
	authorities: Option<PathBuf>,
}

/// Where inputs come from.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SourceArgs {
	/// Tell providers to fetch the inputs there (see `mutirao serve`), instead of bringing them.
	#[arg(long = "source", value_name = "URL")]
	pub(crate) sources: Vec<String>,
}

/// A client of data planes. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Plane {
	fetcher: Fetcher,
	sources: Vec<String>,
}

impl Plane {
	/// Makes one. `sources`: where providers fetch the inputs, instead of having them brought.
	pub(crate) fn new(
		arguments: &PlaneArgs,
		sources: &[String],
		development: bool,
	) -> anyhow::Result<Self> {
		let options = FetchOptions {
			allow_private: arguments.allow_private || development,
			authorities: arguments.authorities.clone(),
			connections_per_source: 4,
			grace: Duration::from_secs(60),
			..FetchOptions::default()
		};
		let fetcher = Fetcher::new(options).map_err(|error| failed(Failure::Unavailable, error))?;
		Ok(Self { fetcher, sources: sources.to_vec() })
	}

	/// Brings a provider what it lacks of a job's inputs, or tells it where they are.
	pub(crate) async fn upload(
		&self,
		endpoint: &str,
		token: &UploadToken,
		inputs: &[Stored],
	) -> Result<(), FetchError> {
		if !self.sources.is_empty() {
			return self.fetcher.send_sources(endpoint, token, &self.sources).await;
		}
		for (index, input) in (0u8..).zip(inputs) {
			let bar = transfer(input.id().bytes, "sending");
			let progress = |there| bar.set_position(there);
			let sent = self.fetcher.upload(endpoint, token, index, input, &progress).await;
			bar.finish_and_clear();
			sent?;
		}
		Ok(())
	}

	/// Fetches a buffer; each piece is checked against its hash.
	pub(crate) async fn fetch(
		&self,
		id: &BufferId,
		endpoint: &str,
		store: &Store,
	) -> anyhow::Result<Stored> {
		let bar = transfer(id.bytes, "fetching");
		let progress = |there| bar.set_position(there);
		let fetched = self.fetcher.fetch(id, &[endpoint.to_owned()], store, &progress).await;
		bar.finish_and_clear();
		fetched.map_err(|error| failed(Failure::Unavailable, error))
	}
}
