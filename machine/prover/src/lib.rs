//! What a provider shows the chain: the transcript of a computed job, and witnesses of its
//! workgroups. Whoever checks a provider builds the same from the same bytes.
//!
//! A [`Computed`] job holds every buffer. It comes from a GPU's outputs, which may be files of any size
//! that are mapped into memory ([`Computed::from_parts`]), from bytes ([`Computed::from_buffers`]), or
//! from the VM ([`Computed::by_vm`]), which takes as long as the VM takes.

mod check;
mod checked;
mod error;
mod first_reads;
mod witness;

pub use check::Check;
pub use checked::Checked;
pub use error::{Error, InputError};

use std::fmt;

use mutirao_commitment::{BufferId, Outboard};
use mutirao_machine_core::{bytecode::Role, run_resolved, ByteBuffers, Program, Summary};
use mutirao_types::Transcript;

/// Bytes of a word.
const WORD: usize = 4;

/// A buffer's bytes: in memory, or mapped from a file.
pub type Bytes = Box<dyn AsRef<[u8]> + Send + Sync>;

/// A job with all its bytes.
pub struct Computed {
	program: Program,
	summary: Summary,
	/// By the program's buffers.
	buffers: Vec<Bytes>,
	/// By the program's buffers.
	outboards: Vec<Outboard>,
}

impl Computed {
	/// A job whose buffers are all at hand, in the order in which the program declares them.
	///
	/// # Errors
	///
	/// As for [`Self::from_parts`].
	pub fn from_buffers(
		program: Program,
		parameters: &[u32],
		buffers: Vec<Vec<u8>>,
	) -> Result<Self, Error> {
		let outboards = buffers.iter().map(|bytes| Outboard::of(bytes)).collect();
		let buffers = buffers.into_iter().map(|bytes| Box::new(bytes) as Bytes).collect();
		Self::from_parts(program, parameters, buffers, outboards)
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

	/// A job whose buffers were hashed before: buffers and outboards in the order in which the program
	/// declares its buffers. That each outboard is its buffer's shows when it is opened.
	///
	/// # Errors
	///
	/// If the parameters do not fit the program, or a buffer is missing, or a buffer or outboard has
	/// another length than they give it.
	pub fn from_parts(
		program: Program,
		parameters: &[u32],
		buffers: Vec<Bytes>,
		outboards: Vec<Outboard>,
	) -> Result<Self, Error> {
		let summary = program.summary(parameters)?;
		check_lengths(&summary.buffer_words, &buffers, &outboards)?;
		Ok(Self { program, summary, buffers, outboards })
	}

	/// A job of which only the inputs are at hand, in the order in which the program declares them. It
	/// can show what passes read that read nothing else: a fault before anything is attested.
	///
	/// # Errors
	///
	/// As for [`Self::from_parts`].
	pub fn from_inputs(
		program: Program,
		parameters: &[u32],
		inputs: Vec<(Bytes, Outboard)>,
	) -> Result<Self, Error> {
		let summary = program.summary(parameters)?;
		let declared = program.definition().buffers.iter().zip(&summary.buffer_words);
		let lengths: Vec<u32> = declared
			.filter(|(buffer, _)| buffer.role == Role::Input)
			.map(|(_, words)| *words)
			.collect();
		let (inputs, named): (Vec<Bytes>, Vec<Outboard>) = inputs.into_iter().unzip();
		check_lengths(&lengths, &inputs, &named)?;
		let mut given = inputs.into_iter().zip(named);
		let all = program.definition().buffers.iter().map(|buffer| match buffer.role {
			Role::Input => given.next(),
			Role::Intermediate | Role::Output => None,
		});
		let absent = || (Box::new([]) as Bytes, Outboard::of(&[]));
		let (buffers, outboards) = all.map(|one| one.unwrap_or_else(absent)).unzip();
		Ok(Self { program, summary, buffers, outboards })
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
		self.with_role(Role::Output).map(|buffer| self.buffer(buffer)).collect()
	}

	/// The bytes of one of the program's buffers. Empty if there is no such buffer.
	pub fn buffer(&self, index: usize) -> &[u8] {
		self.buffers.get(index).map_or(&[], |bytes| (**bytes).as_ref())
	}

	/// The program.
	pub fn program(&self) -> &Program {
		&self.program
	}

	/// What it takes to open one of the program's buffers; `None` if there is no such buffer.
	pub fn outboard(&self, index: usize) -> Option<&Outboard> {
		self.outboards.get(index)
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

impl fmt::Debug for Computed {
	/// Names the buffers, whose bytes would be too many.
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let ids: Vec<BufferId> = self.outboards.iter().map(Outboard::id).collect();
		let mut formatter = f.debug_struct("Computed");
		formatter.field("summary", &self.summary).field("buffers", &ids).finish_non_exhaustive()
	}
}

fn check_lengths(
	words: &[u32],
	buffers: &[Bytes],
	outboards: &[Outboard],
) -> Result<(), InputError> {
	let wanted = words.len();
	if let Some(found) = [buffers.len(), outboards.len()].into_iter().find(|found| *found != wanted)
	{
		return Err(InputError::Count { wanted, found });
	}
	for (buffer, (words, (bytes, outboard))) in
		words.iter().zip(buffers.iter().zip(outboards)).enumerate()
	{
		let wanted = u64::from(*words) * WORD as u64;
		let lengths = [(**bytes).as_ref().len() as u64, outboard.id().bytes];
		if let Some(found) = lengths.into_iter().find(|found| *found != wanted) {
			return Err(InputError::Length { buffer, wanted, found });
		}
	}
	Ok(())
}
