//! Whole buffers in the store, over restarts.

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc, thread};

use mutirao_commitment::{BufferId, Opening, Outboard};
use mutirao_data::store::{Progress, Store, StoreError};

use crate::support::{bytes, store, MIB};

const LENGTHS: [usize; 9] =
	[0, 1, 1024, 16 * 1024, 16 * 1024 + 1, MIB, MIB + 1, 3 * MIB + 77, 5 * MIB];

#[test]
fn what_is_put_is_read_back_opened_and_kept() {
	let (folder, store) = store(1 << 30);
	for (seed, len) in (0..).zip(LENGTHS) {
		let data = bytes(len, seed);
		let id = store.put(&data).unwrap();
		assert_eq!(id, BufferId::of(&data));
		let stored = store.get(&id).unwrap().unwrap();
		assert_eq!(stored.bytes(), data);
		assert_eq!(*stored.outboard().unwrap(), Outboard::of(&data));
		let last = (id.chunks() - 1) as u32;
		let chunks: Vec<u32> = if last == 0 { vec![0] } else { vec![0, last] };
		assert_eq!(stored.open(&chunks).unwrap(), Opening::of(&data, &chunks).unwrap());
	}
	drop(store);
	let store = Store::open(folder.path(), 1 << 30).unwrap();
	assert_eq!(store.usage().buffers, LENGTHS.len());
	for (seed, len) in (0..).zip(LENGTHS) {
		let data = bytes(len, seed);
		let stored = store.get(&BufferId::of(&data)).unwrap().unwrap();
		assert_eq!(stored.bytes(), data);
		stored.open(&[0]).unwrap().verify(&stored.id()).unwrap();
	}
}

#[test]
fn a_name_with_a_false_length_names_nothing() {
	let (_folder, store) = store(1 << 30);
	let id = store.put(&bytes(5000, 1)).unwrap();
	let false_id = BufferId { bytes: 4999, ..id };
	assert!(!store.contains(&false_id));
	assert!(store.get(&false_id).unwrap().is_none());
	let error = store.receive(false_id).unwrap_err();
	assert!(matches!(error, StoreError::OtherLength { claimed: 4999, found: 5000 }), "{error}");
}

#[test]
fn files_are_imported_and_adopted() {
	let (folder, store) = store(1 << 30);
	let data = bytes(2 * MIB + 5, 1);
	let path = folder.path().join("input");
	fs::write(&path, &data).unwrap();
	let id = store.import(&path).unwrap();
	assert_eq!(id, BufferId::of(&data));
	assert!(path.exists());
	assert_eq!(store.import(&path).unwrap(), id);

	let output = bytes(MIB + 9, 2);
	fs::write(&path, &output).unwrap();
	let stored = store.adopt(&path, Outboard::of(&output)).unwrap();
	assert_eq!(stored.bytes(), output);
	assert!(!path.exists());
	stored.open(&[1024]).unwrap().verify(&stored.id()).unwrap();

	fs::write(&path, &output[1..]).unwrap();
	let error = store.adopt(&path, Outboard::of(&output)).unwrap_err();
	assert!(matches!(error, StoreError::FileLength { .. }), "{error}");
	assert!(store.import(folder.path()).unwrap_err().to_string().contains("cannot read"));
}

#[test]
fn files_are_read_only_and_named_by_their_hash() {
	let (folder, store) = store(1 << 30);
	let id = store.put(b"some bytes").unwrap();
	store.pin("../../etc/passwd", &[id]).unwrap();
	let path = folder.path().join("buffers").join(blake3::hash(b"some bytes").to_hex().as_str());
	assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o444);
	for name in ["buffers", "trees", "pins"] {
		for entry in fs::read_dir(folder.path().join(name)).unwrap() {
			let name = entry.unwrap().file_name().into_string().unwrap();
			assert!(
				name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()),
				"{name}"
			);
		}
	}
}

#[test]
fn what_a_crash_leaves_is_cleared_away() {
	let (folder, store) = store(1 << 30);
	let kept = store.put(&bytes(40_000, 1)).unwrap();
	let torn = store.put(&bytes(50_000, 2)).unwrap();
	drop(store);
	let at = |folder_name: &str, name: &str| folder.path().join(folder_name).join(name);
	fs::remove_file(at("trees", &hex::encode(torn.hash))).unwrap();
	fs::write(at("trees", &"ab".repeat(32)), b"a tree without bytes").unwrap();
	fs::write(at("temporary", "half"), b"half a file").unwrap();
	fs::write(at("buffers", "note"), b"not ours").unwrap();
	fs::create_dir(at("partial", "nonsense")).unwrap();
	let store = Store::open(folder.path(), 1 << 30).unwrap();
	assert!(store.contains(&kept) && !store.contains(&torn));
	assert_eq!((store.usage().buffers, store.usage().partials), (1, 0));
	assert!(!at("trees", &"ab".repeat(32)).exists() && !at("temporary", "half").exists());
	assert!(at("buffers", "note").exists(), "what is not ours is left alone");
}

#[test]
fn a_damaged_file_gives_an_error_and_no_false_opening() {
	let (folder, store) = store(1 << 30);
	let id = store.put(&bytes(MIB, 1)).unwrap();
	let path = folder.path().join("buffers").join(hex::encode(id.hash));
	let mut data = fs::read(&path).unwrap();
	data[5000] ^= 1;
	fs::remove_file(&path).unwrap();
	fs::write(&path, data).unwrap();
	let stored = store.get(&id).unwrap().unwrap();
	assert!(matches!(stored.open(&[4]), Err(StoreError::Open { .. })));
	assert!(stored.open(&[900]).is_ok(), "other chunks are whole");
}

#[test]
fn many_threads_store_and_receive_the_same_buffer() {
	let (_folder, store) = store(1 << 30);
	let data = Arc::new(bytes(6 * MIB + 3, 1));
	let id = BufferId::of(&data);
	let source = {
		let (_other, other) = crate::support::store(1 << 30);
		other.put(&data).unwrap();
		other.get(&id).unwrap().unwrap()
	};
	thread::scope(|scope| {
		for worker in 0..8u32 {
			let (store, source, data) = (store.clone(), source.clone(), data.clone());
			scope.spawn(move || {
				if worker == 7 {
					return assert_eq!(store.put(&data).unwrap(), id);
				}
				let partial = store.receive(id).unwrap();
				for piece in 0..7 {
					partial.put(&source.piece((piece + worker) % 7).unwrap()).unwrap();
				}
			});
		}
	});
	let usage = store.usage();
	assert_eq!((usage.buffers, usage.partials), (1, 0));
	assert_eq!(store.get(&id).unwrap().unwrap().bytes(), *data);
	let done = store.receive(id).unwrap();
	assert_eq!(done.missing().unwrap(), Vec::<u32>::new());
	assert!(matches!(done.put(&source.piece(0).unwrap()).unwrap(), Progress::Complete(_)));
	let (_fresh, fresh) = crate::support::store(1 << 30);
	fresh.put(&data).unwrap();
	assert_eq!(usage.used, fresh.usage().used, "nothing is counted twice");
}
