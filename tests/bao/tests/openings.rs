//! What ours opens bao-tree verifies, and what bao-tree shows ours verifies.

use bao_tree::{
	io::{
		outboard::PreOrderMemOutboard,
		sync::{encode_ranges_validated, DecodeResponseIter},
		BaoContentItem, DecodeError,
	},
	BlockSize,
};
use mutirao_bao::{encoding, opening, ranges, root, tree};
use mutirao_commitment::{BufferId, Opening, CHUNK_BYTES};

/// Random lengths, with as many seeds.
const RANDOM: u64 = 150;

fn noise(random: &mut fastrand::Rng, bytes: usize) -> Vec<u8> {
	std::iter::repeat_with(|| random.u8(..)).take(bytes).collect()
}

/// 0, 1, and around the first chunk and each power of two up to 1 MiB.
fn edges() -> Vec<usize> {
	let around = (10..=20).flat_map(|log| [(1 << log) - 1, 1 << log, (1 << log) + 1]);
	[0, 1].into_iter().chain(around).collect()
}

/// Some chunks, ascending; seldom all.
fn pick(random: &mut fastrand::Rng, id: &BufferId) -> Vec<u32> {
	let count = random.usize(1..=20);
	let mut picked: Vec<u32> =
		std::iter::repeat_with(|| random.u64(..id.chunks()) as u32).take(count).collect();
	picked.sort_unstable();
	picked.dedup();
	picked
}

/// The chunks that bao-tree finds in an encoding, one after the other, all of them verified.
fn verified_by_bao(id: &BufferId, chunks: &[u32], encoding: &[u8]) -> Result<Vec<u8>, DecodeError> {
	let ranges = ranges(chunks);
	let mut shown = Vec::new();
	for item in DecodeResponseIter::new(root(id), tree(id), encoding, &ranges) {
		if let BaoContentItem::Leaf(leaf) = item? {
			shown.extend_from_slice(&leaf.data);
		}
	}
	Ok(shown)
}

/// Opens the chunks both ways; each verifies the other's, and both are the same.
fn check(data: &[u8], chunks: &[u32]) -> (BufferId, Opening) {
	let context = format!("{} bytes, chunks {chunks:?}", data.len());
	let id = BufferId::of(data);
	let outboard = PreOrderMemOutboard::create(data, BlockSize::ZERO);
	assert_eq!(outboard.root, root(&id), "{context}");

	let ours = Opening::of(data, chunks).expect("the buffer has the chunks");
	let as_bao = encoding(&id, &ours).expect("has the tree's shape");
	let chunk = |chunk: &u32| {
		let start = *chunk as usize * CHUNK_BYTES;
		&data[start..data.len().min(start + CHUNK_BYTES)]
	};
	let expected: Vec<u8> = chunks.iter().flat_map(chunk).copied().collect();
	assert_eq!(verified_by_bao(&id, chunks, &as_bao).expect(&context), expected, "{context}");

	let mut by_bao = Vec::new();
	encode_ranges_validated(data, &outboard, &ranges(chunks), &mut by_bao).expect(&context);
	let as_ours = opening(&id, chunks, &by_bao).expect("has the tree's shape");
	let verified = as_ours.verify(&id).unwrap_or_else(|error| panic!("{context}: {error}"));
	assert!(verified.iter().map(|(chunk, _)| chunk).eq(chunks.iter().copied()), "{context}");
	assert_eq!((as_bao, &as_ours), (by_bao, &ours), "{context}");
	(id, ours)
}

#[test]
fn each_length_opens_alike() {
	let mut random = fastrand::Rng::with_seed(1);
	for bytes in edges() {
		let data = noise(&mut random, bytes);
		let id = BufferId::of(&data);
		let last = id.chunks() as u32 - 1;
		check(&data, &[0]);
		check(&data, &[last]);
		check(&data, &pick(&mut random, &id));
		if last < 64 {
			(0..=last).for_each(|chunk| drop(check(&data, &[chunk])));
			check(&data, &(0..=last).collect::<Vec<_>>());
		}
	}
}

#[test]
fn random_lengths_open_alike() {
	for seed in 0..RANDOM {
		let mut random = fastrand::Rng::with_seed(seed);
		let log = random.u32(0..=19);
		let bytes = random.usize(..1 << (log + 1));
		let data = noise(&mut random, bytes);
		let chunks = pick(&mut random, &BufferId::of(&data));
		check(&data, &chunks);
	}
}

#[test]
fn both_refuse_what_is_not_the_buffers() {
	for seed in 0..RANDOM {
		let mut random = fastrand::Rng::with_seed(seed);
		let bytes = random.usize(1..200_000);
		let data = noise(&mut random, bytes);
		let chunks = pick(&mut random, &BufferId::of(&data));
		let (id, mut opening) = check(&data, &chunks);
		let flipped = 1 << random.u8(..8);
		let at = random.usize(..opening.bytes.len() + 32 * opening.siblings.len());
		match at.checked_sub(opening.bytes.len()) {
			None => opening.bytes[at] ^= flipped,
			Some(at) => opening.siblings[at / 32][at % 32] ^= flipped,
		}
		assert!(opening.verify(&id).is_err(), "seed {seed}");
		let encoding = encoding(&id, &opening).expect("has the tree's shape");
		assert!(verified_by_bao(&id, &chunks, &encoding).is_err(), "seed {seed}");
	}
}
