//! Some chunks of a buffer, with what it takes to check them.

use alloc::vec::Vec;
use core::slice;

use blake3::hazmat::ChainingValue;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::{
	error::{OpenError, OpeningError, PastEnd},
	outboard,
	tree::{self, Parts, Subtree},
	BufferId, Outboard, CHUNK_BYTES,
};

/// One or many chunks of a buffer, and the rest of the buffer's tree in as few values as can be.
///
/// As it arrives, nothing in it is true: read chunks only through [`Self::verify`].
///
/// Decoding takes about as much memory as the encoding has bytes, and the time to copy it:
/// whoever bounds the encoded length (a block does) has bounded both. Verifying takes at most 16
/// compressions for each chunk and one for each parent. There are `chunks + siblings - 1` parents,
/// so weights are linear in `chunks.len()` and `siblings.len()`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Opening {
	/// The opened chunks by index, from 0, ascending.
	pub chunks: Vec<u32>,
	/// Their bytes, one after the other, 1 KiB each but for the buffer's last chunk.
	pub bytes: Vec<u8>,
	/// The chaining values of the largest subtrees without an opened chunk, from left to right.
	pub siblings: Vec<ChainingValue>,
}

impl Opening {
	/// Opens chunks of a buffer that is at hand; hashes all of it. Keep an [`Outboard`] instead
	/// where a buffer is opened more than once.
	///
	/// # Errors
	///
	/// [`OpenError::Chunks`] if the chunks do not ascend, are none, or are past the end.
	pub fn of(data: &[u8], chunks: &[u32]) -> Result<Self, OpenError<PastEnd>> {
		Outboard::of(data).open_slice(chunks, data)
	}

	/// Opens chunks of a buffer whose bytes and upper tree are kept elsewhere, as in files. `value`
	/// gives the tree's values by level and position: level 0 has those of [`Outboard::groups`], and
	/// each level above it those of pairs; a value without a partner is in the level above too. `read`
	/// fills its second argument with the buffer's bytes from the offset in its first.
	///
	/// # Errors
	///
	/// As [`Outboard::open`].
	pub fn from_tree<E>(
		id: &BufferId,
		chunks: &[u32],
		value: impl FnMut(u32, u64) -> Option<ChainingValue>,
		read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
	) -> Result<Self, OpenError<E>> {
		outboard::open(id, chunks, value, read)
	}

	/// Checks that these are the buffer's chunks, no more, no less, and nothing else is here.
	///
	/// # Errors
	///
	/// If chunks are in no order or past the end, bytes or siblings are missing or left over, or
	/// the root is not the buffer's hash.
	pub fn verify(&self, id: &BufferId) -> Result<VerifiedChunks<'_>, OpeningError> {
		let (expected, found) = (id.check_chunks(&self.chunks)?, self.bytes.len() as u64);
		if found != expected {
			return Err(OpeningError::Bytes { expected, found });
		}
		let mut parts = Given { bytes: &self.bytes, siblings: self.siblings.iter(), opening: self };
		let root = tree::root(id.whole(), &self.chunks, &mut parts)?;
		let spare = parts.siblings.len();
		if spare > 0 {
			let found = self.siblings.len();
			return Err(OpeningError::SpareSiblings { needed: found - spare, found });
		}
		if root != id.hash {
			return Err(OpeningError::Root { found: root });
		}
		Ok(VerifiedChunks { chunks: &self.chunks, bytes: &self.bytes })
	}
}

/// What is left of an opening that is walked.
struct Given<'a> {
	bytes: &'a [u8],
	siblings: slice::Iter<'a, ChainingValue>,
	opening: &'a Opening,
}

impl Parts for Given<'_> {
	type Error = OpeningError;

	fn opened(&mut self, subtree: Subtree) -> Result<&[u8], OpeningError> {
		// Only the buffer's last chunk is shorter: the bytes were counted before the walk.
		let whole =
			usize::try_from(subtree.chunks).unwrap_or(usize::MAX).saturating_mul(CHUNK_BYTES);
		let (opened, later) = self.bytes.split_at(self.bytes.len().min(whole));
		self.bytes = later;
		Ok(opened)
	}

	fn sibling(&mut self, subtree: Subtree) -> Result<ChainingValue, OpeningError> {
		let position = self.opening.siblings.len();
		self.siblings.next().copied().ok_or(OpeningError::MissingSibling { position, subtree })
	}
}

/// Chunks of which the buffer's hash was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedChunks<'a> {
	chunks: &'a [u32],
	bytes: &'a [u8],
}

impl<'a> VerifiedChunks<'a> {
	/// The chunks' indices, ascending, with their bytes.
	pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, &'a [u8])> + 'a {
		let this = *self;
		this.chunks.iter().enumerate().map(move |(at, chunk)| (*chunk, this.at(at)))
	}

	/// A chunk's bytes; nothing if it was not opened.
	pub fn get(&self, chunk: u32) -> Option<&'a [u8]> {
		self.chunks.binary_search(&chunk).ok().map(|at| self.at(at))
	}

	fn at(&self, position: usize) -> &'a [u8] {
		let later = self.bytes.get(position * CHUNK_BYTES..).unwrap_or_default();
		later.get(..CHUNK_BYTES).unwrap_or(later)
	}
}
