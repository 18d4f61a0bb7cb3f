//! Whole buffers: bytes at hand, files of others, files of an executor.

use std::{
	fs::{self, File},
	io::{self, ErrorKind, Read, Write},
	path::Path,
};

use mutirao_commitment::{BufferId, Outboard};
use tempfile::NamedTempFile;

use super::{map::Map, tree, Store, StoreError, Stored};

impl Store {
	/// Stores bytes. Nothing keeps them from being collected but a pin: make it first if need be.
	///
	/// # Errors
	///
	/// If there is no room, or writing fails.
	pub fn put(&self, data: &[u8]) -> Result<BufferId, StoreError> {
		let id = BufferId { hash: *blake3::hash(data).as_bytes(), bytes: data.len() as u64 };
		if !self.contains(&id) {
			self.take(&self.shared.layout.folder("temporary"), id.bytes, data)?;
		}
		Ok(id)
	}

	/// Copies a file into the store and hashes it on all processors.
	///
	/// # Errors
	///
	/// If there is no room, the file cannot be read, it grows or shrinks meanwhile, or writing
	/// fails.
	pub fn import(&self, path: &Path) -> Result<BufferId, StoreError> {
		let failed = StoreError::io("read", path);
		let file = File::open(path).map_err(&failed)?;
		let meta = file.metadata().map_err(&failed)?;
		if !meta.is_file() {
			return Err(failed(io::Error::new(ErrorKind::InvalidInput, "it is no plain file")));
		}
		let expected = meta.len();
		// One byte more would show that it grows.
		self.take(path, expected, file.take(expected + 1))
	}

	/// Takes over a finished file of an executor, with its tree. The file is renamed if it lies on
	/// the store's file system, else copied; it is not hashed again.
	///
	/// # Errors
	///
	/// If the file's length is not the outboard's, there is no room, or files cannot be moved or
	/// written.
	pub fn adopt(&self, path: &Path, outboard: Outboard) -> Result<Stored, StoreError> {
		let id = outboard.id();
		let found = fs::symlink_metadata(path).map_err(StoreError::io("read", path))?;
		if !found.is_file() || found.len() != id.bytes {
			let (path, found) = (path.to_owned(), found.len());
			return Err(StoreError::FileLength { path, expected: id.bytes, found });
		}
		if let Some(stored) = self.get(&id)? {
			fs::remove_file(path).map_err(StoreError::io("remove", path))?;
			return Ok(stored);
		}
		let reservation = self.reserve(id.bytes)?;
		let tree = self.shared.layout.temporary()?;
		self.write_tree(&tree, &outboard)?;
		let data = self.shared.layout.temporary()?;
		match fs::rename(path, data.path()) {
			Err(error) if error.kind() == ErrorKind::CrossesDevices => {
				fs::copy(path, data.path()).map_err(StoreError::io("copy", data.path()))?;
				fs::remove_file(path).map_err(StoreError::io("remove", path))?;
			}
			moved => moved.map_err(StoreError::io("move into the store", path))?,
		}
		self.commit(id, data.path(), tree.path(), Some(reservation))
	}

	fn write_tree(&self, tree: &NamedTempFile, outboard: &Outboard) -> Result<(), StoreError> {
		let id = outboard.id();
		let failed = StoreError::io("write", tree.path());
		tree::write_groups(tree.as_file(), 0, outboard.groups()).map_err(&failed)?;
		let built = tree::groups(id.bytes) == 0
			|| tree::finish(tree.as_file(), id.bytes).map_err(&failed)? == id.hash;
		built.then_some(()).ok_or(StoreError::Damaged(id))
	}

	/// Stores what a reader gives, if that is as long as expected. `path` is where it comes from.
	fn take(&self, path: &Path, expected: u64, reader: impl Read) -> Result<BufferId, StoreError> {
		let reservation = self.reserve(expected)?;
		let mut data = self.shared.layout.temporary()?;
		let found = copy(reader, &mut data)?;
		if found != expected {
			return Err(StoreError::FileLength { path: path.to_owned(), expected, found });
		}
		let tree = self.shared.layout.temporary()?;
		let again = data.reopen().map_err(StoreError::io("open", data.path()))?;
		let map = Map::of(again, data.path())?;
		let hash = tree::build(map.bytes(), tree.as_file())
			.map_err(StoreError::io("write", tree.path()))?;
		let id = BufferId { hash, bytes: expected };
		self.commit(id, data.path(), tree.path(), Some(reservation))?;
		Ok(id)
	}
}

fn copy(mut reader: impl Read, file: &mut NamedTempFile) -> Result<u64, StoreError> {
	let path = file.path().to_owned();
	let copied = io::copy(&mut reader, file.as_file_mut()).and_then(|copied| {
		file.flush()?;
		Ok(copied)
	});
	copied.map_err(StoreError::io("copy into", &path))
}

#[cfg(test)]
mod tests {
	use super::Store;
	use crate::store::{StoreError, Usage};
	use std::io::{self, ErrorKind, Read};

	/// Gives some bytes, then fails as a full disk does.
	struct Full(usize);

	impl Read for Full {
		fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
			if self.0 == 0 {
				return Err(ErrorKind::StorageFull.into());
			}
			let bytes = buffer.len().min(self.0);
			self.0 -= bytes;
			Ok(bytes)
		}
	}

	#[test]
	fn a_full_disk_is_named_and_leaves_nothing() {
		let folder = tempfile::tempdir().unwrap();
		let store = Store::open(folder.path(), 1 << 30).unwrap();
		let error = store.take(folder.path(), 1 << 20, Full(1 << 19)).unwrap_err();
		assert!(matches!(&error, StoreError::DiskFull { .. }), "{error}");
		assert!(error.to_string().contains("free some of it"), "{error}");
		let left = std::fs::read_dir(folder.path().join("temporary")).unwrap().count();
		assert_eq!(left, 0);
		let empty = Usage { quota: 1 << 30, used: 0, buffers: 0, partials: 0 };
		assert_eq!(store.usage(), empty);
	}
}
