//! Committing to results.

use crate::{Attestations, Config, Error, Event, Pallet, WeightInfo};
use codec::Decode;
use frame_support::{dispatch::DispatchResultWithPostInfo, ensure, weights::Weight};
use mutirao_machine_core::{bytecode::Binding, Outline, Summary};
use mutirao_traits::{Code, Jobs, Work};
use mutirao_types::{
	attestation::MAX_TRANSCRIPT, transcript_root, Attestation, JobId, JobState, Transcript,
};
use sp_runtime::{traits::Get, DispatchError, DispatchResult};

/// Bytes of a word.
const WORD: u64 = 4;
/// Terms that one pass of the program has by which `attest` is measured.
pub(crate) const TERMS_OF_PASS: usize = 16;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_attest(
		who: T::AccountId,
		id: JobId,
		transcript: Transcript,
	) -> DispatchResultWithPostInfo {
		ensure!(!Attestations::<T>::contains_key(id), Error::<T>::AlreadyAttested);
		let job = T::Jobs::job(id).ok_or(Error::<T>::NoSuchJob)?;
		// Who may do this, and when, is known sooner than whether the transcript fits. A call that fails
		// there undoes this.
		T::Jobs::attested(id, &who, T::OpenBlocks::get())?;
		let work = Work::of(&job.request);
		let (outline, summary) = Self::summary_of(work)?;
		Self::ensure_transcript_fits(&summary, &transcript)?;

		let anchor = frame_system::Pallet::<T>::block_number();
		let root = transcript_root(&transcript);
		Self::deposit_event(Event::Attested {
			job: id,
			root,
			transcript: transcript.clone(),
			anchor,
		});
		let samples = job.request.samples;
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
		Ok(Some(T::WeightInfo::attest(Self::size_of(&outline))).into())
	}

	/// What [`Pallet::attest`] is charged before it is known which program it is about.
	pub(crate) fn attest_weight() -> Weight {
		T::WeightInfo::attest(MAX_TRANSCRIPT)
	}

	/// A program's size as the weight of [`Pallet::attest`] counts it: buffers that passes write, or
	/// what takes as long.
	fn size_of(outline: &Outline) -> u32 {
		let by_terms = outline.terms().div_ceil(TERMS_OF_PASS);
		let size = outline.buffers.len().max(outline.passes.len()).max(by_terms);
		u32::try_from(size).unwrap_or(MAX_TRANSCRIPT).min(MAX_TRANSCRIPT)
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
		summary: &Summary,
		transcript: &Transcript,
	) -> DispatchResult {
		ensure!(transcript.len() == summary.written().count(), Error::<T>::WrongTranscriptLength);
		let mut named = transcript.iter().zip(summary.written());
		let fits = named.all(|(buffer, slot)| buffer.bytes == u64::from(slot.words) * WORD);
		ensure!(fits, Error::<T>::WrongBufferLength);
		Ok(())
	}

	/// A work's program without its code, and what its passes come to with the work's parameters.
	pub(super) fn summary_of(work: Work<'_>) -> Result<(Outline, Summary), DispatchError> {
		let bytes = T::Programs::outline(work.program).ok_or(Error::<T>::NoSuchJob)?;
		let outline = Outline::decode(&mut bytes.as_slice()).map_err(|_| Error::<T>::NoSuchJob)?;
		let summary = outline.summary(work.parameters).map_err(|_| Error::<T>::NoSuchJob)?;
		Ok((outline, summary))
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
