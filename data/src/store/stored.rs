//! A complete buffer.

use std::{
	path::Path,
	sync::{Arc, OnceLock},
	time::SystemTime,
};

use mutirao_commitment::{BufferId, Opening, Outboard, PastEnd};

use super::{layout::Layout, map::Map, tree::Tree, StoreError};
use crate::wire;

/// A complete buffer of the store. Clones share it; while one lives, the buffer is not collected.
#[derive(Clone, Debug)]
pub struct Stored {
	pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
	id: BufferId,
	data: Map,
	tree: Tree,
	outboard: OnceLock<Outboard>,
}

impl Stored {
	pub(super) fn open_files(
		layout: &Layout,
		hash: [u8; 32],
		bytes: u64,
	) -> Result<Self, StoreError> {
		let data = Map::open(&layout.buffer(&hash))?;
		let found = data.bytes().len() as u64;
		if found != bytes {
			let path = layout.buffer(&hash);
			return Err(StoreError::FileLength { path, expected: bytes, found });
		}
		let tree = Tree::open(&layout.tree(&hash), bytes)?;
		let id = BufferId { hash, bytes };
		Ok(Self { inner: Arc::new(Inner { id, data, tree, outboard: OnceLock::new() }) })
	}

	/// The buffer's name.
	pub fn id(&self) -> BufferId {
		self.inner.id
	}

	/// The buffer's bytes, mapped from disk: they take address space, not memory. Reading them may
	/// wait for the disk.
	pub fn bytes(&self) -> &[u8] {
		self.inner.data.bytes()
	}

	/// The file that holds exactly the buffer's bytes, for another process to read. It is there while
	/// this lives.
	pub fn path(&self) -> &Path {
		self.inner.data.path()
	}

	/// The upper part of the buffer's tree in memory: 4 MiB for 1 GiB of buffer, loaded at the first
	/// call. [`Self::open`] does without it.
	///
	/// # Errors
	///
	/// If the tree on disk is not the buffer's.
	pub fn outboard(&self) -> Result<&Outboard, StoreError> {
		if let Some(outboard) = self.inner.outboard.get() {
			return Ok(outboard);
		}
		let id = self.inner.id;
		let loaded = Outboard::from_groups(id.bytes, self.inner.tree.groups());
		let loaded = loaded.unwrap_or_else(|| Outboard::of(self.bytes()));
		if loaded.id() != id {
			return Err(StoreError::Damaged(id));
		}
		Ok(self.inner.outboard.get_or_init(|| loaded))
	}

	/// Opens chunks, given in ascending order, and checks the result.
	///
	/// # Errors
	///
	/// If the chunks do not ascend, are none or past the end, or what is on disk is no longer the
	/// buffer.
	pub fn open(&self, chunks: &[u32]) -> Result<Opening, StoreError> {
		let (inner, data) = (&*self.inner, self.bytes());
		let value = |level, at| inner.tree.value(level, at);
		let opening = Opening::from_tree(&inner.id, chunks, value, |offset, buffer| {
			let later = usize::try_from(offset).ok().and_then(|start| data.get(start..));
			let bytes = later.and_then(|later| later.get(..buffer.len())).ok_or(PastEnd)?;
			buffer.copy_from_slice(bytes);
			Ok(())
		});
		opening.map_err(|source| StoreError::Open { id: inner.id, source })
	}

	/// Opens a piece, the unit in which buffers travel.
	///
	/// # Errors
	///
	/// As [`Self::open`].
	pub fn piece(&self, piece: u32) -> Result<Opening, StoreError> {
		let chunks = match wire::piece_chunks(&self.id(), piece) {
			Some((first, count)) => (first..=first + (count - 1)).collect(),
			// Past the end, which is the error.
			None => vec![u32::MAX],
		};
		self.open(&chunks)
	}

	pub(super) fn touch(&self, now: SystemTime) {
		self.inner.data.touch(now);
	}
}

impl AsRef<[u8]> for Stored {
	fn as_ref(&self) -> &[u8] {
		self.bytes()
	}
}
