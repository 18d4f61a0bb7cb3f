//! Jobs.

use super::{offer::RequirementsView, BufferView, Decimal, VerdictView};
use mutirao_market_api::{JobInfo, JobRecord};
use mutirao_runtime::{AccountId, Balance, Hash};
use mutirao_types::{
	ActiveBlock, ActiveBlocks, Deal, FinishedJob, Job, JobId, JobRequest, JobStateKind, OfferId,
	Target,
};
use serde::Serialize;

/// A job. What is not known in its stage is null.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobView {
	job: JobId,
	buyer: AccountId,
	program: Hash,
	stage: &'static str,
	/// The last moment of the stage that is still in time.
	until: Option<ActiveBlock>,
	deal: Option<DealView>,
	request: Option<RequestView>,
	declared_steps: Option<Decimal>,
	audit_fee: Option<Decimal>,
	posted_at: Option<ActiveBlock>,
	verdict: Option<VerdictView>,
	ended_at: Option<ActiveBlock>,
}

impl From<JobInfo<AccountId, Balance>> for JobView {
	fn from(info: JobInfo<AccountId, Balance>) -> Self {
		match info.record {
			JobRecord::Live(job) => live(info.id, job),
			JobRecord::Finished(job) => finished(info.id, job),
		}
	}
}

fn live(id: JobId, job: Job<AccountId, Balance>) -> JobView {
	JobView {
		job: id,
		buyer: job.buyer,
		program: job.request.program.into(),
		stage: match job.state.kind() {
			JobStateKind::Open => "open",
			JobStateKind::Running => "running",
			JobStateKind::Attested => "attested",
			JobStateKind::Contestable => "contestable",
			JobStateKind::Finished => "finished",
		},
		until: Some(job.state.until()),
		deal: job.state.deal().cloned().map(Into::into),
		request: Some(job.request.into()),
		declared_steps: Some(job.declared_steps.into()),
		audit_fee: Some(job.audit_fee.into()),
		posted_at: Some(job.posted_at),
		verdict: None,
		ended_at: None,
	}
}

fn finished(id: JobId, job: FinishedJob<AccountId, Balance>) -> JobView {
	JobView {
		job: id,
		buyer: job.buyer,
		program: job.program.into(),
		stage: "finished",
		until: None,
		deal: job.deal.map(Into::into),
		request: None,
		declared_steps: None,
		audit_fee: None,
		posted_at: None,
		verdict: Some(job.verdict.into()),
		ended_at: Some(job.ended_at),
	}
}

/// What provider and buyer agreed on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DealView {
	provider: AccountId,
	offer: OfferId,
	price: Decimal,
	collateral: Decimal,
}

impl From<Deal<AccountId, Balance>> for DealView {
	fn from(deal: Deal<AccountId, Balance>) -> Self {
		Self {
			provider: deal.provider,
			offer: deal.offer,
			price: deal.price.into(),
			collateral: deal.collateral.into(),
		}
	}
}

/// What the buyer asks for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestView {
	parameters: Vec<u32>,
	inputs: Vec<BufferView>,
	/// The only offer that may accept it; null: any.
	target: Option<OfferId>,
	requirements: RequirementsView,
	price_cap: Decimal,
	samples: u8,
	accept_within: ActiveBlocks,
	attest_within: ActiveBlocks,
	contest_for: ActiveBlocks,
}

impl From<JobRequest<Balance>> for RequestView {
	fn from(request: JobRequest<Balance>) -> Self {
		Self {
			parameters: request.parameters.into_inner(),
			inputs: request.inputs.into_iter().map(Into::into).collect(),
			target: match request.target {
				Target::Anyone => None,
				Target::Offer(offer) => Some(offer),
			},
			requirements: request.requirements.into(),
			price_cap: request.price_cap.into(),
			samples: request.samples,
			accept_within: request.times.accept_within,
			attest_within: request.times.attest_within,
			contest_for: request.times.contest_for,
		}
	}
}
