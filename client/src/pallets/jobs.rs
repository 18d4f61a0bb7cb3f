//! Jobs, from post to verdict.

use super::answer;
use crate::{
	view::{View, ViewShape},
	AccountId, Balance, Call, Error, Event, Included, OnChain, Submit,
};
use codec::{Decode, Encode};
use mutirao_types::{
	ActiveBlock, FinishedJob, Job, JobId, JobRequest, JobStateKind, OfferId, ProgramId,
	SlashReport, Steps, Verdict,
};
use subxt::ext::scale_value::Value;

const NOW: View<(), ActiveBlock> = View::new("Jobs", "now");
const JOB: View<(JobId,), Option<Job<AccountId, Balance>>> = View::new("Jobs", "job");
const FINISHED_JOB: View<(JobId,), Option<FinishedJob<AccountId, Balance>>> =
	View::new("Jobs", "finished_job");
const AUDIT_FEE: View<(JobRequest<Balance>,), Option<Balance>> = View::new("Jobs", "audit_fee");

/// What the view functions that are asked here must be like.
pub(super) fn views() -> Vec<ViewShape> {
	vec![NOW.shape(), JOB.shape(), FINISHED_JOB.shape(), AUDIT_FEE.shape()]
}

/// Calls of the pallet Jobs. Its documentation is in the pallet.
#[derive(Clone, Debug, Eq, PartialEq, Encode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
pub enum JobsCall {
	/// Asks for a computation.
	#[codec(index = 0)]
	Post {
		/// What is asked for.
		request: JobRequest<Balance>,
	},
	/// Asks for several computations: all of them, or none.
	#[codec(index = 1)]
	PostBatch {
		/// What is asked for.
		requests: Vec<JobRequest<Balance>>,
	},
	/// Withdraws a job that nobody has accepted.
	#[codec(index = 2)]
	Cancel {
		/// The job.
		job: JobId,
	},
	/// Takes a job on one of the caller's offers.
	#[codec(index = 3)]
	Accept {
		/// The job.
		job: JobId,
		/// The offer.
		offer: OfferId,
	},
	/// Gives up a running job.
	#[codec(index = 4)]
	GiveUp {
		/// The job.
		job: JobId,
	},
	/// Ends a job whose deadline has passed.
	#[codec(index = 5)]
	Settle {
		/// The job.
		job: JobId,
	},
	/// Forgets a job that ended long ago.
	#[codec(index = 6)]
	Prune {
		/// The job.
		job: JobId,
	},
}

impl JobsCall {
	/// The call's name on the chain.
	pub fn name(&self) -> &'static str {
		match self {
			Self::Post { .. } => "post",
			Self::PostBatch { .. } => "post_batch",
			Self::Cancel { .. } => "cancel",
			Self::Accept { .. } => "accept",
			Self::GiveUp { .. } => "give_up",
			Self::Settle { .. } => "settle",
			Self::Prune { .. } => "prune",
		}
	}
}

impl From<JobsCall> for Call {
	fn from(call: JobsCall) -> Self {
		Self::Jobs(call)
	}
}

/// Where a job's escrow went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Encode, Decode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
pub struct Payout {
	/// To the provider.
	pub provider: Balance,
	/// To the treasury: the protocol's fee, and the audit fee for what the chain has checked.
	pub treasury: Balance,
	/// Back to the buyer.
	pub buyer: Balance,
}

/// Events of the pallet Jobs.
#[derive(Clone, Debug, Eq, PartialEq, Decode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
#[allow(missing_docs)] // Each field is documented with the event, in the pallet.
pub enum JobsEvent {
	/// A buyer asks for a computation; price cap and audit fee are on hold.
	#[codec(index = 0)]
	Posted {
		job: JobId,
		buyer: AccountId,
		program: ProgramId,
		declared_steps: Steps,
		price_cap: Balance,
		audit_fee: Balance,
		until: ActiveBlock,
	},
	/// A provider took a job.
	#[codec(index = 1)]
	Accepted {
		job: JobId,
		provider: AccountId,
		offer: OfferId,
		price: Balance,
		collateral: Balance,
		until: ActiveBlock,
	},
	/// The provider has committed to its results.
	#[codec(index = 2)]
	Attested { job: JobId, until: ActiveBlock },
	/// The drawn workgroups could not be known in time: they are drawn anew.
	#[codec(index = 3)]
	Postponed { job: JobId, until: ActiveBlock },
	/// All drawn workgroups were right; anybody may prove another one wrong.
	#[codec(index = 4)]
	Audited { job: JobId, until: ActiveBlock },
	/// A demanded chunk was shown: whoever asked for it has time to use it.
	#[codec(index = 5)]
	WindowExtended { job: JobId, until: ActiveBlock },
	/// A job has ended.
	#[codec(index = 6)]
	Finished { job: JobId, verdict: Verdict, payout: Payout, slash: Option<SlashReport<Balance>> },
	/// A finished job is no longer remembered.
	#[codec(index = 7)]
	Pruned { job: JobId },
}

/// Jobs of a chain.
pub trait JobsExt: Sync {
	/// The clock of all deadlines: active blocks since genesis.
	fn now(&self) -> answer!(ActiveBlock);

	/// A job that has not ended.
	fn job(&self, job: JobId) -> answer!(Option<Job<AccountId, Balance>>);

	/// A job that has ended and was not pruned.
	fn finished_job(&self, job: JobId) -> answer!(Option<FinishedJob<AccountId, Balance>>);

	/// The jobs at a stage, by number. Of finished ones: those that were not pruned.
	fn jobs_at(&self, stage: JobStateKind) -> answer!(Vec<JobId>);

	/// A buyer's jobs by number, finished ones too.
	fn jobs_of_buyer(&self, buyer: AccountId) -> answer!(Vec<JobId>);

	/// A provider's jobs by number, finished ones too.
	fn jobs_of_provider(&self, provider: AccountId) -> answer!(Vec<JobId>);

	/// What a job would put on hold besides its price cap, in planck; `None` if the program is not
	/// there or the parameters do not fit it.
	fn audit_fee(&self, request: JobRequest<Balance>) -> answer!(Option<Balance>);

	/// Asks for a computation; the job's number.
	fn post(&self, request: JobRequest<Balance>) -> answer!(JobId)
	where
		Self: Submit,
	{
		async move {
			let included = self.submit(JobsCall::Post { request }.into()).await?;
			included.find("Jobs.Posted", posted)
		}
	}

	/// Asks for several computations; the jobs' numbers, in order.
	fn post_batch(&self, requests: Vec<JobRequest<Balance>>) -> answer!(Vec<JobId>)
	where
		Self: Submit,
	{
		async move {
			let included = self.submit(JobsCall::PostBatch { requests }.into()).await?;
			Ok(included.events.iter().filter_map(posted).collect())
		}
	}

	/// Withdraws one of the account's jobs that nobody has accepted.
	fn cancel(&self, job: JobId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(JobsCall::Cancel { job }.into())
	}

	/// Takes a job on one of the account's offers.
	fn accept(&self, job: JobId, offer: OfferId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(JobsCall::Accept { job, offer }.into())
	}

	/// Gives up a job that the account runs.
	fn give_up(&self, job: JobId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(JobsCall::GiveUp { job }.into())
	}

	/// Ends a job whose deadline has passed; how it ended.
	fn settle(&self, job: JobId) -> answer!(Verdict)
	where
		Self: Submit,
	{
		async move {
			let included = self.submit(JobsCall::Settle { job }.into()).await?;
			included.find("Jobs.Finished", |event| match event {
				Event::Jobs(JobsEvent::Finished { verdict, .. }) => Some(*verdict),
				_ => None,
			})
		}
	}

	/// Forgets a job that ended long ago.
	fn prune(&self, job: JobId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(JobsCall::Prune { job }.into())
	}
}

fn posted(event: &Event) -> Option<JobId> {
	match event {
		Event::Jobs(JobsEvent::Posted { job, .. }) => Some(*job),
		_ => None,
	}
}

impl<T: OnChain + Sync> JobsExt for T {
	async fn now(&self) -> Result<ActiveBlock, Error> {
		self.client().view(&NOW, ()).await
	}

	async fn job(&self, job: JobId) -> Result<Option<Job<AccountId, Balance>>, Error> {
		self.client().view(&JOB, (job,)).await
	}

	async fn finished_job(
		&self,
		job: JobId,
	) -> Result<Option<FinishedJob<AccountId, Balance>>, Error> {
		self.client().view(&FINISHED_JOB, (job,)).await
	}

	async fn jobs_at(&self, stage: JobStateKind) -> Result<Vec<JobId>, Error> {
		let stage = Value::unnamed_variant(format!("{stage:?}"), []);
		self.client().numbers("Jobs", "JobsByState", stage).await
	}

	async fn jobs_of_buyer(&self, buyer: AccountId) -> Result<Vec<JobId>, Error> {
		self.client().numbers("Jobs", "JobsByBuyer", Value::from_bytes(buyer)).await
	}

	async fn jobs_of_provider(&self, provider: AccountId) -> Result<Vec<JobId>, Error> {
		self.client().numbers("Jobs", "JobsByProvider", Value::from_bytes(provider)).await
	}

	async fn audit_fee(&self, request: JobRequest<Balance>) -> Result<Option<Balance>, Error> {
		self.client().view(&AUDIT_FEE, (request,)).await
	}
}
