//! What pallets that post work of their own ask of this one.

use crate::{draw, Computed, Config, Pallet};
use alloc::vec::Vec;
use frame_system::pallet_prelude::BlockNumberFor;
use mutirao_traits::{Check, Checker, Finding, Work};
use mutirao_types::{Steps, Transcript, Witness, Workgroup};
use sp_runtime::{traits::Get, DispatchError, DispatchResult, Weight};

impl<T: Config> Checker<BlockNumberFor<T>> for Pallet<T> {
	fn draw_blocks() -> u32 {
		T::DrawBlocks::get()
	}

	fn ring_blocks() -> u32 {
		T::RingBlocks::get()
	}

	fn max_workgroup_steps() -> Steps {
		T::MaxWorkgroupSteps::get()
	}

	fn seed(
		anchor: BlockNumberFor<T>,
		subject: &[u8],
		root: &[u8; 32],
	) -> Result<[u8; 32], DispatchError> {
		Ok(draw::seed_for(&Self::outputs_after(anchor)?, subject, root))
	}

	fn samples(
		seed: &[u8; 32],
		count: u8,
		work: Work<'_>,
	) -> Result<Vec<Workgroup>, DispatchError> {
		Ok(draw::samples(seed, count, &Self::passes_of(work)?))
	}

	fn ensure_fits(work: Work<'_>, transcript: &Transcript) -> DispatchResult {
		let (_, summary) = Self::summary_of(work)?;
		Self::ensure_transcript_fits(&summary, transcript)
	}

	fn check(
		work: Work<'_>,
		transcript: &Transcript,
		workgroup: Workgroup,
		steps: Steps,
		witness: &Witness,
		base: Weight,
	) -> Result<Check, DispatchError> {
		let run = Self::recompute(work, Some(transcript), workgroup, steps, witness)?;
		let finding = match run.computed {
			Computed::Same => Finding::Right,
			Computed::Different => Finding::Wrong,
			Computed::Fault(fault) => Finding::Fault(fault),
		};
		Ok(Check { finding, weight: Self::weight_of(base, witness, run.steps, run.code_bytes) })
	}

	fn check_weight(base: Weight, witness: &Witness, steps: Steps) -> Weight {
		Self::reexecution_weight(base, witness, steps)
	}
}
