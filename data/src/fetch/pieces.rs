//! Lanes: each fetches one piece after the other from one source.

use std::{sync::atomic::Ordering, time::Duration};

use codec::DecodeAll;
use futures::stream::{FuturesUnordered, StreamExt};
use mutirao_commitment::Opening;
use tokio::{task::spawn_blocking, time::sleep};

use super::{
	client::Client,
	piece_bytes,
	plan::{Next, Plan},
	FetchError, OnProgress, SourceError,
};
use crate::{
	store::{Partial, PartialError, Progress, Stored},
	wire::{self, MAX_OPENING_BYTES},
};

/// Before a source is asked again after a failure; twice as long after each further one.
const BACKOFF: Duration = Duration::from_millis(250);

pub(super) struct Lanes<'a> {
	pub(super) client: &'a Client,
	pub(super) partial: &'a Partial,
	pub(super) plan: &'a Plan,
	pub(super) progress: OnProgress<'a>,
}

/// Whose fault it is that a piece is not there.
enum Failure {
	Source(SourceError),
	Own(FetchError),
}

impl Lanes<'_> {
	/// Fetches until the buffer is complete, nothing is left to do, or no source is left. What is
	/// still under way then is dropped.
	pub(super) async fn run(&self, per_source: usize) -> Result<Option<Stored>, FetchError> {
		let done = std::sync::atomic::AtomicU64::new(0);
		let all = self
			.plan
			.usable()
			.into_iter()
			.flat_map(|source| std::iter::repeat_n(source, per_source.max(1)));
		let missing = self.partial.missing()?;
		let id = self.partial.id();
		let lacking: u64 = missing.iter().map(|piece| piece_bytes(&id, *piece)).sum();
		done.store(id.bytes.saturating_sub(lacking), Ordering::Relaxed);
		let note = |piece| {
			let bytes = piece_bytes(&id, piece);
			(self.progress)(done.fetch_add(bytes, Ordering::Relaxed) + bytes);
		};
		let mut lanes: FuturesUnordered<_> = all.map(|source| self.lane(source, &note)).collect();
		while let Some(ended) = lanes.next().await {
			if let Some(stored) = ended? {
				return Ok(Some(stored));
			}
		}
		Ok(None)
	}

	async fn lane(
		&self,
		source: usize,
		note: &(dyn Fn(u32) + Sync),
	) -> Result<Option<Stored>, FetchError> {
		loop {
			let piece = match self.plan.next(source) {
				Next::Piece(piece) => piece,
				Next::Wait(changed) => {
					changed.await;
					continue;
				}
				Next::End => return Ok(None),
			};
			match self.piece(source, piece).await {
				Ok(progress) => {
					if self.plan.done(source, piece) {
						note(piece);
					}
					if let Progress::Complete(stored) = progress {
						return Ok(Some(stored));
					}
				}
				Err(Failure::Own(error)) => return Err(error),
				Err(Failure::Source(error)) => {
					let Some(failures) = self.plan.failed(source, piece, error) else {
						return Ok(None);
					};
					sleep(BACKOFF * 2u32.saturating_pow(failures.min(6) - 1)).await;
				}
			}
		}
	}

	async fn piece(&self, source: usize, piece: u32) -> Result<Progress, Failure> {
		let path = wire::piece_path(&self.partial.id().hash, piece);
		let url = self.plan.url(source);
		let bytes =
			self.client.get(url, &path, MAX_OPENING_BYTES).await.map_err(Failure::Source)?;
		let partial = self.partial.clone();
		let taken = spawn_blocking(move || take(&partial, piece, &bytes)).await;
		taken.unwrap_or(Err(Failure::Own(FetchError::Stopped)))
	}
}

fn take(partial: &Partial, piece: u32, bytes: &[u8]) -> Result<Progress, Failure> {
	let lie = |why: String| Failure::Source(SourceError::Lie(why));
	let opening = Opening::decode_all(&mut &bytes[..])
		.map_err(|error| lie(format!("no opening: {error}")))?;
	let first = wire::piece_chunks(&partial.id(), piece).map(|(first, _)| first);
	if opening.chunks.first().copied() != first {
		return Err(lie(format!("another piece than {piece}")));
	}
	partial.put(&opening).map_err(|error| match error {
		PartialError::NotAPiece => lie(error.to_string()),
		PartialError::Opening(why) => lie(format!("piece {piece}: {why}")),
		PartialError::Damaged | PartialError::Store(_) => Failure::Own(error.into()),
	})
}
