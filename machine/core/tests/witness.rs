//! What a recorder lists is what a witness needs, no more and no less.

mod support;

use mutirao_machine_core::{
	bytecode::Expression, run_workgroup, ByteBuffers, ChunkId, Program, Recorder, Run, RunError,
	Witness, WitnessError,
};
use support::*;

/// Words of the input: the last chunk is short.
const WORDS: u32 = 10 * 256 + 7;

/// Each of four invocations reads one word, in chunks 9, 0, 3 and 10.
fn program() -> Program {
	let mut body = vec![put(1, number(9 * 256 + 255))];
	for (lane, word) in [(1, 5), (2, 3 * 256), (3, WORDS - 1)] {
		use mutirao_machine_core::bytecode::{Compare, Operation};
		body.push(Operation::If(when(Compare::Equal, register(15), number(lane))));
		body.push(put(1, number(word)));
		body.push(Operation::End);
	}
	body.push(load(INPUT, 0, register(1)));
	body.push(store(OUTPUT, register(14), register(0)));
	let mut definition = one_pass(4, &body);
	definition.buffers[0].words = Expression::constant(WORDS);
	Program::new(definition).expect("is valid")
}

fn input() -> Vec<u8> {
	(0..WORDS).flat_map(|word| (word * 3).to_le_bytes()).collect()
}

fn run(witness: &Witness) -> Result<Run, RunError> {
	run_workgroup(&program(), 0, &[1_000_000], 1, witness)
}

fn id(chunk: u32) -> ChunkId {
	ChunkId { slot: 0, chunk }
}

#[test]
fn a_recorded_run_lists_the_chunks_that_were_read() {
	let input = input();
	let recorder = Recorder::new(&[&input, &[]]);
	let recorded = run_workgroup(&program(), 0, &[1_000_000], 1, &recorder).expect("runs");
	let slots: [&[u8]; 2] = [&input, &[]];
	let plain = ByteBuffers::new(&slots);
	assert_eq!(run_workgroup(&program(), 0, &[1_000_000], 1, &plain), Ok(recorded.clone()));
	assert_eq!(recorder.chunks(), [0, 3, 9, 10].map(id));
	assert_eq!(recorder.chunk_bytes(id(10)).map(<[u8]>::len), Some(28));

	let mut witness = Witness::new();
	for id in recorder.chunks() {
		witness.push(id, recorder.chunk_bytes(id).expect("is there")).expect("is in order");
	}
	assert_eq!(run(&witness), Ok(recorded));
}

#[test]
fn a_run_without_a_chunk_is_void() {
	let input = input();
	let recorder = Recorder::new(&[&input, &[]]);
	run_workgroup(&program(), 0, &[1_000_000], 1, &recorder).expect("runs");
	for left_out in recorder.chunks() {
		let mut witness = Witness::new();
		for id in recorder.chunks().into_iter().filter(|id| *id != left_out) {
			witness.push(id, recorder.chunk_bytes(id).expect("is there")).expect("is in order");
		}
		assert_eq!(run(&witness), Err(RunError::MissingChunk(left_out)));
	}
}

#[test]
fn a_witness_tells_how_many_of_its_chunks_were_read() {
	let input = input();
	let recorder = Recorder::new(&[&input, &[]]);
	run_workgroup(&program(), 0, &[1_000_000], 1, &recorder).expect("runs");
	let needed = recorder.chunks();
	let mut witness = Witness::new();
	for id in &needed {
		witness.push(*id, recorder.chunk_bytes(*id).expect("is there")).expect("is in order");
	}
	let last = needed.last().expect("reads something");
	witness.push(ChunkId { chunk: last.chunk + 1, ..*last }, &[0; 4]).expect("is in order");
	assert_eq!(witness.chunks_read(), 0);
	run(&witness).expect("runs");
	assert_eq!(witness.chunks_read(), needed.len(), "the spare chunk does not count");
}

#[test]
fn a_witness_takes_chunks_in_order_and_of_their_size() {
	let mut witness = Witness::new();
	witness.push(id(3), &[0; 1024]).expect("is a chunk");
	assert_eq!(witness.push(id(3), &[0; 1024]), Err(WitnessError::Order(id(3))));
	for len in [0, 3, 1025, 1028] {
		assert_eq!(witness.push(id(4), &vec![0; len]), Err(WitnessError::Length(id(4), len)));
	}
	let far = ChunkId { slot: 8, chunk: 0 };
	assert_eq!(witness.push(far, &[0; 4]), Err(WitnessError::Slot(far)));
	assert_eq!(witness.push(id(1 << 24), &[0; 4]), Err(WitnessError::PastEnd(id(1 << 24))));
	witness.push(id((1 << 24) - 1), &[0; 4]).expect("a buffer may be so long");
}

#[test]
fn a_witness_takes_as_many_chunks_as_a_workgroup_may_read() {
	let mut witness = Witness::new();
	for chunk in 0..1024u32 {
		let id = ChunkId { slot: (chunk % 8) as u8, chunk: chunk << 14 };
		witness.push(id, &[0; 1024]).expect("has room");
	}
	let spare = ChunkId { slot: 3, chunk: (1 << 24) - 1 };
	assert_eq!(witness.push(spare, &[0; 1024]), Err(WitnessError::TooMany(spare)));
}

#[test]
fn what_is_read_beside_a_missing_chunk_does_not_count() {
	// Lanes 0 to 3 read chunks 9, 0, 3 and 10, in this order.
	for (missing, before) in [(9, 0), (0, 1), (3, 2), (10, 3)] {
		let mut witness = Witness::new();
		for chunk in [0, 3, 9, 10].into_iter().filter(|chunk| *chunk != missing) {
			witness.push(id(chunk), &[0; 1024]).expect("is in order");
		}
		assert_eq!(run(&witness), Err(RunError::MissingChunk(id(missing))));
		assert_eq!(witness.chunks_read(), before, "before chunk {missing}");
	}
}

#[test]
fn a_missing_buffer_or_workgroup_is_no_fault() {
	let none = ByteBuffers::new(&[]);
	let missing = run_workgroup(&program(), 0, &[1_000_000], 1, &none);
	assert_eq!(missing, Err(RunError::MissingBuffer(0)));
	let beyond = run_workgroup(&program(), 0, &[1_000_000], 2, &none);
	assert_eq!(beyond, Err(RunError::NoSuchWorkgroup { number: 2, count: 2 }));
}
