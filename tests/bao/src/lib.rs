//! Openings as bao-tree's encodings, and back.
//!
//! Both show chunks of the same tree. bao-tree has, from the root down, both children of each node
//! above a shown chunk, and the chunks between them; an [`Opening`] has only the children that do
//! not follow from the chunks. So an encoding holds an opening, and an opening gives an encoding.

use bao_tree::{
	blake3::{
		hazmat::{merge_subtrees_non_root, merge_subtrees_root, ChainingValue, HasherExt, Mode},
		Hash, Hasher,
	},
	io::sync::truncate_ranges,
	iter::{BaoChunk, ResponseIterRef},
	BaoTree, BlockSize, ChunkNum, ChunkRanges,
};
use mutirao_commitment::{BufferId, Opening};

/// What an encoding or an opening lacks, or has too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
	/// It ends before all nodes were there.
	#[error("it ends too early")]
	Short,
	/// Something is left over.
	#[error("something is left over")]
	Long,
}

/// The tree of a buffer as bao-tree sees it, down to single chunks.
pub fn tree(id: &BufferId) -> BaoTree {
	BaoTree::new(id.bytes, BlockSize::ZERO)
}

/// Chunks as bao-tree names them.
pub fn ranges(chunks: &[u32]) -> ChunkRanges {
	let one = |chunk: &u32| {
		let first = u64::from(*chunk);
		ChunkRanges::from(ChunkNum(first)..ChunkNum(first + 1))
	};
	chunks.iter().map(one).fold(ChunkRanges::empty(), |all, one| all | one)
}

/// The opening that an encoding of these chunks holds. Nothing is verified.
///
/// # Errors
///
/// If the encoding is longer or shorter than one of these chunks.
pub fn opening(id: &BufferId, chunks: &[u32], encoding: &[u8]) -> Result<Opening, ShapeError> {
	let ranges = ranges(chunks);
	let nodes = ResponseIterRef::new(tree(id), truncate_ranges(&ranges, id.bytes));
	let opening = Opening { chunks: chunks.to_vec(), bytes: vec![], siblings: vec![] };
	let mut taking = Taking { nodes, encoding, opening };
	taking.node()?;
	taking.encoding.is_empty().then_some(taking.opening).ok_or(ShapeError::Long)
}

struct Taking<'a> {
	nodes: ResponseIterRef<'a>,
	encoding: &'a [u8],
	opening: Opening,
}

impl<'a> Taking<'a> {
	fn take(&mut self, bytes: usize) -> Result<&'a [u8], ShapeError> {
		let (taken, rest) = self.encoding.split_at_checked(bytes).ok_or(ShapeError::Short)?;
		self.encoding = rest;
		Ok(taken)
	}

	fn value(&mut self) -> Result<ChainingValue, ShapeError> {
		self.take(32)?.try_into().map_err(|_| ShapeError::Short)
	}

	fn node(&mut self) -> Result<(), ShapeError> {
		match self.nodes.next().ok_or(ShapeError::Short)? {
			BaoChunk::Parent { left, right, .. } => {
				for (is_shown, value) in [(left, self.value()?), (right, self.value()?)] {
					if is_shown {
						self.node()?;
					} else {
						self.opening.siblings.push(value);
					}
				}
			}
			BaoChunk::Leaf { size, .. } => {
				let chunk = self.take(size)?;
				self.opening.bytes.extend_from_slice(chunk);
			}
		}
		Ok(())
	}
}

/// The encoding of an opening's chunks. Nothing is verified.
///
/// # Errors
///
/// If the opening has too few or too many bytes or siblings.
pub fn encoding(id: &BufferId, opening: &Opening) -> Result<Vec<u8>, ShapeError> {
	let ranges = ranges(&opening.chunks);
	let nodes = ResponseIterRef::new(tree(id), truncate_ranges(&ranges, id.bytes));
	let (bytes, siblings) = (&opening.bytes[..], &opening.siblings[..]);
	let mut giving = Giving { nodes, bytes, siblings, encoding: Vec::new() };
	giving.node()?;
	let is_used = giving.bytes.is_empty() && giving.siblings.is_empty();
	is_used.then_some(giving.encoding).ok_or(ShapeError::Long)
}

struct Giving<'a> {
	nodes: ResponseIterRef<'a>,
	bytes: &'a [u8],
	siblings: &'a [ChainingValue],
	encoding: Vec<u8>,
}

impl Giving<'_> {
	fn sibling(&mut self) -> Result<ChainingValue, ShapeError> {
		let (first, rest) = self.siblings.split_first().ok_or(ShapeError::Short)?;
		self.siblings = rest;
		Ok(*first)
	}

	fn child(&mut self, is_shown: bool) -> Result<ChainingValue, ShapeError> {
		if is_shown {
			self.node()
		} else {
			self.sibling()
		}
	}

	/// Appends a node with all below it; its chaining value, or the hash if it is the root.
	fn node(&mut self) -> Result<ChainingValue, ShapeError> {
		match self.nodes.next().ok_or(ShapeError::Short)? {
			BaoChunk::Parent { left, right, is_root, .. } => {
				let at = self.encoding.len();
				self.encoding.extend([0; 64]);
				let (left, right) = (self.child(left)?, self.child(right)?);
				self.encoding[at..at + 32].copy_from_slice(&left);
				self.encoding[at + 32..at + 64].copy_from_slice(&right);
				Ok(match is_root {
					true => merge_subtrees_root(&left, &right, Mode::Hash).into(),
					false => merge_subtrees_non_root(&left, &right, Mode::Hash),
				})
			}
			BaoChunk::Leaf { start_chunk, size, is_root, .. } => {
				let (chunk, rest) = self.bytes.split_at_checked(size).ok_or(ShapeError::Short)?;
				self.bytes = rest;
				self.encoding.extend_from_slice(chunk);
				let mut hasher = Hasher::new();
				if is_root {
					return Ok(hasher.update(chunk).finalize().into());
				}
				hasher.set_input_offset(start_chunk.to_bytes());
				Ok(hasher.update(chunk).finalize_non_root())
			}
		}
	}
}

/// A buffer's hash as bao-tree has it.
pub fn root(id: &BufferId) -> Hash {
	Hash::from_bytes(id.hash)
}
