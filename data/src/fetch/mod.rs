//! The client: fetches buffers from several sources, brings inputs to a provider, resumes both.
//!
//! Nothing that a server says is believed: each piece is verified before it is written, each body
//! has a bound, each request a time. Redirects are not followed, and addresses that are not public
//! are refused unless the options allow them.

mod address;
mod client;
mod error;
mod options;
mod pieces;
mod plan;
mod resolve;
mod roots;
mod upload;

use mutirao_commitment::BufferId;
use tokio::{
	task::spawn_blocking,
	time::{sleep, timeout_at, Duration, Instant},
};

use crate::{
	store::{Partial, Store, Stored},
	wire,
};

pub use address::{check_url, is_public, AddressError};
pub use error::{FetchError, SourceError};
pub use options::FetchOptions;

use client::Client;
use plan::Plan;

/// A client of data planes. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Fetcher {
	options: FetchOptions,
	client: Client,
}

/// Called with how many bytes of a buffer are there: verified, or accepted by the provider.
pub type OnProgress<'a> = &'a (dyn Fn(u64) + Send + Sync);

impl Fetcher {
	/// Makes a client.
	///
	/// # Errors
	///
	/// If the certificates of the authorities that are trusted cannot be read.
	pub fn new(options: FetchOptions) -> Result<Self, FetchError> {
		let client = Client::new(&options)?;
		Ok(Self { options, client })
	}

	/// Fetches a buffer into the store, from all sources at once; a source is the base URL of a data
	/// plane. What is there from an earlier try is kept. A source that lies, or that fails several
	/// times in a row, is left out from then on; the error names why.
	///
	/// # Errors
	///
	/// If no source is left, the time is over ([`FetchOptions::time_for`]), or the store fails or
	/// is full. What was verified stays, for the next try.
	pub async fn fetch(
		&self,
		id: &BufferId,
		sources: &[String],
		store: &Store,
		progress: OnProgress<'_>,
	) -> Result<Stored, FetchError> {
		let (id, shared) = (*id, store.clone());
		let partial = blocking(move || Ok(shared.receive(id)?)).await?;
		let plan = Plan::new(sources, &self.options);
		let deadline = Instant::now() + self.options.time_for(id.bytes);
		match timeout_at(deadline, self.fetch_all(&partial, store, &plan, progress)).await {
			Ok(fetched) => fetched,
			Err(_) => Err(FetchError::TooSlow {
				id,
				after: self.options.time_for(id.bytes),
				sources: plan.reasons(),
			}),
		}
	}

	async fn fetch_all(
		&self,
		partial: &Partial,
		store: &Store,
		plan: &Plan,
		progress: OnProgress<'_>,
	) -> Result<Stored, FetchError> {
		let id = partial.id();
		loop {
			let shared = partial.clone();
			let missing = blocking(move || Ok(shared.missing()?)).await?;
			let lacking: u64 = missing.iter().map(|piece| piece_bytes(&id, *piece)).sum();
			progress(id.bytes.saturating_sub(lacking));
			if missing.is_empty() {
				return store.get(&id)?.ok_or(FetchError::Collected(id));
			}
			if plan.is_exhausted() {
				let missing = missing.len();
				return Err(FetchError::NoSource { id, missing, sources: plan.reasons() });
			}
			plan.begin(missing);
			let lanes = pieces::Lanes { client: &self.client, partial, plan, progress };
			if let Some(stored) = lanes.run(self.options.connections_per_source).await? {
				return Ok(stored);
			}
			// Others who receive the same buffer may still be writing the last pieces.
			sleep(Duration::from_millis(20)).await;
		}
	}
}

/// How many bytes a piece has.
fn piece_bytes(id: &BufferId, piece: u32) -> u64 {
	let start = u64::from(piece) * wire::PIECE_BYTES;
	id.bytes.saturating_sub(start).min(wire::PIECE_BYTES)
}

/// Runs what hashes or waits for a disk where it may.
async fn blocking<T: Send + 'static>(
	work: impl FnOnce() -> Result<T, FetchError> + Send + 'static,
) -> Result<T, FetchError> {
	spawn_blocking(work).await.map_err(|_| FetchError::Stopped)?
}
