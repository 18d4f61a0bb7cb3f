//! The arrows between stages, each a function of its own.

use crate::{asset, BalanceOf, Config, Error, Event, JobOf, Jobs, Pallet};
use frame_support::ensure;
use mutirao_traits::Providers;
use mutirao_types::{
	ActiveBlocks, FaultKind, JobId, JobState, OfferId, RefundReason, SlashReport, Target, Verdict,
};
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	/// Open → Running.
	pub(crate) fn do_accept(provider: T::AccountId, id: JobId, offer: OfferId) -> DispatchResult {
		let record = Self::live(id)?;
		let job = &record.job;
		ensure!(matches!(job.state, JobState::Open { .. }), Error::<T>::NotOpen);
		Self::ensure_in_time(&job.state)?;
		let is_target = match job.request.target {
			Target::Anyone => true,
			Target::Offer(target) => target == offer,
		};
		ensure!(is_target, Error::<T>::NotTheOffer);
		let cap = job.request.price_cap;
		let requirements = &job.request.requirements;
		let (steps, least) = (job.declared_steps, Self::least_collateral(job.audit_fee));
		let deal = T::Providers::engage(&provider, offer, requirements, steps, cap, least)?;
		asset::give_back::<T>(&job.buyer, cap.saturating_sub(deal.price))?;
		let until = Self::now().saturating_add(job.request.times.attest_within);
		Self::deposit_event(Event::Accepted {
			job: id,
			provider,
			offer,
			price: deal.price,
			collateral: deal.collateral,
			until,
		});
		Self::advance_job(id, record, JobState::Running { deal, until });
		Ok(())
	}

	/// Open → Refunded, by the buyer.
	pub(crate) fn do_cancel(who: T::AccountId, id: JobId) -> DispatchResult {
		let record = Self::live(id)?;
		ensure!(record.job.buyer == who, Error::<T>::NotBuyer);
		ensure!(matches!(record.job.state, JobState::Open { .. }), Error::<T>::NotOpen);
		Self::finish(id, record, Verdict::Refunded(RefundReason::Cancelled), None).map(|_| ())
	}

	/// Running → Refunded, by the provider.
	pub(crate) fn do_give_up(who: T::AccountId, id: JobId) -> DispatchResult {
		let record = Self::live(id)?;
		let JobState::Running { deal, .. } = &record.job.state else {
			return Err(Error::<T>::NotRunning.into());
		};
		ensure!(deal.provider == who, Error::<T>::NotProvider);
		Self::finish(id, record, Verdict::Refunded(RefundReason::GivenUp), None).map(|_| ())
	}
}

impl<T: Config> mutirao_traits::Jobs<T::AccountId, BalanceOf<T>> for Pallet<T> {
	fn job(id: JobId) -> Option<JobOf<T>> {
		Jobs::<T>::get(id).map(|record| record.job)
	}

	/// Running → Attested.
	fn attested(id: JobId, provider: &T::AccountId, within: ActiveBlocks) -> DispatchResult {
		let record = Self::live(id)?;
		let JobState::Running { deal, .. } = &record.job.state else {
			return Err(Error::<T>::NotRunning.into());
		};
		ensure!(deal.provider == *provider, Error::<T>::NotProvider);
		Self::ensure_in_time(&record.job.state)?;
		let until = Self::now().saturating_add(within);
		let state = JobState::Attested { deal: deal.clone(), until };
		Self::advance_job(id, record, state);
		Self::deposit_event(Event::Attested { job: id, until });
		Ok(())
	}

	/// Attested → Attested, with the stage's time anew.
	fn postponed(id: JobId, within: ActiveBlocks) -> DispatchResult {
		let record = Self::live(id)?;
		let JobState::Attested { deal, .. } = &record.job.state else {
			return Err(Error::<T>::NotAttested.into());
		};
		let until = Self::now().saturating_add(within);
		let state = JobState::Attested { deal: deal.clone(), until };
		Self::advance_job(id, record, state);
		Self::deposit_event(Event::Postponed { job: id, until });
		Ok(())
	}

	/// Attested → Contestable.
	fn audited(id: JobId) -> DispatchResult {
		let record = Self::live(id)?;
		let JobState::Attested { deal, .. } = &record.job.state else {
			return Err(Error::<T>::NotAttested.into());
		};
		Self::ensure_in_time(&record.job.state)?;
		let until = Self::now().saturating_add(record.job.request.times.contest_for);
		let state = JobState::Contestable { deal: deal.clone(), until };
		Self::advance_job(id, record, state);
		Self::deposit_event(Event::Audited { job: id, until });
		Ok(())
	}

	/// Contestable → Contestable, for longer.
	fn extended(id: JobId, at_least: ActiveBlocks) -> DispatchResult {
		let record = Self::live(id)?;
		let JobState::Contestable { deal, until } = &record.job.state else {
			return Err(Error::<T>::NotContestable.into());
		};
		let until = Self::now().saturating_add(at_least).max(*until);
		let state = JobState::Contestable { deal: deal.clone(), until };
		Self::advance_job(id, record, state);
		Self::deposit_event(Event::WindowExtended { job: id, until });
		Ok(())
	}

	/// Running, Attested or Contestable → Refunded.
	fn refunded(
		id: JobId,
		reason: RefundReason,
		challenger: Option<&T::AccountId>,
	) -> Result<SlashReport<BalanceOf<T>>, DispatchError> {
		let record = Self::live(id)?;
		ensure!(record.job.state.deal().is_some(), Error::<T>::NotAccepted);
		Self::finish(id, record, Verdict::Refunded(reason), challenger)
	}

	/// Running or Attested → Faulted. After the audit a fault changes nothing: the buyer has the
	/// results.
	fn faulted(id: JobId, fault: FaultKind) -> DispatchResult {
		let record = Self::live(id)?;
		ensure!(
			matches!(record.job.state, JobState::Running { .. } | JobState::Attested { .. }),
			Error::<T>::NotBeforeAudit
		);
		Self::finish(id, record, Verdict::Faulted(fault), None).map(|_| ())
	}
}
