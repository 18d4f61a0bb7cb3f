//! Finding jobs to take.

use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	sync::{Mutex, PoisonError},
};

use mutirao_client::{AccountId, Balance, BlockNumber, Chain, Error};
use mutirao_types::{
	ActiveBlock, Job, JobId, JobStateKind, Offer, OfferId, Permill, Provider, Target,
};

use super::{
	load::Load,
	policy::{Facts, Terms},
	program::Planned,
	shared::Shared,
	view::Moment,
	Refusal,
};

/// Jobs that are read for the first time in one round.
const NEW_IN_ROUND: usize = 64;
/// Open jobs that are looked at.
const MOST_OPEN: usize = 1_024;

/// How we stand on the chain, as jobs are judged by it.
#[derive(Clone, Debug)]
pub(super) struct Standing {
	pub(super) provider: Provider<Balance>,
	pub(super) reputation: Permill,
	pub(super) offers: BTreeMap<OfferId, Offer<AccountId, Balance>>,
}

impl Standing {
	/// Counts a job that is about to be taken, which the chain does not count yet.
	pub(super) fn reserve(&mut self, offer: OfferId, collateral: Balance) {
		self.provider.earmarked = self.provider.earmarked.saturating_add(collateral);
		if let Some(offer) = self.offers.get_mut(&offer) {
			offer.running = offer.running.saturating_add(1);
		}
	}
}

/// A job that would be taken.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
	pub(super) id: JobId,
	pub(super) job: Job<AccountId, Balance>,
	/// The last moment to take it.
	pub(super) until: ActiveBlock,
	pub(super) terms: Terms,
}

/// Open jobs that were read. They do not change while they are open.
#[derive(Default)]
pub(super) struct Acceptor {
	known: HashMap<JobId, Known>,
}

struct Known {
	job: Job<AccountId, Balance>,
	planned: Result<Planned, Refusal>,
}

impl Acceptor {
	/// Reads the open jobs that were not read yet, and forgets those that are not open any more.
	pub(super) async fn look<C: Chain>(&mut self, shared: &Shared<C>) -> Result<(), Error> {
		let chain = &shared.parts.chain;
		let open = chain.jobs_at(JobStateKind::Open).await?;
		// The newest: old ones may have expired, and nobody ended them.
		let old = open.len().saturating_sub(MOST_OPEN);
		let open: BTreeSet<JobId> = open.into_iter().skip(old).collect();
		self.known.retain(|job, _| open.contains(job));
		let new: Vec<JobId> = open
			.into_iter()
			.rev()
			.filter(|job| !self.known.contains_key(job))
			.take(NEW_IN_ROUND)
			.collect();
		for id in new {
			let Some(job) = chain.job(id).await? else { continue };
			let planned = match shared.is_for_us(&job) {
				true => shared.programs.plan(chain, &job.request).await?,
				false => Err(Refusal::ForAnother),
			};
			self.known.insert(id, Known { job, planned });
		}
		Ok(())
	}

	/// Whether a job is open, as far as we looked.
	pub(super) fn knows(&self, job: JobId) -> bool {
		self.known.contains_key(&job)
	}

	/// What audits of an open job cost, as far as we looked.
	pub(super) fn audit_fee(&self, job: JobId) -> Option<Balance> {
		self.known.get(&job).map(|known| known.job.audit_fee)
	}

	/// Who posted an open job, as far as we looked.
	pub(super) fn buyer(&self, job: JobId) -> Option<AccountId> {
		self.known.get(&job).map(|known| known.job.buyer)
	}

	/// What a job that would be taken will write, in bytes.
	pub(super) fn writes(&self, job: JobId) -> u64 {
		let planned = self.known.get(&job).and_then(|known| known.planned.as_ref().ok());
		planned.map_or(0, |planned| planned.needs.writes)
	}

	/// Whether one open job would be taken, as things stand.
	pub(super) fn judge_one<C: Chain>(
		&self,
		shared: &Shared<C>,
		job: JobId,
		standing: &Standing,
		moment: Moment,
		load: &Load,
	) -> Result<(OfferId, Terms), Refusal> {
		let known = self.known.get(&job).ok_or(Refusal::Taken)?;
		let planned = known.planned.as_ref().map_err(Clone::clone)?;
		shared.judge(&known.job, planned, standing, moment, load)
	}

	/// Jobs that would be taken, the best first, and why the others are not.
	pub(super) fn judge<C: Chain>(
		&self,
		shared: &Shared<C>,
		standing: &Standing,
		moment: Moment,
		load: &Load,
	) -> (Vec<Wanted>, Vec<(JobId, Refusal)>) {
		let (mut wanted, mut refused) = (Vec::new(), Vec::new());
		for (id, known) in &self.known {
			match self.judge_one(shared, *id, standing, moment, load) {
				Ok((_, terms)) => {
					let (job, until) = (known.job.clone(), known.job.state.until());
					wanted.push(Wanted { id: *id, job, until, terms });
				}
				Err(Refusal::ForAnother) => {}
				Err(refusal) => refused.push((*id, refusal)),
			}
		}
		wanted.sort_by(|a, b| {
			let ((a_ours, a_rate), (b_ours, b_rate)) = (a.terms.rank(), b.terms.rank());
			b_ours.cmp(&a_ours).then(b_rate.total_cmp(&a_rate)).then(a.id.cmp(&b.id))
		});
		refused.sort_by_key(|(id, _)| *id);
		(wanted, refused)
	}
}

impl<C: Chain> Shared<C> {
	/// Whether one of our offers may take a job at all.
	pub(super) fn is_for_us(&self, job: &Job<AccountId, Balance>) -> bool {
		match job.request.target {
			Target::Anyone => true,
			Target::Offer(offer) => self.serves(offer),
		}
	}

	/// Whether this worker serves an offer.
	pub(super) fn serves(&self, offer: OfferId) -> bool {
		self.parts.serving.iter().any(|serving| serving.offer == offer)
	}

	/// How we stand; `None` if we are no provider.
	pub(super) async fn standing(&self) -> Result<Option<Standing>, Error> {
		let chain = &self.parts.chain;
		let account = chain.account();
		let Some(provider) = chain.provider(account).await? else { return Ok(None) };
		let reputation = chain.reputation(account).await?.unwrap_or_default();
		let mut offers = BTreeMap::new();
		for serving in &self.parts.serving {
			if let Some(offer) = chain.offer(serving.offer).await? {
				if offer.provider == account {
					offers.insert(serving.offer, offer);
				}
			}
		}
		Ok(Some(Standing { provider, reputation, offers }))
	}

	/// The best of our offers for a job, and what it comes to there.
	pub(super) fn judge(
		&self,
		job: &Job<AccountId, Balance>,
		planned: &Planned,
		standing: &Standing,
		moment: Moment,
		load: &Load,
	) -> Result<(OfferId, Terms), Refusal> {
		let mut room = self.parts.store.room_for(&job.request.inputs);
		room.free = room.free.saturating_sub(load.writes);
		let mut best: Result<(OfferId, Terms), Refusal> = Err(Refusal::ForAnother);
		for serving in &self.parts.serving {
			let Some(offer) = standing.offers.get(&serving.offer) else { continue };
			let judged = if self.parts.pool.is_quarantined(&serving.device.name) {
				Err(Refusal::OutOfOrder)
			} else {
				self.parts.policy.judge(&Facts {
					job,
					needs: &planned.needs,
					now: moment.now,
					offer_id: serving.offer,
					offer,
					provider: &standing.provider,
					reputation: standing.reputation,
					device: &serving.device,
					room,
					backlog: load.backlog.get(&serving.offer).copied().unwrap_or(0.0),
					reserved: load.reserved.get(&serving.offer).copied().unwrap_or(0.0),
				})
			};
			match (judged, &best) {
				(Ok(terms), Ok((_, other))) if terms.rank() <= other.rank() => {}
				(Ok(terms), _) => best = Ok((serving.offer, terms)),
				// What is said of the offer that the buyer chose says more.
				(Err(refusal), Err(Refusal::ForAnother)) => best = Err(refusal),
				(Err(_), _) => {}
			}
		}
		let best = best?;
		self.ensure_funds(job)?;
		Ok(best)
	}
}

/// What was decided about open jobs in the last round: what [`super::UploadGate`] and the status tell.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
	inner: Mutex<(BlockNumber, HashMap<JobId, Result<OfferId, Refusal>>)>,
}

impl Verdicts {
	pub(super) fn publish(
		&self,
		block: BlockNumber,
		verdicts: HashMap<JobId, Result<OfferId, Refusal>>,
	) {
		*self.inner.lock().unwrap_or_else(PoisonError::into_inner) = (block, verdicts);
	}

	/// What was decided about a job, and in which block.
	pub(super) fn of(&self, job: JobId) -> Option<(BlockNumber, Result<OfferId, Refusal>)> {
		let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
		inner.1.get(&job).map(|verdict| (inner.0, verdict.clone()))
	}

	/// Why jobs are not taken, by job.
	pub(super) fn refusals(&self) -> Vec<(JobId, Refusal)> {
		let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
		let refused = inner.1.iter().filter_map(|(job, verdict)| {
			verdict.as_ref().err().map(|refusal| (*job, refusal.clone()))
		});
		let mut refused: Vec<_> = refused.collect();
		refused.sort_by_key(|(job, _)| *job);
		refused
	}
}
