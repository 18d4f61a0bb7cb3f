//! A buffer that is being received, piece by piece, in any order.

mod check;
mod files;
mod have;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mutirao_commitment::{BufferId, Opening};

use super::{Entry, PartialError, Store, StoreError, Stored};
use crate::wire::{self, PIECE_CHUNKS};

use files::Files;
pub(super) use have::Have;
use have::PieceState;

/// A buffer that is being received. Clones share it, as do all who receive the same buffer.
///
/// Each verified piece is written to disk with the values of its groups. After a restart, pieces
/// are trusted only if their bytes on disk still have these values, and the buffer only if all
/// values together have its hash. So nothing needs to be synced on the way.
#[derive(Clone, Debug)]
pub struct Partial {
	pub(super) inner: Arc<Inner>,
}

/// What has come of a piece that was put.
#[derive(Clone, Debug)]
pub enum Progress {
	/// So many pieces are missing.
	Missing(u64),
	/// The buffer is complete.
	Complete(Stored),
}

#[derive(Debug)]
pub(super) struct Inner {
	store: Store,
	id: BufferId,
	pieces: Mutex<Pieces>,
}

/// Where the pieces are.
#[derive(Debug)]
enum Pieces {
	/// On disk since before this process; to be checked.
	Unchecked(Files),
	Open {
		files: Arc<Files>,
		have: Have,
	},
	Complete(Stored),
	Damaged,
}

impl Partial {
	pub(super) fn complete(store: Store, stored: Stored) -> Self {
		let id = stored.id();
		Self { inner: Arc::new(Inner { store, id, pieces: Mutex::new(Pieces::Complete(stored)) }) }
	}

	/// `checked` is what is known to be on disk; without it, that is found out when it is needed.
	pub(super) fn open_files(
		store: Store,
		id: BufferId,
		checked: Option<Have>,
	) -> Result<Self, StoreError> {
		let files = Files::open(store.shared.layout.partial(&id), &id)?;
		let pieces = Mutex::new(match checked {
			Some(have) => Pieces::Open { files: Arc::new(files), have },
			None => Pieces::Unchecked(files),
		});
		Ok(Self { inner: Arc::new(Inner { store, id, pieces }) })
	}

	/// The buffer's name.
	pub fn id(&self) -> BufferId {
		self.inner.id
	}

	/// The pieces that are missing, ascending. The first call after a restart hashes what is there.
	///
	/// # Errors
	///
	/// If the files cannot be read, or are damaged.
	pub fn missing(&self) -> Result<Vec<u32>, PartialError> {
		match &*self.inner.checked()? {
			Pieces::Open { have, .. } => Ok(have.missing()),
			Pieces::Complete(_) => Ok(vec![]),
			Pieces::Unchecked(_) | Pieces::Damaged => Err(PartialError::Damaged),
		}
	}

	/// Checks a piece and writes it. A piece that is there already changes nothing and is not
	/// checked again. The last one completes the buffer.
	///
	/// # Errors
	///
	/// If the opening is not one whole piece or does not verify, writing fails, or the files are
	/// damaged. Then the piece is still missing.
	pub fn put(&self, opening: &Opening) -> Result<Progress, PartialError> {
		let inner = &*self.inner;
		let piece = whole_piece(&inner.id, opening).ok_or(PartialError::NotAPiece)?;
		if let Some(progress) = inner.known(piece)? {
			return Ok(progress);
		}
		opening.verify(&inner.id)?;
		let Some(files) = inner.claim(piece)? else {
			return inner.progress();
		};
		let written = files.write(&inner.id, piece, &opening.bytes);
		inner.settle(piece, written)
	}
}

impl Inner {
	fn lock(&self) -> MutexGuard<'_, Pieces> {
		self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// The pieces, after those of an earlier process have been checked.
	fn checked(&self) -> Result<MutexGuard<'_, Pieces>, PartialError> {
		let mut pieces = self.lock();
		if let Pieces::Unchecked(files) = &*pieces {
			let have = check::check(files, &self.id)?;
			if let Pieces::Unchecked(files) = std::mem::replace(&mut *pieces, Pieces::Damaged) {
				*pieces = Pieces::Open { files: Arc::new(files), have };
			}
			self.complete_if_all(&mut pieces)?;
		}
		Ok(pieces)
	}

	fn progress(&self) -> Result<Progress, PartialError> {
		progress_of(&*self.checked()?)
	}

	/// What there is to say without looking at the piece, if it is there.
	fn known(&self, piece: u32) -> Result<Option<Progress>, PartialError> {
		let pieces = self.checked()?;
		match &*pieces {
			Pieces::Open { have, .. } if !have.is(piece, PieceState::Written) => Ok(None),
			pieces => progress_of(pieces).map(Some),
		}
	}

	/// Marks a piece as being written, unless it is or was.
	fn claim(&self, piece: u32) -> Result<Option<Arc<Files>>, PartialError> {
		match &mut *self.checked()? {
			Pieces::Open { files, have } if have.is(piece, PieceState::Missing) => {
				have.set(piece, PieceState::Busy);
				Ok(Some(files.clone()))
			}
			_ => Ok(None),
		}
	}

	/// Notes a piece that was being written, and completes the buffer if it was the last.
	fn settle(
		&self,
		piece: u32,
		written: Result<(), StoreError>,
	) -> Result<Progress, PartialError> {
		let mut pieces = self.lock();
		if let Pieces::Open { have, .. } = &mut *pieces {
			match written {
				Ok(()) => have.written(piece),
				Err(error) => {
					have.set(piece, PieceState::Missing);
					return Err(error.into());
				}
			}
		}
		self.complete_if_all(&mut pieces)?;
		progress_of(&pieces)
	}

	/// Others wait meanwhile: none of them has anything left to write.
	fn complete_if_all(&self, pieces: &mut Pieces) -> Result<(), PartialError> {
		let Pieces::Open { files, have } = &*pieces else {
			return Ok(());
		};
		if have.missing > 0 {
			return Ok(());
		}
		if files.finish(&self.id)? != self.id.hash {
			*pieces = Pieces::Damaged;
			self.store.forget_partial(&self.id);
			return Err(PartialError::Damaged);
		}
		let (data, tree) = (files.folder.join("data"), files.folder.join("tree"));
		let stored = self.store.commit(self.id, &data, &tree, None)?;
		*pieces = Pieces::Complete(stored);
		self.store.forget_partial(&self.id);
		Ok(())
	}
}

impl Drop for Inner {
	/// Leaves word of what is on disk, so that a buffer whose pieces come one by one, each in a
	/// request of its own, is not hashed again for each.
	fn drop(&mut self) {
		let Pieces::Open { have, .. } = &mut *self.lock() else {
			return;
		};
		have.forget_busy();
		let mut state = self.store.state();
		let mine = |entry: &Entry<Self>| std::ptr::eq(entry.live.as_ptr(), self);
		if state.partials.get(&self.id).is_some_and(mine) {
			state.checked.insert(self.id, have.clone());
		}
	}
}

fn progress_of(pieces: &Pieces) -> Result<Progress, PartialError> {
	match pieces {
		Pieces::Open { have, .. } => Ok(Progress::Missing(have.missing)),
		Pieces::Complete(stored) => Ok(Progress::Complete(stored.clone())),
		Pieces::Unchecked(_) | Pieces::Damaged => Err(PartialError::Damaged),
	}
}

/// The number of the piece that an opening shows, if it shows exactly one.
fn whole_piece(id: &BufferId, opening: &Opening) -> Option<u32> {
	let piece = opening.chunks.first()? / PIECE_CHUNKS;
	let (first, count) = wire::piece_chunks(id, piece)?;
	let all = opening.chunks.iter().copied().eq(first..=first + (count - 1));
	all.then_some(piece)
}
