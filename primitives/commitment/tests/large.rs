//! Buffers too long to be at hand, up to the longest that a length can say.

mod support;

use blake3::Hasher;
use mutirao_commitment::{BufferId, Opening, OpeningError, OutboardBuilder, CHUNK_BYTES};
use proptest::prelude::*;
use support::{pick, sparse};

/// Lengths around powers of two, from 2^20 to 2^63, and any others.
fn length() -> impl Strategy<Value = u64> {
	let around =
		(20u32..64, -1_100i64..1_100).prop_map(|(log, by)| (1u64 << log).wrapping_add_signed(by));
	// BLAKE3's own function for the reference's split cannot take the last two lengths.
	prop_oneof![around, 1u64 << 20..u64::MAX - 2]
}

fn around(log: u32) -> impl Iterator<Item = u64> {
	[-1025, -1024, -1023, -1, 0, 1, 1023, 1024, 1025]
		.into_iter()
		.map(move |by| (1u64 << log).wrapping_add_signed(by))
}

proptest! {
	#[test]
	fn openings_of_any_length_verify_and_no_others(
		bytes in length(),
		count in 1usize..20,
		seed: u64,
		at: prop::sample::Index,
	) {
		let chunks = pick(seed, bytes.div_ceil(1024), count);
		let (id, opening) = sparse(seed, bytes, &chunks);
		prop_assert!(opening.verify(&id).is_ok());
		prop_assert!(opening.siblings.len() as u64 <= id.max_siblings(chunks.len() as u32));

		let mut changed = opening.clone();
		changed.siblings[at.index(opening.siblings.len())][0] ^= 1;
		prop_assert!(changed.verify(&id).is_err());
		let mut changed = opening.clone();
		changed.bytes[at.index(opening.bytes.len())] ^= 1;
		prop_assert!(changed.verify(&id).is_err());
		let mut changed = opening.clone();
		changed.siblings.remove(at.index(opening.siblings.len()));
		prop_assert!(changed.verify(&id).is_err());
		let mut changed = opening.clone();
		let chunk = &mut changed.chunks[at.index(chunks.len())];
		*chunk = chunk.wrapping_add(1);
		prop_assert!(changed.verify(&id).is_err());
	}
}

#[test]
fn each_length_around_four_gibibytes_has_its_own_last_chunk() {
	for bytes in around(32) {
		let last = (bytes.div_ceil(1024) - 1) as u32;
		let (id, opening) = sparse(bytes, bytes, &[0, last]);
		assert!(opening.verify(&id).is_ok());
		for other in around(32).filter(|other| *other != bytes) {
			assert!(opening.verify(&BufferId { bytes: other, ..id }).is_err(), "{bytes} {other}");
		}
	}
}

#[test]
fn the_longest_length_is_no_special_case() {
	let id = BufferId { hash: [0; 32], bytes: u64::MAX };
	let opening = Opening {
		chunks: vec![u32::MAX],
		bytes: vec![0; CHUNK_BYTES],
		siblings: vec![[1; 32]; 54],
	};
	assert!(matches!(opening.verify(&id), Err(OpeningError::Root { .. })));
	let short = Opening { siblings: vec![[1; 32]; 53], ..opening };
	assert!(matches!(short.verify(&id), Err(OpeningError::MissingSibling { position: 53, .. })));
}

/// Hashed for real, though never in memory.
#[test]
fn four_gibibytes_stream_into_an_outboard() {
	let block = vec![7; 1 << 20];
	let (mut builder, mut hasher) = (OutboardBuilder::new(), Hasher::new());
	for _ in 0..1 << 12 {
		builder.update(&block);
		hasher.update(&block);
	}
	builder.update(&[7]);
	hasher.update(&[7]);
	let outboard = builder.finish();
	let id = outboard.id();
	assert_eq!(id, BufferId { hash: hasher.finalize().into(), bytes: (1 << 32) + 1 });

	let read = |_: u64, buffer: &mut [u8]| {
		buffer.fill(7);
		Ok::<_, std::convert::Infallible>(())
	};
	let opening = outboard.open(&[0, 1 << 21, 1 << 22], read).unwrap();
	let verified = opening.verify(&id).unwrap();
	assert_eq!(verified.get(1 << 22), Some(&[7][..]));
	assert_eq!(verified.get(1 << 21), Some(&[7; CHUNK_BYTES][..]));
}
