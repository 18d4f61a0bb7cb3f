//! Room, pins and collection.

use std::thread;

use mutirao_commitment::BufferId;
use mutirao_data::store::{Store, StoreError, MAX_BUFFER_BYTES};

use crate::support::{bytes, store, MIB};

/// What a buffer of a MiB takes: 64 groups have 64 + 32 + ... + 2 values.
const TAKES: u64 = MIB as u64 + 126 * 32;

fn put(store: &Store, seed: u64) -> BufferId {
	store.put(&bytes(MIB, seed)).unwrap()
}

#[test]
fn the_least_recently_used_goes_first_and_the_pinned_never() {
	let (_folder, store) = store(3 * TAKES);
	let [a, b, c] = [1, 2, 3].map(|seed| put(&store, seed));
	assert_eq!(store.usage().used, 3 * TAKES);
	store.pin("job 1", &[a]).unwrap();
	let d = put(&store, 4);
	assert!(store.contains(&a) && !store.contains(&b) && store.contains(&c));
	let held = store.get(&c).unwrap().unwrap();
	let e = put(&store, 5);
	assert!(store.contains(&c) && !store.contains(&d), "what is held is not collected");
	store.pin("job 2", &[e]).unwrap();
	let error = store.put(&bytes(MIB, 6)).unwrap_err();
	let full = StoreError::Full { needed: TAKES, free: 0 };
	assert_eq!(error.to_string(), full.to_string());
	drop(held);
	let f = put(&store, 6);
	assert!(!store.contains(&c) && store.contains(&f));
	store.unpin("job 1").unwrap();
	put(&store, 7);
	assert!(!store.contains(&a));
}

#[test]
fn what_cannot_fit_changes_nothing() {
	let (_folder, store) = store(2 * TAKES);
	let a = put(&store, 1);
	assert_eq!(store.room_for(&[]).free, 2 * TAKES);
	let error = store.put(&bytes(2 * MIB, 2)).unwrap_err();
	assert!(matches!(error, StoreError::Full { free, .. } if free == 2 * TAKES), "{error}");
	assert!(store.contains(&a), "nothing is collected in vain");
	store.pin("job 1", &[a]).unwrap();
	assert_eq!(store.room_for(&[]).free, TAKES);
	assert_eq!(store.usage().used, TAKES);
}

#[test]
fn a_buffer_being_received_takes_its_room_at_once_and_gives_it_back() {
	let (folder, store) = store(2 * TAKES);
	let id = BufferId::of(&bytes(MIB, 1));
	let partial = store.receive(id).unwrap();
	assert_eq!(store.usage().used, TAKES);
	put(&store, 2);
	put(&store, 3);
	assert_eq!((store.usage().buffers, store.usage().partials), (1, 1), "it is being received");
	drop(partial);
	put(&store, 4);
	assert_eq!((store.usage().buffers, store.usage().partials), (2, 0));
	assert_eq!(std::fs::read_dir(folder.path().join("partial")).unwrap().count(), 0);
	let large = BufferId { bytes: MAX_BUFFER_BYTES + 1, ..id };
	assert!(matches!(store.receive(large), Err(StoreError::TooLarge { .. })));
	let large = BufferId { bytes: MAX_BUFFER_BYTES, ..id };
	assert!(matches!(store.receive(large), Err(StoreError::Full { .. })));
}

#[test]
fn the_longest_buffer_is_taken_up_without_its_size_in_memory() {
	let (_folder, store) = store(1 << 60);
	let id = BufferId { hash: [1; 32], bytes: MAX_BUFFER_BYTES };
	let partial = store.receive(id).unwrap();
	assert_eq!(partial.missing().unwrap().len(), 1 << 20);
}

#[test]
fn pins_last_over_restarts_and_may_come_first() {
	let (folder, store) = store(4 * TAKES);
	let [a, b] = [1, 2].map(|seed| BufferId::of(&bytes(MIB, seed)));
	store.pin("job 1", &[a]).unwrap();
	store.pin("job 1", &[b]).unwrap();
	for seed in 1..=3 {
		put(&store, seed);
	}
	drop(store);
	let store = Store::open(folder.path(), TAKES).unwrap();
	assert_eq!(store.owners(), ["job 1"]);
	assert_eq!(store.collect().unwrap(), TAKES, "the third has no pin");
	assert!(store.contains(&a) && store.contains(&b));
	store.unpin("job 1").unwrap();
	store.unpin("job 1").unwrap();
	assert_eq!(store.collect().unwrap(), TAKES);
	assert!(!store.contains(&a) && store.contains(&b), "the older one goes");
	drop(store);
	assert!(Store::open(folder.path(), TAKES).unwrap().owners().is_empty());
}

#[test]
fn the_quota_holds_for_many_writers_at_once() {
	let quota = 4 * TAKES + 100;
	let (folder, store) = store(quota);
	thread::scope(|scope| {
		for worker in 0..4 {
			let store = store.clone();
			scope.spawn(move || {
				for seed in 0..8 {
					// Room may be taken by the others for the moment.
					match store.put(&bytes(MIB, worker * 100 + seed)) {
						Ok(_) | Err(StoreError::Full { .. }) => {}
						Err(error) => panic!("{error}"),
					}
					assert!(store.usage().used <= quota);
				}
			});
		}
	});
	let on_disk = ["buffers", "trees"].map(|name| {
		let files = std::fs::read_dir(folder.path().join(name)).unwrap();
		files.map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>()
	});
	assert_eq!(on_disk.iter().sum::<u64>(), store.usage().used);
	assert!(store.usage().used <= quota);
}

#[test]
fn what_stays_pinned_is_never_without_its_pin_while_the_rest_is_let_go() {
	let (folder, store) = store(3 * TAKES);
	let [kept, a, b] = [1, 2, 3].map(|seed| put(&store, seed));
	// Whoever puts something makes room for it.
	thread::scope(|scope| {
		let others = || (10..40).for_each(|seed| drop(store.put(&bytes(MIB, seed))));
		let writing = scope.spawn(others);
		let mut turns = 0;
		while !writing.is_finished() || turns < 10 {
			store.repin("job 1", &[kept, if turns % 2 == 0 { a } else { b }]).unwrap();
			store.repin("job 1", &[kept]).unwrap();
			turns += 1;
		}
	});
	assert!(store.contains(&kept));
	drop(store);
	let store = Store::open(folder.path(), TAKES).unwrap();
	store.collect().unwrap();
	assert!(store.contains(&kept) && !store.contains(&a) && !store.contains(&b));
	// What is so already is not written again.
	let pins = std::fs::read_dir(folder.path().join("pins")).unwrap().next().unwrap().unwrap();
	let written = || pins.metadata().unwrap().modified().unwrap();
	let before = written();
	store.repin("job 1", &[kept]).unwrap();
	assert_eq!(written(), before);
}
