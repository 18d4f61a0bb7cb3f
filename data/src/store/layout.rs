//! Where things lie in the folder. Names are made of hashes and numbers only.

use std::{
	fs::{self, File},
	path::{Path, PathBuf},
};

use mutirao_commitment::BufferId;
use tempfile::NamedTempFile;

use super::StoreError;

const FOLDERS: [&str; 5] = ["buffers", "trees", "partial", "pins", "temporary"];

/// A store's folder.
#[derive(Debug)]
pub(super) struct Layout {
	root: PathBuf,
}

impl Layout {
	/// Makes the folders that are not there.
	pub(super) fn create(root: &Path) -> Result<Self, StoreError> {
		for folder in FOLDERS {
			let path = root.join(folder);
			fs::create_dir_all(&path).map_err(StoreError::io("make the folder", &path))?;
		}
		let root = root.canonicalize().map_err(StoreError::io("open", root))?;
		Ok(Self { root })
	}

	pub(super) fn folder(&self, name: &'static str) -> PathBuf {
		self.root.join(name)
	}

	pub(super) fn buffer(&self, hash: &[u8; 32]) -> PathBuf {
		self.root.join("buffers").join(hex::encode(hash))
	}

	pub(super) fn tree(&self, hash: &[u8; 32]) -> PathBuf {
		self.root.join("trees").join(hex::encode(hash))
	}

	pub(super) fn partial(&self, id: &BufferId) -> PathBuf {
		self.root.join("partial").join(format!("{}-{}", hex::encode(id.hash), id.bytes))
	}

	/// An owner is any text: its hash is the name.
	pub(super) fn pins(&self, owner: &str) -> PathBuf {
		self.root.join("pins").join(blake3::hash(owner.as_bytes()).to_hex().as_str())
	}

	/// A file that is removed unless it is kept.
	pub(super) fn temporary(&self) -> Result<NamedTempFile, StoreError> {
		let folder = self.folder("temporary");
		NamedTempFile::new_in(&folder).map_err(StoreError::io("make a file in", &folder))
	}

	/// Makes names in a folder last through a power cut.
	pub(super) fn sync_folder(&self, name: &'static str) -> Result<(), StoreError> {
		let folder = self.folder(name);
		File::open(&folder)
			.and_then(|folder| folder.sync_all())
			.map_err(StoreError::io("sync", &folder))
	}
}

/// Reads the name of a partial buffer's folder.
pub(super) fn parse_partial(name: &str) -> Option<BufferId> {
	let (hash, bytes) = name.split_once('-')?;
	Some(BufferId { hash: crate::wire::parse_hash(hash)?, bytes: bytes.parse().ok()? })
}
