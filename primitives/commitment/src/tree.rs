//! The shape of BLAKE3's tree, and the one walk that both builds and checks openings.

use blake3::{
	hazmat::{
		merge_subtrees_non_root, merge_subtrees_root, ChainingValue, HasherExt, Mode::Hash as Plain,
	},
	Hasher,
};
use core::fmt;

use crate::CHUNK_BYTES;

/// A node of a buffer's tree, named by the chunks below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
	/// Its first chunk.
	pub first: u64,
	/// How many chunks it has, at least 1.
	pub chunks: u64,
}

impl Subtree {
	/// The chunk after its last one.
	pub(crate) fn end(&self) -> u64 {
		self.first.saturating_add(self.chunks)
	}

	/// The left child takes the largest power of two of chunks that leaves the right child one.
	fn children(&self) -> Option<(Self, Self)> {
		if self.chunks < 2 {
			return None;
		}
		let left = self.chunks.div_ceil(2).next_power_of_two();
		Some((
			Self { first: self.first, chunks: left },
			Self { first: self.first.saturating_add(left), chunks: self.chunks - left },
		))
	}

	/// The chaining value of its bytes, of which there must be at least one.
	pub(crate) fn value(&self, bytes: &[u8]) -> ChainingValue {
		let mut hasher = Hasher::new();
		hasher.set_input_offset(self.first * CHUNK_BYTES as u64);
		hasher.update(bytes).finalize_non_root()
	}
}

impl fmt::Display for Subtree {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self.chunks {
			1 => write!(f, "chunk {}", self.first),
			_ => write!(f, "chunks {} to {}", self.first, self.end().saturating_sub(1)),
		}
	}
}

/// What a walk meets, from left to right.
pub(crate) trait Parts {
	type Error;

	/// The bytes of a subtree whose chunks are all opened; they are the next ones.
	fn opened(&mut self, subtree: Subtree) -> Result<&[u8], Self::Error>;

	/// The chaining value of the next subtree without an opened chunk.
	fn sibling(&mut self, subtree: Subtree) -> Result<ChainingValue, Self::Error>;
}

/// Computes a tree's root from some of its chunks, which are ascending, and the values of the
/// largest subtrees between them.
///
/// Chunks and siblings are taken in one pass from left to right. The depth of the recursion is
/// that of the tree, at most 54.
pub(crate) fn root<P: Parts>(
	tree: Subtree,
	opened: &[u32],
	parts: &mut P,
) -> Result<[u8; 32], P::Error> {
	let Some((left, right)) = tree.children() else {
		return Ok(*blake3::hash(parts.opened(tree)?).as_bytes());
	};
	let mut walk = Walk { opened, parts };
	let (left, right) = (walk.value(left)?, walk.value(right)?);
	Ok(*merge_subtrees_root(&left, &right, Plain).as_bytes())
}

struct Walk<'a, 'p, P> {
	/// The opened chunks that are still to come.
	opened: &'a [u32],
	parts: &'p mut P,
}

impl<'a, P: Parts> Walk<'a, '_, P> {
	fn value(&mut self, subtree: Subtree) -> Result<ChainingValue, P::Error> {
		if self.opened.first().is_none_or(|next| u64::from(*next) >= subtree.end()) {
			return self.parts.sibling(subtree);
		}
		if let Some(later) = self.after_all_of(subtree) {
			// Hashed at once: `blake3` takes many chunks side by side.
			self.opened = later;
			return Ok(subtree.value(self.parts.opened(subtree)?));
		}
		// A subtree of one chunk is opened as a whole or not at all, so this one has children.
		let Some((left, right)) = subtree.children() else {
			return self.parts.sibling(subtree);
		};
		let (left, right) = (self.value(left)?, self.value(right)?);
		Ok(merge_subtrees_non_root(&left, &right, Plain))
	}

	/// What is opened after the subtree, if all of its chunks are. They ascend, so that its first
	/// chunk and its last one, as far apart as they are in the buffer, have the others between them.
	fn after_all_of(&self, subtree: Subtree) -> Option<&'a [u32]> {
		let count = usize::try_from(subtree.chunks).ok()?;
		let (all, later) = self.opened.split_at_checked(count)?;
		let ends = (u64::from(*all.first()?), u64::from(*all.last()?) + 1);
		(ends == (subtree.first, subtree.end())).then_some(later)
	}
}

#[cfg(test)]
mod tests {
	use super::Subtree;
	use blake3::hazmat::left_subtree_len;

	#[test]
	fn children_are_those_of_blake3() {
		let edges = (1..54).flat_map(|log| [(1 << log) - 1, 1 << log, (1 << log) + 1]);
		for chunks in (2..5_000).chain(edges.filter(|chunks| *chunks > 1)) {
			let (left, right) = Subtree { first: 0, chunks }.children().unwrap();
			assert_eq!(left.chunks * 1024, left_subtree_len(chunks * 1024), "{chunks}");
			assert_eq!((right.first, right.end()), (left.chunks, chunks));
		}
	}
}
