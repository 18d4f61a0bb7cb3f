//! What the pallet that pays asks of this one.

use crate::{asset, Attestations, Config, Demands, Pallet, WeightInfo};
use frame_support::{defensive, weights::Weight};
use mutirao_traits::{Clock, Contest, Standing};
use mutirao_types::{JobId, RefundReason};

impl<T: Config> Contest for Pallet<T> {
	/// A demand that was not answered in time decides, then a pending one, then a drawn fault.
	fn standing(job: JobId) -> Standing {
		let now = T::Clock::now();
		let mut pending = false;
		// At most `MaxDemands`, and as many of the buyer's.
		for demand in Demands::<T>::iter_prefix_values(job) {
			if now > demand.until {
				return Standing::Lost(RefundReason::DemandUnanswered);
			}
			pending = true;
		}
		if pending {
			return Standing::Pending;
		}
		match Attestations::<T>::get(job).and_then(|attestation| attestation.fault) {
			Some(fault) => Standing::Faulted(fault),
			None => Standing::Clear,
		}
	}

	fn opened(job: JobId) -> u8 {
		let opened = Attestations::<T>::get(job).map_or(0, |attestation| attestation.opened);
		opened.count_ones() as u8
	}

	fn closed(job: JobId) {
		let Some(attestation) = Attestations::<T>::take(job) else { return };
		// Whoever demanded and was not answered has its deposit back.
		let mut pending = attestation.demands;
		for (_, demand) in Demands::<T>::drain_prefix(job) {
			pending = pending.saturating_sub(1);
			if asset::give_back::<T>(&demand.by, demand.deposit).is_err() {
				defensive!("a demand's deposit is on hold; qed");
			}
		}
		if pending > 0 {
			defensive!("demands are counted; qed");
		}
	}

	fn weight() -> Weight {
		T::WeightInfo::close()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_opened(job: JobId) {
		crate::benchmarking::opened_once::<T>(job);
	}
}
