//! Jobs.

use super::{keys_after, page};
use crate::{AccountId, Balance, Jobs, Runtime};
use mutirao_market_api::{JobInfo, JobRecord, JobsOf, Page, PageRequest, Totals};
use mutirao_types::JobId;
use pallet_jobs::{AllTime, JobsByBuyer, JobsByProvider, JobsByState};

pub(crate) fn job(id: JobId) -> Option<JobInfo<AccountId, Balance>> {
	let finished = || Jobs::finished_job(id).map(JobRecord::Finished);
	let record = Jobs::job(id).map(JobRecord::Live).or_else(finished)?;
	Some(JobInfo { id, record })
}

pub(crate) fn jobs(
	of: JobsOf<AccountId>,
	PageRequest { after, limit }: PageRequest<JobId>,
) -> Page<JobId, JobInfo<AccountId, Balance>> {
	match of {
		JobsOf::Buyer(buyer) => {
			page(keys_after::<JobsByBuyer<Runtime>, _, _>(&buyer, after), limit, job)
		}
		JobsOf::Provider(provider) => {
			page(keys_after::<JobsByProvider<Runtime>, _, _>(&provider, after), limit, job)
		}
		JobsOf::State(state) => {
			page(keys_after::<JobsByState<Runtime>, _, _>(&state, after), limit, job)
		}
	}
}

pub(crate) fn totals() -> Totals {
	let all = AllTime::<Runtime>::get();
	Totals {
		now: Jobs::now(),
		offers_posted: pallet_providers::NextOffer::<Runtime>::get(),
		jobs_posted: all.posted,
		settled: all.settled,
		refunded: all.refunded,
		faulted: all.faulted,
		settled_steps: all.settled_steps,
		paid: all.paid,
	}
}
