//! Files as memory.

use std::{
	fs::File,
	path::{Path, PathBuf},
	time::SystemTime,
};

use memmap2::Mmap;

use super::StoreError;

/// A complete file of the store. The system loads and drops its pages, so that it takes address
/// space and no memory of its own.
#[derive(Debug)]
pub(super) struct Map {
	path: PathBuf,
	file: File,
	/// None for an empty file.
	map: Option<Mmap>,
}

impl Map {
	pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
		let file = File::open(path).map_err(StoreError::io("open", path))?;
		Self::of(file, path)
	}

	/// Maps a file that nobody writes to.
	pub(super) fn of(file: File, path: &Path) -> Result<Self, StoreError> {
		let bytes = file.metadata().map_err(StoreError::io("open", path))?.len();
		let map = if bytes == 0 { None } else { Some(map(&file, path)?) };
		Ok(Self { path: path.to_owned(), file, map })
	}

	pub(super) fn path(&self) -> &Path {
		&self.path
	}

	pub(super) fn bytes(&self) -> &[u8] {
		self.map.as_deref().unwrap_or_default()
	}

	/// Notes when the file was used; a failure costs no more than a worse choice of what to collect.
	pub(super) fn touch(&self, now: SystemTime) {
		if let Err(error) = self.file.set_modified(now) {
			tracing::debug!(path = %self.path.display(), %error, "cannot note the use of a buffer");
		}
	}
}

fn map(file: &File, path: &Path) -> Result<Mmap, StoreError> {
	// SAFETY: the bytes of a mapped file must not change. The store maps complete files only: they
	// have mode 0444, are never written to or truncated again, and removing one leaves the mapping
	// whole. A file of the store that is being imported is mapped by the one thread that wrote it,
	// after its last write.
	#[allow(unsafe_code)]
	let map = unsafe { Mmap::map(file) };
	map.map_err(StoreError::io("map", path))
}
