//! What providers say that their devices have computed.

use crate::{
	asset, BalanceOf, Claims, Config, Current, Ended, Error, Event, Measurements, Pallet, WindowOf,
};
use frame_support::{
	ensure,
	traits::{Get, Time},
};
use mutirao_traits::{Checker, Clock, Programs, Scores, Work};
use mutirao_types::{
	benchmark::{offer_seed, Claim, WindowStart},
	program::Parameters,
	OfferId, Quote, Steps, Transcript,
};
use sp_runtime::{
	traits::{Convert, SaturatedConversion, Saturating},
	DispatchError, DispatchResult,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_claim(
		who: T::AccountId,
		offer: OfferId,
		size: u32,
		transcript: Transcript,
	) -> DispatchResult {
		let window = Current::<T>::get().ok_or(Error::<T>::NoWindow)?;
		let start = window.start.ok_or(Error::<T>::NoWindow)?;
		ensure!(T::Clock::now() <= window.claim_until, Error::<T>::TooLate);
		ensure!(offer < window.offers, Error::<T>::NotInWindow);
		let provider = T::Scores::provider_of(offer).ok_or(Error::<T>::NoSuchOffer)?;
		ensure!(provider == who, Error::<T>::NotOwnOffer);
		Self::ensure_first_claim(&window, offer)?;

		let parameters = Self::parameters_of(&window, &provider, offer, size)?;
		let program = &window.benchmark.program;
		let quote = T::Programs::quote(program, &parameters)?;
		let steps = quote.declared_steps;
		let work = Work { program, parameters: &parameters, inputs: &[] };
		T::Checker::ensure_fits(work, &transcript)?;
		let fee = Self::fee(&quote, window.benchmark.samples);
		asset::pay_treasury::<T>(&provider, fee)?;

		let window_blocks = window.benchmark.window_blocks;
		let steps_per_second = Self::speed(steps, start, window_blocks);
		let anchor = frame_system::Pallet::<T>::block_number();
		Self::deposit_event(Event::Claimed {
			offer,
			window: window.number,
			size,
			steps_per_second,
			transcript: transcript.clone(),
			anchor,
			fee,
		});
		let claim = Claim {
			window: window.number,
			provider,
			size,
			steps,
			steps_per_second,
			transcript,
			anchor,
			proven: 0,
			refuted: false,
		};
		Claims::<T>::insert(offer, claim);
		Ok(())
	}

	/// What the proofs of a claim cost the chain, each at the price of the largest workgroup. Paid in
	/// advance: small claims take as much of the blocks of a window as large ones.
	pub(crate) fn fee(quote: &Quote, samples: u8) -> BalanceOf<T> {
		T::AuditPrice::convert(quote.workgroup_steps)
			.saturating_mul(BalanceOf::<T>::from(u64::from(samples)))
	}

	fn ensure_first_claim(window: &WindowOf<T>, offer: OfferId) -> DispatchResult {
		if let Some(claim) = Claims::<T>::get(offer) {
			ensure!(claim.window != window.number, Error::<T>::AlreadyClaimed);
			// Or a liar would claim again instead of paying. A claim in a void window is nothing.
			let is_lost = claim.refuted || Self::has_ended(claim.window);
			ensure!(!is_lost, Error::<T>::ClaimNotConcluded);
		}
		let measured = Measurements::<T>::get(offer);
		ensure!(measured.iter().all(|one| one.window != window.number), Error::<T>::AlreadyClaimed);
		Ok(())
	}

	/// Whether a window ended and was not void, as far as that is remembered.
	pub(super) fn has_ended(window: mutirao_types::WindowId) -> bool {
		Ended::<T>::get().iter().any(|ended| ended.number == window)
	}

	/// The benchmark's parameters for an offer.
	///
	/// # Errors
	///
	/// If the window has no seed.
	pub(crate) fn parameters_of(
		window: &WindowOf<T>,
		provider: &T::AccountId,
		offer: OfferId,
		size: u32,
	) -> Result<Parameters, DispatchError> {
		let start = window.start.ok_or(Error::<T>::NoWindow)?;
		let seed = offer_seed(&start.seed, provider, offer);
		Ok(window.benchmark.parameters(size, &seed))
	}

	/// Steps in a second of the window. Where blocks came late, devices had longer than the window is
	/// long: until this block.
	fn speed(steps: Steps, start: WindowStart, window_blocks: u32) -> u64 {
		let meant = u64::from(window_blocks).saturating_mul(T::BlockMs::get());
		let passed = T::Time::now().saturating_sub(start.at_ms);
		let milliseconds = u128::from(meant.max(passed).max(1));
		(u128::from(steps) * 1_000 / milliseconds).saturated_into()
	}
}
