//! What is under way: one step of a job at a time, each in a task of its own.

use std::{collections::HashMap, future::Future, sync::Arc};

use mutirao_client::{BlockNumber, Chain};
use mutirao_types::JobId;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::gpu::Progress;

use super::{
	decide::Step,
	record::Record,
	shared::Shared,
	trouble::Trouble,
	view::{Stage, View},
	ActError,
};

/// What a task does for a job.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
	/// Gets the inputs of a job that is not taken yet.
	Prepare,
	/// Takes the job.
	Accept,
	/// Computes it, or gets its inputs back.
	Compute,
	/// Anything else.
	Other,
}

struct Flight {
	kind: Kind,
	cancel: CancellationToken,
	progress: watch::Receiver<Progress>,
}

/// What is under way, and what failed lately.
#[derive(Default)]
pub(super) struct Flights {
	tasks: JoinSet<(JobId, Result<(), ActError>)>,
	flying: HashMap<JobId, Flight>,
	troubles: HashMap<JobId, Trouble>,
}

impl Flights {
	/// Whether something is under way for a job.
	pub(super) fn kind(&self, job: JobId) -> Option<Kind> {
		self.flying.get(&job).map(|flight| flight.kind)
	}

	/// Jobs for which this is under way.
	pub(super) fn jobs(&self, kind: Kind) -> Vec<JobId> {
		let flying = self.flying.iter().filter(|(_, flight)| flight.kind == kind);
		flying.map(|(job, _)| *job).collect()
	}

	/// Whether nothing is under way.
	pub(super) fn is_empty(&self) -> bool {
		self.flying.is_empty()
	}

	/// Whether a job's last attempt failed so lately that another one must wait.
	pub(super) fn must_wait(&self, job: JobId, block: BlockNumber) -> bool {
		self.troubles.get(&job).is_some_and(|trouble| trouble.must_wait(block))
	}

	/// The same for what presses: it waits for a new block only, and for a longer pause once the chain
	/// refused it many times.
	pub(super) fn must_wait_pressing(&self, job: JobId, block: BlockNumber) -> bool {
		self.troubles.get(&job).is_some_and(|trouble| trouble.must_wait_pressing(block))
	}

	/// What went wrong last with a job.
	pub(super) fn error(&self, job: JobId) -> Option<String> {
		self.troubles.get(&job).map(|trouble| trouble.error().to_owned())
	}

	/// How far the device is with a job.
	pub(super) fn progress(&self, job: JobId) -> Option<f32> {
		let progress = *self.flying.get(&job)?.progress.borrow();
		(progress.total > 0).then(|| progress.done as f32 / progress.total as f32)
	}

	/// Stops what is under way for a job, at its next chance.
	pub(super) fn cancel(&self, job: JobId) {
		if let Some(flight) = self.flying.get(&job) {
			flight.cancel.cancel();
		}
	}

	/// Stops everything that is no call.
	pub(super) fn cancel_all(&self) {
		let long = |kind| matches!(kind, Kind::Compute | Kind::Prepare);
		for flight in self.flying.values().filter(|flight| long(flight.kind)) {
			flight.cancel.cancel();
		}
	}

	/// Starts a task for a job that has none.
	pub(super) fn start<F>(
		&mut self,
		job: JobId,
		kind: Kind,
		work: impl FnOnce(watch::Sender<Progress>, CancellationToken) -> F,
	) where
		F: Future<Output = Result<(), ActError>> + Send + 'static,
	{
		let (sender, progress) = watch::channel(Progress::default());
		let cancel = CancellationToken::new();
		let work = work(sender, cancel.clone());
		self.flying.insert(job, Flight { kind, cancel, progress });
		self.tasks.spawn(async move { (job, work.await) });
	}

	/// Waits for the next task to end, and says which; for ever if there is none.
	///
	/// # Errors
	///
	/// What ends the worker.
	pub(super) async fn landed(&mut self, block: BlockNumber) -> Result<(JobId, Kind), ActError> {
		match self.tasks.join_next().await {
			Some(outcome) => self.land(outcome, block),
			None => std::future::pending().await,
		}
	}

	/// Takes note of every task that has ended.
	///
	/// # Errors
	///
	/// What ends the worker.
	pub(super) fn collect(&mut self, block: BlockNumber) -> Result<(), ActError> {
		while let Some(outcome) = self.tasks.try_join_next() {
			self.land(outcome, block)?;
		}
		Ok(())
	}

	fn land(
		&mut self,
		outcome: Result<(JobId, Result<(), ActError>), tokio::task::JoinError>,
		block: BlockNumber,
	) -> Result<(JobId, Kind), ActError> {
		let (job, outcome) = match outcome {
			Ok(landed) => landed,
			// Which job it was about, nobody knows now: a bug, and the journal is made for restarts.
			Err(error) => return Err(ActError::Died(error.to_string())),
		};
		let kind = self.flying.remove(&job).map_or(Kind::Other, |flight| flight.kind);
		let Err(error) = outcome else {
			self.troubles.remove(&job);
			return Ok((job, kind));
		};
		if error.is_fatal() {
			return Err(error);
		}
		tracing::error!(job, "{error}");
		let trouble = self.troubles.entry(job).or_default();
		trouble.note(&error, block);
		Ok((job, kind))
	}

	/// Forgets what failed for jobs that are gone.
	pub(super) fn retain(&mut self, keep: impl Fn(JobId) -> bool) {
		self.troubles.retain(|job, _| keep(*job));
	}
}

/// What kind of task a step needs; `None` if there is nothing to do.
pub(super) fn kind_of(step: &Step) -> Option<Kind> {
	match step {
		Step::Wait(_) => None,
		Step::Compute | Step::Fetch => Some(Kind::Compute),
		_ => Some(Kind::Other),
	}
}

/// Does a step.
pub(super) async fn act<C: Chain>(
	shared: Arc<Shared<C>>,
	record: Record,
	view: View,
	step: Step,
	progress: watch::Sender<Progress>,
	cancel: CancellationToken,
) -> Result<(), ActError> {
	match step {
		Step::Wait(_) => Ok(()),
		Step::Fetch => {
			let fetching = shared.fetch_inputs(record.job, &record.request.inputs);
			tokio::select! {
				fetched = fetching => fetched,
				() = cancel.cancelled() => Ok(()),
			}
		}
		Step::Compute => {
			let outcome = shared.compute(&record, left(&view), progress, cancel).await;
			shared.count_full(&record, outcome)
		}
		Step::Check => shared.check(&record).await,
		Step::Attest => shared.attest(&record).await,
		Step::ProveFault => shared.prove_fault(&record).await,
		Step::GiveUp { reason } => shared.give_up(&record, &reason).await,
		Step::Redraw => shared.redraw(&record).await,
		Step::Open(samples) => shared.open(&record, &view, &samples).await,
		Step::Supply(chunks) => shared.supply(&record, &chunks).await,
		Step::FindDemands => shared.find_demands(&record, &view).await,
		Step::Settle => shared.settle(&record).await,
		Step::Conclude { verdict, at } => shared.conclude(&record, verdict, at).await,
		Step::Forget => shared.forget(&record).await,
	}
}

/// Blocks until the deadline of what is owed.
fn left(view: &View) -> u32 {
	until(view).unwrap_or(view.now).saturating_sub(view.now)
}

/// The last moment to do what is owed at this stage.
pub(super) fn until(view: &View) -> Option<u32> {
	match view.stage {
		Stage::Open { until } | Stage::Running { until } | Stage::Attested { until } => Some(until),
		// A demand ends before the window does.
		Stage::Contestable { until } => view
			.demands
			.iter()
			.map(|demand| demand.until)
			.min()
			.map_or(Some(until), |first| Some(first.min(until))),
		Stage::Unknown | Stage::Foreign | Stage::Ended { .. } => None,
	}
}
