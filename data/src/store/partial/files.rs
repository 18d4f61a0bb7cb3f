//! Its files: bytes, and the values of its groups where the tree will be.

use std::{
	fs::{self, File, OpenOptions},
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
};

use mutirao_commitment::{BufferId, GROUP_BYTES};

use crate::{
	store::{tree, StoreError},
	wire::PIECE_BYTES,
};

#[derive(Debug)]
pub(super) struct Files {
	pub(super) folder: PathBuf,
	pub(super) data: File,
	/// The values of groups, where the tree will be.
	pub(super) tree: File,
}

impl Files {
	pub(super) fn open(folder: PathBuf, id: &BufferId) -> Result<Self, StoreError> {
		fs::create_dir_all(&folder).map_err(StoreError::io("make the folder", &folder))?;
		let data = open_sized(&folder.join("data"), id.bytes)?;
		let tree = open_sized(&folder.join("tree"), tree::tree_bytes(id.bytes))?;
		Ok(Self { folder, data, tree })
	}

	pub(super) fn write(&self, id: &BufferId, piece: u32, bytes: &[u8]) -> Result<(), StoreError> {
		let failed = StoreError::io("write into", &self.folder);
		self.data.write_all_at(bytes, u64::from(piece) * PIECE_BYTES).map_err(&failed)?;
		if tree::groups(id.bytes) > 0 {
			let first = u64::from(piece) * (PIECE_BYTES / GROUP_BYTES as u64);
			let values = tree::group_values(first, bytes);
			tree::write_groups(&self.tree, first, &values).map_err(&failed)?;
		}
		Ok(())
	}

	/// Completes the tree; returns the hash. A buffer of one group was checked as a whole.
	pub(super) fn finish(&self, id: &BufferId) -> Result<[u8; 32], StoreError> {
		match tree::groups(id.bytes) {
			0 => Ok(id.hash),
			_ => tree::finish(&self.tree, id.bytes)
				.map_err(StoreError::io("complete the tree in", &self.folder)),
		}
	}
}

/// Opens a file of this length, sparse where it is new.
fn open_sized(path: &Path, bytes: u64) -> Result<File, StoreError> {
	let failed = StoreError::io("make", path);
	let mut options = OpenOptions::new();
	let file = options.read(true).write(true).create(true).truncate(false).open(path);
	let file = file.map_err(&failed)?;
	file.set_len(bytes).map_err(&failed)?;
	Ok(file)
}
