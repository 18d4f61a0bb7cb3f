//! Having the chain forget a job, so that the deposit for its record comes back.

use mutirao_client::{
	pallets::JobsCall,
	types::{FinishedJob, JobId},
	AccountId, Balance, Chain,
};

use super::{buyer::Buyer, track::Standing};
use crate::{
	exit::{chain, failed, Failure},
	show,
};

impl<C: Chain> Buyer<'_, C> {
	/// Prunes a job, be it one's own or another's: its buyer has the deposit back. What was forgotten.
	///
	/// # Errors
	///
	/// If the job has not ended, or not long enough ago: then the error says when to come again; if it is
	/// not there; those of calls.
	pub(crate) async fn prune(
		&self,
		job: JobId,
	) -> anyhow::Result<FinishedJob<AccountId, Balance>> {
		let gone = || {
			let message = format!(
				"there is no job {job} on {}: it was pruned before, or never was",
				self.chain_name
			);
			failed(Failure::NotFound, message)
		};
		let ended = match Standing::of(self.chain, job).await.map_err(chain)? {
			Standing::Finished(ended) => *ended,
			Standing::Gone => return Err(gone()),
			Standing::Live(_) => {
				let message = format!(
					"job {job} has not ended: go on with `mutirao job watch {job}`; it can be pruned {} after \
					 its end",
					show::blocks(self.terms.history_blocks.into())
				);
				return Err(failed(Failure::Unfinished, message));
			}
		};
		let now = self.chain.now().await.map_err(chain)?;
		let until = ended.ended_at.saturating_add(self.terms.history_blocks);
		if now <= until {
			let left = show::blocks(until.saturating_sub(now).saturating_add(1).into());
			let message = format!(
				"job {job} is remembered for {left} more: prune it then. Until it is pruned the deposit for \
				 its record stays on hold"
			);
			return Err(failed(Failure::Call, message));
		}
		let pruned = self.chain.submit(JobsCall::Prune { job }.into()).await;
		pruned.map_err(|error| match error.pallet_error() {
			Some(("Jobs", "NotFinished")) => gone(),
			_ => chain(error),
		})?;
		Ok(ended)
	}
}
