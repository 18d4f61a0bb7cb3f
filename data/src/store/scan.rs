//! What a folder holds when it is opened.

use std::{ffi::OsString, fs, fs::Metadata, path::Path, time::SystemTime};

use mutirao_commitment::BufferId;

use super::{
	commit::{idle, remove_folder},
	layout::{parse_partial, Layout},
	pins, tree, State, StoreError,
};
use crate::wire::parse_hash;

/// Reads the folder and removes what a crash left half done: temporary files, trees without bytes,
/// bytes without a tree of the right length.
pub(super) fn scan(layout: &Layout) -> Result<State, StoreError> {
	for (name, meta) in entries(&layout.folder("temporary"))? {
		let path = layout.folder("temporary").join(name);
		if meta.is_dir() {
			remove_folder(&path);
		} else {
			fs::remove_file(&path).map_err(StoreError::io("remove", &path))?;
		}
	}
	let mut state = State { pins: pins::read(&layout.folder("pins"))?, ..State::default() };
	buffers(layout, &mut state)?;
	for (name, _) in entries(&layout.folder("trees"))? {
		let known = hash_of(&name).is_some_and(|hash| state.buffers.contains_key(&hash));
		if !known {
			discard(&layout.folder("trees").join(name), "it has no buffer")?;
		}
	}
	partials(layout, &mut state)?;
	Ok(state)
}

fn buffers(layout: &Layout, state: &mut State) -> Result<(), StoreError> {
	for (name, meta) in entries(&layout.folder("buffers"))? {
		let path = layout.folder("buffers").join(&name);
		let Some(hash) = hash_of(&name).filter(|_| meta.is_file()) else {
			tracing::warn!(path = %path.display(), "not a buffer; left alone");
			continue;
		};
		let tree = fs::symlink_metadata(layout.tree(&hash)).map(|meta| meta.len());
		if tree.ok() != Some(tree::tree_bytes(meta.len())) {
			discard(&path, "its tree is not there or has another length")?;
			continue;
		}
		let entry = idle(meta.len(), used_at(&meta));
		state.used += entry.disk;
		state.buffers.insert(hash, entry);
	}
	Ok(())
}

/// Buffers being received; one that is complete by now was moved before its folder was removed.
fn partials(layout: &Layout, state: &mut State) -> Result<(), StoreError> {
	for (name, meta) in entries(&layout.folder("partial"))? {
		let id = name.to_str().and_then(parse_partial);
		let wanted = |id: &BufferId| {
			id.bytes <= super::MAX_BUFFER_BYTES && !state.buffers.contains_key(&id.hash)
		};
		match id.filter(wanted) {
			Some(id) => {
				let entry = idle(id.bytes, used_at(&meta));
				state.used += entry.disk;
				state.partials.insert(id, entry);
			}
			None => remove_folder(&layout.folder("partial").join(name)),
		}
	}
	Ok(())
}

fn entries(folder: &Path) -> Result<Vec<(OsString, Metadata)>, StoreError> {
	let failed = StoreError::io("read", folder);
	let entries = fs::read_dir(folder).map_err(&failed)?;
	// Of the entry itself: links are not followed.
	let described =
		entries.map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.metadata()?))));
	described.collect::<Result<_, _>>().map_err(&failed)
}

fn hash_of(name: &OsString) -> Option<[u8; 32]> {
	name.to_str().and_then(parse_hash)
}

fn used_at(meta: &Metadata) -> SystemTime {
	meta.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}

fn discard(path: &Path, why: &str) -> Result<(), StoreError> {
	tracing::warn!(path = %path.display(), why, "removed from the store");
	fs::remove_file(path).map_err(StoreError::io("remove", path))
}
