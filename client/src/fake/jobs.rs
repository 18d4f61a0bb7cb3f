//! Jobs of a fake chain.

use super::{
	providers::HALF_LIFE,
	state::{Market, Refused},
	FakeAccount,
};
use crate::{
	pallets::{JobsCall, JobsEvent, JobsExt, Payout, ProvidersEvent},
	AccountId, Balance, Error, Event,
};
use mutirao_types::{
	units::price_of, verdict::Blame, ActiveBlock, Deal, FinishedJob, Job, JobId, JobRequest,
	JobState, JobStateKind, OfferId, OfferState, ProviderState, RefundReason, Target, Verdict,
};

/// What drawing and re-executing one workgroup costs, in planck.
pub(super) const AUDIT_PRICE: Balance = 1_000_000_000;
/// The least collateral, in audit fees.
const LEAST_COLLATERAL: Balance = 4;
/// Workgroups that may be drawn for a job.
const MAX_SAMPLES: u8 = 16;

fn refuse<T>(error: &'static str) -> Result<T, Refused> {
	Err(Refused("Jobs", error))
}

fn audit_fee(request: &JobRequest<Balance>) -> Balance {
	AUDIT_PRICE.saturating_mul(request.samples.into())
}

impl Market {
	pub(super) fn call_jobs(&mut self, who: AccountId, call: JobsCall) -> Result<(), Refused> {
		match call {
			JobsCall::Post { request } => self.post(who, request),
			JobsCall::PostBatch { requests } => {
				requests.into_iter().try_for_each(|request| self.post(who, request))
			}
			JobsCall::Cancel { job } => {
				let found = self.live(job)?;
				match found.state {
					_ if found.buyer != who => refuse("NotBuyer"),
					JobState::Open { .. } => {
						self.finish(job, Verdict::Refunded(RefundReason::Cancelled))
					}
					_ => refuse("NotOpen"),
				}
			}
			JobsCall::Accept { job, offer } => self.accept(who, job, offer),
			JobsCall::GiveUp { job } => match &self.live(job)?.state {
				JobState::Running { deal, .. } if deal.provider != who => refuse("NotProvider"),
				JobState::Running { .. } => {
					self.finish(job, Verdict::Refunded(RefundReason::GivenUp))
				}
				_ => refuse("NotRunning"),
			},
			JobsCall::Settle { job } => self.settle(job),
			JobsCall::Prune { job } => match self.finished.remove(&job) {
				Some(_) => {
					self.events.push(Event::Jobs(JobsEvent::Pruned { job }));
					Ok(())
				}
				None => refuse("NotFinished"),
			},
		}
	}

	fn post(&mut self, buyer: AccountId, request: JobRequest<Balance>) -> Result<(), Refused> {
		let program = self.programs.get_mut(&request.program);
		let program = program.ok_or(Refused("Programs", "NoSuchProgram"))?;
		let quote = program.quote.clone().ok_or(Refused("Programs", "ParametersDoNotFit"))?;
		if !(1..=MAX_SAMPLES).contains(&request.samples) {
			return refuse("SamplesOutOfRange");
		}
		if request.inputs.len() != quote.input_bytes.len() {
			return refuse("WrongNumberOfInputs");
		}
		if request.inputs.iter().zip(&quote.input_bytes).any(|(input, bytes)| input.bytes != *bytes)
		{
			return refuse("WrongInputLength");
		}
		program.record.uses = program.record.uses.saturating_add(1);
		let job = self.next_job;
		self.next_job = job.saturating_add(1);
		let until = self.now.saturating_add(request.times.accept_within);
		let posted = JobsEvent::Posted {
			job,
			buyer,
			program: request.program,
			declared_steps: quote.declared_steps,
			price_cap: request.price_cap,
			audit_fee: audit_fee(&request),
			until,
		};
		let record = Job {
			buyer,
			declared_steps: quote.declared_steps,
			audit_fee: audit_fee(&request),
			posted_at: self.now,
			state: JobState::Open { until },
			request,
		};
		self.jobs.insert(job, record);
		self.events.push(Event::Jobs(posted));
		Ok(())
	}

	fn accept(&mut self, who: AccountId, job: JobId, offer: OfferId) -> Result<(), Refused> {
		let now = self.now;
		let found = self.live(job)?.clone();
		match found.state {
			JobState::Open { until } if until < now => return refuse("TooLate"),
			JobState::Open { .. } => {}
			_ => return refuse("NotOpen"),
		}
		if !matches!(found.request.target, Target::Anyone)
			&& found.request.target != Target::Offer(offer)
		{
			return refuse("NotTheOffer");
		}
		let taken = self.own_offer(who, offer)?;
		let price = price_of(found.declared_steps, taken.terms.price_per_gigastep);
		let price = price.unwrap_or(Balance::MAX).max(taken.terms.minimum_price);
		let least = found.audit_fee.saturating_mul(LEAST_COLLATERAL);
		let collateral = price.saturating_mul(2).max(least);
		let refused = match taken {
			_ if taken.state == OfferState::Paused => Some("OfferPaused"),
			_ if taken.terms.expires < now => Some("OfferExpired"),
			_ if taken.running >= taken.terms.capacity => Some("DeviceBusy"),
			_ if taken.device.memory_mib < found.request.requirements.memory_mib => {
				Some("MemoryTooSmall")
			}
			_ if price > found.request.price_cap => Some("PriceAboveCap"),
			_ if collateral > taken.terms.maximum_price.saturating_mul(2) => {
				Some("PriceAboveMaximum")
			}
			_ => None,
		};
		if let Some(error) = refused {
			return Err(Refused("Providers", error));
		}
		taken.running = taken.running.saturating_add(1);
		let provider = self.registered(who)?;
		if matches!(provider.state, ProviderState::Leaving { .. }) {
			return Err(Refused("Providers", "IsLeaving"));
		}
		if provider.stake.saturating_sub(provider.earmarked) < collateral {
			return Err(Refused("Providers", "StakeNotFree"));
		}
		provider.earmarked = provider.earmarked.saturating_add(collateral);
		provider.open_jobs = provider.open_jobs.saturating_add(1);
		let until = now.saturating_add(found.request.times.attest_within);
		let deal = Deal { provider: who, offer, price, collateral };
		self.live(job)?.state = JobState::Running { deal, until };
		let accepted = JobsEvent::Accepted { job, provider: who, offer, price, collateral, until };
		self.events.push(Event::Jobs(accepted));
		Ok(())
	}

	fn settle(&mut self, job: JobId) -> Result<(), Refused> {
		let now = self.now;
		let state = self.live(job)?.state.clone();
		if state.until() >= now {
			return refuse("DeadlineNotReached");
		}
		let unanswered = self.demands.iter().any(|((of, ..), _)| *of == job);
		let verdict = match state {
			JobState::Open { .. } => Verdict::Refunded(RefundReason::Expired),
			JobState::Running { .. } => Verdict::Refunded(RefundReason::Late),
			JobState::Attested { .. } => Verdict::Refunded(RefundReason::OpeningMissed),
			JobState::Contestable { .. } if unanswered => {
				Verdict::Refunded(RefundReason::DemandUnanswered)
			}
			JobState::Contestable { .. } => Verdict::Settled,
		};
		self.finish(job, verdict)
	}

	/// Ends a job: records the verdict, frees what it held.
	pub(super) fn finish(&mut self, job: JobId, verdict: Verdict) -> Result<(), Refused> {
		let Some(ended) = self.jobs.remove(&job) else { return refuse("NoSuchJob") };
		let opened =
			self.attested.remove(&job).map_or(0, |one| one.attestation.opened.count_ones());
		self.demands.retain(|((of, ..), _)| *of != job);
		if let Some(program) = self.programs.get_mut(&ended.request.program) {
			program.record.uses = program.record.uses.saturating_sub(1);
		}
		let deal = ended.state.deal().cloned();
		let payout = payout(&ended, deal.as_ref(), verdict, opened);
		if let Some(deal) = &deal {
			self.free(deal, verdict);
		}
		let record = FinishedJob {
			buyer: ended.buyer,
			deal,
			program: ended.request.program,
			verdict,
			ended_at: self.now,
		};
		self.finished.insert(job, record);
		self.events.push(Event::Jobs(JobsEvent::Finished { job, verdict, payout, slash: None }));
		Ok(())
	}

	fn free(&mut self, deal: &Deal<AccountId, Balance>, verdict: Verdict) {
		if let Some(offer) = self.offers.get_mut(&deal.offer) {
			offer.running = offer.running.saturating_sub(1);
		}
		let now = self.now;
		let Some(provider) = self.providers.get_mut(&deal.provider) else { return };
		provider.earmarked = provider.earmarked.saturating_sub(deal.collateral);
		provider.open_jobs = provider.open_jobs.saturating_sub(1);
		let kept = match verdict {
			Verdict::Settled => true,
			Verdict::Refunded(reason) if reason.blame() != Blame::Nobody => false,
			_ => return,
		};
		provider.reputation.record(kept, now, HALF_LIFE);
		let estimate = provider.reputation.estimate(now, HALF_LIFE);
		let changed = ProvidersEvent::ReputationChanged { provider: deal.provider, estimate };
		self.events.push(Event::Providers(changed));
	}

	pub(super) fn live(&mut self, job: JobId) -> Result<&mut Job<AccountId, Balance>, Refused> {
		self.jobs.get_mut(&job).ok_or(Refused("Jobs", "NoSuchJob"))
	}
}

/// Who gets what of the escrow, as the pallet's documentation says, when so many drawn workgroups were
/// opened.
fn payout(
	job: &Job<AccountId, Balance>,
	deal: Option<&Deal<AccountId, Balance>>,
	verdict: Verdict,
	opened: u32,
) -> Payout {
	let price = deal.map_or(job.request.price_cap, |deal| deal.price);
	let escrow = price.saturating_add(job.audit_fee);
	let checked = |count: u32| AUDIT_PRICE.saturating_mul(count.into()).min(job.audit_fee);
	match verdict {
		Verdict::Settled => {
			let fee = price / 50;
			let treasury = fee.saturating_add(job.audit_fee);
			Payout { provider: price.saturating_sub(fee), treasury, buyer: 0 }
		}
		Verdict::Refunded(_) => {
			let treasury = checked(opened);
			Payout { provider: 0, treasury, buyer: escrow.saturating_sub(treasury) }
		}
		Verdict::Faulted(_) => {
			let (provider, treasury) = (price / 10, checked(opened.saturating_add(1)));
			let buyer = escrow.saturating_sub(provider).saturating_sub(treasury);
			Payout { provider, treasury, buyer }
		}
	}
}

impl JobsExt for FakeAccount {
	async fn now(&self) -> Result<ActiveBlock, Error> {
		self.read(|state| state.now)
	}

	async fn job(&self, job: JobId) -> Result<Option<Job<AccountId, Balance>>, Error> {
		self.read(|state| state.jobs.get(&job).cloned())
	}

	async fn finished_job(
		&self,
		job: JobId,
	) -> Result<Option<FinishedJob<AccountId, Balance>>, Error> {
		self.read(|state| state.finished.get(&job).cloned())
	}

	async fn jobs_at(&self, stage: JobStateKind) -> Result<Vec<JobId>, Error> {
		self.read(|state| match stage {
			JobStateKind::Finished => state.finished.keys().copied().collect(),
			_ => {
				let here = state.jobs.iter().filter(|(_, job)| job.state.kind() == stage);
				here.map(|(number, _)| *number).collect()
			}
		})
	}

	async fn jobs_of_buyer(&self, buyer: AccountId) -> Result<Vec<JobId>, Error> {
		self.read(|state| {
			let live = state.jobs.iter().filter(|(_, job)| job.buyer == buyer).map(|(n, _)| *n);
			let ended = state.finished.iter().filter(|(_, job)| job.buyer == buyer);
			sorted(live.chain(ended.map(|(number, _)| *number)))
		})
	}

	async fn jobs_of_provider(&self, provider: AccountId) -> Result<Vec<JobId>, Error> {
		let own = |deal: Option<&Deal<AccountId, Balance>>| {
			deal.is_some_and(|deal| deal.provider == provider)
		};
		self.read(|state| {
			let live = state.jobs.iter().filter(|(_, job)| own(job.state.deal()));
			let ended = state.finished.iter().filter(|(_, job)| own(job.deal.as_ref()));
			sorted(live.map(|(number, _)| *number).chain(ended.map(|(number, _)| *number)))
		})
	}

	async fn audit_fee(&self, request: JobRequest<Balance>) -> Result<Option<Balance>, Error> {
		self.read(|state| {
			let quoted = state.programs.get(&request.program)?.quote.is_some();
			quoted.then(|| audit_fee(&request))
		})
	}
}

fn sorted(numbers: impl Iterator<Item = JobId>) -> Vec<JobId> {
	let mut numbers: Vec<_> = numbers.collect();
	numbers.sort_unstable();
	numbers
}
