//! The loop.

use std::{
	collections::{BTreeSet, HashMap},
	sync::Arc,
};

use mutirao_client::{BlockNumber, Chain};
use mutirao_types::JobId;
use tokio::sync::{watch, Notify};

use crate::funds::Funds;

use super::{
	acceptor::{Acceptor, Verdicts},
	decide::Step,
	flights::{act, kind_of, until, Flights, Kind},
	gate::UploadGate,
	load::Loads,
	paying::Warned,
	plan::{is_pressing, Plan},
	run::{stopped, JobsError},
	shared::Shared,
	status::{JobStatus, Status},
	view::Moment,
	ActError, Parts,
};

/// The loop, a round at a time.
pub struct Worker<C> {
	pub(super) shared: Arc<Shared<C>>,
	pub(super) acceptor: Acceptor,
	pub(super) loads: Loads,
	pub(super) verdicts: Arc<Verdicts>,
	pub(super) flights: Flights,
	pub(super) wake: Arc<Notify>,
	pub(super) status: watch::Sender<Status>,
	/// The highest block that was looked at.
	pub(super) seen: BlockNumber,
	pub(super) looked_for_lost: Option<BlockNumber>,
	/// Since when the chain does not know a job.
	pub(super) unknown_since: HashMap<JobId, BlockNumber>,
	/// Pins that belong to no job, and since when.
	pub(super) stale_pins: HashMap<String, BlockNumber>,
	pub(super) warned: Warned,
	pub(super) stopping: bool,
}

impl<C: Chain + Clone + Send + Sync + 'static> Worker<C> {
	/// A loop that has not looked yet.
	pub fn new(parts: Parts<C>) -> Self {
		let (status, _) = watch::channel(Status::default());
		Self {
			shared: Arc::new(Shared::new(parts)),
			acceptor: Acceptor::default(),
			loads: Loads::default(),
			verdicts: Arc::default(),
			flights: Flights::default(),
			wake: Arc::default(),
			status,
			seen: 0,
			looked_for_lost: None,
			unknown_since: HashMap::new(),
			stale_pins: HashMap::new(),
			warned: Warned::default(),
			stopping: false,
		}
	}

	/// How it stands, now and from now on.
	pub fn status(&self) -> watch::Receiver<Status> {
		self.status.subscribe()
	}

	/// Who may upload what, for the data plane's server.
	pub fn gate(&self, genesis: [u8; 32]) -> UploadGate<C> {
		let (shared, verdicts) = (self.shared.clone(), self.verdicts.clone());
		UploadGate::new(shared, genesis, verdicts, self.wake.clone())
	}

	/// Takes no more jobs from now on.
	pub fn stop_accepting(&mut self) {
		self.stopping = true;
	}

	/// Looks at everything once, and starts what is to be done. A node that does not answer, or lags
	/// behind what was seen, leaves it undone: the next round looks again.
	///
	/// # Errors
	///
	/// What the worker cannot go on after.
	pub async fn round(&mut self) -> Result<(), JobsError> {
		self.flights.collect(self.seen).map_err(stopped)?;
		let outcome = self.try_round().await;
		left_out(outcome)
	}

	/// Looks at one job, for which something has ended, and starts what follows: it does not wait until all
	/// others were looked at.
	///
	/// # Errors
	///
	/// What the worker cannot go on after.
	pub(super) async fn follow(&mut self, job: JobId) -> Result<(), JobsError> {
		let outcome = self.try_follow(job).await;
		left_out(outcome)
	}

	async fn try_follow(&mut self, job: JobId) -> Result<(), ActError> {
		let Some(moment) = self.moment().await? else { return Ok(()) };
		let Some(record) = self.shared.parts.journal.get(job)? else { return Ok(()) };
		let view = self.shared.view(&record, moment).await?;
		let plan = self.plan(record, view);
		self.start(&plan, moment);
		Ok(())
	}

	/// The present moment, and what is known of it noted; `None`: the node lags behind.
	async fn moment(&mut self) -> Result<Option<Moment>, ActError> {
		let moment = Moment::of(&self.shared.parts.chain).await?;
		if moment.block < self.seen {
			tracing::debug!(block = moment.block, seen = self.seen, "the node lags behind");
			return Ok(None);
		}
		self.seen = moment.block;
		self.shared.observe(moment);
		Ok(Some(moment))
	}

	async fn try_round(&mut self) -> Result<(), ActError> {
		let Some(moment) = self.moment().await? else { return Ok(()) };
		match self.find_lost(moment).await {
			// Duties of jobs that are known do not wait for it.
			Err(error) if !error.is_fatal() && !matches!(error, ActError::Journal(_)) => {
				tracing::warn!("lost jobs are not looked for in this round: {error}");
			}
			outcome => outcome?,
		}
		let mut plans = self.plans(moment).await?;
		// Who owes something soonest goes first.
		plans.sort_by_key(|plan| (!plan.step.is_duty(), until(&plan.view)));
		let mut healthy = true;
		for plan in &plans {
			let fails = self.flights.error(plan.record.job).is_some();
			healthy &= !(plan.step.is_duty() && fails);
			self.start(plan, moment);
		}
		let jobs: BTreeSet<JobId> = plans.iter().map(|plan| plan.record.job).collect();
		let accepting = !self.stopping && healthy;
		let funds = self.shared.reckon(&plans).await?;
		if self.warned.is_due(&funds, moment.block) {
			let warning = funds.warning(&self.shared.parts.purse.account());
			tracing::warn!("{}", warning.unwrap_or_default());
		}
		let wanted = self.accept(accepting, &plans, &jobs, moment).await?;
		self.tidy(&jobs, &wanted)?;
		self.publish(accepting, &plans, moment, funds)
	}

	/// Starts what is to be done for a job, unless something is under way for it; stops what is not to
	/// be done any more.
	fn start(&mut self, plan: &Plan, moment: Moment) {
		let job = plan.record.job;
		let wanted = kind_of(&plan.step);
		if let Some(flying) = self.flights.kind(job) {
			if flying == Kind::Compute && wanted != Some(Kind::Compute) {
				match plan.step {
					// The results are kept; the task that made them is about to end.
					Step::Check => tracing::debug!(job, "it is computed"),
					_ => tracing::info!(job, "what is under way is stopped: {:?}", plan.step),
				}
				self.flights.cancel(job);
			}
			return;
		}
		let Some(kind) = wanted else { return };
		if self.stopping && kind == Kind::Compute {
			return;
		}
		// Deadlines stand still with the chain.
		if plan.step.is_call() && self.shared.stands_still() {
			return;
		}
		let waits = match is_pressing(plan) {
			true => self.flights.must_wait_pressing(job, moment.block),
			false => self.flights.must_wait(job, moment.block),
		};
		if waits {
			return;
		}
		tracing::debug!(job, "{:?}", plan.step);
		let shared = self.shared.clone();
		let (record, view, step) = (plan.record.clone(), plan.view.clone(), plan.step.clone());
		self.flights
			.start(job, kind, |progress, cancel| act(shared, record, view, step, progress, cancel));
	}

	fn publish(
		&self,
		accepting: bool,
		plans: &[Plan],
		moment: Moment,
		funds: Funds,
	) -> Result<(), ActError> {
		let jobs = plans.iter().map(|plan| JobStatus {
			job: plan.record.job,
			offer: plan.record.offer,
			step: format!("{:?}", plan.step),
			until: until(&plan.view),
			progress: self.flights.progress(plan.record.job),
			error: self.flights.error(plan.record.job),
		});
		let mut jobs: Vec<JobStatus> = jobs.collect();
		jobs.sort_by_key(|job| job.job);
		let refused = self.verdicts.refusals();
		self.status.send_replace(Status {
			block: moment.block,
			now: moment.now,
			accepting: accepting && self.shared.parts.policy.accept,
			stands_still: self.shared.stands_still(),
			jobs,
			funds: Some(funds),
			refused: refused.into_iter().map(|(job, why)| (job, why.to_string())).collect(),
			earnings: self.shared.parts.journal.earnings()?,
		});
		Ok(())
	}

	/// Waits until something that is under way has ended.
	///
	/// # Errors
	///
	/// What the worker cannot go on after.
	pub async fn landed(&mut self) -> Result<(), JobsError> {
		self.flights.landed(self.seen).await.map(drop).map_err(stopped)
	}

	/// Whether nothing is under way.
	pub fn is_idle(&self) -> bool {
		self.flights.is_empty()
	}
}

/// A look that cannot be finished is left out: the next one starts from the facts.
fn left_out(outcome: Result<(), ActError>) -> Result<(), JobsError> {
	match outcome {
		Ok(()) => Ok(()),
		Err(ActError::Journal(error)) => Err(error.into()),
		Err(error) if error.is_fatal() => Err(stopped(error)),
		Err(error) => {
			tracing::warn!("this round is left out: {error}");
			Ok(())
		}
	}
}
