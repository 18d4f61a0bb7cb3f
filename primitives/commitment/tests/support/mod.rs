//! A second way to open chunks: straight recursion over bytes, split by BLAKE3's own function.
#![allow(dead_code)]

use std::ops::Range;

use blake3::{
	hazmat::{
		left_subtree_len, merge_subtrees_non_root, merge_subtrees_root, ChainingValue, HasherExt,
		Mode,
	},
	Hasher,
};
use mutirao_commitment::{BufferId, Opening, CHUNK_BYTES};

const CHUNK: u64 = CHUNK_BYTES as u64;

/// Bytes without repetition, the same for the same seed.
pub(crate) fn noise(seed: u64, bytes: usize) -> Vec<u8> {
	let mut data = vec![0; bytes];
	Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut data);
	data
}

/// 0, 1, and around the first chunk and each power of two up to 2^`log`.
pub(crate) fn edges(log: u32) -> Vec<u64> {
	let around = (10..=log).flat_map(|log| [(1 << log) - 1, 1 << log, (1 << log) + 1]);
	[0, 1].into_iter().chain(around).collect()
}

/// Opens chunks of real data, from the definition.
pub(crate) fn by_definition(data: &[u8], chunks: &[u32]) -> (BufferId, Opening) {
	let part = |range: Range<u64>| data[range.start as usize..range.end as usize].to_vec();
	let value = |range: Range<u64>| {
		Hasher::new().set_input_offset(range.start).update(&part(range)).finalize_non_root()
	};
	assemble(data.len() as u64, chunks, &part, &value)
}

/// A buffer of any length that only exists where it is opened: the chunks are noise, the subtrees
/// without an opened chunk have random values.
pub(crate) fn sparse(seed: u64, bytes: u64, chunks: &[u32]) -> (BufferId, Opening) {
	let part = |range: Range<u64>| {
		noise(seed ^ range.start.rotate_left(32), (range.end - range.start) as usize)
	};
	let value = |range: Range<u64>| noise(!seed ^ range.start, 32).try_into().unwrap();
	assemble(bytes, chunks, &part, &value)
}

fn assemble(
	bytes: u64,
	chunks: &[u32],
	part: &dyn Fn(Range<u64>) -> Vec<u8>,
	value: &dyn Fn(Range<u64>) -> ChainingValue,
) -> (BufferId, Opening) {
	let opening = Opening { chunks: chunks.to_vec(), bytes: vec![], siblings: vec![] };
	let mut assembly = Assembly { part, value, opening };
	let hash = if bytes <= CHUNK {
		assembly.opening.bytes = part(0..bytes);
		blake3::hash(&assembly.opening.bytes)
	} else {
		let (left, right) = assembly.children(0..bytes);
		merge_subtrees_root(&left, &right, Mode::Hash)
	};
	(BufferId { hash: hash.into(), bytes }, assembly.opening)
}

struct Assembly<'a> {
	part: &'a dyn Fn(Range<u64>) -> Vec<u8>,
	value: &'a dyn Fn(Range<u64>) -> ChainingValue,
	opening: Opening,
}

impl Assembly<'_> {
	fn children(&mut self, range: Range<u64>) -> (ChainingValue, ChainingValue) {
		let middle = range.start + left_subtree_len(range.end - range.start);
		(self.node(range.start..middle), self.node(middle..range.end))
	}

	fn node(&mut self, range: Range<u64>) -> ChainingValue {
		if !self.opening.chunks.iter().any(|chunk| range.contains(&(u64::from(*chunk) * CHUNK))) {
			let value = (self.value)(range);
			self.opening.siblings.push(value);
			value
		} else if range.end - range.start <= CHUNK {
			let bytes = (self.part)(range.clone());
			self.opening.bytes.extend(&bytes);
			Hasher::new().set_input_offset(range.start).update(&bytes).finalize_non_root()
		} else {
			let (left, right) = self.children(range);
			merge_subtrees_non_root(&left, &right, Mode::Hash)
		}
	}
}

/// `count` chunks, or all if there are fewer, ascending.
pub(crate) fn pick(seed: u64, chunks: u64, count: usize) -> Vec<u32> {
	let last = chunks.min(1 << 32);
	let words = noise(seed, 8 * count);
	let words = words.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap()));
	let mut picked: Vec<u32> = words.map(|word| (word % last) as u32).collect();
	picked.sort_unstable();
	picked.dedup();
	picked
}
