//! Buffers that remember which of their chunks were read, so that a provider opens just those.

use alloc::{vec, vec::Vec};
use core::cell::Cell;

use super::buffers::{Buffer, Buffers, ByteBuffers, ChunkId, CHUNK_BYTES, CHUNK_WORDS};

/// Whole buffers in memory, with a mark on each chunk that was read.
#[derive(Debug)]
pub struct Recorder<'a> {
	buffers: Vec<RecordedBuffer<'a>>,
}

/// One of a recorder's buffers.
#[derive(Debug)]
pub struct RecordedBuffer<'a> {
	bytes: &'a [u8],
	/// One bit for each chunk.
	read: Vec<Cell<u64>>,
}

impl<'a> Recorder<'a> {
	/// The buffers' bytes by slot, as for [`ByteBuffers::new`].
	pub fn new(buffers: &[&'a [u8]]) -> Self {
		let recorded = |bytes: &&'a [u8]| RecordedBuffer {
			bytes,
			read: vec![Cell::new(0); bytes.len().div_ceil(64 * CHUNK_BYTES)],
		};
		Self { buffers: buffers.iter().map(recorded).collect() }
	}

	/// The chunks that were read, by slot, ascending.
	pub fn chunks(&self) -> Vec<ChunkId> {
		let mut chunks = Vec::new();
		for (buffer, slot) in self.buffers.iter().zip(0u8..) {
			for (bits, first) in buffer.read.iter().zip((0u32..).step_by(64)) {
				let read = (0..64).filter(|bit| bits.get() >> bit & 1 == 1);
				chunks.extend(read.map(|bit| ChunkId { slot, chunk: first + bit }));
			}
		}
		chunks
	}

	/// A chunk's bytes, for a witness.
	pub fn chunk_bytes(&self, id: ChunkId) -> Option<&'a [u8]> {
		let bytes = self.buffers.get(usize::from(id.slot))?.bytes;
		let start = (id.chunk as usize).checked_mul(CHUNK_BYTES)?;
		bytes.get(start..bytes.len().min(start.saturating_add(CHUNK_BYTES)))
	}

	/// The same buffers without marks.
	pub fn plain(&self) -> Vec<&'a [u8]> {
		self.buffers.iter().map(|buffer| buffer.bytes).collect()
	}
}

impl<'a> Buffers for Recorder<'a> {
	type Buffer = RecordedBuffer<'a>;

	fn buffer(&self, slot: u8) -> Option<&RecordedBuffer<'a>> {
		self.buffers.get(usize::from(slot))
	}

	fn missing_chunk(&self) -> Option<ChunkId> {
		ByteBuffers::new(&[]).missing_chunk()
	}
}

impl Buffer for RecordedBuffer<'_> {
	#[inline(always)]
	fn word(&self, index: u32) -> u32 {
		let chunk = index / CHUNK_WORDS;
		if let Some(bits) = self.read.get(chunk as usize / 64) {
			bits.set(bits.get() | 1 << (chunk % 64));
		}
		self.bytes.word(index)
	}
}
