//! Asking for a computation.

use crate::{
	asset, AllTime, BalanceOf, Config, Error, Event, JobRecordOf, NextJob, Pallet, RequestOf,
};
use codec::MaxEncodedLen;
use frame_support::{
	ensure,
	traits::{Consideration, Footprint},
};
use mutirao_traits::Programs;
use mutirao_types::{buffer::JobBuffers, BufferId, Job, JobId, JobState, Quote, Times};
use sp_runtime::{
	traits::{CheckedAdd, Convert, Get, Saturating},
	ArithmeticError, DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_post(buyer: T::AccountId, request: RequestOf<T>) -> DispatchResult {
		ensure!(request.price_cap >= T::MinimumPriceCap::get(), Error::<T>::PriceCapTooLow);
		ensure!(
			(1..=T::MaxSamples::get()).contains(&request.samples),
			Error::<T>::SamplesOutOfRange
		);
		Self::ensure_times(&request.times)?;
		let quote = T::Programs::quote(&request.program, &request.parameters)?;
		ensure!(
			quote.workgroup_steps <= T::MaxWorkgroupSteps::get(),
			Error::<T>::WorkgroupTooLarge
		);
		// Nothing could be drawn, so the provider could open nothing, and would lose.
		ensure!(quote.declared_steps > 0, Error::<T>::DeclaresNoStep);
		Self::ensure_inputs(&request.inputs, &quote)?;

		let audit_fee = Self::audit_fee_for(&quote, request.samples);
		let escrow =
			request.price_cap.checked_add(&audit_fee).ok_or(Error::<T>::PriceCapTooHigh)?;
		asset::escrow::<T>(&buyer, escrow)?;
		T::Programs::acquire(&request.program)?;
		let ticket = T::Rent::new(&buyer, Self::footprint(quote.written_buffers))?;

		let id = NextJob::<T>::get();
		NextJob::<T>::put(id.checked_add(1).ok_or(ArithmeticError::Overflow)?);
		AllTime::<T>::mutate(|all| all.posted.saturating_inc());
		let (now, declared_steps) = (Self::now(), quote.declared_steps);
		let until = now.saturating_add(request.times.accept_within);
		Self::deposit_event(Event::Posted {
			job: id,
			buyer: buyer.clone(),
			program: request.program,
			declared_steps,
			price_cap: request.price_cap,
			audit_fee,
			until,
		});
		let state = JobState::Open { until };
		let job = Job { buyer, request, declared_steps, audit_fee, posted_at: now, state };
		Self::insert_job(id, job, ticket);
		Ok(())
	}

	/// What the chain asks for checking a job: for each drawn workgroup, the price of the largest.
	pub fn audit_fee_for(quote: &Quote, samples: u8) -> BalanceOf<T> {
		T::AuditPrice::convert(quote.workgroup_steps)
			.saturating_mul(BalanceOf::<T>::from(u64::from(samples)))
	}

	fn ensure_times(times: &Times) -> DispatchResult {
		let contest = T::MinContestBlocks::get()..=T::MaxContestBlocks::get();
		ensure!(
			(1..=T::MaxAcceptBlocks::get()).contains(&times.accept_within)
				&& (1..=T::MaxAttestBlocks::get()).contains(&times.attest_within)
				&& contest.contains(&times.contest_for),
			Error::<T>::TimesOutOfRange
		);
		Ok(())
	}

	fn ensure_inputs(inputs: &JobBuffers, quote: &Quote) -> DispatchResult {
		ensure!(inputs.len() == quote.input_bytes.len(), Error::<T>::WrongNumberOfInputs);
		let fits =
			inputs.iter().zip(&quote.input_bytes).all(|(input, bytes)| input.bytes == *bytes);
		ensure!(fits, Error::<T>::WrongInputLength);
		Ok(())
	}

	/// The least that a provider has at stake in a job with this audit fee, whatever the price: enough
	/// that the buyer's part of a slash is no less than the fee, though a challenger has as much.
	pub fn least_collateral(audit_fee: BalanceOf<T>) -> BalanceOf<T> {
		audit_fee.saturating_mul(BalanceOf::<T>::from(u64::from(T::LeastCollateral::get())))
	}

	/// A record, three entries of indices, and the attestation, which names each buffer that the
	/// passes write.
	pub fn footprint(written_buffers: u32) -> Footprint {
		let key = T::AccountId::max_encoded_len() + JobId::max_encoded_len();
		let names = BufferId::max_encoded_len().saturating_mul(written_buffers as usize);
		let size = JobRecordOf::<T>::max_encoded_len() + 3 * key;
		Footprint::from_parts(5, size.saturating_add(names))
	}
}
