//! What was not opened honestly does not verify, and the error says where.

mod support;

use blake3::{hazmat::HasherExt, Hasher};
use mutirao_commitment::{
	BufferId, ChunksError, Opening, OpeningError, Outboard, Subtree, CHUNK_BYTES,
};
use proptest::{prelude::*, sample::Index};
use support::{edges, noise, pick};

/// One change of an opening or of the name that it is checked against.
#[derive(Clone, Debug)]
enum Change {
	Byte(Index, u8),
	SwapChunks(Index, Index),
	CutBytes(Index),
	AddBytes(u8, u16),
	Chunk(Index, u32),
	ChunkBy(Index, i8),
	SwapOrder(Index, Index),
	DropChunk(Index),
	DropChunkWithBytes(Index),
	RepeatChunk(Index),
	Sibling(Index, Index, u8),
	SwapSiblings(Index, Index),
	DropSibling(Index),
	RepeatSibling(Index),
	Hash(Index, u8),
	/// With the last chunk opened.
	Length(i64),
}

use Change::*;

fn change() -> impl Strategy<Value = Change> {
	let at = any::<Index>;
	prop_oneof![
		(at(), 1u8..).prop_map(|(at, flip)| Byte(at, flip)),
		(at(), at()).prop_map(|(one, other)| SwapChunks(one, other)),
		at().prop_map(CutBytes),
		(any::<u8>(), 1u16..3000).prop_map(|(byte, count)| AddBytes(byte, count)),
		(at(), any::<u32>()).prop_map(|(at, chunk)| Chunk(at, chunk)),
		(at(), any::<i8>()).prop_map(|(at, by)| ChunkBy(at, by)),
		(at(), at()).prop_map(|(one, other)| SwapOrder(one, other)),
		at().prop_map(DropChunk),
		at().prop_map(DropChunkWithBytes),
		at().prop_map(RepeatChunk),
		(at(), at(), 1u8..).prop_map(|(at, byte, flip)| Sibling(at, byte, flip)),
		(at(), at()).prop_map(|(one, other)| SwapSiblings(one, other)),
		at().prop_map(DropSibling),
		at().prop_map(RepeatSibling),
		(at(), 1u8..).prop_map(|(at, flip)| Hash(at, flip)),
		prop_oneof![-3000i64..3000, any::<i64>()].prop_map(Length),
	]
}

impl Change {
	/// Applies the change where there is something to change.
	fn apply(&self, opening: &mut Opening, id: &mut BufferId) -> Option<()> {
		let Opening { chunks, bytes, siblings } = opening;
		let (opened, shown, given) = (chunks.len(), bytes.len(), siblings.len());
		let within = |at: &Index, len: usize| (len > 0).then(|| at.index(len));
		match self {
			Byte(at, flip) => bytes[within(at, shown)?] ^= flip,
			SwapChunks(one, other) => {
				let whole = shown / CHUNK_BYTES;
				let (one, other) = (within(one, whole)?, within(other, whole)?);
				for byte in 0..CHUNK_BYTES {
					bytes.swap(one * CHUNK_BYTES + byte, other * CHUNK_BYTES + byte);
				}
			}
			CutBytes(at) => bytes.truncate(within(at, shown)?),
			AddBytes(byte, count) => bytes.extend(vec![*byte; usize::from(*count)]),
			Chunk(at, chunk) => chunks[within(at, opened)?] = *chunk,
			ChunkBy(at, by) => {
				let at = within(at, opened)?;
				chunks[at] = chunks[at].wrapping_add_signed((*by).into());
			}
			SwapOrder(one, other) => chunks.swap(within(one, opened)?, within(other, opened)?),
			DropChunk(at) => drop(chunks.remove(within(at, opened)?)),
			DropChunkWithBytes(at) => {
				let at = within(at, opened)?;
				chunks.remove(at);
				bytes.drain((at * CHUNK_BYTES).min(shown)..((at + 1) * CHUNK_BYTES).min(shown));
			}
			RepeatChunk(at) => {
				let at = within(at, opened)?;
				chunks.insert(at, chunks[at]);
			}
			Sibling(at, byte, flip) => siblings[within(at, given)?][byte.index(32)] ^= flip,
			SwapSiblings(one, other) => siblings.swap(within(one, given)?, within(other, given)?),
			DropSibling(at) => drop(siblings.remove(within(at, given)?)),
			RepeatSibling(at) => {
				let at = within(at, given)?;
				siblings.insert(at, siblings[at]);
			}
			Hash(at, flip) => id.hash[at.index(32)] ^= flip,
			Length(by) => {
				let last = id.chunks() - 1;
				(u64::from(*chunks.last()?) == last).then_some(())?;
				id.bytes = id.bytes.wrapping_add_signed(*by);
			}
		}
		Some(())
	}
}

/// Lengths with short and full last chunks, in trees of all shapes.
fn length() -> impl Strategy<Value = u64> {
	prop_oneof![0u64..40_000, prop::sample::select(edges(18))]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn a_changed_opening_is_refused(
		bytes in length(),
		zeros: bool,
		count in 1usize..12,
		last: bool,
		seed: u64,
		changes in prop::collection::vec(change(), 1..3),
	) {
		// In a buffer of zeros all chunks are equal but for their place.
		let data = if zeros { vec![0; bytes as usize] } else { noise(seed, bytes as usize) };
		let outboard = Outboard::of(&data);
		let mut chunks = pick(seed, outboard.id().chunks(), count);
		let end = (outboard.id().chunks() - 1) as u32;
		if last && !chunks.contains(&end) {
			chunks.push(end);
		}
		let honest = (outboard.open_slice(&chunks, &data).unwrap(), outboard.id());
		prop_assert!(honest.0.verify(&honest.1).is_ok());

		let (mut opening, mut id) = honest.clone();
		for change in changes {
			// A change that finds nothing to change leaves all as it was.
			let _ = change.apply(&mut opening, &mut id);
		}
		prop_assume!((&opening, &id) != (&honest.0, &honest.1));
		prop_assert!(opening.verify(&id).is_err());
	}

	#[test]
	fn a_false_length_shows_only_true_chunks(
		bytes in length(),
		claimed in prop_oneof![length(), any::<u64>()],
		count in 1usize..12,
		seed: u64,
	) {
		let data = noise(seed, bytes as usize);
		let id = BufferId::of(&data);
		let opening = Opening::of(&data, &pick(seed, id.chunks(), count)).unwrap();
		let claimed = BufferId { bytes: claimed, ..id };
		if let Ok(verified) = opening.verify(&claimed) {
			let end = u64::from(*opening.chunks.last().unwrap()) + 1;
			prop_assert!(claimed == id || end < claimed.chunks(), "the last chunk fixes the length");
			for (chunk, bytes) in verified.iter() {
				prop_assert!(data[chunk as usize * CHUNK_BYTES..].starts_with(bytes));
			}
		}
	}

	#[test]
	fn nonsense_is_refused(
		chunks in prop::collection::vec(any::<u32>(), 0..6),
		sorted: bool,
		bytes in prop_oneof![(0usize..6).prop_map(|count| count * CHUNK_BYTES), 0usize..6_000],
		siblings in prop::collection::vec(any::<[u8; 32]>(), 0..200),
		hash: [u8; 32],
		length in prop_oneof![any::<u64>(), (0u64..5_000).prop_map(|below| u64::MAX - below)],
	) {
		let mut opening = Opening { chunks, bytes: noise(1, bytes), siblings };
		if sorted {
			opening.chunks.sort_unstable();
		}
		let id = BufferId { hash, bytes: length };
		prop_assert!(opening.verify(&id).is_err());
		prop_assert_eq!(id.chunks(), u128::from(length).div_ceil(1024).max(1) as u64);
	}
}

#[test]
fn each_byte_of_an_opening_counts() {
	let data = noise(8, 5 * CHUNK_BYTES + 100);
	let id = BufferId::of(&data);
	let opening = Opening::of(&data, &[2, 5]).unwrap();
	for at in 0..opening.bytes.len() {
		let mut changed = opening.clone();
		changed.bytes[at] ^= 0x80;
		assert!(matches!(changed.verify(&id), Err(OpeningError::Root { .. })), "{at}");
	}
	for at in 0..opening.siblings.len() * 32 {
		let mut changed = opening.clone();
		changed.siblings[at / 32][at % 32] ^= 1;
		assert!(matches!(changed.verify(&id), Err(OpeningError::Root { .. })), "{at}");
	}
}

#[test]
fn a_chunk_of_equal_chunks_has_its_place() {
	let data = [0; 8 * CHUNK_BYTES];
	let id = BufferId::of(&data);
	let honest = Opening::of(&data, &[2]).unwrap();
	for chunk in (0..8).filter(|chunk| *chunk != 2) {
		let moved = Opening { chunks: vec![chunk], ..honest.clone() };
		assert!(matches!(moved.verify(&id), Err(OpeningError::Root { .. })), "{chunk}");
	}
}

#[test]
fn a_part_of_a_buffer_is_no_buffer() {
	// Chaining values in the place of roots: what the ROOT flag is there for.
	for chunks in [1, 2, 4] {
		let data = noise(9, chunks * CHUNK_BYTES);
		let id = BufferId::of(&data);
		let value = Hasher::new().update(&data).finalize_non_root();
		let opening = Opening::of(&data, &[0]).unwrap();
		assert_eq!(
			opening.verify(&BufferId { hash: value, ..id }),
			Err(OpeningError::Root { found: id.hash })
		);
		// And a root in the place of a chaining value.
		let twice = noise(9, 2 * chunks * CHUNK_BYTES);
		let mut opening = Opening::of(&twice, &[2 * chunks as u32 - 1]).unwrap();
		assert_eq!(opening.siblings[0], value);
		opening.siblings[0] = id.hash;
		assert!(opening.verify(&BufferId::of(&twice)).is_err());
	}
}

#[test]
fn no_empty_chunk_follows_a_full_one() {
	for chunks in [1, 2, 3, 4, 16] {
		let data = noise(11, chunks as usize * CHUNK_BYTES);
		let id = BufferId::of(&data);
		let mut opening = Opening::of(&data, &[chunks - 1]).unwrap();
		opening.chunks.push(chunks);
		let error = ChunksError::PastEnd { chunk: chunks, chunks: u64::from(chunks) };
		assert_eq!(opening.verify(&id), Err(error.into()));
		assert_eq!(id.chunk_bytes(chunks), None);
	}
}

#[test]
fn errors_say_where() {
	let data = noise(10, 5000);
	let id = BufferId::of(&data);
	let honest = Opening::of(&data, &[1, 3]).unwrap();
	let error = |change: &dyn Fn(&mut Opening)| {
		let mut opening = honest.clone();
		change(&mut opening);
		opening.verify(&id).unwrap_err()
	};
	assert_eq!(error(&|it| it.chunks.clear()), ChunksError::Empty.into());
	assert_eq!(error(&|it| it.chunks[1] = 1), ChunksError::Order { position: 1, chunk: 1 }.into());
	assert_eq!(error(&|it| it.chunks[1] = 5), ChunksError::PastEnd { chunk: 5, chunks: 5 }.into());
	assert_eq!(
		error(&|it| it.bytes.truncate(2047)),
		OpeningError::Bytes { expected: 2048, found: 2047 }
	);
	// The last chunk is shorter.
	assert_eq!(
		error(&|it| it.chunks[1] = 4),
		OpeningError::Bytes { expected: 1024 + 904, found: 2048 }
	);
	assert_eq!(
		error(&|it| it.siblings.truncate(1)),
		OpeningError::MissingSibling { position: 1, subtree: Subtree { first: 2, chunks: 1 } }
	);
	assert_eq!(
		error(&|it| it.siblings.extend([[0; 32]; 2])),
		OpeningError::SpareSiblings { needed: 3, found: 5 }
	);
	assert_eq!(
		error(&|it| it.siblings.truncate(2)).to_string(),
		"sibling 2 is missing: the chaining value of chunk 4"
	);
}
