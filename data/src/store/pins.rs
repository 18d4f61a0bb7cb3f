//! Who needs which buffers. Pins last over restarts, so that nothing is collected before its owner
//! has come up again.

use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	io::{ErrorKind, Write},
	path::Path,
};

use mutirao_commitment::BufferId;
use serde::{Deserialize, Serialize};

use super::{layout::Layout, Store, StoreError};

#[derive(Serialize, Deserialize)]
struct File {
	owner: String,
	buffers: Vec<(String, u64)>,
}

impl Store {
	/// Keeps buffers from being collected until the owner unpins all of its. The owner is any name
	/// ("job 41"). Buffers may be pinned before they are here: pin, then fetch or receive.
	///
	/// # Errors
	///
	/// If the pin cannot be written down. Then nothing is pinned.
	pub fn pin(&self, owner: &str, buffers: &[BufferId]) -> Result<(), StoreError> {
		let mut state = self.state();
		let mut all = state.pins.get(owner).cloned().unwrap_or_default();
		all.extend(buffers);
		write(&self.shared.layout, owner, &all)?;
		state.pins.insert(owner.to_owned(), all);
		Ok(())
	}

	/// Keeps these buffers of an owner's and lets its others go, at once: what stays is never without its
	/// pin. Writes nothing if it is so already.
	///
	/// # Errors
	///
	/// If the pin cannot be written down. Then the owner's pins are as they were.
	pub fn repin(&self, owner: &str, buffers: &[BufferId]) -> Result<(), StoreError> {
		let mut state = self.state();
		let all: BTreeSet<BufferId> = buffers.iter().copied().collect();
		if state.pins.get(owner) != Some(&all) {
			write(&self.shared.layout, owner, &all)?;
			state.pins.insert(owner.to_owned(), all);
		}
		Ok(())
	}

	/// Lets all of an owner's buffers go; those that others pinned stay. Nothing happens if it has
	/// none.
	///
	/// # Errors
	///
	/// If the pin cannot be removed from disk. Then the buffers stay pinned.
	pub fn unpin(&self, owner: &str) -> Result<(), StoreError> {
		let mut state = self.state();
		let path = self.shared.layout.pins(owner);
		match fs::remove_file(&path) {
			Err(error) if error.kind() == ErrorKind::NotFound => {}
			done => done.map_err(StoreError::io("remove", &path))?,
		}
		state.pins.remove(owner);
		Ok(())
	}

	/// Who has pinned anything.
	pub fn owners(&self) -> Vec<String> {
		self.state().pins.keys().cloned().collect()
	}
}

fn write(layout: &Layout, owner: &str, all: &BTreeSet<BufferId>) -> Result<(), StoreError> {
	let path = layout.pins(owner);
	let buffers = all.iter().map(|id| (hex::encode(id.hash), id.bytes)).collect();
	let failed = StoreError::io("write", &path);
	let text = serde_json::to_vec(&File { owner: owner.to_owned(), buffers })
		.map_err(|error| failed(error.into()))?;
	let mut file = layout.temporary()?;
	file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(&failed)?;
	file.persist(&path).map_err(|error| failed(error.error))?;
	layout.sync_folder("pins")
}

/// Reads all pins. A file that is not one stops the store: going on could lose pinned buffers.
pub(super) fn read(folder: &Path) -> Result<BTreeMap<String, BTreeSet<BufferId>>, StoreError> {
	let mut pins = BTreeMap::new();
	for entry in fs::read_dir(folder).map_err(StoreError::io("read", folder))? {
		let path = entry.map_err(StoreError::io("read", folder))?.path();
		let failed = StoreError::io("read the pins of", &path);
		let text = fs::read(&path).map_err(&failed)?;
		let file: File = serde_json::from_slice(&text).map_err(|error| failed(error.into()))?;
		let id = |(hash, bytes): &(String, u64)| {
			Some(BufferId { hash: crate::wire::parse_hash(hash)?, bytes: *bytes })
		};
		let buffers = file.buffers.iter().map(id).collect::<Option<_>>();
		let buffers = buffers.ok_or_else(|| failed(ErrorKind::InvalidData.into()))?;
		pins.insert(file.owner, buffers);
	}
	Ok(pins)
}
