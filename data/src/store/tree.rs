//! A buffer's tree as a file: the values of its groups, then of each level of pairs above, 32 bytes
//! each, up to the root's two children. A buffer of one group has an empty tree.
//!
//! It is written and read value by value, so that it needs no memory for a buffer of any size.

use std::{fs::File, io, os::unix::fs::FileExt, path::Path, thread};

use mutirao_commitment::{ChainingValue, Outboard, GROUP_BYTES};

use super::{map::Map, StoreError};

const VALUE_BYTES: u64 = 32;

/// Bytes that are hashed at once, shared among threads.
const BATCH_BYTES: usize = 64 << 20;

/// Values that are merged at once; even, so that no pair is torn.
const BATCH_VALUES: u64 = 1 << 15;

/// How many groups a buffer has whose tree is kept; 0 if it has only one.
pub(super) fn groups(bytes: u64) -> u64 {
	match bytes.div_ceil(GROUP_BYTES as u64) {
		0 | 1 => 0,
		many => many,
	}
}

/// How many values each level has.
fn levels(bytes: u64) -> impl Iterator<Item = u64> {
	let first = Some(groups(bytes)).filter(|groups| *groups > 0);
	std::iter::successors(first, |level| (*level > 2).then(|| level.div_ceil(2)))
}

/// What a buffer of so many bytes and its tree take on disk, in bytes.
pub fn disk_bytes(bytes: u64) -> u64 {
	bytes.saturating_add(tree_bytes(bytes))
}

/// What a buffer's tree takes on disk.
pub(super) fn tree_bytes(bytes: u64) -> u64 {
	levels(bytes).sum::<u64>() * VALUE_BYTES
}

/// The values of groups that lie side by side, the first of them with this number.
pub(super) fn group_values(first: u64, data: &[u8]) -> Vec<ChainingValue> {
	(first..)
		.zip(data.chunks(GROUP_BYTES))
		.map(|(at, data)| Outboard::group_value(at, data))
		.collect()
}

/// Writes values of groups, the first of them with this number.
pub(super) fn write_groups(tree: &File, first: u64, values: &[ChainingValue]) -> io::Result<()> {
	tree.write_all_at(values.as_flattened(), first * VALUE_BYTES)
}

/// Reads so many values of groups, the first of them with this number.
pub(super) fn read_groups(tree: &File, first: u64, count: u64) -> io::Result<Vec<ChainingValue>> {
	read_values(tree, first, count)
}

/// Hashes a buffer of more than one group on all processors and writes its tree; returns its hash.
pub(super) fn build(data: &[u8], tree: &File) -> io::Result<[u8; 32]> {
	if groups(data.len() as u64) == 0 {
		return Ok(*blake3::hash(data).as_bytes());
	}
	let threads = thread::available_parallelism().map_or(1, usize::from);
	let share = (BATCH_BYTES / GROUP_BYTES).div_ceil(threads);
	let per_batch = (share * threads) as u64;
	for (at, batch) in (0u64..).zip(data.chunks(per_batch as usize * GROUP_BYTES)) {
		let first = at * per_batch;
		let values: Vec<ChainingValue> = thread::scope(|scope| {
			let parts = batch.chunks(share * GROUP_BYTES).zip((first..).step_by(share));
			let running: Vec<_> =
				parts.map(|(data, first)| scope.spawn(move || group_values(first, data))).collect();
			let done = running.into_iter().map(|part| part.join());
			done.collect::<thread::Result<Vec<_>>>().map(|parts| parts.concat())
		})
		.map_err(|_| io::Error::other("a hashing thread stopped"))?;
		write_groups(tree, first, &values)?;
	}
	finish(tree, data.len() as u64)
}

/// Writes the levels above the groups' values, and returns the buffer's hash. The buffer has more
/// than one group.
pub(super) fn finish(tree: &File, bytes: u64) -> io::Result<[u8; 32]> {
	let (mut start, mut top) = (0, 0);
	for count in levels(bytes) {
		top = start;
		if count > 2 {
			merge_level(tree, start, count)?;
		}
		start += count;
	}
	let children = read_values(tree, top, 2)?;
	Ok(blake3::hazmat::merge_subtrees_root(&children[0], &children[1], blake3::hazmat::Mode::Hash)
		.into())
}

/// Writes the level above the one of `count` values that begins at value `start`.
fn merge_level(tree: &File, start: u64, count: u64) -> io::Result<()> {
	use blake3::hazmat::{merge_subtrees_non_root, Mode::Hash as Plain};
	for offset in (0..count).step_by(BATCH_VALUES as usize) {
		let values = read_values(tree, start + offset, BATCH_VALUES.min(count - offset))?;
		let above = values.chunks(2).map(|pair| match pair {
			[left, right] => merge_subtrees_non_root(left, right, Plain),
			single => single[0],
		});
		let above: Vec<ChainingValue> = above.collect();
		write_groups(tree, start + count + offset / 2, &above)?;
	}
	Ok(())
}

fn read_values(tree: &File, first: u64, count: u64) -> io::Result<Vec<ChainingValue>> {
	let mut values = vec![[0; 32]; count as usize];
	tree.read_exact_at(values.as_flattened_mut(), first * VALUE_BYTES)?;
	Ok(values)
}

/// A complete buffer's tree.
#[derive(Debug)]
pub(super) struct Tree {
	map: Map,
	/// Where each level begins, and one past the last.
	starts: Vec<u64>,
}

impl Tree {
	pub(super) fn open(path: &Path, bytes: u64) -> Result<Self, StoreError> {
		let mut starts = vec![0];
		starts.extend(levels(bytes).scan(0, |end, count| {
			*end += count;
			Some(*end)
		}));
		Ok(Self { map: Map::open(path)?, starts })
	}

	/// A value by level and position.
	pub(super) fn value(&self, level: u32, at: u64) -> Option<ChainingValue> {
		let (start, end) =
			(*self.starts.get(level as usize)?, *self.starts.get(level as usize + 1)?);
		let value = start.checked_add(at).filter(|value| *value < end)?;
		let offset = usize::try_from(value * VALUE_BYTES).ok()?;
		self.map.bytes().get(offset..)?.first_chunk().copied()
	}

	/// The values of all groups.
	pub(super) fn groups(&self) -> Vec<ChainingValue> {
		let count = self.starts.get(1).copied().unwrap_or_default() as usize;
		let bytes = self.map.bytes().chunks_exact(VALUE_BYTES as usize).take(count);
		bytes.filter_map(|value| value.first_chunk().copied()).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::{build, disk_bytes, tree_bytes};
	use mutirao_commitment::{Outboard, GROUP_BYTES};

	#[test]
	fn a_built_tree_has_the_outboards_values() {
		let lengths = [0, 1, 2, 3, 4, 5, 63, 64, 65, 300].map(|groups| groups * GROUP_BYTES);
		for bytes in lengths.into_iter().flat_map(|bytes| [bytes, bytes + 1, bytes + 1500]) {
			let data: Vec<u8> = (0..bytes).map(|at| (at % 251) as u8).collect();
			let file = tempfile::NamedTempFile::new().unwrap();
			let hash = build(&data, file.as_file()).unwrap();
			let outboard = Outboard::of(&data);
			assert_eq!(hash, outboard.id().hash, "{bytes}");
			assert_eq!(
				file.as_file().metadata().unwrap().len(),
				tree_bytes(bytes as u64),
				"{bytes}"
			);
			let tree = super::Tree::open(file.path(), bytes as u64).unwrap();
			assert_eq!(tree.groups(), outboard.groups(), "{bytes}");
			assert_eq!(tree.value(0, outboard.groups().len() as u64), None);
		}
	}

	#[test]
	fn a_tree_takes_four_mebibytes_a_gibibyte() {
		assert_eq!(tree_bytes(1 << 30), (4 << 20) - 64);
		assert_eq!(disk_bytes(0), 0);
		assert_eq!(tree_bytes(GROUP_BYTES as u64), 0);
	}
}
