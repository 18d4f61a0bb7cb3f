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
const GROUP_BYTES: usize = GROUP_CHUNKS as usize * CHUNK_BYTES;

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
		let bytes = self.id.check_chunks(chunks)?;
		let mut source = Source {
			outboard: self,
			read,
			opening: Opening {
				chunks: chunks.to_vec(),
				bytes: Vec::with_capacity(bytes as usize),
				siblings: Vec::new(),
			},
			buffer: Vec::new(),
		};
		let found = tree::root(self.id.whole(), chunks, &mut source)?;
		if found != self.id.hash {
			return Err(OpenError::Root { found });
		}
		Ok(source.opening)
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

	/// The kept value of a subtree of whole groups, or of nothing smaller than the last group.
	fn value(&self, subtree: Subtree) -> Option<ChainingValue> {
		let level = subtree.chunks.div_ceil(GROUP_CHUNKS).next_power_of_two().ilog2();
		let at = (subtree.first / GROUP_CHUNKS) >> level;
		self.levels.get(level as usize)?.get(usize::try_from(at).ok()?).copied()
	}
}

/// Builds an opening while the tree is walked.
struct Source<'a, R> {
	outboard: &'a Outboard,
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

impl<E, R: FnMut(u64, &mut [u8]) -> Result<(), E>> Parts for Source<'_, R> {
	type Error = OpenError<E>;

	fn chunk(&mut self, chunk: Subtree) -> Result<&[u8], OpenError<E>> {
		append(&mut self.opening.bytes, chunk, &self.outboard.id, &mut self.read)
	}

	fn sibling(&mut self, subtree: Subtree) -> Result<ChainingValue, OpenError<E>> {
		let value = if subtree.chunks < GROUP_CHUNKS {
			self.buffer.clear();
			let id = &self.outboard.id;
			subtree.value(append(&mut self.buffer, subtree, id, &mut self.read)?)
		} else {
			self.outboard.value(subtree).ok_or(OpenError::Outboard(subtree))?
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
		let mut level = self.groups;
		if level.is_empty() {
			let hash = *self.hasher.finalize().as_bytes();
			return Outboard { id: BufferId { hash, bytes }, levels: vec![] };
		}
		level.push(self.hasher.finalize_non_root());
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
		Outboard { id: BufferId { hash, bytes }, levels }
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
