//! Buffers received in any order, with corruption, crashes and restarts between.

use std::{fs::OpenOptions, os::unix::fs::FileExt, path::Path};

use mutirao_commitment::{BufferId, Opening};
use mutirao_data::{
	store::{PartialError, Progress, Store, Stored},
	wire::PIECE_CHUNKS,
};
use proptest::prelude::*;

use crate::support::{bytes, store, store_with, MIB};

/// What happens to a transfer.
#[derive(Clone, Debug)]
enum Event {
	/// A piece arrives, whole.
	Piece(usize),
	/// A piece arrives, with a flipped bit of bytes, siblings or numbers.
	Corrupt { piece: usize, at: usize },
	/// The process ends and starts again.
	Restart,
	/// The same, and the disk has lost some bytes of data or tree.
	Damage { at: u64, in_tree: bool },
}

fn event() -> impl Strategy<Value = Event> {
	prop_oneof![
		6 => any::<usize>().prop_map(Event::Piece),
		3 => (any::<usize>(), any::<usize>()).prop_map(|(piece, at)| Event::Corrupt { piece, at }),
		1 => Just(Event::Restart),
		1 => (any::<u64>(), any::<bool>()).prop_map(|(at, in_tree)| Event::Damage { at, in_tree }),
	]
}

fn corrupted(mut opening: Opening, at: usize) -> Opening {
	match at % 4 {
		0 if !opening.siblings.is_empty() => {
			let sibling = at % opening.siblings.len();
			opening.siblings[sibling][at % 32] ^= 1 << (at % 8);
		}
		1 if !opening.bytes.is_empty() => drop(opening.bytes.pop()),
		2 => opening.siblings.push([0; 32]),
		_ if opening.bytes.is_empty() => opening.bytes.push(0),
		_ => {
			let byte = at % opening.bytes.len();
			opening.bytes[byte] ^= 1 << (at % 8);
		}
	}
	opening
}

fn damage(folder: &Path, at: u64, in_tree: bool) {
	let Some(partial) = std::fs::read_dir(folder.join("partial")).unwrap().next() else {
		return;
	};
	let path = partial.unwrap().path().join(if in_tree { "tree" } else { "data" });
	let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
	let Some(at) = at.checked_rem(file.metadata().unwrap().len()) else {
		return;
	};
	let mut byte = [0];
	file.read_exact_at(&mut byte, at).unwrap();
	file.write_all_at(&[byte[0] ^ 0x55], at).unwrap();
}

/// Lets everything happen, then brings what is missing.
fn receive(source: &Stored, events: &[Event]) {
	let (id, pieces) = (source.id(), source.id().bytes.div_ceil(MIB as u64).max(1) as usize);
	let (folder, mut store) = store(1 << 30);
	let mut done = None;
	for event in events {
		match event {
			Event::Piece(piece) => {
				let opening = source.piece((piece % pieces) as u32).unwrap();
				if let Progress::Complete(stored) =
					store.receive(id).unwrap().put(&opening).unwrap()
				{
					done = Some(stored);
					break;
				}
			}
			Event::Corrupt { piece, at } => {
				let piece = (piece % pieces) as u32;
				let partial = store.receive(id).unwrap();
				let there = !partial.missing().unwrap().contains(&piece);
				let refused = partial.put(&corrupted(source.piece(piece).unwrap(), *at));
				assert!(there || matches!(refused, Err(PartialError::Opening(_))), "{refused:?}");
			}
			Event::Restart | Event::Damage { .. } => {
				drop(store);
				if let Event::Damage { at, in_tree } = event {
					damage(folder.path(), *at, *in_tree);
				}
				store = Store::open(folder.path(), 1 << 30).unwrap();
			}
		}
	}
	let partial = store.receive(id).unwrap();
	let missing = partial.missing().unwrap();
	assert_eq!(missing.is_empty(), done.is_some());
	for piece in missing {
		if let Progress::Complete(stored) = partial.put(&source.piece(piece).unwrap()).unwrap() {
			done = Some(stored);
		}
	}
	let stored = done.expect("the last piece completes the buffer");
	assert_eq!(stored.bytes(), source.bytes());
	assert_eq!((store.usage().buffers, store.usage().partials), (1, 0));
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

	#[test]
	fn any_order_and_any_fault_end_in_the_same_bytes(
		len in prop_oneof![0..40_000usize, (1..5 * MIB), (1..5usize).prop_map(|mib| mib * MIB)],
		events in prop::collection::vec(event(), 0..24),
	) {
		let (_folder, store, id) = store_with(&bytes(len, len as u64));
		receive(&store.get(&id).unwrap().unwrap(), &events);
	}
}

#[test]
fn pieces_survive_a_restart_and_only_they() {
	let (_folder, source, id) = store_with(&bytes(4 * MIB + 1, 1));
	let source = source.get(&id).unwrap().unwrap();
	let (folder, store) = store(1 << 30);
	let partial = store.receive(id).unwrap();
	for piece in [0, 2, 4] {
		partial.put(&source.piece(piece).unwrap()).unwrap();
	}
	assert_eq!(partial.missing().unwrap(), [1, 3]);
	drop((partial, store));
	let store = Store::open(folder.path(), 1 << 30).unwrap();
	assert_eq!(store.usage().partials, 1);
	assert_eq!(store.receive(id).unwrap().missing().unwrap(), [1, 3]);
	drop(store);
	damage(folder.path(), 2 * MIB as u64 + 77, false);
	let store = Store::open(folder.path(), 1 << 30).unwrap();
	assert_eq!(store.receive(id).unwrap().missing().unwrap(), [1, 2, 3]);
}

#[test]
fn only_whole_pieces_are_taken() {
	let (_folder, source, id) = store_with(&bytes(2 * MIB, 1));
	let source = source.get(&id).unwrap().unwrap();
	let (_other, store) = store(1 << 30);
	let partial = store.receive(id).unwrap();
	let most: Vec<u32> = (0..PIECE_CHUNKS - 1).collect();
	let two: Vec<u32> = (0..2 * PIECE_CHUNKS).collect();
	let shifted: Vec<u32> = (1..=PIECE_CHUNKS).collect();
	for chunks in [most, two, shifted, vec![0], vec![2047]] {
		let refused = partial.put(&source.open(&chunks).unwrap());
		assert!(matches!(refused, Err(PartialError::NotAPiece)), "{} chunks", chunks.len());
	}
	let mut none = source.piece(0).unwrap();
	none.chunks.clear();
	assert!(matches!(partial.put(&none), Err(PartialError::NotAPiece)));
	none.chunks = (u32::MAX - 1023..=u32::MAX).collect();
	assert!(matches!(partial.put(&none), Err(PartialError::NotAPiece)));
	assert_eq!(partial.missing().unwrap(), [0, 1]);
}

#[test]
fn a_false_length_is_never_complete() {
	let data = bytes(MIB + 5000, 1);
	let (_folder, source, id) = store_with(&data);
	let source = source.get(&id).unwrap().unwrap();
	let (_other, store) = store(1 << 30);
	let partial = store.receive(BufferId { bytes: id.bytes - 1, ..id }).unwrap();
	partial.put(&source.piece(0).unwrap()).unwrap();
	assert!(partial.put(&source.piece(1).unwrap()).is_err());
	assert_eq!(partial.missing().unwrap(), [1]);
}
