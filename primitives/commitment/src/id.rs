//! What the chain calls a buffer.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

use crate::{error::ChunksError, tree::Subtree};

/// Bytes of a chunk, the leaf of BLAKE3's tree. Only a buffer's last chunk may be shorter.
pub const CHUNK_BYTES: usize = blake3::CHUNK_LEN;

/// A buffer's name: its hash and its length.
///
/// The hash fixes the bytes, the length included. A pair whose length is not that of the hashed
/// bytes names nothing, yet chunks may verify under it: they are always true chunks of the hashed
/// bytes, but only an opening of the last chunk shows that the length is right too.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct BufferId {
	/// The BLAKE3 hash of the bytes, as `b3sum` prints it.
	pub hash: [u8; 32],
	/// How many bytes there are.
	pub bytes: u64,
}

impl BufferId {
	/// Names a buffer.
	pub fn of(data: &[u8]) -> Self {
		Self { hash: *blake3::hash(data).as_bytes(), bytes: data.len() as u64 }
	}

	/// How many chunks there are, 1 to 2⁵⁴. The empty buffer has one chunk, an empty one.
	pub fn chunks(&self) -> u64 {
		self.bytes.div_ceil(CHUNK_BYTES as u64).max(1)
	}

	/// How long a chunk is, in bytes; nothing if there is no such chunk.
	pub fn chunk_bytes(&self, chunk: u32) -> Option<usize> {
		let start = u64::from(chunk) * CHUNK_BYTES as u64;
		let bytes = self.bytes.checked_sub(start)?.min(CHUNK_BYTES as u64);
		(bytes > 0 || chunk == 0).then_some(bytes as usize)
	}

	/// The most siblings that an opening of so many chunks can need.
	///
	/// Chunks that lie evenly apart need as many; neighbours need fewer, because they share
	/// parents.
	pub fn max_siblings(&self, chunks: u32) -> u64 {
		let opened = u64::from(chunks).min(self.chunks());
		let depth = self.chunks().next_power_of_two().ilog2();
		opened.checked_ilog2().map_or(0, |shared| opened * u64::from(depth - shared))
	}

	pub(crate) fn whole(&self) -> Subtree {
		Subtree { first: 0, chunks: self.chunks() }
	}

	/// Checks which chunks are opened, and returns how many bytes they have together.
	pub(crate) fn check_chunks(&self, chunks: &[u32]) -> Result<u64, ChunksError> {
		let last = *chunks.last().ok_or(ChunksError::Empty)?;
		if let Some(at) = chunks.windows(2).position(|pair| pair[0] >= pair[1]) {
			return Err(ChunksError::Order { position: at + 1, chunk: chunks[at + 1] });
		}
		let last_bytes = self
			.chunk_bytes(last)
			.ok_or(ChunksError::PastEnd { chunk: last, chunks: self.chunks() })?;
		Ok((chunks.len() as u64 - 1) * CHUNK_BYTES as u64 + last_bytes as u64)
	}
}

impl fmt::Display for BufferId {
	/// The hash as `b3sum` prints it, and the length.
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{} ({} bytes)", blake3::Hash::from_bytes(self.hash).to_hex(), self.bytes)
	}
}
