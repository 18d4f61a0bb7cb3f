//! Where a workgroup reads its buffers from.

/// Bytes of one chunk, the unit in which buffers are opened.
pub const CHUNK_BYTES: usize = 1024;
/// Words of one chunk.
pub const CHUNK_WORDS: u32 = (CHUNK_BYTES / 4) as u32;
/// Most chunks of a buffer: words have indices below 2^32.
pub(super) const MAX_CHUNKS: u32 = u32::MAX / CHUNK_WORDS + 1;

/// A chunk of the buffer in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChunkId {
	/// The pass's slot.
	pub slot: u8,
	/// The chunk's number in the buffer.
	pub chunk: u32,
}

/// The buffers of a pass that its kernel reads.
pub trait Buffers {
	/// One of them.
	type Buffer: Buffer;

	/// The buffer in a slot that the kernel reads, or `None` if it was not given.
	fn buffer(&self, slot: u8) -> Option<&Self::Buffer>;

	/// A chunk that was asked for and is not there.
	fn missing_chunk(&self) -> Option<ChunkId>;
}

/// A buffer's words.
pub trait Buffer {
	/// The word at an index below the buffer's declared length. If its chunk is not there, any
	/// value, and [`Buffers::missing_chunk`] tells.
	fn word(&self, index: u32) -> u32;

	/// Reads words as [`Self::word`] does, fastest where they are near each other.
	#[inline(always)]
	fn reader(&self) -> impl FnMut(u32) -> u32 {
		|index| self.word(index)
	}

	/// Four words from an index on.
	#[inline(always)]
	fn words4(&self, index: u32) -> [u32; 4] {
		let word = |offset| self.word(index.wrapping_add(offset));
		[word(0), word(1), word(2), word(3)]
	}
}

/// Whole buffers in memory, one for each slot; written slots may have an empty one.
#[derive(Clone, Copy, Debug)]
pub struct ByteBuffers<'a>(&'a [&'a [u8]]);

impl<'a> ByteBuffers<'a> {
	/// The buffers' bytes, little-endian words, by slot. What a buffer lacks reads as 0.
	pub fn new(buffers: &'a [&'a [u8]]) -> Self {
		Self(buffers)
	}
}

impl<'a> Buffers for ByteBuffers<'a> {
	type Buffer = &'a [u8];

	fn buffer(&self, slot: u8) -> Option<&&'a [u8]> {
		self.0.get(usize::from(slot))
	}

	fn missing_chunk(&self) -> Option<ChunkId> {
		None
	}
}

impl Buffer for &[u8] {
	#[inline(always)]
	fn word(&self, index: u32) -> u32 {
		let start = index as usize * 4;
		match self.get(start..start.wrapping_add(4)) {
			Some(bytes) => le_word(bytes),
			None => 0,
		}
	}

	#[inline(always)]
	fn words4(&self, index: u32) -> [u32; 4] {
		let start = index as usize * 4;
		match self.get(start..start.wrapping_add(16)) {
			Some(bytes) => [
				le_word(&bytes[..4]),
				le_word(&bytes[4..8]),
				le_word(&bytes[8..12]),
				le_word(&bytes[12..]),
			],
			None => [0, 1, 2, 3].map(|offset| self.word(index.wrapping_add(offset))),
		}
	}
}

#[inline(always)]
pub(super) fn le_word(bytes: &[u8]) -> u32 {
	let mut word = [0; 4];
	word.copy_from_slice(bytes);
	u32::from_le_bytes(word)
}
