//! Bringing a job's inputs to a provider.

use std::sync::atomic::{AtomicU64, Ordering};

use codec::Encode;
use futures::{stream, StreamExt, TryStreamExt};
use mutirao_types::JobId;
use tokio::time::{sleep, timeout, Duration};

use super::{blocking, client::Sent, piece_bytes, FetchError, Fetcher, OnProgress, SourceError};
use crate::{
	store::Stored,
	wire::{self, InputStatus, UploadStatus, UploadToken, OPENING_TYPE},
};

/// The longest right answer about inputs: 16 of them with all their ranges.
const MAX_INPUTS_BYTES: usize = 16 * (wire::MAX_RANGES * 24 + 512);

const BACKOFF: Duration = Duration::from_millis(500);

impl Fetcher {
	/// Asks a provider what it lacks of a job's inputs.
	///
	/// # Errors
	///
	/// If the provider does not answer, or does not know the job.
	pub async fn missing_inputs(
		&self,
		base_url: &str,
		job: JobId,
	) -> Result<Vec<InputStatus>, FetchError> {
		let failed = provider(base_url);
		let path = wire::inputs_path(job);
		let mut failures = 0;
		let answer = loop {
			match self.client.get(base_url, &path, MAX_INPUTS_BYTES).await {
				Err(error) if self.again(&error, &mut failures) => {
					sleep(BACKOFF * failures).await;
				}
				answer => break answer.map_err(&failed)?,
			}
		};
		let nonsense = |error: serde_json::Error| SourceError::Nonsense(error.to_string());
		serde_json::from_slice(&answer).map_err(nonsense).map_err(&failed)
	}

	/// Brings what a provider lacks of one input of a job. Goes on where an earlier upload stopped.
	///
	/// # Errors
	///
	/// If the provider refuses, does not answer, or knows another input by this index; or the time
	/// is over.
	pub async fn upload(
		&self,
		base_url: &str,
		token: &UploadToken,
		index: u8,
		stored: &Stored,
		progress: OnProgress<'_>,
	) -> Result<(), FetchError> {
		let upload = Upload { fetcher: self, base_url, token, index, stored };
		let limit = self.options.time_for(stored.id().bytes);
		let in_time = timeout(limit, upload.run(progress)).await;
		in_time.unwrap_or(Err(FetchError::UploadTooSlow(limit)))
	}

	/// Tells a provider where it may fetch a job's inputs.
	///
	/// # Errors
	///
	/// If the provider refuses or does not answer.
	pub async fn send_sources(
		&self,
		base_url: &str,
		token: &UploadToken,
		urls: &[String],
	) -> Result<(), FetchError> {
		let body = serde_json::json!(urls).to_string().into_bytes();
		let sent = Sent { token, media: "application/json", body };
		let path = wire::sources_path(token.job);
		self.client.put(base_url, &path, sent).await.map_err(provider(base_url)).map(drop)
	}

	/// Counts a failure; whether another try is worth it.
	fn again(&self, error: &SourceError, failures: &mut u32) -> bool {
		*failures += 1;
		error.may_pass() && *failures < self.options.attempts
	}
}

fn provider(url: &str) -> impl Fn(SourceError) -> FetchError + '_ {
	move |source| FetchError::Provider { url: url.to_owned(), source }
}

struct Upload<'a> {
	fetcher: &'a Fetcher,
	base_url: &'a str,
	token: &'a UploadToken,
	index: u8,
	stored: &'a Stored,
}

impl Upload<'_> {
	async fn run(&self, progress: OnProgress<'_>) -> Result<(), FetchError> {
		let id = self.stored.id();
		loop {
			let status = self.status().await?;
			let missing = pieces_of(&status, wire::pieces(&id));
			let lacking: u64 = missing.iter().map(|piece| piece_bytes(&id, *piece)).sum();
			let there = AtomicU64::new(if status.more { 0 } else { id.bytes - lacking });
			progress(there.load(Ordering::Relaxed));
			if missing.is_empty() {
				return Ok(());
			}
			let sent = stream::iter(missing).map(|piece| {
				let there = &there;
				async move {
					self.piece(piece).await?;
					let bytes = piece_bytes(&id, piece);
					progress(there.fetch_add(bytes, Ordering::Relaxed) + bytes);
					Ok::<_, FetchError>(())
				}
			});
			let at_once = self.fetcher.options.connections_per_source.max(1);
			sent.buffer_unordered(at_once).try_collect::<()>().await?;
		}
	}

	/// What the provider says of the input, if it means the same buffer.
	async fn status(&self) -> Result<InputStatus, FetchError> {
		let inputs = self.fetcher.missing_inputs(self.base_url, self.token.job).await?;
		let (id, index) = (self.stored.id(), self.index);
		let status = inputs.into_iter().nth(index.into());
		let same = |status: &InputStatus| {
			wire::parse_hash(&status.hash) == Some(id.hash) && status.bytes == id.bytes
		};
		match status {
			Some(status) if same(&status) => Ok(status),
			other => {
				let found = other.map_or("none".into(), |other| {
					let hash: String =
						other.hash.chars().filter(char::is_ascii_hexdigit).take(64).collect();
					format!("{hash} ({} bytes)", other.bytes)
				});
				Err(FetchError::OtherInput { index, expected: id, found })
			}
		}
	}

	async fn piece(&self, piece: u32) -> Result<(), FetchError> {
		let failed = provider(self.base_url);
		let path = wire::upload_path(self.token.job, self.index, piece);
		let mut failures = 0;
		loop {
			let stored = self.stored.clone();
			let body = blocking(move || Ok(stored.piece(piece)?.encode())).await?;
			let sent = Sent { token: self.token, media: OPENING_TYPE, body };
			match self.fetcher.client.put(self.base_url, &path, sent).await {
				Err(error) if self.fetcher.again(&error, &mut failures) => {
					sleep(BACKOFF * failures).await;
				}
				Err(error) => return Err(failed(error)),
				Ok(answer) => {
					let nonsense =
						|error: serde_json::Error| SourceError::Nonsense(error.to_string());
					serde_json::from_slice::<UploadStatus>(&answer)
						.map_err(nonsense)
						.map_err(failed)?;
					return Ok(());
				}
			}
		}
	}
}

/// The pieces that a status names, none past the buffer's end.
fn pieces_of(status: &InputStatus, pieces: u64) -> Vec<u32> {
	let ranges = status.missing.iter().take(wire::MAX_RANGES);
	let mut all: Vec<u32> = ranges
		.flat_map(|(first, last)| *first..=*last)
		.take_while(|piece| u64::from(*piece) < pieces)
		.take(usize::try_from(pieces).unwrap_or(usize::MAX))
		.collect();
	all.sort_unstable();
	all.dedup();
	all
}
