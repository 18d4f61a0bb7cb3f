//! New jobs: which are taken in this round, and whose inputs are fetched.

use std::collections::{BTreeSet, HashMap};

use mutirao_client::Chain;
use mutirao_types::{JobId, OfferId};

use super::{
	acceptor::{Standing, Wanted},
	flights::Kind,
	policy::seconds,
	record::{owner_of, What},
	shared::{ActError, Shared},
	view::{Moment, Stage},
	worker::{Plan, Worker},
	Record, Refusal,
};

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
			standing.reserve(plan.record.offer, plan.record.price.saturating_mul(2));
		}
		let mut backlog = backlog(&shared, plans);
		let (wanted, refused) = self.acceptor.judge(&shared, &standing, moment, &backlog);
		let mut verdicts: HashMap<_, _> =
			refused.into_iter().map(|(job, refusal)| (job, Err(refusal))).collect();
		let jobs = wanted.iter().map(|one| one.id).collect();
		for one in wanted {
			if ours.contains(&one.id) {
				continue;
			}
			let verdict = self.consider(&one, &mut standing, &mut backlog, moment)?;
			verdicts.insert(one.id, verdict);
		}
		self.verdicts.publish(moment.block, verdicts);
		Ok(jobs)
	}

	/// Takes one job if its inputs are here and there still is room; else sees that they come.
	fn consider(
		&mut self,
		wanted: &Wanted,
		standing: &mut Standing,
		backlog: &mut HashMap<OfferId, f64>,
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
			self.prepare(wanted);
			return Ok(Err(Refusal::InputsMissing));
		}
		// Those that were taken before it in this round may have left no room.
		let shared = self.shared.clone();
		let judged = self.acceptor.judge_one(&shared, id, standing, moment, backlog);
		let (offer, terms) = match judged {
			Ok(judged) => judged,
			Err(refusal) => return Ok(Err(refusal)),
		};
		standing.reserve(offer, terms.collateral);
		*backlog.entry(offer).or_default() += terms.seconds;
		let record = Record::new(id, offer, terms.price, &wanted.job);
		shared.parts.store.pin(&record.owner(), inputs)?;
		let mut noted = record.clone();
		noted.note_sent(What::Accept, moment.block.saturating_add(shared.parts.limits.life));
		shared.parts.journal.put(&noted)?;
		self.flights.start(id, Kind::Accept, |_, _| async move { shared.accept(&record).await });
		Ok(Ok(offer))
	}

	/// Gets the inputs of a job, if somebody said where they are.
	fn prepare(&mut self, wanted: &Wanted) {
		let shared = self.shared.clone();
		let room = self.flights.count(Kind::Prepare) < shared.parts.limits.fetches;
		if !room || shared.parts.sources.of(wanted.id).is_empty() {
			return;
		}
		let (id, inputs) = (wanted.id, wanted.job.request.inputs.to_vec());
		self.flights.start(id, Kind::Prepare, |_, cancel| async move {
			shared.parts.store.pin(&owner_of(id), &inputs)?;
			tokio::select! {
				fetched = shared.fetch_inputs(id, &inputs) => fetched,
				() = cancel.cancelled() => Ok(()),
			}
		});
	}
}

/// What each offer's device has to compute, in seconds.
fn backlog<C: Chain>(shared: &Shared<C>, plans: &[Plan]) -> HashMap<OfferId, f64> {
	let mut backlog = HashMap::new();
	for plan in plans {
		let waits = plan.record.computed.is_none()
			&& matches!(plan.view.stage, Stage::Open { .. } | Stage::Running { .. });
		let own = shared.parts.serving.iter().find(|one| one.offer == plan.record.offer);
		if let (true, Some(own)) = (waits, own) {
			let more = seconds(plan.record.declared_steps, &own.device);
			*backlog.entry(own.offer).or_default() += more;
		}
	}
	backlog
}
