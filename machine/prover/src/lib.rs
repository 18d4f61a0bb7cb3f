//! What a provider shows the chain: the transcript of a computed job, and witnesses of its
//! workgroups. Whoever checks a provider builds the same from the same bytes.
//!
//! A [`Computed`] job holds every buffer. It comes from a GPU's outputs ([`Computed::from_buffers`]) or
//! from the VM ([`Computed::by_vm`]), which takes as long as the VM takes.

mod error;
mod witness;

pub use error::{Error, InputError};

use mutirao_commitment::{BufferId, Outboard};
use mutirao_machine_core::{bytecode::Role, run_resolved, ByteBuffers, Program, Summary};
use mutirao_types::Transcript;

/// Bytes of a word.
const WORD: usize = 4;

/// A job with all its bytes.
#[derive(Debug)]
pub struct Computed {
	program: Program,
	summary: Summary,
	/// By the program's buffers.
	buffers: Vec<Vec<u8>>,
	/// By the program's buffers.
	outboards: Vec<Outboard>,
}

impl Computed {
	/// A job whose buffers are all at hand, in the order in which the program declares them.
	///
	/// # Errors
	///
	/// If the parameters do not fit the program, or a buffer is missing or has another length than
	/// they give it.
	pub fn from_buffers(
		program: Program,
		parameters: &[u32],
		buffers: Vec<Vec<u8>>,
	) -> Result<Self, Error> {
		let summary = program.summary(parameters)?;
		check_lengths(&summary.buffer_words, &buffers)?;
		let outboards = buffers.iter().map(|bytes| Outboard::of(bytes)).collect();
		Ok(Self { program, summary, buffers, outboards })
	}

	/// Computes a job on the VM, workgroup after workgroup. `inputs` are the program's input buffers
	/// in the order in which it declares them.
	///
	/// # Errors
	///
	/// As for [`Self::from_buffers`], and the first fault of the first workgroup that has one.
	pub fn by_vm(
		program: Program,
		parameters: &[u32],
		inputs: Vec<Vec<u8>>,
	) -> Result<Self, Error> {
		let summary = program.summary(parameters)?;
		let mut inputs = inputs.into_iter();
		let declared = program.definition().buffers.iter();
		let mut buffers: Vec<Vec<u8>> = declared
			.map(|buffer| match buffer.role {
				Role::Input => inputs.next().unwrap_or_default(),
				Role::Intermediate | Role::Output => Vec::new(),
			})
			.collect();
		for pass in &summary.passes {
			let mut written: Vec<(usize, Vec<u8>)> = Vec::new();
			written.extend(
				pass.slots.iter().filter(|s| s.slice_words.is_some()).map(|s| (s.buffer, vec![])),
			);
			let given: Vec<&[u8]> =
				pass.slots.iter().map(|slot| &buffers[slot.buffer][..]).collect();
			for number in 0..pass.workgroup_count {
				let run = run_resolved(&program, pass, number, &ByteBuffers::new(&given))
					.map_err(|source| Error::Run { pass: pass.pass, number, source })?;
				for ((_, bytes), slice) in written.iter_mut().zip(&run.slices) {
					bytes.extend(slice.iter().flat_map(|word| word.to_le_bytes()));
				}
			}
			for (buffer, bytes) in written {
				buffers[buffer] = bytes;
			}
		}
		Self::from_buffers(program, parameters, buffers)
	}

	/// Every buffer that the passes wrote, in the order of passes and slots: what is attested.
	pub fn transcript(&self) -> Transcript {
		let slots = self.summary.passes.iter().flat_map(|pass| &pass.slots);
		let written = slots.filter(|slot| slot.slice_words.is_some());
		Transcript::truncate_from(written.map(|slot| self.outboards[slot.buffer].id()).collect())
	}

	/// The names of the inputs, in the order in which the program declares them.
	pub fn inputs(&self) -> Vec<BufferId> {
		self.with_role(Role::Input).map(|buffer| self.outboards[buffer].id()).collect()
	}

	/// The outputs' bytes, in the order in which the program declares them.
	pub fn outputs(&self) -> Vec<&[u8]> {
		self.with_role(Role::Output).map(|buffer| &self.buffers[buffer][..]).collect()
	}

	/// The bytes of one of the program's buffers. Empty if there is no such buffer.
	pub fn buffer(&self, index: usize) -> &[u8] {
		self.buffers.get(index).map_or(&[], Vec::as_slice)
	}

	/// Sizes and passes of the job.
	pub fn summary(&self) -> &Summary {
		&self.summary
	}

	fn with_role(&self, role: Role) -> impl Iterator<Item = usize> + '_ {
		let declared = self.program.definition().buffers.iter().enumerate();
		declared.filter(move |(_, buffer)| buffer.role == role).map(|(index, _)| index)
	}
}

fn check_lengths(words: &[u32], buffers: &[Vec<u8>]) -> Result<(), InputError> {
	if words.len() != buffers.len() {
		return Err(InputError::Count { wanted: words.len(), found: buffers.len() });
	}
	for (buffer, (words, bytes)) in words.iter().zip(buffers).enumerate() {
		let wanted = *words as usize * WORD;
		if bytes.len() != wanted {
			return Err(InputError::Length { buffer, wanted, found: bytes.len() });
		}
	}
	Ok(())
}
