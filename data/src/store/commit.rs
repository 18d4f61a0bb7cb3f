//! How finished files become a buffer of the store.

use std::{
	fs::{self, File, Permissions},
	os::unix::fs::PermissionsExt,
	path::Path,
	sync::{Arc, Weak},
	time::SystemTime,
};

use mutirao_commitment::BufferId;

use super::{tree, Entry, State, Store, StoreError, Stored};

/// Bytes of the quota that a write under way may use. They are free again when it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
	store: Store,
	bytes: u64,
}

impl Drop for Reservation {
	fn drop(&mut self) {
		let mut state = self.store.state();
		state.reserved = state.reserved.saturating_sub(self.bytes);
	}
}

impl Store {
	/// Reserves what a buffer and its tree take.
	pub(super) fn reserve(&self, bytes: u64) -> Result<Reservation, StoreError> {
		if bytes > super::MAX_BUFFER_BYTES {
			return Err(StoreError::TooLarge { bytes });
		}
		let disk = tree::disk_bytes(bytes);
		let mut state = self.state();
		self.make_room(&mut state, disk)?;
		state.reserved += disk;
		Ok(Reservation { store: self.clone(), bytes: disk })
	}

	/// Moves a complete buffer and its tree to their places. `data` and `tree` are files of the
	/// folder's file system, whose last write has been made. What they took of the quota is in the
	/// reservation, or in the entry of the buffer being received.
	///
	/// The tree goes first: where there are a buffer's bytes there is its tree. If the buffer came
	/// by another way meanwhile, the files are left where they are.
	pub(super) fn commit(
		&self,
		id: BufferId,
		data: &Path,
		tree: &Path,
		mut reservation: Option<Reservation>,
	) -> Result<Stored, StoreError> {
		seal(tree)?;
		seal(data)?;
		let mut state = self.state();
		if let Some(stored) = self.find_in(&mut state, &id.hash)? {
			return Ok(stored);
		}
		let layout = &self.shared.layout;
		rename(tree, &layout.tree(&id.hash))?;
		rename(data, &layout.buffer(&id.hash))?;
		layout.sync_folder("trees")?;
		layout.sync_folder("buffers")?;
		let stored = Stored::open_files(layout, id.hash, id.bytes)?;
		let disk = tree::disk_bytes(id.bytes);
		let live = Arc::downgrade(&stored.inner);
		let entry = Entry { bytes: id.bytes, disk, used_at: SystemTime::now(), live };
		state.buffers.insert(id.hash, entry);
		state.used += disk;
		match &mut reservation {
			Some(reservation) => state.reserved -= std::mem::take(&mut reservation.bytes),
			None => state.remove_partial(&id),
		}
		Ok(stored)
	}

	/// Forgets a buffer that was being received and that is complete now, or damaged.
	pub(super) fn forget_partial(&self, id: &BufferId) {
		self.state().remove_partial(id);
		remove_folder(&self.shared.layout.partial(id));
	}
}

impl State {
	fn remove_partial(&mut self, id: &BufferId) {
		self.checked.remove(id);
		if let Some(entry) = self.partials.remove(id) {
			self.used = self.used.saturating_sub(entry.disk);
		}
	}
}

/// What an entry has before anybody holds it.
pub(super) fn idle<T>(bytes: u64, used_at: SystemTime) -> Entry<T> {
	Entry { bytes, disk: tree::disk_bytes(bytes), used_at, live: Weak::new() }
}

pub(super) fn remove_folder(path: &Path) {
	if let Err(error) = fs::remove_dir_all(path) {
		if error.kind() != std::io::ErrorKind::NotFound {
			tracing::warn!(path = %path.display(), %error, "cannot remove a folder of the store");
		}
	}
}

/// Makes a file last and read-only.
fn seal(path: &Path) -> Result<(), StoreError> {
	let file = File::open(path).map_err(StoreError::io("open", path))?;
	file.sync_all().map_err(StoreError::io("sync", path))?;
	file.set_permissions(Permissions::from_mode(0o444)).map_err(StoreError::io("seal", path))
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
	fs::rename(from, to).map_err(StoreError::io("move into the store", from))
}
