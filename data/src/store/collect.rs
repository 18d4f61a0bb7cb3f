//! How room is made: what nobody pinned or holds goes, the least recently used first.

use std::{collections::BTreeSet, fs, time::SystemTime};

use mutirao_commitment::BufferId;

use super::{commit::remove_folder, State, Store, StoreError};

impl Store {
	/// Collects until the quota is kept, as after it was lowered. Returns how many bytes are free
	/// again. A write that needs room collects by itself.
	///
	/// # Errors
	///
	/// If a file cannot be removed.
	pub fn collect(&self) -> Result<u64, StoreError> {
		let mut state = self.state();
		let before = state.used;
		self.shrink(&mut state, self.shared.quota)?;
		Ok(before.saturating_sub(state.used))
	}

	/// Makes room for so many bytes, or changes nothing.
	pub(super) fn make_room(&self, state: &mut State, needed: u64) -> Result<(), StoreError> {
		let quota = self.shared.quota;
		let taken = |state: &State| state.used.saturating_add(state.reserved);
		if taken(state).saturating_add(needed) <= quota {
			return Ok(());
		}
		let collectable: u64 = candidates(state).iter().map(|candidate| candidate.disk).sum();
		let free = quota.saturating_sub(taken(state).saturating_sub(collectable));
		if needed > free {
			return Err(StoreError::Full { needed, free });
		}
		self.shrink(state, quota - needed)
	}

	fn shrink(&self, state: &mut State, target: u64) -> Result<(), StoreError> {
		for candidate in candidates(state) {
			if state.used.saturating_add(state.reserved) <= target {
				break;
			}
			self.remove(state, &candidate)?;
		}
		Ok(())
	}

	fn remove(&self, state: &mut State, candidate: &Candidate) -> Result<(), StoreError> {
		let layout = &self.shared.layout;
		if candidate.complete {
			let hash = &candidate.id.hash;
			// The bytes first: a tree without bytes is removed when the store is opened.
			for path in [layout.buffer(hash), layout.tree(hash)] {
				fs::remove_file(&path).map_err(StoreError::io("remove", &path))?;
			}
			state.buffers.remove(hash);
		} else {
			remove_folder(&layout.partial(&candidate.id));
			state.partials.remove(&candidate.id);
			state.checked.remove(&candidate.id);
		}
		tracing::debug!(buffer = %candidate.id, "collected");
		state.used = state.used.saturating_sub(candidate.disk);
		Ok(())
	}
}

pub(super) struct Candidate {
	used_at: SystemTime,
	pub(super) id: BufferId,
	complete: bool,
	pub(super) disk: u64,
}

/// What may be collected, the least recently used first.
pub(super) fn candidates(state: &State) -> Vec<Candidate> {
	let pinned: BTreeSet<&BufferId> = state.pins.values().flatten().collect();
	let buffers = state.buffers.iter().map(|(hash, entry)| {
		let id = BufferId { hash: *hash, bytes: entry.bytes };
		(id, entry.used_at, entry.disk, entry.live.strong_count(), true)
	});
	let partials = state
		.partials
		.iter()
		.map(|(id, entry)| (*id, entry.used_at, entry.disk, entry.live.strong_count(), false));
	let mut all: Vec<Candidate> = buffers
		.chain(partials)
		.filter(|(id, _, _, holders, _)| *holders == 0 && !pinned.contains(id))
		.map(|(id, used_at, disk, _, complete)| Candidate { used_at, id, complete, disk })
		.collect();
	all.sort_by_key(|candidate| (candidate.used_at, candidate.id));
	all
}
