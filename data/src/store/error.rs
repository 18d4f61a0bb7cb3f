//! Why the store refuses or fails.

use std::{
	io::{self, ErrorKind},
	path::{Path, PathBuf},
};

use mutirao_commitment::{BufferId, OpenError, OpeningError, PastEnd};
use thiserror::Error;

/// Why a store cannot do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
	/// The quota does not allow it, and nothing more can be collected.
	#[error("the store has room for {free} bytes of its quota, {needed} are needed; raise the quota or unpin buffers")]
	Full {
		/// Bytes asked for.
		needed: u64,
		/// Bytes that could be made free.
		free: u64,
	},
	/// The disk is full, though the quota is not.
	#[error(
		"the disk is full at {path}; free some of it, or lower the quota below what the disk has"
	)]
	DiskFull {
		/// What was written.
		path: PathBuf,
	},
	/// No buffer may be so long.
	#[error("a buffer of {bytes} bytes is longer than the store takes, {max}", max = super::MAX_BUFFER_BYTES)]
	TooLarge {
		/// Its length.
		bytes: u64,
	},
	/// The name has a false length.
	#[error("the buffer with this hash has {found} bytes, not {claimed}; correct the length")]
	OtherLength {
		/// The name's.
		claimed: u64,
		/// The buffer's.
		found: u64,
	},
	/// A file to import or adopt is not what it should be.
	#[error("{path} has {found} bytes, not {expected}; it changed, or belongs to another buffer")]
	FileLength {
		/// The file.
		path: PathBuf,
		/// What it should have.
		expected: u64,
		/// What it has.
		found: u64,
	},
	/// Chunks cannot be opened, or the bytes on disk are no longer the buffer's.
	#[error("cannot open chunks of {id}")]
	Open {
		/// The buffer.
		id: BufferId,
		/// Why.
		source: OpenError<PastEnd>,
	},
	/// The tree on disk is not the buffer's.
	#[error("the tree of {0} is damaged on disk; remove the buffer and fetch it again")]
	Damaged(BufferId),
	/// A file cannot be read or written.
	#[error("cannot {doing} {path}")]
	Io {
		/// What was tried.
		doing: &'static str,
		/// The file or folder.
		path: PathBuf,
		/// Why not.
		source: io::Error,
	},
}

impl StoreError {
	/// Turns what the system says into what the user can do.
	pub(super) fn io<'a>(doing: &'static str, path: &'a Path) -> impl Fn(io::Error) -> Self + 'a {
		move |source| match source.kind() {
			ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
				Self::DiskFull { path: path.to_owned() }
			}
			_ => Self::Io { doing, path: path.to_owned(), source },
		}
	}
}

/// Why a piece is not taken.
#[derive(Debug, Error)]
pub enum PartialError {
	/// It is not exactly one piece.
	#[error("the opening is not one whole piece: chunks 1024 n to 1024 n + 1023, or to the last")]
	NotAPiece,
	/// It is not of this buffer.
	#[error("the piece does not verify")]
	Opening(#[from] OpeningError),
	/// All pieces verified and yet the tree is not the buffer's: memory or disk is at fault.
	#[error("what was verified is no longer on disk; it is forgotten, receive the buffer again")]
	Damaged,
	/// It cannot be written.
	#[error(transparent)]
	Store(#[from] StoreError),
}
