//! What is kept of an offer's claim until it is proven.

use std::{
	io::{self, Write as _},
	path::{Path, PathBuf},
};

use codec::{Decode, Encode};
use mutirao_types::{BufferId, OfferId, WindowId};

/// A claim: what was computed, and under which names its bytes are in the store.
#[derive(Clone, Debug, Eq, PartialEq, Encode, Decode)]
pub struct Record {
	/// In which window.
	pub window: WindowId,
	/// How much: the program's first parameter.
	pub size: u32,
	/// All of its parameters.
	pub parameters: Vec<u32>,
	/// Every buffer that the passes wrote, by its index in the program.
	pub written: Vec<(u32, BufferId)>,
}

/// The records of all offers: one small file each.
#[derive(Clone, Debug)]
pub struct Records {
	folder: PathBuf,
}

impl Records {
	/// The records in this folder, which is made if it is not there.
	///
	/// # Errors
	///
	/// If it cannot be made.
	pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
		let folder = folder.into();
		std::fs::create_dir_all(&folder)?;
		Ok(Self { folder })
	}

	fn path(&self, offer: OfferId) -> PathBuf {
		self.folder.join(format!("{offer}.claim"))
	}

	/// An offer's record. One that cannot be read counts as lost: the claim is computed again.
	pub fn get(&self, offer: OfferId) -> Option<Record> {
		let bytes = std::fs::read(self.path(offer)).ok()?;
		Record::decode(&mut &bytes[..]).ok()
	}

	/// Keeps a record. It is on the disk when this returns.
	///
	/// # Errors
	///
	/// If it cannot be written.
	pub fn put(&self, offer: OfferId, record: &Record) -> io::Result<()> {
		let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
		file.write_all(&record.encode())?;
		file.as_file().sync_all()?;
		file.persist(self.path(offer)).map_err(|error| error.error)?;
		sync(&self.folder)
	}

	/// Forgets an offer's record.
	///
	/// # Errors
	///
	/// If it cannot be removed.
	pub fn remove(&self, offer: OfferId) -> io::Result<()> {
		match std::fs::remove_file(self.path(offer)) {
			Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
			_ => sync(&self.folder),
		}
	}
}

fn sync(folder: &Path) -> io::Result<()> {
	std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn records_survive_and_damaged_ones_count_as_lost() -> io::Result<()> {
		let folder = tempfile::tempdir()?;
		let record = Record {
			window: 1,
			size: 2,
			parameters: vec![2, 3],
			written: vec![(0, BufferId::of(b"digests"))],
		};
		let records = Records::open(folder.path().join("benchmark"))?;
		assert_eq!(records.get(7), None);
		records.put(7, &record)?;
		let again = Records::open(folder.path().join("benchmark"))?;
		assert_eq!((again.get(7), again.get(8)), (Some(record.clone()), None));
		std::fs::write(folder.path().join("benchmark/7.claim"), &record.encode()[..9])?;
		assert_eq!(again.get(7), None);
		again.remove(7)?;
		again.remove(7)
	}
}
