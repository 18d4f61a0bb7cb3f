//! Which chunks a workgroup reads first, found in a single run. A kernel that reads more chunks than a
//! witness may hold must not cost its prover more than one that does not.

use std::{
	cell::{Cell, RefCell},
	collections::BTreeSet,
	rc::Rc,
};

use mutirao_machine_core::{
	bytecode::limits::MAX_WITNESS_CHUNKS, Buffer, Buffers, ChunkId, CHUNK_BYTES,
};

use crate::WORD;

/// Words of a chunk.
const CHUNK_WORDS: u32 = (CHUNK_BYTES / WORD) as u32;

/// Buffers that note the chunks that are read first.
pub(crate) struct FirstReads<'a> {
	buffers: Vec<Noted<'a>>,
}

/// One of them.
pub(crate) struct Noted<'a> {
	bytes: &'a [u8],
	/// The chunk that was read last, which most reads read again.
	last: Cell<Option<u32>>,
	chunks: RefCell<BTreeSet<u32>>,
	/// How many chunks all buffers may still note. Each sees the others' notes through it.
	room: Rc<Cell<usize>>,
}

impl<'a> FirstReads<'a> {
	/// The buffers' bytes by slot.
	pub(crate) fn new(buffers: &[&'a [u8]]) -> Self {
		let room = Rc::new(Cell::new(MAX_WITNESS_CHUNKS));
		let noted = |bytes: &&'a [u8]| Noted {
			bytes,
			last: Cell::new(None),
			chunks: RefCell::default(),
			room: room.clone(),
		};
		Self { buffers: buffers.iter().map(noted).collect() }
	}

	/// What was noted, by slot and chunk.
	pub(crate) fn chunks(&self) -> Vec<ChunkId> {
		let by_slot = (0u8..).zip(&self.buffers);
		let of = |(slot, noted): (u8, &Noted<'_>)| {
			let chunks = noted.chunks.borrow().clone().into_iter();
			chunks.map(move |chunk| ChunkId { slot, chunk })
		};
		by_slot.flat_map(of).collect()
	}
}

impl<'a> Buffers for FirstReads<'a> {
	type Buffer = Noted<'a>;

	fn buffer(&self, slot: u8) -> Option<&Noted<'a>> {
		self.buffers.get(usize::from(slot))
	}

	fn missing_chunk(&self) -> Option<ChunkId> {
		None
	}
}

impl Buffer for Noted<'_> {
	fn word(&self, index: u32) -> u32 {
		let chunk = index / CHUNK_WORDS;
		if self.last.replace(Some(chunk)) != Some(chunk) && self.room.get() > 0 {
			let is_another = self.chunks.borrow_mut().insert(chunk);
			self.room.set(self.room.get() - usize::from(is_another));
		}
		let start = index as usize * WORD;
		let word = self.bytes.get(start..start + WORD);
		word.map_or(0, |word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_first_chunks_of_all_buffers_are_noted_and_no_more() {
		let bytes = vec![7; (MAX_WITNESS_CHUNKS + 10) * CHUNK_BYTES];
		let buffers = [&bytes[..], &bytes[..]];
		let first = FirstReads::new(&buffers);
		let read = |slot: u8, chunk: u32| {
			first.buffer(slot).map(|buffer| buffer.word(chunk * CHUNK_WORDS + 3))
		};
		assert_eq!(
			(read(1, 5), read(1, 5), read(2, 0)),
			(Some(0x0707_0707), Some(0x0707_0707), None)
		);
		// Again, after others: no second place is taken.
		for chunk in (0..MAX_WITNESS_CHUNKS as u32 + 10).chain([3, 1]) {
			read(0, chunk);
		}
		let chunks = first.chunks();
		assert_eq!(chunks.len(), MAX_WITNESS_CHUNKS);
		assert_eq!(chunks.last(), Some(&ChunkId { slot: 1, chunk: 5 }));
		assert_eq!(chunks[chunks.len() - 2].chunk, MAX_WITNESS_CHUNKS as u32 - 2);
	}

	#[test]
	fn what_a_buffer_lacks_reads_as_zero() {
		let first = FirstReads::new(&[&[1, 0, 0, 0]]);
		assert_eq!(first.buffer(0).map(|buffer| [buffer.word(0), buffer.word(1)]), Some([1, 0]));
	}
}
