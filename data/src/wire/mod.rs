//! What client and server agree on: paths, media types, pieces, JSON bodies, the upload token.

mod token;

use mutirao_commitment::{BufferId, CHUNK_BYTES};
use serde::{Deserialize, Serialize};

pub use token::{Audience, TokenError, UploadToken, MAX_TOKEN_AGE_S, SCHEME};

/// Chunks of a piece, the unit in which buffers travel. A buffer's last piece may have fewer.
pub const PIECE_CHUNKS: u32 = 1024;

/// Bytes of a piece: 1 MiB.
pub const PIECE_BYTES: u64 = PIECE_CHUNKS as u64 * CHUNK_BYTES as u64;

/// The longest encoding of a piece's opening: its bytes, its chunks' numbers, 54 siblings, lengths.
pub const MAX_OPENING_BYTES: usize =
	PIECE_BYTES as usize + PIECE_CHUNKS as usize * 4 + 54 * 32 + 64;

/// The media type of an opening in SCALE.
pub const OPENING_TYPE: &str = "application/vnd.mutirao.opening";

/// The longest JSON body of a request.
pub const MAX_JSON_BYTES: usize = 16 * 1024;

/// URLs in a list of sources, at most.
pub const MAX_SOURCES: usize = 8;

/// Bytes of a URL, at most.
pub const MAX_URL_BYTES: usize = 256;

/// Ranges of missing pieces that are named in one answer, at most.
pub const MAX_RANGES: usize = 1024;

/// How many pieces a buffer has, at least one: the empty buffer has an empty piece.
pub fn pieces(id: &BufferId) -> u64 {
	id.bytes.div_ceil(PIECE_BYTES).max(1)
}

/// The chunks of a piece: the first one's number, and how many. Nothing if the buffer has no such
/// piece or its chunks have no numbers (past 4 TiB).
pub fn piece_chunks(id: &BufferId, piece: u32) -> Option<(u32, u32)> {
	let first = piece.checked_mul(PIECE_CHUNKS)?;
	let count = id.chunks().checked_sub(first.into())?.min(PIECE_CHUNKS.into());
	let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
	Some((first, count))
}

/// Where a buffer's pieces are served, below the base URL.
pub fn piece_path(hash: &[u8; 32], piece: u32) -> String {
	format!("/v1/buffers/{}/pieces/{piece}", hex::encode(hash))
}

/// Where a job's inputs are listed, below the base URL.
pub fn inputs_path(job: u64) -> String {
	format!("/v1/jobs/{job}/inputs")
}

/// Where a piece of a job's input is uploaded, below the base URL.
pub fn upload_path(job: u64, index: u8, piece: u32) -> String {
	format!("/v1/jobs/{job}/inputs/{index}/pieces/{piece}")
}

/// Where a job's sources are named, below the base URL.
pub fn sources_path(job: u64) -> String {
	format!("/v1/jobs/{job}/sources")
}

/// What a provider has of a job's input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputStatus {
	/// The buffer's hash, in hex.
	pub hash: String,
	/// The buffer's length.
	pub bytes: u64,
	/// The pieces that it lacks, as ranges of first and last, ascending.
	pub missing: Vec<(u32, u32)>,
	/// Whether it lacks more than the ranges name.
	pub more: bool,
}

impl InputStatus {
	/// All of it is missing.
	pub fn all_of(id: &BufferId) -> Self {
		let last = u32::try_from(pieces(id) - 1).unwrap_or(u32::MAX);
		let missing = vec![(0, last)];
		Self { hash: hex::encode(id.hash), bytes: id.bytes, missing, more: false }
	}

	/// Names what is missing, at most [`MAX_RANGES`] ranges of it. `missing` ascends.
	pub fn new(id: &BufferId, missing: &[u32]) -> Self {
		let mut ranges: Vec<(u32, u32)> = Vec::new();
		let mut more = false;
		for piece in missing {
			let full = ranges.len() == MAX_RANGES;
			match ranges.last_mut() {
				Some((_, last)) if *last + 1 == *piece => *last = *piece,
				_ if full => {
					more = true;
					break;
				}
				_ => ranges.push((*piece, *piece)),
			}
		}
		Self { hash: hex::encode(id.hash), bytes: id.bytes, missing: ranges, more }
	}
}

/// The answer to an uploaded piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadStatus {
	/// How many pieces of the input are still missing.
	pub missing: u64,
}

/// Why a request is refused, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
	/// What is wrong.
	pub error: String,
	/// What to do about it.
	pub hint: String,
}

/// A hash in hex, 64 digits, as it stands in paths.
pub fn parse_hash(text: &str) -> Option<[u8; 32]> {
	let mut hash = [0; 32];
	hex::decode_to_slice(text, &mut hash).ok()?;
	Some(hash)
}
