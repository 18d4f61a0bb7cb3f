//! Buffers in a folder: complete, checked, never changed, named by their hash.
//!
//! ```text
//! buffers/<hash>            a buffer's bytes, read-only
//! trees/<hash>              the values of its tree from groups of 16 KiB up
//! partial/<hash>-<length>/  a buffer that is being received
//! pins/<hash of the owner>  which buffers an owner needs
//! temporary/                emptied when the store is opened
//! ```
//!
//! Only hashes and lengths make names, so no input can lead out of the folder. Bytes, trees and
//! buffers being received count against the quota, the latter from the start and in full. One
//! process opens a folder at a time. Calls block: hashing and copying belong on a thread for that.

mod collect;
mod commit;
mod error;
mod import;
mod layout;
mod map;
mod partial;
mod pins;
mod room;
mod scan;
mod stored;
mod tree;

use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	path::Path,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::SystemTime,
};

use mutirao_commitment::BufferId;

use layout::Layout;

pub use error::{PartialError, StoreError};
pub use partial::{Partial, Progress};
pub use room::Room;
pub use stored::Stored;
pub use tree::disk_bytes;

/// The longest buffer: 1 TiB.
pub const MAX_BUFFER_BYTES: u64 = 1 << 40;

/// A folder of buffers. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
	shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
	layout: Layout,
	quota: u64,
	state: Mutex<State>,
}

/// What the folder holds.
#[derive(Debug, Default)]
struct State {
	buffers: HashMap<[u8; 32], Entry<stored::Inner>>,
	partials: HashMap<BufferId, Entry<partial::Inner>>,
	/// What is known to be on disk of buffers that nobody is receiving at the moment.
	checked: HashMap<BufferId, partial::Have>,
	pins: BTreeMap<String, BTreeSet<BufferId>>,
	/// Bytes of all entries.
	used: u64,
	/// Bytes of writes that are under way.
	reserved: u64,
}

/// A buffer, complete or not.
#[derive(Debug)]
struct Entry<T> {
	/// The buffer's length.
	bytes: u64,
	/// What it takes on disk.
	disk: u64,
	used_at: SystemTime,
	/// Whoever holds it now.
	live: std::sync::Weak<T>,
}

/// How full a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
	/// Bytes that may be used.
	pub quota: u64,
	/// Bytes that are used or reserved: buffers, their trees, buffers being received.
	pub used: u64,
	/// Complete buffers.
	pub buffers: usize,
	/// Buffers being received.
	pub partials: usize,
}

impl Store {
	/// Opens a folder, which is made if it is not there. What a crash left half done is removed or
	/// taken up again.
	///
	/// # Errors
	///
	/// If the folder cannot be read or written.
	pub fn open(folder: impl AsRef<Path>, quota_bytes: u64) -> Result<Self, StoreError> {
		let layout = Layout::create(folder.as_ref())?;
		let state = Mutex::new(scan::scan(&layout)?);
		Ok(Self { shared: Arc::new(Shared { layout, quota: quota_bytes, state }) })
	}

	/// Whether the buffer is here, complete.
	pub fn contains(&self, id: &BufferId) -> bool {
		self.state().buffers.get(&id.hash).is_some_and(|entry| entry.bytes == id.bytes)
	}

	/// The buffer, if it is here, complete. It is not collected while the result lives.
	///
	/// # Errors
	///
	/// If its files cannot be opened.
	pub fn get(&self, id: &BufferId) -> Result<Option<Stored>, StoreError> {
		Ok(self.find(&id.hash)?.filter(|stored| stored.id() == *id))
	}

	/// The complete buffer with this hash, of any length.
	///
	/// # Errors
	///
	/// If its files cannot be opened.
	pub fn find(&self, hash: &[u8; 32]) -> Result<Option<Stored>, StoreError> {
		self.find_in(&mut self.state(), hash)
	}

	fn find_in(&self, state: &mut State, hash: &[u8; 32]) -> Result<Option<Stored>, StoreError> {
		let Some(entry) = state.buffers.get_mut(hash) else {
			return Ok(None);
		};
		let stored = match entry.live.upgrade() {
			Some(inner) => Stored { inner },
			None => Stored::open_files(&self.shared.layout, *hash, entry.bytes)?,
		};
		entry.live = Arc::downgrade(&stored.inner);
		let now = SystemTime::now();
		if now.duration_since(entry.used_at).is_ok_and(|age| age.as_secs() >= 1) {
			entry.used_at = now;
			stored.touch(now);
		}
		Ok(Some(stored))
	}

	/// Takes up receiving a buffer. All who receive the same one share it, over restarts too. Its
	/// bytes are reserved at once.
	///
	/// # Errors
	///
	/// If there is no room, the buffer is too long, the hash is of a buffer of another length, or
	/// its files cannot be made.
	pub fn receive(&self, id: BufferId) -> Result<Partial, StoreError> {
		if id.bytes > MAX_BUFFER_BYTES {
			return Err(StoreError::TooLarge { bytes: id.bytes });
		}
		let mut state = self.state();
		if let Some(stored) = self.find_in(&mut state, &id.hash)? {
			let found = stored.id().bytes;
			if found != id.bytes {
				return Err(StoreError::OtherLength { claimed: id.bytes, found });
			}
			return Ok(Partial::complete(self.clone(), stored));
		}
		if !state.partials.contains_key(&id) {
			self.make_room(&mut state, tree::disk_bytes(id.bytes))?;
		}
		self.take_up(&mut state, id)
	}

	/// What has come of a buffer that is being received; nothing if it is complete or unknown.
	///
	/// # Errors
	///
	/// If its files cannot be opened.
	pub fn receiving(&self, id: &BufferId) -> Result<Option<Partial>, StoreError> {
		let mut state = self.state();
		if !state.partials.contains_key(id) {
			return Ok(None);
		}
		self.take_up(&mut state, *id).map(Some)
	}

	fn take_up(&self, state: &mut State, id: BufferId) -> Result<Partial, StoreError> {
		let used_at = SystemTime::now();
		if let Some(entry) = state.partials.get_mut(&id) {
			entry.used_at = used_at;
			if let Some(inner) = entry.live.upgrade() {
				return Ok(Partial { inner });
			}
		}
		let checked = if state.partials.contains_key(&id) {
			state.checked.remove(&id)
		} else {
			commit::remove_folder(&self.shared.layout.partial(&id));
			Some(partial::Have::nothing(&id))
		};
		let partial = Partial::open_files(self.clone(), id, checked)?;
		let (live, disk) = (Arc::downgrade(&partial.inner), tree::disk_bytes(id.bytes));
		let entry = Entry { bytes: id.bytes, disk, used_at, live };
		if state.partials.insert(id, entry).is_none() {
			state.used += disk;
		}
		Ok(partial)
	}

	/// How full the store is.
	pub fn usage(&self) -> Usage {
		let state = self.state();
		Usage {
			quota: self.shared.quota,
			used: state.used.saturating_add(state.reserved),
			buffers: state.buffers.len(),
			partials: state.partials.len(),
		}
	}

	/// A panic elsewhere leaves the books at worst too full; what is on disk stays checked.
	fn state(&self) -> MutexGuard<'_, State> {
		self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
	}
}
