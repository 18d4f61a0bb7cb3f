//! Where a slot's chunks are: a page table of three levels, one for each byte of a chunk's number.
//!
//! However the chunks are spread, and however many there are, one is found with three reads. A chunk
//! adds at most two tables, so a witness has little more than 1 MiB of them.

use alloc::vec::Vec;

use super::buffers::MAX_CHUNKS;
use crate::bytecode::limits::MAX_WITNESS_CHUNKS;

/// One entry for each value of a byte: a table of the next level, or a chunk's place.
type Table = [u16; 256];

const EMPTY: Table = [0; 256];
/// Entries are 0 where there is nothing, and this table has no other ones: a look-up that goes
/// astray stays here, without a branch.
const NOTHING: u16 = 0;
const ROOT: u16 = 1;

const _: () = assert!(MAX_CHUNKS == 1 << 24, "a chunk's number has three bytes");
const _: () = assert!(ROOT as usize + 2 * MAX_WITNESS_CHUNKS < u16::MAX as usize);

/// The places of the chunks that were added.
#[derive(Debug, Default)]
pub(super) struct Pages {
	/// None until a chunk is added, for most slots of a witness have none.
	tables: Vec<Table>,
	chunks: u16,
}

impl Pages {
	/// Adds a chunk, whose place is the number of chunks that were added before. There are at most
	/// [`MAX_WITNESS_CHUNKS`], and their numbers are below [`MAX_CHUNKS`].
	pub(super) fn add(&mut self, chunk: u32) {
		if self.tables.is_empty() {
			self.tables.resize(usize::from(ROOT) + 1, EMPTY);
		}
		let [_, high, middle, low] = chunk.to_be_bytes();
		let table = self.below(ROOT, high);
		let table = self.below(table, middle);
		self.chunks = self.chunks.saturating_add(1);
		self.set(table, low, self.chunks);
	}

	/// A chunk's place.
	#[inline(always)]
	pub(super) fn find(&self, chunk: u32) -> Option<usize> {
		let [_, high, middle, low] = chunk.to_be_bytes();
		let table = self.entry(self.entry(ROOT, high), middle);
		usize::from(self.entry(table, low)).checked_sub(1)
	}

	#[inline(always)]
	fn entry(&self, table: u16, byte: u8) -> u16 {
		self.tables.get(usize::from(table)).map_or(NOTHING, |table| table[usize::from(byte)])
	}

	fn set(&mut self, table: u16, byte: u8, entry: u16) {
		if let Some(table) = self.tables.get_mut(usize::from(table)) {
			table[usize::from(byte)] = entry;
		}
	}

	/// The table that an entry names; a new one if it names none.
	fn below(&mut self, table: u16, byte: u8) -> u16 {
		let there = self.entry(table, byte);
		if there != NOTHING {
			return there;
		}
		let new = self.tables.len() as u16;
		self.tables.push(EMPTY);
		self.set(table, byte, new);
		new
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Adds the chunks and looks for each of them and for numbers that differ from one in a byte.
	fn check(chunks: &[u32]) -> Pages {
		let mut pages = Pages::default();
		chunks.iter().for_each(|chunk| pages.add(*chunk));
		let place = |chunk| chunks.iter().position(|one| *one == chunk);
		for chunk in chunks {
			for near in [0, 1, 1 << 7, 1 << 8, 1 << 15, 1 << 16, 1 << 23].map(|bit| chunk ^ bit) {
				assert_eq!(pages.find(near), place(near), "{near:#x} of {chunks:x?}");
			}
		}
		pages
	}

	#[test]
	fn chunks_are_found_and_no_others() {
		assert_eq!(Pages::default().find(0), None);
		check(&[0]);
		check(&[MAX_CHUNKS - 1]);
		check(&[0, 1, 0xff, 0x100, 0xffff, 0x1_0000, 0x1_0001, 0xff_0000, 0xff_ffff]);
	}

	#[test]
	fn memory_is_bounded_by_the_number_of_chunks() {
		let apart =
			|distance| (0..MAX_WITNESS_CHUNKS as u32).map(move |at| at * distance).collect();
		let spread: [Vec<u32>; 3] = [1, 1 << 8, MAX_CHUNKS / MAX_WITNESS_CHUNKS as u32].map(apart);
		let tables = spread.map(|chunks| check(&chunks).tables.len());
		assert_eq!(tables, [2 + 1 + 4, 2 + 4 + 1024, 2 + 256 + 1024]);
	}
}
