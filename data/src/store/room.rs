//! What is left for buffers that are wanted, beside those that are still to come for others.

use std::collections::BTreeSet;

use mutirao_commitment::BufferId;

use super::{collect::candidates, tree::disk_bytes, State, Store};

/// What a store has for some buffers: see [`Store::room_for`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
	/// Bytes that the buffers still need. What is here, or being received, needs none: it was reserved
	/// from its start and in full.
	pub missing: u64,
	/// Bytes that they, and whatever is written beside them, can have: what is free, and what nobody
	/// needs. What others pinned and is still to come counts as taken.
	pub free: u64,
}

impl Store {
	/// What is left for these buffers. Of those that are here, none counts as what nobody needs.
	pub fn room_for(&self, wanted: &[BufferId]) -> Room {
		let state = self.state();
		let wanted: BTreeSet<&BufferId> = wanted.iter().collect();
		let collectable = candidates(&state);
		let collectable = collectable.iter().filter(|candidate| !wanted.contains(&candidate.id));
		let collectable: u64 = collectable.map(|candidate| candidate.disk).sum();
		let pinned: BTreeSet<&BufferId> = state.pins.values().flatten().collect();
		let to_come = state.to_come(pinned.difference(&wanted).copied());
		let taken = state.used.saturating_add(state.reserved).saturating_sub(collectable);
		Room {
			missing: state.to_come(wanted.iter().copied()),
			free: self.shared.quota.saturating_sub(taken.saturating_add(to_come)),
		}
	}
}

impl State {
	/// Bytes of those of these buffers for which nothing is reserved yet.
	fn to_come<'a>(&self, buffers: impl Iterator<Item = &'a BufferId>) -> u64 {
		let is_here = |id: &BufferId| {
			let complete = self.buffers.get(&id.hash).is_some_and(|entry| entry.bytes == id.bytes);
			complete || self.partials.contains_key(id)
		};
		let missing = buffers.filter(|id| !is_here(id)).map(|id| disk_bytes(id.bytes));
		missing.fold(0, u64::saturating_add)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn buffer(fill: u8, bytes: usize) -> (Vec<u8>, BufferId) {
		let data = vec![fill; bytes];
		let id = BufferId { hash: *blake3::hash(&data).as_bytes(), bytes: bytes as u64 };
		(data, id)
	}

	#[test]
	fn what_is_still_to_come_for_others_is_taken_and_what_is_being_received_counts_once() {
		let folder = tempfile::tempdir().unwrap();
		let store = Store::open(folder.path(), 10_000).unwrap();
		let ((_, first), (_, second)) = (buffer(1, 1_000), buffer(2, 2_000));
		assert_eq!(store.room_for(&[first]), Room { missing: 1_000, free: 10_000 });
		store.pin("another", &[second]).unwrap();
		assert_eq!(store.room_for(&[first]), Room { missing: 1_000, free: 8_000 });
		assert_eq!(store.room_for(&[second]), Room { missing: 2_000, free: 10_000 });
		let receiving = store.receive(second).unwrap();
		assert_eq!(store.room_for(&[first]), Room { missing: 1_000, free: 8_000 });
		assert_eq!(store.room_for(&[second, second]), Room { missing: 0, free: 8_000 });
		drop(receiving);
		store.unpin("another").unwrap();
		assert_eq!(store.room_for(&[first]).free, 10_000, "nobody needs it any more");
		assert_eq!(store.room_for(&[second]).free, 8_000, "whoever wants it keeps it");
	}

	#[test]
	fn a_wanted_buffer_that_nobody_pinned_is_no_room() {
		let folder = tempfile::tempdir().unwrap();
		let store = Store::open(folder.path(), 4_000).unwrap();
		let (data, id) = buffer(1, 1_000);
		store.put(&data).unwrap();
		assert_eq!(store.room_for(&[id]), Room { missing: 0, free: 3_000 });
		assert_eq!(store.room_for(&[]), Room { missing: 0, free: 4_000 });
		let absurd = BufferId { hash: [7; 32], bytes: u64::MAX };
		assert_eq!(store.room_for(&[absurd]).missing, u64::MAX);
	}
}
