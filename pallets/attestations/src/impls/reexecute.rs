//! Computing a workgroup again from the bytes that it read, and comparing.

use crate::{types::Reexecution, Computed, Config, Error, Pallet, WeightInfo};
use alloc::vec::Vec;
use frame_support::{ensure, weights::Weight};
use mutirao_commitment::{Opening, VerifiedChunks};
use mutirao_machine_core::{
	bytecode::{
		limits::{MAX_BINDINGS, MAX_PROGRAM_BYTES, MAX_SLICE_WORDS, MAX_WITNESS_CHUNKS},
		Role,
	},
	run_resolved, ChunkId, FaultReason, Program, ResolvedPass, ResolvedSlot, RunError,
	Witness as Chunks, CHUNK_BYTES,
};
use mutirao_traits::{Code, Work};
use mutirao_types::{BufferId, FaultKind, Steps, Transcript, Witness, Workgroup};
use sp_runtime::{traits::Get, DispatchError};

use super::attest::place_in_transcript;

/// Bytes of a word.
const WORD: u64 = 4;

impl<T: Config> Pallet<T> {
	/// Computes a workgroup of a work again. Without a transcript only from inputs, and there is
	/// nothing to compare with.
	pub(super) fn recompute(
		work: Work<'_>,
		transcript: Option<&Transcript>,
		workgroup: Workgroup,
		steps: Steps,
		witness: &Witness,
	) -> Result<Reexecution, DispatchError> {
		let code = T::Programs::code(work.program).ok_or(Error::<T>::NoSuchJob)?;
		// Only valid programs are registered.
		let program = Program::decode_known(&code).map_err(|_| Error::<T>::NoSuchJob)?;
		let pass = program
			.resolve_pass(workgroup.pass.into(), work.parameters)
			.map_err(|_| Error::<T>::NoSuchPass)?;
		ensure!(workgroup.number < pass.workgroup_count, Error::<T>::NoSuchWorkgroup);
		ensure!(
			pass.fuel <= steps && steps <= T::MaxWorkgroupSteps::get(),
			Error::<T>::TooManySteps
		);

		let names = Names { program: &program, inputs: work.inputs, transcript };
		let chunks = Self::read_chunks(&names, &pass, witness)?;
		let committed = match transcript {
			Some(_) => Self::committed_slices(&names, &pass, workgroup.number, witness)?,
			None => {
				ensure!(witness.slices.is_empty(), Error::<T>::SlicesNotWanted);
				Vec::new()
			}
		};
		let from_inputs = names.reads_inputs_only(&pass);
		let code_bytes = code.len() as u32;
		let (computed, steps) = match run_resolved(&program, &pass, workgroup.number, &chunks) {
			Ok(run) if run.slices == committed || transcript.is_none() => {
				(Computed::Same, run.steps)
			}
			Ok(run) => (Computed::Different, run.steps),
			Err(RunError::Fault(fault)) => (Computed::Fault(kind(fault.reason)), pass.fuel),
			Err(RunError::MissingChunk(_)) if chunks.chunks_read() >= MAX_WITNESS_CHUNKS => {
				(Computed::Fault(FaultKind::Reads), pass.fuel)
			}
			Err(_) => return Err(Error::<T>::ChunkMissing.into()),
		};
		Ok(Reexecution { computed, steps, code_bytes, from_inputs })
	}

	/// The chunks that the workgroup reads, each proven.
	fn read_chunks(
		names: &Names<'_>,
		pass: &ResolvedPass,
		witness: &Witness,
	) -> Result<Chunks, DispatchError> {
		let read = (0u8..).zip(&pass.slots).filter(|(_, slot)| slot.slice_words.is_none());
		let read: Vec<_> = read.collect();
		ensure!(witness.reads.len() == read.len(), Error::<T>::WrongNumberOfOpenings);
		let mut chunks = Chunks::new();
		let mut count = 0;
		for ((number, slot), opening) in read.into_iter().zip(&witness.reads) {
			let name = names.of(slot).ok_or(Error::<T>::ReadsWrittenBuffers)?;
			let Some(opening) = opening else { continue };
			count += opening.chunks.len();
			ensure!(count <= MAX_WITNESS_CHUNKS, Error::<T>::TooManyChunks);
			for (chunk, bytes) in Self::verified(opening, &name)?.iter() {
				chunks
					.push(ChunkId { slot: number, chunk }, bytes)
					.map_err(|_| Error::<T>::OpeningDoesNotVerify)?;
			}
		}
		Ok(chunks)
	}

	/// The words that the provider committed to for the workgroup, by written slot.
	fn committed_slices(
		names: &Names<'_>,
		pass: &ResolvedPass,
		number: u32,
		witness: &Witness,
	) -> Result<Vec<Vec<u32>>, DispatchError> {
		let written: Vec<_> =
			pass.slots.iter().filter_map(|slot| Some((slot, slot.slice_words?))).collect();
		ensure!(witness.slices.len() == written.len(), Error::<T>::WrongNumberOfOpenings);
		let mut slices = Vec::with_capacity(written.len());
		for ((slot, words), opening) in written.into_iter().zip(&witness.slices) {
			let name = names.of(slot).ok_or(Error::<T>::ReadsWrittenBuffers)?;
			let start = u64::from(number) * u64::from(words) * WORD;
			let end = start + u64::from(words) * WORD;
			let chunk = CHUNK_BYTES as u64;
			let needed = (start / chunk) as u32..=((end - 1) / chunk) as u32;
			ensure!(needed.eq(opening.chunks.iter().copied()), Error::<T>::WrongSliceChunks);
			Self::verified(opening, &name)?;
			let skip = (start % chunk) as usize;
			let bytes = opening.bytes.get(skip..skip + (end - start) as usize);
			let bytes = bytes.ok_or(Error::<T>::WrongSliceChunks)?;
			slices.push(bytes.chunks_exact(WORD as usize).map(word).collect());
		}
		Ok(slices)
	}

	pub(super) fn verified<'a>(
		opening: &'a Opening,
		name: &BufferId,
	) -> Result<VerifiedChunks<'a>, DispatchError> {
		opening.verify(name).map_err(|_| Error::<T>::OpeningDoesNotVerify.into())
	}

	/// What a re-execution is charged before it is known what it takes, besides what surrounds it.
	pub fn reexecution_weight(base: Weight, witness: &Witness, steps: Steps) -> Weight {
		let steps = steps.min(T::MaxWorkgroupSteps::get());
		Self::weight_of(base, witness, steps, MAX_PROGRAM_BYTES as u32)
	}

	/// What it took.
	pub(super) fn weight_of(
		base: Weight,
		witness: &Witness,
		steps: Steps,
		code_bytes: u32,
	) -> Weight {
		let openings = || witness.reads.iter().flatten().chain(&witness.slices);
		let chunks: usize = openings().map(|opening| opening.chunks.len()).sum();
		let siblings: usize = openings().map(|opening| opening.siblings.len()).sum();
		let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
		Self::weight_of_parts(base, small(chunks), small(siblings), steps, code_bytes)
	}

	/// The most that any re-execution of so many steps takes: of the longest program, with the largest
	/// witness, and with a challenger who is right at its end.
	pub fn largest_reexecution_weight(steps: Steps) -> Weight {
		let base = T::WeightInfo::open().max(T::WeightInfo::challenge());
		let longest = BufferId { hash: [0; 32], bytes: u64::from(u32::MAX) * WORD };
		// Chunks need the most siblings when all slots have equally many. A slice that begins in the
		// middle of a chunk takes one more.
		let slots = MAX_BINDINGS as u32;
		let chunk_words = (CHUNK_BYTES as u64 / WORD) as u32;
		let chunks = MAX_WITNESS_CHUNKS as u32 + MAX_SLICE_WORDS / chunk_words + slots;
		let each = chunks.div_ceil(slots);
		let siblings = u32::try_from(longest.max_siblings(each)).unwrap_or(u32::MAX);
		let (chunks, siblings) = (each * slots, siblings.saturating_mul(slots));
		Self::weight_of_parts(base, chunks, siblings, steps, MAX_PROGRAM_BYTES as u32)
	}

	fn weight_of_parts(
		base: Weight,
		chunks: u32,
		siblings: u32,
		steps: Steps,
		code_bytes: u32,
	) -> Weight {
		let kilosteps = u32::try_from(steps.div_ceil(1_000)).unwrap_or(u32::MAX);
		base.saturating_add(T::WeightInfo::decode_program(code_bytes))
			.saturating_add(T::WeightInfo::verify_chunks(chunks))
			.saturating_add(T::WeightInfo::verify_siblings(siblings))
			.saturating_add(T::WeightInfo::execute_kilosteps(kilosteps))
	}
}

/// What a work's buffers are called.
struct Names<'a> {
	program: &'a Program,
	inputs: &'a [BufferId],
	transcript: Option<&'a Transcript>,
}

impl Names<'_> {
	/// The buffer in a slot; nothing if it is not named yet.
	fn of(&self, slot: &ResolvedSlot) -> Option<BufferId> {
		let definition = self.program.definition();
		let before = definition.buffers.iter().take(slot.buffer);
		match definition.buffers.get(slot.buffer)?.role {
			Role::Input => {
				let place = before.filter(|buffer| buffer.role == Role::Input).count();
				self.inputs.get(place).copied()
			}
			Role::Intermediate | Role::Output => {
				let buffer = u8::try_from(slot.buffer).ok()?;
				let place = place_in_transcript(&definition.passes, buffer)?;
				self.transcript?.get(place).copied()
			}
		}
	}

	fn reads_inputs_only(&self, pass: &ResolvedPass) -> bool {
		let buffers = &self.program.definition().buffers;
		let mut read = pass.slots.iter().filter(|slot| slot.slice_words.is_none());
		read.all(|slot| buffers.get(slot.buffer).is_some_and(|one| one.role == Role::Input))
	}
}

fn kind(reason: FaultReason) -> FaultKind {
	match reason {
		FaultReason::Race { .. } => FaultKind::Race,
		FaultReason::Fuel { .. } => FaultKind::Fuel,
		FaultReason::DivergentBarrier { .. } => FaultKind::DivergentBarrier,
	}
}

fn word(bytes: &[u8]) -> u32 {
	bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))
}
