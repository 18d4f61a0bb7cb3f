//! What the store holds: raw bytes, and openings of pieces.

use std::ops::Range;

use axum::{
	body::{Body, Bytes},
	extract::{Path, State},
	http::{header, HeaderMap, Method, StatusCode},
	response::{IntoResponse, Response},
};
use codec::Encode;
use futures::stream;
use tokio::task::spawn_blocking;

use super::{
	range::{self, Asked},
	reply::Reply,
	Shared,
};
use crate::{store::Stored, wire};

/// Bytes that are read from disk, and held in memory, at once for a connection.
const READ_BYTES: u64 = 256 * 1024;

/// `GET` and `HEAD` of a buffer's bytes, with `Range`.
pub(super) async fn raw(
	State(shared): State<Shared>,
	Path(hash): Path<String>,
	method: Method,
	headers: HeaderMap,
) -> Result<Response, Reply> {
	let stored = find(&shared, &hash).await?;
	let bytes = stored.id().bytes;
	let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
	let (status, range) = match range::parse(asked, bytes) {
		Asked::Whole => (StatusCode::OK, 0..bytes),
		Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
		Asked::Unsatisfiable => {
			let error = format!("the buffer has {bytes} bytes, none of them in the range");
			let hint = "ask for bytes below its length";
			let reply = Reply::new(StatusCode::RANGE_NOT_SATISFIABLE, error, hint);
			let length = [(header::CONTENT_RANGE, format!("bytes */{bytes}"))];
			return Ok((length, reply).into_response());
		}
	};
	let mut response = Response::builder()
		.status(status)
		.header(header::CONTENT_TYPE, "application/octet-stream")
		.header(header::ACCEPT_RANGES, "bytes")
		.header(header::ETAG, format!("\"{}\"", hex::encode(stored.id().hash)))
		.header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
		.header(header::CONTENT_LENGTH, range.end - range.start);
	if status == StatusCode::PARTIAL_CONTENT {
		let of = format!("bytes {}-{}/{bytes}", range.start, range.end - 1);
		response = response.header(header::CONTENT_RANGE, of);
	}
	let body = if method == Method::HEAD { Body::empty() } else { stream(stored, range) };
	response.body(body).map_err(|error| Reply::internal(&error))
}

/// Reads on a thread that may wait for the disk, one part after the other as they are sent.
fn stream(stored: Stored, range: Range<u64>) -> Body {
	Body::from_stream(stream::try_unfold((stored, range), |(stored, range)| async move {
		if range.is_empty() {
			return Ok::<_, tokio::task::JoinError>(None);
		}
		let end = range.end.min(range.start.saturating_add(READ_BYTES));
		let part = spawn_blocking(move || {
			let bytes = stored.bytes().get(range.start as usize..end as usize).unwrap_or_default();
			(Bytes::copy_from_slice(bytes), (stored, end..range.end))
		});
		part.await.map(Some)
	}))
}

/// `GET` of a piece's opening.
pub(super) async fn piece(
	State(shared): State<Shared>,
	Path((hash, piece)): Path<(String, String)>,
) -> Result<Response, Reply> {
	let stored = find(&shared, &hash).await?;
	let piece = parse_piece(&piece)?;
	if wire::piece_chunks(&stored.id(), piece).is_none() {
		let pieces = wire::pieces(&stored.id());
		let error = format!("piece {piece} is past the end; the buffer has {pieces} pieces");
		let hint = "a piece has 1 MiB; count from 0";
		return Err(Reply::new(StatusCode::NOT_FOUND, error, hint));
	}
	let opening = shared.work(move || Ok(stored.piece(piece)?.encode())).await?;
	let headers = [
		(header::CONTENT_TYPE, wire::OPENING_TYPE),
		(header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
	];
	Ok((headers, opening).into_response())
}

/// Reads the number of a piece in a path.
pub(super) fn parse_piece(text: &str) -> Result<u32, Reply> {
	text.parse().map_err(|_| Reply::bad("the piece is no number", "pieces are counted from 0"))
}

async fn find(shared: &Shared, hash: &str) -> Result<Stored, Reply> {
	let hash = wire::parse_hash(hash).ok_or_else(|| {
		let hint = "name a buffer by the 64 hex digits that b3sum prints";
		Reply::bad("the path has no BLAKE3 hash", hint)
	})?;
	let store = shared.store.clone();
	let found = spawn_blocking(move || store.find(&hash)).await.map_err(Reply::stopped)??;
	found.ok_or_else(|| {
		let hint = "the server has not received it all, or has collected it; try another source";
		Reply::new(StatusCode::NOT_FOUND, "the buffer is not here", hint)
	})
}
