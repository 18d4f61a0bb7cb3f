//! Drawn workgroups of claims.

use crate::{
	ClaimOf, Claims, Config, Current, Error, Event, Measurements, Pallet, WeightInfo, WindowOf,
};
use alloc::vec::Vec;
use frame_support::{
	defensive,
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	traits::{Contains, Get},
};
use mutirao_traits::{Checker, Finding, Work};
use mutirao_types::{
	benchmark::Measurement, transcript_root, OfferId, Sample, Steps, WindowId, Witness, Workgroup,
};
use sp_runtime::DispatchError;

/// What the workgroups of a claim are drawn for.
fn subject(window: WindowId, offer: OfferId) -> [u8; 17] {
	let mut subject = *b"claim\0\0\0\0\0\0\0\0\0\0\0\0";
	subject[5..9].copy_from_slice(&window.to_le_bytes());
	subject[9..].copy_from_slice(&offer.to_le_bytes());
	subject
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_prove(
		who: T::AccountId,
		offer: OfferId,
		sample: u8,
		steps: Steps,
		witness: Witness,
	) -> DispatchResultWithPostInfo {
		let (window, mut claim) = Self::open_claim(offer)?;
		ensure!(Self::proves_for(&claim.provider, who), Error::<T>::NotOwnOffer);
		ensure!(!claim.refuted, Error::<T>::ClaimRefuted);
		ensure!(sample < window.benchmark.samples, Error::<T>::NoSuchSample);
		ensure!(claim.proven >> sample & 1 == 0, Error::<T>::AlreadyProven);

		let parameters = Self::parameters_of(&window, &claim.provider, offer, claim.size)?;
		let program = &window.benchmark.program;
		let work = Work { program, parameters: &parameters, inputs: &[] };
		let drawn = Self::drawn(&window, &claim, offer, work)?;
		let workgroup = *drawn.get(usize::from(sample)).ok_or(Error::<T>::NoSuchSample)?;
		let base = T::WeightInfo::prove();
		let transcript = &claim.transcript;
		let check = T::Checker::check(work, transcript, workgroup, steps, &witness, base)?;
		let pays_fee = match check.finding {
			Finding::Right => {
				Self::deposit_event(Event::Proven { offer, sample, workgroup });
				claim.proven |= 1 << sample;
				Self::store(offer, claim, window.benchmark.samples);
				Pays::No
			}
			Finding::Wrong => {
				Self::deposit_event(Event::Refuted { offer, workgroup });
				claim.refuted = true;
				Claims::<T>::insert(offer, claim);
				Pays::Yes
			}
			Finding::Fault(_) => return Err(Error::<T>::ProgramFaults.into()),
		};
		Ok(PostDispatchInfo { actual_weight: Some(check.weight), pays_fee })
	}

	fn proves_for(provider: &T::AccountId, who: T::AccountId) -> bool {
		*provider == who || T::WorkerKeys::contains(&(provider.clone(), who))
	}

	/// The workgroups that are drawn for an offer's claim.
	///
	/// # Errors
	///
	/// If there is no claim in the present window, or they cannot be known yet.
	pub(crate) fn do_samples(offer: OfferId) -> Result<Vec<Sample>, DispatchError> {
		let (window, claim) = Self::open_claim(offer)?;
		let parameters = Self::parameters_of(&window, &claim.provider, offer, claim.size)?;
		let program = &window.benchmark.program;
		let work = Work { program, parameters: &parameters, inputs: &[] };
		let drawn = Self::drawn(&window, &claim, offer, work)?;
		let samples = drawn
			.into_iter()
			.enumerate()
			.map(|(index, workgroup)| Sample { workgroup, opened: claim.proven >> index & 1 == 1 });
		Ok(samples.collect())
	}

	/// A claim that can be proven: a window is the present one until its last moment to prove.
	fn open_claim(offer: OfferId) -> Result<(WindowOf<T>, ClaimOf<T>), DispatchError> {
		let claim = Claims::<T>::get(offer).ok_or(Error::<T>::NoClaim)?;
		let window = Current::<T>::get().filter(|window| window.number == claim.window);
		Ok((window.ok_or(Error::<T>::NoClaim)?, claim))
	}

	fn drawn(
		window: &WindowOf<T>,
		claim: &ClaimOf<T>,
		offer: OfferId,
		work: Work<'_>,
	) -> Result<Vec<Workgroup>, DispatchError> {
		let root = transcript_root(&claim.transcript);
		let seed = T::Checker::seed(claim.anchor, &subject(window.number, offer), &root)?;
		T::Checker::samples(&seed, window.benchmark.samples, work)
	}

	/// Stores a claim, or, if all of it is proven, the measurement.
	fn store(offer: OfferId, claim: ClaimOf<T>, samples: u8) {
		if claim.proven.count_ones() < u32::from(samples) {
			Claims::<T>::insert(offer, claim);
			return;
		}
		Claims::<T>::remove(offer);
		let (window, steps_per_second) = (claim.window, claim.steps_per_second);
		Self::measured(offer, Measurement { window, steps_per_second });
		Self::deposit_event(Event::Measured { offer, window, steps_per_second });
		Self::refresh(offer);
	}

	/// Remembers what was proven. The oldest measurement makes room.
	pub(super) fn measured(offer: OfferId, measurement: Measurement) {
		Measurements::<T>::mutate(offer, |all| {
			if all.len() as u32 >= T::RecentWindows::get() && !all.is_empty() {
				all.remove(0);
			}
			if all.try_push(measurement).is_err() {
				defensive!("there is room for one more; qed");
			}
		});
	}
}
