//! The chunks that a workgroup reads, and no others: what the chain re-executes from.

use alloc::vec::Vec;
use core::cell::Cell;

use thiserror::Error;

use super::{
	buffers::{le_word, Buffer, Buffers, ChunkId, CHUNK_BYTES, CHUNK_WORDS, MAX_CHUNKS},
	pages::Pages,
};
use crate::bytecode::limits::{MAX_BINDINGS, MAX_WITNESS_CHUNKS};

/// Chunks by slot.
#[derive(Debug)]
pub struct Witness {
	buffers: Vec<WitnessBuffer>,
}

/// The chunks of one slot's buffer.
#[derive(Debug)]
pub struct WitnessBuffer {
	/// The chunk that was added last.
	last: Option<u32>,
	/// Where in `words` and `read` a chunk is.
	pages: Pages,
	/// The chunks' words, each chunk filled up to its full length.
	words: Vec<Words>,
	/// For each chunk, whether it was read.
	read: Vec<Cell<bool>>,
	/// Where chunks that were used lately are. Neighbouring invocations read different rows of a
	/// matrix, so one remembered chunk would not do.
	recent: [Cell<Recent>; RECENT],
	missing: Cell<Option<Missing>>,
}

/// Remembered chunks, a power of two.
const RECENT: usize = 64;

/// A chunk's number and place.
#[derive(Clone, Copy, Debug)]
struct Recent {
	chunk: u32,
	place: u32,
}

impl Recent {
	/// No buffer has this chunk.
	const NONE: Self = Self { chunk: u32::MAX, place: 0 };
}

/// A chunk's words.
type Words = [u32; CHUNK_WORDS as usize];

/// What a chunk that is not there reads as.
static NO_WORDS: Words = [0; CHUNK_WORDS as usize];

/// The first chunk that was asked for and is not there.
#[derive(Clone, Copy, Debug)]
struct Missing {
	chunk: u32,
	/// How many others were read before. What other invocations read after it does not count.
	read_before: usize,
}

/// A chunk that does not fit into a witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WitnessError {
	/// No bytes, more than a chunk has, or no whole number of words.
	#[error("{0:?} has {1} bytes; a chunk has 4 to 1,024, a multiple of 4")]
	Length(ChunkId, usize),
	/// Past the end of the longest buffer.
	#[error("{0:?} is past the end; a buffer has at most 16,777,216 chunks")]
	PastEnd(ChunkId),
	/// More than a workgroup may read.
	#[error("{0:?} is one too many; a witness has at most 1,024 chunks, over all slots")]
	TooMany(ChunkId),
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
	/// If the slot's chunks do not ascend, the bytes are no chunk, no buffer has so many chunks, no
	/// pass has the slot, or the witness has all the chunks that it may have.
	pub fn push(&mut self, id: ChunkId, bytes: &[u8]) -> Result<(), WitnessError> {
		if bytes.is_empty() || bytes.len() > CHUNK_BYTES || !bytes.len().is_multiple_of(4) {
			return Err(WitnessError::Length(id, bytes.len()));
		}
		if id.chunk >= MAX_CHUNKS {
			return Err(WitnessError::PastEnd(id));
		}
		let has: usize = self.buffers.iter().map(|buffer| buffer.words.len()).sum();
		let buffer = self.buffers.get_mut(usize::from(id.slot)).ok_or(WitnessError::Slot(id))?;
		if buffer.last.is_some_and(|last| last >= id.chunk) {
			return Err(WitnessError::Order(id));
		}
		if has >= MAX_WITNESS_CHUNKS {
			return Err(WitnessError::TooMany(id));
		}
		let mut words = [0; CHUNK_WORDS as usize];
		for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
			*word = le_word(bytes);
		}
		buffer.last = Some(id.chunk);
		buffer.pages.add(id.chunk);
		buffer.words.push(words);
		buffer.read.push(Cell::new(false));
		Ok(())
	}

	/// Chunks that were read so far, over all slots. A run that stops at a missing chunk has read
	/// so many others before.
	pub fn chunks_read(&self) -> usize {
		let read = |buffer: &WitnessBuffer| match buffer.missing.get() {
			Some(missing) => missing.read_before,
			None => buffer.read_so_far(),
		};
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
			.find_map(|(buffer, slot)| Some(ChunkId { slot, chunk: buffer.missing.get()?.chunk }))
	}
}

impl WitnessBuffer {
	fn new() -> Self {
		Self {
			last: None,
			pages: Pages::default(),
			words: Vec::new(),
			read: Vec::new(),
			recent: [const { Cell::new(Recent::NONE) }; RECENT],
			missing: Cell::new(None),
		}
	}

	fn read_so_far(&self) -> usize {
		self.read.iter().filter(|read| read.get()).count()
	}

	/// A chunk's words.
	#[inline(always)]
	fn chunk(&self, chunk: u32) -> Option<&Words> {
		let recent = self.recent[chunk as usize % RECENT].get();
		let place = if recent.chunk == chunk { recent.place as usize } else { self.find(chunk)? };
		self.words.get(place)
	}

	/// A chunk's place; the chunk is marked as read.
	#[inline(always)]
	fn find(&self, chunk: u32) -> Option<usize> {
		let found = self.pages.find(chunk);
		if let Some((place, read)) = found.and_then(|place| Some((place, self.read.get(place)?))) {
			read.set(true);
			self.recent[chunk as usize % RECENT].set(Recent { chunk, place: place as u32 });
			return Some(place);
		}
		self.miss(chunk);
		None
	}

	#[cold]
	fn miss(&self, chunk: u32) {
		if self.missing.get().is_none() {
			self.missing.set(Some(Missing { chunk, read_before: self.read_so_far() }));
		}
	}
}

impl Buffer for WitnessBuffer {
	#[inline(always)]
	fn word(&self, index: u32) -> u32 {
		let (chunk, within) = (index / CHUNK_WORDS, (index % CHUNK_WORDS) as usize);
		self.chunk(chunk).map_or(0, |words| words[within])
	}

	#[inline(always)]
	fn reader(&self) -> impl FnMut(u32) -> u32 {
		let (mut last, mut words) = (Recent::NONE.chunk, &NO_WORDS);
		move |index| {
			let chunk = index / CHUNK_WORDS;
			if chunk != last {
				(last, words) = (chunk, self.chunk(chunk).unwrap_or(&NO_WORDS));
			}
			words[(index % CHUNK_WORDS) as usize]
		}
	}

	#[inline(always)]
	fn words4(&self, index: u32) -> [u32; 4] {
		let (chunk, within) = (index / CHUNK_WORDS, (index % CHUNK_WORDS) as usize);
		if within <= CHUNK_WORDS as usize - 4 {
			self.chunk(chunk).map_or([0; 4], |words| {
				[words[within], words[within + 1], words[within + 2], words[within + 3]]
			})
		} else {
			[0, 1, 2, 3].map(|offset| self.word(index.wrapping_add(offset)))
		}
	}
}
