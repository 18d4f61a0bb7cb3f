//! Committing to results.

use crate::{Attestations, Config, Error, Event, Pallet};
use alloc::vec::Vec;
use codec::Decode;
use frame_support::ensure;
use mutirao_machine_core::{bytecode::Binding, Outline};
use mutirao_traits::{Code, Jobs};
use mutirao_types::{transcript_root, Attestation, JobId, JobState, ProgramId, Transcript};
use sp_runtime::{traits::Get, DispatchError, DispatchResult};

/// Bytes of a word.
const WORD: u64 = 4;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_attest(
		who: T::AccountId,
		id: JobId,
		transcript: Transcript,
	) -> DispatchResult {
		ensure!(!Attestations::<T>::contains_key(id), Error::<T>::AlreadyAttested);
		let job = T::Jobs::job(id).ok_or(Error::<T>::NoSuchJob)?;
		let request = &job.request;
		Self::ensure_transcript_fits(&request.program, &request.parameters, &transcript)?;

		T::Jobs::attested(id, &who, T::OpenBlocks::get())?;
		let anchor = frame_system::Pallet::<T>::block_number();
		let root = transcript_root(&transcript);
		Self::deposit_event(Event::Attested {
			job: id,
			root,
			transcript: transcript.clone(),
			anchor,
		});
		let samples = request.samples;
		let attestation = Attestation {
			transcript,
			anchor,
			samples,
			opened: 0,
			fault: None,
			demand_until: 0,
			demands: 0,
		};
		Attestations::<T>::insert(id, attestation);
		Ok(())
	}

	/// Draws anew when the randomness was forgotten.
	pub(crate) fn do_redraw(id: JobId) -> DispatchResult {
		let job = T::Jobs::job(id).ok_or(Error::<T>::NoSuchJob)?;
		let JobState::Attested { until, .. } = job.state else {
			return Err(Error::<T>::NotAttested.into());
		};
		// Or a provider with a bad draw would wait until the chain forgets it.
		Self::ensure_in_time(until)?;
		Attestations::<T>::try_mutate(id, |attestation| {
			let attestation = attestation.as_mut().ok_or(Error::<T>::NotAttested)?;
			let forgotten = Err(Error::<T>::RandomnessForgotten.into());
			ensure!(Self::seed(id, attestation) == forgotten, Error::<T>::RandomnessRemembered);
			T::Jobs::postponed(id, T::OpenBlocks::get())?;
			attestation.anchor = frame_system::Pallet::<T>::block_number();
			attestation.opened = 0;
			attestation.fault = None;
			Self::deposit_event(Event::Redrawn { job: id, anchor: attestation.anchor });
			Ok(())
		})
	}

	/// The transcript has as many buffers as the passes write, each as long.
	pub(super) fn ensure_transcript_fits(
		program: &ProgramId,
		parameters: &[u32],
		transcript: &Transcript,
	) -> DispatchResult {
		let lengths = Self::written_lengths(program, parameters)?;
		ensure!(transcript.len() == lengths.len(), Error::<T>::WrongTranscriptLength);
		let fits = transcript.iter().zip(&lengths).all(|(buffer, bytes)| buffer.bytes == *bytes);
		ensure!(fits, Error::<T>::WrongBufferLength);
		Ok(())
	}

	/// Lengths in bytes of the buffers that a job's passes write, in the transcript's order.
	fn written_lengths(program: &ProgramId, parameters: &[u32]) -> Result<Vec<u64>, DispatchError> {
		let bytes = T::Programs::outline(program).ok_or(Error::<T>::NoSuchJob)?;
		let outline = Outline::decode(&mut bytes.as_slice()).map_err(|_| Error::<T>::NoSuchJob)?;
		let summary = outline.summary(parameters).map_err(|_| Error::<T>::NoSuchJob)?;
		let written = summary.passes.iter().flat_map(|pass| &pass.slots);
		Ok(written
			.filter(|slot| slot.slice_words.is_some())
			.map(|slot| u64::from(slot.words) * WORD)
			.collect())
	}
}

/// The place in a transcript of the buffer that a program's passes write under that index.
pub(super) fn place_in_transcript(
	passes: &[mutirao_machine_core::bytecode::Pass],
	buffer: u8,
) -> Option<usize> {
	passes
		.iter()
		.flat_map(|pass| &pass.bindings)
		.filter_map(|binding| match binding {
			Binding::Write { buffer, .. } => Some(*buffer),
			Binding::Read { .. } => None,
		})
		.position(|written| written == buffer)
}
