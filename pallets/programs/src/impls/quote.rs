//! What jobs ask of a program.

use crate::{Codes, Config, Error, Outlines, Pallet, Programs};
use alloc::vec::Vec;
use codec::Decode;
use frame_support::defensive;
use mutirao_machine_core::{bytecode::Role, Outline, Summary};
use mutirao_types::{program::BufferLengths, ProgramId, Quote};
use sp_runtime::{DispatchError, DispatchResult};

/// Bytes of a word.
const WORD: u64 = 4;

impl<T: Config> Pallet<T> {
	/// The outline of a program.
	///
	/// # Errors
	///
	/// If there is no such program.
	pub fn outline(program: &ProgramId) -> Result<Outline, DispatchError> {
		let bytes = Outlines::<T>::get(program).ok_or(Error::<T>::NoSuchProgram)?;
		Outline::decode(&mut bytes.as_slice()).map_err(|_| {
			defensive!("an outline is stored as it was encoded; qed");
			Error::<T>::NoSuchProgram.into()
		})
	}

	pub(crate) fn do_quote(
		program: &ProgramId,
		parameters: &[u32],
	) -> Result<Quote, DispatchError> {
		let outline = Self::outline(program)?;
		let summary = outline.summary(parameters).map_err(|_| Error::<T>::ParametersDoNotFit)?;
		let workgroup_steps = summary.passes.iter().map(|pass| pass.fuel).max().unwrap_or(0);
		Ok(Quote {
			declared_steps: summary.declared_steps,
			workgroup_steps,
			input_bytes: Self::lengths(&outline, &summary, Role::Input)?,
			output_bytes: Self::lengths(&outline, &summary, Role::Output)?,
			total_bytes: summary.buffer_words.iter().map(|words| u64::from(*words) * WORD).sum(),
			written_buffers: summary.written().count() as u32,
		})
	}

	fn lengths(
		outline: &Outline,
		summary: &Summary,
		role: Role,
	) -> Result<BufferLengths, DispatchError> {
		let of_role = outline.buffers.iter().zip(&summary.buffer_words);
		let lengths = of_role
			.filter(|(buffer, _)| buffer.role == role)
			.map(|(_, words)| u64::from(*words) * WORD);
		BufferLengths::try_from(lengths.collect::<Vec<_>>())
			.map_err(|_| Error::<T>::TooManyBuffers.into())
	}
}

impl<T: Config> mutirao_traits::Programs for Pallet<T> {
	fn quote(program: &ProgramId, parameters: &[u32]) -> Result<Quote, DispatchError> {
		Self::do_quote(program, parameters)
	}

	fn acquire(program: &ProgramId) -> DispatchResult {
		Programs::<T>::try_mutate(program, |record| {
			let record = record.as_mut().ok_or(Error::<T>::NoSuchProgram)?;
			record.uses = record.uses.checked_add(1).ok_or(Error::<T>::InUse)?;
			Ok(())
		})
	}

	fn release(program: &ProgramId) {
		Programs::<T>::mutate(program, |record| match record {
			Some(record) if record.uses > 0 => record.uses -= 1,
			_ => {
				defensive!("released once for each time it was acquired; qed");
			}
		});
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_program() -> (ProgramId, mutirao_types::program::Parameters) {
		crate::benchmarking::costly_program::<T>()
	}
}

impl<T: Config> mutirao_traits::Code for Pallet<T> {
	fn code(program: &ProgramId) -> Option<Vec<u8>> {
		Codes::<T>::get(program).map(Into::into)
	}

	fn outline(program: &ProgramId) -> Option<Vec<u8>> {
		Outlines::<T>::get(program).map(Into::into)
	}
}
