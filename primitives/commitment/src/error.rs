//! Why an opening is refused or cannot be built.

use thiserror::Error;

use crate::Subtree;

/// Chunks that no opening of a buffer can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChunksError {
	/// There are none.
	#[error("no chunk is opened; open at least one")]
	Empty,
	/// A chunk is not above the one before it.
	#[error(
		"chunk {chunk} at position {position} is not above the one before; sort, name each once"
	)]
	Order {
		/// Where in the list, from 0.
		position: usize,
		/// The chunk.
		chunk: u32,
	},
	/// The buffer ends before the last of the chunks.
	#[error("chunk {chunk} is past the end; the buffer has {chunks} chunks")]
	PastEnd {
		/// The last of the list.
		chunk: u32,
		/// How many the buffer has.
		chunks: u64,
	},
}

/// Why an opening does not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpeningError {
	/// The list of chunks is wrong.
	#[error(transparent)]
	Chunks(#[from] ChunksError),
	/// The chunks have more or fewer bytes in the buffer.
	#[error("the opening has {found} bytes of chunks; the chunks it names have {expected}")]
	Bytes {
		/// What the named chunks have.
		expected: u64,
		/// What the opening has.
		found: u64,
	},
	/// The siblings ran out.
	#[error("sibling {position} is missing: the chaining value of {subtree}")]
	MissingSibling {
		/// Where in the list of siblings, from 0.
		position: usize,
		/// The subtree.
		subtree: Subtree,
	},
	/// Siblings are left over.
	#[error("the opening has {found} siblings; the chunks it names need {needed}")]
	SpareSiblings {
		/// How many were used.
		needed: usize,
		/// How many there are.
		found: usize,
	},
	/// A chunk, an index, a sibling or the buffer's name is not the committed one.
	#[error("the opening's root is {}, not the buffer's hash", blake3::Hash::from_bytes(*.found).to_hex())]
	Root {
		/// The root that the opening has.
		found: [u8; 32],
	},
}

/// Why an opening cannot be built. `E` is the reader's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenError<E> {
	/// The list of chunks is wrong.
	#[error(transparent)]
	Chunks(#[from] ChunksError),
	/// The buffer could not be read.
	#[error("cannot read {bytes} bytes at {offset}")]
	Read {
		/// Where, in bytes.
		offset: u64,
		/// How many.
		bytes: usize,
		/// Why.
		source: E,
	},
	/// The outboard lacks a value that it should have.
	#[error("the outboard lacks the chaining value of {0}; build it again")]
	Outboard(Subtree),
	/// Bytes or outboard changed since the buffer was named: this opening would not verify.
	#[error("the bytes read or the outboard are not of the buffer: their root is {}", blake3::Hash::from_bytes(*.found).to_hex())]
	Root {
		/// The root that bytes and outboard have.
		found: [u8; 32],
	},
}

/// The data ends before the buffer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the data ends before the buffer does")]
pub struct PastEnd;
