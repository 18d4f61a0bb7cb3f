//! Witnesses: the bytes that one workgroup reads, and the slice that was committed for it.

use mutirao_commitment::Opening;

use mutirao_machine_core::{
	bytecode::limits::MAX_WITNESS_CHUNKS, run_resolved, ChunkId, Recorder, ResolvedPass,
	ResolvedSlot, RunError, CHUNK_BYTES,
};
use mutirao_types::{Steps, Witness, Workgroup};

use crate::{first_reads::FirstReads, Computed, Error, WORD};

impl Computed {
	/// What it takes to re-execute a workgroup: its witness, and the steps that its pass declares.
	///
	/// A workgroup that faults has a witness too: it proves the fault. Of one that reads more chunks
	/// than a witness may hold, the witness holds the first ones that it reads.
	///
	/// # Errors
	///
	/// If there is no such workgroup, or the run cannot be made at all.
	pub fn witness(&self, workgroup: Workgroup) -> Result<(Witness, Steps), Error> {
		let (pass, number) = (self.pass_of(workgroup)?, workgroup.number);
		let reads = self.reads(pass, number)?;
		let slices = self.slices(pass, number)?;
		Ok((Witness { reads, slices }, pass.fuel))
	}

	/// The pass of a workgroup that there is.
	pub(crate) fn pass_of(&self, workgroup: Workgroup) -> Result<&ResolvedPass, Error> {
		let Workgroup { pass, number } = workgroup;
		let found = self.summary.passes.get(usize::from(pass));
		found
			.filter(|resolved| number < resolved.workgroup_count)
			.ok_or(Error::NoSuchWorkgroup { pass, number })
	}

	/// What a pass reads, by slot; nothing for what it writes.
	pub(crate) fn given(&self, pass: &ResolvedPass) -> Result<Vec<&[u8]>, Error> {
		let slots = pass.slots.iter();
		slots
			.map(|slot| match slot.slice_words {
				Some(_) => Ok(&[][..]),
				None => self.whole(slot),
			})
			.collect()
	}

	/// The bytes of a slot's buffer, which must be at hand.
	pub(crate) fn whole(&self, slot: &ResolvedSlot) -> Result<&[u8], Error> {
		let bytes = self.buffer(slot.buffer);
		let is_whole = bytes.len() as u64 == u64::from(slot.words) * WORD as u64;
		is_whole.then_some(bytes).ok_or(Error::Absent { buffer: slot.buffer })
	}

	/// As [`Self::witness`], without the committed slice: what proves a fault.
	///
	/// # Errors
	///
	/// As there.
	pub fn fault_witness(&self, workgroup: Workgroup) -> Result<(Witness, Steps), Error> {
		let pass = self.pass_of(workgroup)?;
		let reads = self.reads(pass, workgroup.number)?;
		Ok((Witness { reads, slices: Vec::new() }, pass.fuel))
	}

	fn reads(&self, pass: &ResolvedPass, number: u32) -> Result<Vec<Option<Opening>>, Error> {
		let given = self.given(pass)?;
		let recorder = Recorder::new(&given);
		match run_resolved(&self.program, pass, number, &recorder) {
			Ok(_) | Err(RunError::Fault(_)) => {}
			Err(source) => return Err(Error::Run { pass: pass.pass, number, source }),
		}
		let mut read = recorder.chunks();
		if read.len() > MAX_WITNESS_CHUNKS {
			read = self.first_reads(pass, number)?;
		}
		let slots = (0u8..).zip(&pass.slots).filter(|(_, slot)| slot.slice_words.is_none());
		slots
			.map(|(index, slot)| {
				let of_slot = read.iter().filter(|id| id.slot == index);
				let chunks: Vec<u32> = of_slot.map(|id| id.chunk).collect();
				(!chunks.is_empty()).then(|| self.open(slot.buffer, &chunks)).transpose()
			})
			.collect()
	}

	/// The chunks that a workgroup reads first, as many as a witness may hold.
	fn first_reads(&self, pass: &ResolvedPass, number: u32) -> Result<Vec<ChunkId>, Error> {
		let given = self.given(pass)?;
		let first = FirstReads::new(&given);
		match run_resolved(&self.program, pass, number, &first) {
			Ok(_) | Err(RunError::Fault(_)) => Ok(first.chunks()),
			Err(source) => Err(Error::Run { pass: pass.pass, number, source }),
		}
	}

	pub(crate) fn slices(&self, pass: &ResolvedPass, number: u32) -> Result<Vec<Opening>, Error> {
		let written = pass.slots.iter().filter_map(|slot| Some((slot.buffer, slot.slice_words?)));
		written
			.map(|(buffer, words)| {
				let bytes = words as usize * WORD;
				let start = number as usize * bytes;
				let chunks = start / CHUNK_BYTES..=(start + bytes - 1) / CHUNK_BYTES;
				let chunks: Vec<u32> = chunks.map(|chunk| chunk as u32).collect();
				self.open(buffer, &chunks)
			})
			.collect()
	}

	/// Opens chunks of one of the program's buffers.
	///
	/// # Errors
	///
	/// If there is no such chunk.
	pub fn open(&self, buffer: usize, chunks: &[u32]) -> Result<Opening, Error> {
		self.outboards[buffer]
			.open_slice(chunks, self.buffer(buffer))
			.map_err(|source| Error::Open { buffer, source })
	}
}
