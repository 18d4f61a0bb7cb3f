//! Ends: who gets what.

use crate::{
	asset, AllTime, BalanceOf, Config, DealOf, Event, FinishedRecord, History, JobOf, JobRecordOf,
	Pallet, Payout,
};
use mutirao_traits::{Conduct, Contest, Programs, Providers};
use mutirao_types::{verdict::Blame, FinishedJob, JobId, RefundReason, SlashReport, Verdict};
use sp_runtime::{
	traits::{Get, Saturating, Zero},
	DispatchError,
};

impl<T: Config> Pallet<T> {
	/// Ends a job: moves its money, frees everything that it kept, and remembers the verdict.
	pub(crate) fn finish(
		id: JobId,
		record: JobRecordOf<T>,
		verdict: Verdict,
		challenger: Option<&T::AccountId>,
	) -> Result<SlashReport<BalanceOf<T>>, DispatchError> {
		let job = record.job;
		let payout = Self::pay_out(id, &job, verdict)?;
		let slash = match (verdict, job.state.deal()) {
			(Verdict::Refunded(reason), Some(deal)) => {
				Self::punish(&job.buyer, deal, reason, challenger)
			}
			_ => None,
		};
		if let Some(deal) = job.state.deal() {
			T::Providers::release(deal, Self::conduct(verdict));
		}
		T::Programs::release(&job.request.program);
		T::Contest::closed(id);
		Self::count(&job, verdict, &payout);
		Self::retire_job(id, job.state.kind());
		let finished = FinishedJob {
			buyer: job.buyer,
			deal: job.state.deal().cloned(),
			program: job.request.program,
			verdict,
			ended_at: Self::now(),
		};
		History::<T>::insert(id, FinishedRecord { job: finished, ticket: record.ticket });
		Self::deposit_event(Event::Finished { job: id, verdict, payout, slash });
		Ok(slash.unwrap_or_default())
	}

	/// All that a job has in escrow.
	pub(crate) fn escrow_of(job: &JobOf<T>) -> BalanceOf<T> {
		let price = job.state.deal().map_or(job.request.price_cap, |deal| deal.price);
		price.saturating_add(job.audit_fee)
	}

	/// Moves all of a job's escrow.
	fn pay_out(
		id: JobId,
		job: &JobOf<T>,
		verdict: Verdict,
	) -> Result<Payout<BalanceOf<T>>, DispatchError> {
		let escrow = Self::escrow_of(job);
		let Some(deal) = job.state.deal() else {
			asset::give_back::<T>(&job.buyer, escrow)?;
			return Ok(Payout { buyer: escrow, ..Default::default() });
		};
		let (provider, treasury) = match verdict {
			Verdict::Settled => {
				let fee = T::ProtocolFee::get().mul_floor(deal.price);
				(deal.price.saturating_sub(fee), fee.saturating_add(job.audit_fee))
			}
			Verdict::Faulted(_) => {
				let trouble = T::FaultShare::get().mul_floor(deal.price);
				// What showed the fault was a re-execution too, and free.
				(trouble, Self::fee_for(job, T::Contest::opened(id).saturating_add(1)))
			}
			Verdict::Refunded(_) => (Zero::zero(), Self::fee_for(job, T::Contest::opened(id))),
		};
		let provider = asset::pay::<T>(&job.buyer, &deal.provider, provider);
		let treasury = asset::pay_treasury::<T>(&job.buyer, treasury);
		let buyer = escrow.saturating_sub(provider).saturating_sub(treasury);
		asset::give_back::<T>(&job.buyer, buyer)?;
		Ok(Payout { provider, treasury, buyer })
	}

	/// The part of a job's audit fee for so many re-executions: whoever ends a job before it settles
	/// has not had the chain compute for nothing. The fee is a multiple of the samples, so nothing is
	/// left over when all were opened.
	fn fee_for(job: &JobOf<T>, reexecutions: u8) -> BalanceOf<T> {
		let samples = job.request.samples.max(1);
		let of = |count: u8| BalanceOf::<T>::from(u64::from(count));
		(job.audit_fee / of(samples)).saturating_mul(of(reexecutions.min(samples)))
	}

	/// Slashes a provider that is to blame.
	fn punish(
		buyer: &T::AccountId,
		deal: &DealOf<T>,
		reason: RefundReason,
		challenger: Option<&T::AccountId>,
	) -> Option<SlashReport<BalanceOf<T>>> {
		let penalty = match reason.blame() {
			Blame::Nobody => return None,
			Blame::ProviderFailed => T::FailurePenalty::get().mul_ceil(deal.collateral),
			Blame::ProviderLied => deal.collateral,
		};
		Some(T::Providers::slash(&deal.provider, penalty, buyer, challenger))
	}

	fn conduct(verdict: Verdict) -> Conduct {
		match verdict {
			Verdict::Settled => Conduct::Kept,
			Verdict::Faulted(_) => Conduct::Blameless,
			Verdict::Refunded(reason) => match reason.blame() {
				Blame::Nobody => Conduct::Blameless,
				Blame::ProviderFailed | Blame::ProviderLied => Conduct::Broken,
			},
		}
	}

	fn count(job: &JobOf<T>, verdict: Verdict, payout: &Payout<BalanceOf<T>>) {
		AllTime::<T>::mutate(|all| {
			match verdict {
				Verdict::Settled => {
					all.settled.saturating_inc();
					all.settled_steps.saturating_accrue(job.declared_steps.into());
				}
				Verdict::Refunded(_) => all.refunded.saturating_inc(),
				Verdict::Faulted(_) => all.faulted.saturating_inc(),
			}
			all.paid.saturating_accrue(payout.provider.into());
		});
	}
}
