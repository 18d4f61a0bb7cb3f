//! The ring of VRF outputs, and the seeds made from it.

use crate::{draw, AttestationOf, Config, Error, Pallet, Ring, RingEntry};
use alloc::vec::Vec;
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use mutirao_types::{transcript_root, JobId};
use sp_runtime::{
	traits::{Get, One, SaturatedConversion, Saturating},
	DispatchError,
};

impl<T: Config> Pallet<T> {
	/// Remembers the VRF output of the block before `now`.
	pub(crate) fn remember_last_vrf(now: BlockNumberFor<T>) {
		let block = now.saturating_sub(One::one());
		match T::LastVrf::get() {
			Some(output) => Ring::<T>::insert(Self::place(block), RingEntry { block, output }),
			None => Ring::<T>::remove(Self::place(block)),
		}
	}

	/// The seed of a job's draw.
	///
	/// # Errors
	///
	/// If the blocks that it is made from have not all been made, or are forgotten.
	pub(crate) fn seed(
		job: JobId,
		attestation: &AttestationOf<T>,
	) -> Result<[u8; 32], DispatchError> {
		let outputs = Self::outputs_after(attestation.anchor)?;
		Ok(draw::seed(&outputs, job, &transcript_root(&attestation.transcript)))
	}

	/// The VRF outputs of the blocks after an anchor that make a seed.
	pub(super) fn outputs_after(anchor: BlockNumberFor<T>) -> Result<Vec<[u8; 32]>, DispatchError> {
		let blocks = T::DrawBlocks::get();
		let last = anchor.saturating_add(blocks.into());
		ensure!(frame_system::Pallet::<T>::block_number() > last, Error::<T>::DrawNotReady);
		(1..=blocks)
			.map(|after| Self::vrf_of(anchor.saturating_add(after.into())))
			.collect::<Option<Vec<_>>>()
			.ok_or(Error::<T>::RandomnessForgotten.into())
	}

	fn vrf_of(block: BlockNumberFor<T>) -> Option<[u8; 32]> {
		let entry = Ring::<T>::get(Self::place(block))?;
		(entry.block == block).then_some(entry.output)
	}

	/// The key of a block's entry.
	pub(crate) fn place(block: BlockNumberFor<T>) -> u32 {
		(block % T::RingBlocks::get().max(1).into()).saturated_into()
	}
}
