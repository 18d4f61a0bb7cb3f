//! What is opened verifies, and is what the definition says.

mod support;

use std::{io, io::Write};

use codec::{Decode, Encode};
use mutirao_commitment::{
	BufferId, ChunksError, OpenError, Opening, Outboard, OutboardBuilder, PastEnd, CHUNK_BYTES,
};
use proptest::prelude::*;
use support::{by_definition, edges, noise, pick};

/// Opens, compares with the definition, verifies and looks at every byte.
fn check(data: &[u8], outboard: &Outboard, chunks: &[u32]) {
	let (id, expected) = by_definition(data, chunks);
	assert_eq!((outboard.id(), BufferId::of(data)), (id, id));
	let opening = outboard.open_slice(chunks, data).unwrap();
	assert_eq!(opening, expected, "{} bytes, {chunks:?}", data.len());
	assert!(opening.siblings.len() as u64 <= id.max_siblings(chunks.len() as u32));

	let verified = opening.verify(&id).unwrap();
	assert_eq!(verified.iter().len(), chunks.len());
	for ((chunk, bytes), expected) in verified.iter().zip(chunks) {
		let start = chunk as usize * CHUNK_BYTES;
		assert_eq!(chunk, *expected);
		assert_eq!(bytes, &data[start..data.len().min(start + CHUNK_BYTES)]);
		assert_eq!(id.chunk_bytes(chunk), Some(bytes.len()));
		assert_eq!(verified.get(chunk), Some(bytes));
	}
	assert!(!chunks.contains(&7) || verified.get(7).is_some());
	assert!(chunks.contains(&7) || verified.get(7).is_none());
}

#[test]
fn each_length_opens() {
	for bytes in edges(22) {
		let data = noise(bytes, bytes as usize);
		let outboard = Outboard::of(&data);
		let last = (outboard.id().chunks() - 1) as u32;
		check(&data, &outboard, &[0]);
		check(&data, &outboard, &[last]);
		check(&data, &outboard, &pick(bytes, u64::from(last) + 1, 20));
	}
}

#[test]
fn each_set_of_chunks_of_small_trees_opens() {
	for chunks in 1..=9 {
		for bytes in [chunks * CHUNK_BYTES - 1023, chunks * CHUNK_BYTES] {
			let data = noise(1, bytes);
			let outboard = Outboard::of(&data);
			for set in 1..1 << chunks {
				let opened: Vec<u32> =
					(0..chunks as u32).filter(|one| set >> one & 1 == 1).collect();
				check(&data, &outboard, &opened);
			}
		}
	}
}

proptest! {
	#[test]
	fn any_buffer_opens(bytes in 0usize..200_000, count in 1usize..40, seed: u64) {
		let data = noise(seed, bytes);
		let outboard = Outboard::of(&data);
		check(&data, &outboard, &pick(seed, outboard.id().chunks(), count));
	}

	#[test]
	fn pieces_make_the_same_outboard(pieces in prop::collection::vec(0usize..40_000, 0..8)) {
		let data = noise(5, pieces.iter().sum());
		let mut builder = OutboardBuilder::new();
		let mut rest = data.as_slice();
		for piece in pieces {
			let (now, later) = rest.split_at(piece);
			builder.write_all(now).unwrap();
			rest = later;
		}
		prop_assert_eq!(builder.finish(), Outboard::of(&data));
	}
}

#[test]
fn the_hash_is_plain_blake3() {
	// From the test vectors of the BLAKE3 repository: the input counts up to 250 again and again.
	let vectors = [
		(0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
		(1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"),
		(1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"),
	];
	for (bytes, hash) in vectors {
		let data: Vec<u8> = (0..bytes).map(|at| (at % 251) as u8).collect();
		let id = Outboard::of(&data).id();
		assert_eq!(id.to_string(), format!("{hash} ({bytes} bytes)"));
	}
}

#[test]
fn evenly_spread_chunks_need_the_most_siblings() {
	let data = noise(2, 64 * CHUNK_BYTES);
	for (step, siblings) in [(1, 0), (2, 32), (4, 32), (8, 24), (16, 16), (32, 10), (64, 6)] {
		let chunks: Vec<u32> = (0..64).step_by(step).collect();
		let opening = Opening::of(&data, &chunks).unwrap();
		assert_eq!(opening.siblings.len(), siblings);
		assert_eq!(BufferId::of(&data).max_siblings(chunks.len() as u32), siblings as u64);
	}
	let id = BufferId { hash: [0; 32], bytes: 1 << 30 };
	assert_eq!((id.max_siblings(0), id.max_siblings(1)), (0, 20));
	assert_eq!(BufferId { bytes: u64::MAX, ..id }.max_siblings(u32::MAX), u64::from(u32::MAX) * 23);
}

#[test]
fn the_encoding_is_the_documented_one() {
	let data = noise(3, 3 * CHUNK_BYTES + 5);
	let opening = Opening::of(&data, &[1, 3]).unwrap();
	let (_, expected) = by_definition(&data, &[1, 3]);
	let mut bytes = vec![2 << 2, 1, 0, 0, 0, 3, 0, 0, 0];
	bytes.extend(((CHUNK_BYTES as u16 + 5) << 2 | 1).to_le_bytes());
	bytes.extend(&data[CHUNK_BYTES..2 * CHUNK_BYTES]);
	bytes.extend(&data[3 * CHUNK_BYTES..]);
	bytes.push(2 << 2);
	bytes.extend(expected.siblings.concat());
	assert_eq!(opening.encode(), bytes);
	assert_eq!(Opening::decode(&mut &bytes[..]), Ok(opening));

	let id = BufferId::of(&data);
	assert_eq!(id.encode(), [&id.hash[..], &3077u64.to_le_bytes()].concat());
	let outboard = Outboard::of(&noise(4, 100_000));
	assert_eq!(Outboard::decode(&mut &outboard.encode()[..]), Ok(outboard));
}

#[test]
fn chunks_that_cannot_be_opened_are_named() {
	let outboard = Outboard::of(&[0; 5000]);
	let error = |chunks: &[u32]| match outboard.open_slice(chunks, &[0; 5000]) {
		Err(OpenError::Chunks(error)) => error,
		other => panic!("{other:?}"),
	};
	assert_eq!(error(&[]), ChunksError::Empty);
	assert_eq!(error(&[0, 2, 2]), ChunksError::Order { position: 2, chunk: 2 });
	assert_eq!(error(&[3, 2]), ChunksError::Order { position: 1, chunk: 2 });
	assert_eq!(error(&[0, 5]), ChunksError::PastEnd { chunk: 5, chunks: 5 });
	assert_eq!(
		Opening::of(&[], &[1]),
		Err(OpenError::Chunks(ChunksError::PastEnd { chunk: 1, chunks: 1 }))
	);
}

#[test]
fn no_opening_is_built_from_other_bytes() {
	let data = noise(6, 100_000);
	let outboard = Outboard::of(&data);
	assert!(matches!(
		outboard.open_slice(&[97], &data[..99_999]),
		Err(OpenError::Read { offset: 99_328, bytes: 672, source: PastEnd })
	));
	let failing = |_: u64, _: &mut [u8]| Err(io::Error::other("gone"));
	let error = outboard.open(&[40], failing).unwrap_err();
	assert_eq!(error.to_string(), "cannot read 8192 bytes at 32768");

	// A byte of the opened chunk, of its neighbours, and of a group that the outboard covers.
	for (at, changed) in [(40_960, true), (34_000, true), (1_000, false)] {
		let mut data = data.clone();
		data[at] ^= 1;
		let opened = outboard.open_slice(&[40], &data);
		assert_eq!(matches!(opened, Err(OpenError::Root { .. })), changed, "{at}");
	}

	let other = Outboard::of(&noise(7, 20_000)).encode();
	let broken = [&outboard.id().encode(), &other[40..]].concat();
	let broken = Outboard::decode(&mut &broken[..]).unwrap();
	assert!(matches!(broken.open_slice(&[40], &data), Err(OpenError::Outboard(_))));
}
