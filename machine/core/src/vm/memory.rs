//! Memory that a workgroup writes: its slices, workgroup arrays and private arrays.

use alloc::{vec, vec::Vec};
use core::cell::Cell;

use super::shadow::{Mark, Shadow};
use crate::{bytecode::Kernel, resolve::ResolvedPass};

/// Words that a workgroup's invocations share, with their race detection.
pub(super) struct Shared {
	words: Vec<Cell<u32>>,
	shadow: Shadow,
	/// What the first word's address is.
	start: u32,
	/// The first race on a word of this memory.
	race: Cell<Option<u32>>,
}

impl Shared {
	fn new(words: u32, start: u32) -> Self {
		Self {
			words: vec![Cell::new(0); words as usize],
			shadow: Shadow::new(words as usize),
			start,
			race: Cell::new(None),
		}
	}

	/// The word at an address, if it is in bounds, after its access was checked.
	#[inline(always)]
	fn touch(&self, address: u32, mark: Mark, lane: usize) -> Option<&Cell<u32>> {
		let at = address.wrapping_sub(self.start);
		let cell = self.words.get(at as usize)?;
		if !self.shadow.touch(at as usize, mark, lane) && self.race.get().is_none() {
			self.race.set(Some(at));
		}
		Some(cell)
	}

	#[inline(always)]
	pub(super) fn load(&self, address: u32, mark: Mark, lane: usize) -> u32 {
		self.touch(address, mark, lane).map_or(0, Cell::get)
	}

	#[inline(always)]
	pub(super) fn store(&self, address: u32, mark: Mark, lane: usize, value: u32) {
		if let Some(cell) = self.touch(address, mark, lane) {
			cell.set(value);
		}
	}

	#[inline(always)]
	pub(super) fn update(&self, address: u32, mark: Mark, lane: usize, f: impl FnOnce(u32) -> u32) {
		if let Some(cell) = self.touch(address, mark, lane) {
			cell.set(f(cell.get()));
		}
	}

	/// The word that two lanes raced on.
	pub(super) fn race(&self) -> Option<u32> {
		self.race.get()
	}

	pub(super) fn forget(&mut self) {
		self.shadow.clear();
	}

	pub(super) fn into_words(self) -> Vec<u32> {
		self.words.into_iter().map(Cell::into_inner).collect()
	}
}

/// An array of each invocation's own: a row for each index.
#[derive(Clone, Copy)]
pub(super) struct Private {
	/// Its first word's row, among those of private arrays.
	first: usize,
	len: u32,
}

impl Private {
	/// The row of an address, if it is in bounds.
	#[inline(always)]
	pub(super) fn row(self, address: u32) -> Option<usize> {
		(address < self.len).then(|| self.first + address as usize)
	}
}

/// All that a workgroup writes.
pub(super) struct Memories {
	/// The workgroup's slice of each written slot, `None` for those that are read.
	pub(super) slices: Vec<Option<Shared>>,
	pub(super) workgroup: Vec<Shared>,
	pub(super) private: Vec<Private>,
}

impl Memories {
	pub(super) fn new(kernel: &Kernel, pass: &ResolvedPass, number: u32) -> Self {
		let slice = |words: u32| Shared::new(words, number.wrapping_mul(words));
		Self {
			slices: pass.slots.iter().map(|slot| slot.slice_words.map(slice)).collect(),
			workgroup: kernel
				.workgroup_arrays
				.iter()
				.map(|array| Shared::new(array.words, 0))
				.collect(),
			private: kernel
				.private_arrays
				.iter()
				.scan(0, |next, words| {
					let first = *next;
					*next += usize::from(*words);
					Some(Private { first, len: u32::from(*words) })
				})
				.collect(),
		}
	}

	/// Clears all race detection.
	pub(super) fn forget(&mut self) {
		let slices = self.slices.iter_mut().flatten();
		slices.chain(&mut self.workgroup).for_each(Shared::forget);
	}
}
