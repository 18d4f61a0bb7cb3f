//! The chunks that a workgroup reads, and no others: what the chain re-executes from.

use alloc::vec::Vec;
use core::cell::Cell;

use thiserror::Error;

use super::buffers::{le_word, Buffer, Buffers, ChunkId, CHUNK_BYTES, CHUNK_WORDS};
use crate::bytecode::limits::MAX_BINDINGS;

/// Chunks by slot.
#[derive(Debug)]
pub struct Witness {
	buffers: Vec<WitnessBuffer>,
}

/// The chunks of one slot's buffer.
#[derive(Debug)]
pub struct WitnessBuffer {
	/// Chunk numbers, ascending.
	chunks: Vec<u32>,
	/// Their words, in that order, each chunk filled up to its full length.
	words: Vec<u32>,
	/// Where chunks that were used lately are. Neighbouring invocations read different rows of a
	/// matrix, so one remembered chunk would not do.
	recent: [Cell<Recent>; RECENT],
	missing: Cell<Option<u32>>,
	/// For each chunk, whether it was read.
	read: Vec<Cell<bool>>,
}

/// Remembered chunks, a power of two.
const RECENT: usize = 64;

/// A chunk's number and where its words start.
#[derive(Clone, Copy, Debug)]
struct Recent {
	chunk: u32,
	start: u32,
}

impl Recent {
	/// No buffer of 2^32 - 1 words has this chunk.
	const NONE: Self = Self { chunk: u32::MAX, start: 0 };
}

/// A chunk that does not fit into a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WitnessError {
	/// No bytes, more than a chunk has, or no whole number of words.
	#[error("{0:?} has {1} bytes; a chunk has 4 to 1,024, a multiple of 4")]
	Length(ChunkId, usize),
	/// Not above the chunk before it.
	#[error("{0:?} is out of order; give each slot's chunks in ascending order, once")]
	Order(ChunkId),
	/// No pass has this slot.
	#[error("{0:?} is of a slot that no pass has; slots are 0 to 7")]
	Slot(ChunkId),
}

impl Default for Witness {
	fn default() -> Self {
		Self::new()
	}
}

impl Witness {
	/// A witness without chunks.
	pub fn new() -> Self {
		Self { buffers: (0..MAX_BINDINGS).map(|_| WitnessBuffer::new()).collect() }
	}

	/// Adds a chunk's bytes. The last chunk of a buffer may be short.
	///
	/// # Errors
	///
	/// If the slot's chunks do not ascend, the bytes are no chunk, or no pass has the slot.
	pub fn push(&mut self, id: ChunkId, bytes: &[u8]) -> Result<(), WitnessError> {
		if bytes.is_empty() || bytes.len() > CHUNK_BYTES || !bytes.len().is_multiple_of(4) {
			return Err(WitnessError::Length(id, bytes.len()));
		}
		let buffer = self.buffers.get_mut(usize::from(id.slot)).ok_or(WitnessError::Slot(id))?;
		if buffer.chunks.last().is_some_and(|last| *last >= id.chunk) {
			return Err(WitnessError::Order(id));
		}
		let end = buffer.words.len() + CHUNK_WORDS as usize;
		buffer.chunks.push(id.chunk);
		buffer.read.push(Cell::new(false));
		buffer.words.extend(bytes.chunks_exact(4).map(le_word));
		buffer.words.resize(end, 0);
		Ok(())
	}

	/// Chunks that were read so far, over all slots. A run that stops at a missing chunk has read
	/// so many others before.
	pub fn chunks_read(&self) -> usize {
		let read = |buffer: &WitnessBuffer| buffer.read.iter().filter(|read| read.get()).count();
		self.buffers.iter().map(read).sum()
	}
}

impl Buffers for Witness {
	type Buffer = WitnessBuffer;

	fn buffer(&self, slot: u8) -> Option<&WitnessBuffer> {
		self.buffers.get(usize::from(slot))
	}

	fn missing_chunk(&self) -> Option<ChunkId> {
		self.buffers
			.iter()
			.zip(0u8..)
			.find_map(|(buffer, slot)| buffer.missing.get().map(|chunk| ChunkId { slot, chunk }))
	}
}

impl WitnessBuffer {
	fn new() -> Self {
		Self {
			chunks: Vec::new(),
			words: Vec::new(),
			recent: [const { Cell::new(Recent::NONE) }; RECENT],
			missing: Cell::new(None),
			read: Vec::new(),
		}
	}

	/// Where the words of a chunk start.
	#[inline(always)]
	fn start(&self, chunk: u32) -> Option<usize> {
		let recent = self.recent[chunk as usize % RECENT].get();
		if recent.chunk == chunk {
			return Some(recent.start as usize);
		}
		self.search(chunk)
	}

	#[inline(never)]
	fn search(&self, chunk: u32) -> Option<usize> {
		let Ok(at) = self.chunks.binary_search(&chunk) else {
			if self.missing.get().is_none() {
				self.missing.set(Some(chunk));
			}
			return None;
		};
		// What other invocations read after the first missing chunk does not count.
		if let (None, Some(read)) = (self.missing.get(), self.read.get(at)) {
			read.set(true);
		}
		let start = at * CHUNK_WORDS as usize;
		self.recent[chunk as usize % RECENT].set(Recent { chunk, start: start as u32 });
		Some(start)
	}
}

impl Buffer for WitnessBuffer {
	#[inline(always)]
	fn word(&self, index: u32) -> u32 {
		let (chunk, within) = (index / CHUNK_WORDS, (index % CHUNK_WORDS) as usize);
		match self.start(chunk) {
			Some(start) => self.words.get(start + within).copied().unwrap_or(0),
			None => 0,
		}
	}

	#[inline(always)]
	fn words4(&self, index: u32) -> [u32; 4] {
		let (chunk, within) = (index / CHUNK_WORDS, (index % CHUNK_WORDS) as usize);
		if within <= CHUNK_WORDS as usize - 4 {
			let start = self.start(chunk).map(|start| start + within);
			match start.and_then(|start| self.words.get(start..start + 4)) {
				Some(words) => [words[0], words[1], words[2], words[3]],
				None => [0; 4],
			}
		} else {
			[0, 1, 2, 3].map(|offset| self.word(index.wrapping_add(offset)))
		}
	}
}
