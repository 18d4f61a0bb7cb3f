//! New jobs: which are taken in this round, and whose inputs are fetched.

use std::{
	collections::{BTreeSet, HashMap},
	time::Duration,
};

use mutirao_client::Chain;
use mutirao_types::{JobId, OfferId};

use super::{
	acceptor::{Standing, Wanted},
	flights::Kind,
	load::Load,
	plan::Plan,
	policy::{collateral, BLOCK_SECONDS},
	record::{owner_of, What},
	view::{Moment, Stage},
	worker::Worker,
	ActError, Record, Refusal,
};

/// What was decided about open jobs.
type Decided = HashMap<JobId, Result<OfferId, Refusal>>;

impl<C: Chain + Clone + Send + Sync + 'static> Worker<C> {
	/// Takes new jobs, the best first; gets inputs of jobs that would be taken. The jobs that would be.
	pub(super) async fn accept(
		&mut self,
		accepting: bool,
		plans: &[Plan],
		ours: &BTreeSet<JobId>,
		moment: Moment,
	) -> Result<BTreeSet<JobId>, ActError> {
		if !accepting {
			self.verdicts.publish(moment.block, HashMap::new());
			return Ok(BTreeSet::new());
		}
		let shared = self.shared.clone();
		self.acceptor.look(&shared).await?;
		let Some(mut standing) = shared.standing().await? else { return Ok(BTreeSet::new()) };
		for plan in plans.iter().filter(|plan| matches!(plan.view.stage, Stage::Open { .. })) {
			let audit_fee = self.acceptor.audit_fee(plan.record.job).unwrap_or(0);
			standing.reserve(plan.record.offer, collateral(plan.record.price, audit_fee));
		}
		let mut load = self.loads.now(&shared, plans, moment).await?;
		let (wanted, refused) = self.acceptor.judge(&shared, &standing, moment, &load);
		let mut verdicts: Decided =
			refused.into_iter().map(|(job, refusal)| (job, Err(refusal))).collect();
		let jobs = wanted.iter().map(|one| one.id).collect();
		self.cancel_fetches(&jobs, &verdicts);
		for one in wanted {
			if ours.contains(&one.id) {
				continue;
			}
			let verdict = self.consider(&one, &mut standing, &mut load, moment)?;
			verdicts.insert(one.id, verdict);
		}
		shared.set_load(load);
		self.verdicts.publish(moment.block, verdicts);
		Ok(jobs)
	}

	/// Stops fetching inputs of jobs that would not be taken any more. What was fetched is kept for a while.
	fn cancel_fetches(&self, wanted: &BTreeSet<JobId>, verdicts: &Decided) {
		for job in self.flights.jobs(Kind::Prepare) {
			// A place on the offer may be free again before the fetch is over.
			let waits = matches!(verdicts.get(&job), Some(Err(Refusal::Busy { .. })));
			if !wanted.contains(&job) && !waits {
				tracing::info!(job, "its inputs are not fetched any more: it would not be taken");
				self.flights.cancel(job);
			}
		}
	}

	/// Takes one job if its inputs are here and there still is room; else sees that they come.
	fn consider(
		&mut self,
		wanted: &Wanted,
		standing: &mut Standing,
		load: &mut Load,
		moment: Moment,
	) -> Result<Result<OfferId, Refusal>, ActError> {
		let (id, inputs) = (wanted.id, &wanted.job.request.inputs);
		if let Some(why) = self.shared.refused(id) {
			return Ok(Err(Refusal::ByTheChain(why)));
		}
		if self.flights.kind(id).is_some() || self.flights.must_wait(id, moment.block) {
			return Ok(Err(Refusal::InputsMissing));
		}
		if !self.shared.has(inputs.iter().copied()) {
			return Ok(Err(self.prepare(wanted, moment)));
		}
		// Those that were taken before it in this round may have left no room.
		let shared = self.shared.clone();
		let judged = self.acceptor.judge_one(&shared, id, standing, moment, load);
		let (offer, terms) = match judged {
			Ok(judged) => judged,
			Err(refusal) => return Ok(Err(refusal)),
		};
		standing.reserve(offer, terms.collateral);
		load.add(offer, terms.seconds, self.acceptor.writes(id));
		shared.take_funds(&wanted.job);
		let record = Record::new(id, offer, terms.price, &wanted.job);
		shared.parts.store.pin(&record.owner(), inputs)?;
		let mut noted = record.clone();
		noted.note_sent(
			What::Accept,
			moment.block.saturating_add(shared.parts.limits.life_of(What::Accept)),
		);
		shared.parts.journal.put(&noted)?;
		self.flights.start(id, Kind::Accept, |_, _| async move { shared.accept(&record).await });
		Ok(Ok(offer))
	}

	/// Gets the inputs of a job, if somebody said where they are, for as long as it can be taken. Why it is
	/// not taken yet.
	fn prepare(&mut self, wanted: &Wanted, moment: Moment) -> Refusal {
		let shared = self.shared.clone();
		let (id, buyer) = (wanted.id, wanted.job.buyer);
		let (fetching, most) = (self.flights.jobs(Kind::Prepare), shared.parts.limits.fetches);
		if fetching.len() >= most || shared.parts.sources.of(id).is_empty() {
			return Refusal::InputsMissing;
		}
		let of_buyer = fetching.iter().filter(|job| self.acceptor.buyer(**job) == Some(buyer));
		let inputs = wanted.job.request.inputs.to_vec();
		if of_buyer.count() >= (most / 2).max(1) || !shared.admits(id, buyer, &inputs) {
			return Refusal::BuyerWaits;
		}
		let left = f64::from(wanted.until.saturating_sub(moment.now)) * BLOCK_SECONDS;
		self.flights.start(id, Kind::Prepare, |_, cancel| async move {
			shared.parts.store.pin(&owner_of(id), &inputs)?;
			tokio::select! {
				fetched = shared.fetch_inputs(id, &inputs) => fetched,
				() = cancel.cancelled() => Ok(()),
				() = tokio::time::sleep(Duration::from_secs_f64(left)) => Ok(()),
			}
		});
		Refusal::InputsMissing
	}
}
