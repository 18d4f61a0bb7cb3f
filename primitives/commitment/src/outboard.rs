//! The upper part of a buffer's tree, kept so that chunks are opened without hashing it again.

use alloc::{vec, vec::Vec};
use core::mem;

use blake3::{
	hazmat::{
		merge_subtrees_non_root, merge_subtrees_root, ChainingValue, HasherExt, Mode::Hash as Plain,
	},
	Hasher,
};
use codec::{Decode, Encode};

use crate::{
	error::{OpenError, PastEnd},
	tree::{self, Parts, Subtree},
	BufferId, Opening, CHUNK_BYTES,
};

/// Chunks below the outboard's lowest values. As many as `blake3` hashes side by side; with 16 the
/// outboard has 4 MiB for 1 GiB of buffer.
const GROUP_CHUNKS: u64 = 16;

/// Bytes of a group, the subtree below one of an outboard's lowest values. Only a buffer's last group
/// may be shorter.
pub const GROUP_BYTES: usize = GROUP_CHUNKS as usize * CHUNK_BYTES;

/// A buffer's name and the chaining values of its subtrees of 16 chunks and more.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Outboard {
	id: BufferId,
	/// From the groups up to the root's two children. A value without a partner is in the level
	/// above too.
	levels: Vec<Vec<ChainingValue>>,
}

impl Outboard {
	/// Hashes a buffer that is at hand.
	pub fn of(data: &[u8]) -> Self {
		let mut builder = OutboardBuilder::new();
		builder.update(data);
		builder.finish()
	}

	/// The chaining value of a group of a buffer that has more than one. `group` counts from 0; `data`
	/// is its bytes. So groups are hashed on many threads, or in any order.
	pub fn group_value(group: u64, data: &[u8]) -> ChainingValue {
		Subtree { first: group * GROUP_CHUNKS, chunks: GROUP_CHUNKS }.value(data)
	}

	/// Joins the values of all groups of a buffer of so many bytes, in their order. Nothing if they are
	/// not as many as the buffer has groups, or fewer than two: such a buffer is hashed by [`Self::of`].
	pub fn from_groups(bytes: u64, groups: Vec<ChainingValue>) -> Option<Self> {
		let fit = groups.len() >= 2 && groups.len() as u64 == bytes.div_ceil(GROUP_BYTES as u64);
		fit.then(|| Self::join(bytes, groups))
	}

	/// Of two groups or more.
	fn join(bytes: u64, mut level: Vec<ChainingValue>) -> Self {
		let mut levels = Vec::new();
		while level.len() > 2 {
			let above = level.chunks(2).map(|pair| match pair {
				[left, right] => merge_subtrees_non_root(left, right, Plain),
				single => single[0],
			});
			let above = above.collect();
			levels.push(mem::replace(&mut level, above));
		}
		let hash = *merge_subtrees_root(&level[0], &level[1], Plain).as_bytes();
		levels.push(level);
		Self { id: BufferId { hash, bytes }, levels }
	}

	/// The values of the groups in their order; none if the buffer has only one group.
	pub fn groups(&self) -> &[ChainingValue] {
		self.levels.first().map_or(&[], Vec::as_slice)
	}

	/// The buffer's name.
	pub fn id(&self) -> BufferId {
		self.id
	}

	/// Opens chunks, given in ascending order. `read` fills its second argument with the buffer's
	/// bytes from the offset in its first. About 16 KiB are read for each chunk.
	///
	/// The result is checked: a buffer that changed on disk gives an error, not an opening that the
	/// chain refuses.
	///
	/// # Errors
	///
	/// If the chunks do not ascend, are none, or are past the end; if reading fails; if the bytes or
	/// the outboard are not of the buffer.
	pub fn open<E>(
		&self,
		chunks: &[u32],
		read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
	) -> Result<Opening, OpenError<E>> {
		let value = |level: u32, at: u64| {
			let at = usize::try_from(at).ok()?;
			self.levels.get(level as usize)?.get(at).copied()
		};
		open(&self.id, chunks, value, read)
	}

	/// Opens chunks of a buffer that is at hand.
	///
	/// # Errors
	///
	/// As [`Self::open`].
	pub fn open_slice(&self, chunks: &[u32], data: &[u8]) -> Result<Opening, OpenError<PastEnd>> {
		self.open(chunks, |offset, buffer| {
			let later = usize::try_from(offset).ok().and_then(|start| data.get(start..));
			let bytes = later.and_then(|later| later.get(..buffer.len())).ok_or(PastEnd)?;
			buffer.copy_from_slice(bytes);
			Ok(())
		})
	}
}

/// Opens chunks with a tree's values by level and position, and checks the result.
pub(crate) fn open<E>(
	id: &BufferId,
	chunks: &[u32],
	value: impl FnMut(u32, u64) -> Option<ChainingValue>,
	read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
) -> Result<Opening, OpenError<E>> {
	let bytes = id.check_chunks(chunks)?;
	let mut source = Source {
		id,
		value,
		read,
		opening: Opening {
			chunks: chunks.to_vec(),
			bytes: Vec::with_capacity(bytes as usize),
			siblings: Vec::new(),
		},
		buffer: Vec::new(),
	};
	let found = tree::root(id.whole(), chunks, &mut source)?;
	if found != id.hash {
		return Err(OpenError::Root { found });
	}
	Ok(source.opening)
}

/// Builds an opening while the tree is walked.
struct Source<'a, V, R> {
	id: &'a BufferId,
	value: V,
	read: R,
	opening: Opening,
	/// For the bytes of subtrees that are hashed and not opened.
	buffer: Vec<u8>,
}

/// Appends a subtree's bytes, and returns them.
fn append<'b, E>(
	buffer: &'b mut Vec<u8>,
	subtree: Subtree,
	id: &BufferId,
	read: &mut impl FnMut(u64, &mut [u8]) -> Result<(), E>,
) -> Result<&'b [u8], OpenError<E>> {
	let offset = subtree.first * CHUNK_BYTES as u64;
	let bytes = (id.bytes - offset).min(subtree.chunks * CHUNK_BYTES as u64) as usize;
	let start = buffer.len();
	buffer.resize(start + bytes, 0);
	let added = &mut buffer[start..];
	read(offset, added).map_err(|source| OpenError::Read { offset, bytes, source })?;
	Ok(added)
}

impl<E, V, R> Parts for Source<'_, V, R>
where
	V: FnMut(u32, u64) -> Option<ChainingValue>,
	R: FnMut(u64, &mut [u8]) -> Result<(), E>,
{
	type Error = OpenError<E>;

	fn opened(&mut self, subtree: Subtree) -> Result<&[u8], OpenError<E>> {
		append(&mut self.opening.bytes, subtree, self.id, &mut self.read)
	}

	fn sibling(&mut self, subtree: Subtree) -> Result<ChainingValue, OpenError<E>> {
		let value = if subtree.chunks < GROUP_CHUNKS {
			self.buffer.clear();
			subtree.value(append(&mut self.buffer, subtree, self.id, &mut self.read)?)
		} else {
			let level = subtree.chunks.div_ceil(GROUP_CHUNKS).next_power_of_two().ilog2();
			let at = (subtree.first / GROUP_CHUNKS) >> level;
			(self.value)(level, at).ok_or(OpenError::Outboard(subtree))?
		};
		self.opening.siblings.push(value);
		Ok(value)
	}
}

/// Builds an outboard from a buffer's bytes as they come. With `std` it is an [`std::io::Write`].
#[derive(Clone, Debug, Default)]
pub struct OutboardBuilder {
	/// Values of the groups that are full and not the last.
	groups: Vec<ChainingValue>,
	/// The group that is being filled.
	hasher: Hasher,
}

impl OutboardBuilder {
	/// A builder that has seen no bytes.
	pub fn new() -> Self {
		Self::default()
	}

	/// Adds the buffer's next bytes.
	pub fn update(&mut self, mut data: &[u8]) {
		while !data.is_empty() {
			let mut room = GROUP_BYTES - self.hasher.count() as usize;
			if room == 0 {
				// Only now: the last group of a buffer that has no other is hashed as the root.
				self.groups.push(self.hasher.finalize_non_root());
				self.hasher = Hasher::new();
				self.hasher.set_input_offset(self.groups.len() as u64 * GROUP_BYTES as u64);
				room = GROUP_BYTES;
			}
			let (now, later) = data.split_at(data.len().min(room));
			self.hasher.update(now);
			data = later;
		}
	}

	/// Names the buffer and completes the outboard.
	pub fn finish(self) -> Outboard {
		let bytes = self.groups.len() as u64 * GROUP_BYTES as u64 + self.hasher.count();
		let mut groups = self.groups;
		if groups.is_empty() {
			let hash = *self.hasher.finalize().as_bytes();
			return Outboard { id: BufferId { hash, bytes }, levels: vec![] };
		}
		groups.push(self.hasher.finalize_non_root());
		Outboard::join(bytes, groups)
	}
}

#[cfg(feature = "std")]
impl std::io::Write for OutboardBuilder {
	fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
		self.update(data);
		Ok(data.len())
	}

	fn flush(&mut self) -> std::io::Result<()> {
		Ok(())
	}
}
