//! Settling a job whose time is over.

use mutirao_client::{
	pallets::JobsCall,
	types::{ActiveBlock, JobBuffer, JobState},
	AccountId, Balance, Chain,
};

use super::{buyer::Buyer, record::Record};
use crate::exit::chain;

/// Blocks after a deadline in which others, whose task it is, may settle: it takes them about five until
/// their settlement is final, which is what is seen here. A call that comes too late costs a fee.
const COURTESY: ActiveBlock = 8;
/// Blocks that a provider has to answer a demand.
const SUPPLY_BLOCKS: ActiveBlock = 200;

impl<C: Chain> Buyer<'_, C> {
	/// Settles a job whose deadline has passed. That others were faster is fine.
	pub(crate) async fn settle_if_due(
		&self,
		record: &mut Record,
		state: &JobState<AccountId, Balance>,
	) -> anyhow::Result<()> {
		let now = self.chain.now().await.map_err(chain)?;
		let over = |until: ActiveBlock| now > until.saturating_add(COURTESY);
		if !over(state.until()) || !over(self.held_up_until(record, state).await?) {
			return Ok(());
		}
		match self.call(record, JobsCall::Settle { job: record.job }).await {
			Ok(_) => Ok(()),
			Err(error) if error.pallet_error().is_some() || error.is_retryable() => Ok(()),
			Err(error) => Err(chain(error)),
		}
	}

	/// Until when demands hold a job up whose window is over: settling it before is in vain, and costs a
	/// fee each time.
	async fn held_up_until(
		&self,
		record: &Record,
		state: &JobState<AccountId, Balance>,
	) -> anyhow::Result<ActiveBlock> {
		if !matches!(state, JobState::Contestable { .. }) {
			return Ok(state.until());
		}
		let attestation = self.chain.attestation(record.job).await.map_err(chain)?;
		let Some(attestation) = attestation.filter(|attestation| attestation.demands > 0) else {
			return Ok(state.until());
		};
		// Whatever others demand, they do it before the window as it was first set ends.
		let mut until = attestation.demand_until.saturating_add(SUPPLY_BLOCKS);
		for (index, _) in (0u8..).zip(&record.transcript) {
			let demand = self.chain.pending_demand(record.job, JobBuffer::Written(index), 0);
			if let Some(demand) = demand.await.map_err(chain)? {
				until = until.min(demand.until);
			}
		}
		Ok(until)
	}
}
