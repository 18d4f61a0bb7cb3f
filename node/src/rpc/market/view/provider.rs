//! Providers, and the market as a whole.

use super::{text, Decimal};
use mutirao_market_api::{ProviderInfo, Totals};
use mutirao_runtime::{AccountId, Balance, Hash};
use mutirao_types::{ActiveBlock, ProviderState};
use serde::Serialize;

/// A provider.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProviderView {
	account: AccountId,
	endpoint: String,
	stake: Decimal,
	earmarked: Decimal,
	open_jobs: u32,
	offers: u32,
	state: &'static str,
	/// When it can have its stake back; only of a provider that is leaving.
	free_at: Option<ActiveBlock>,
	reputation: u32,
}

impl From<ProviderInfo<AccountId, Balance>> for ProviderView {
	fn from(info: ProviderInfo<AccountId, Balance>) -> Self {
		let ProviderInfo { account, provider, reputation } = info;
		let (state, free_at) = match provider.state {
			ProviderState::Active => ("active", None),
			ProviderState::Leaving { free_at } => ("leaving", Some(free_at)),
		};
		Self {
			account,
			endpoint: text(&provider.endpoint),
			stake: provider.stake.into(),
			earmarked: provider.earmarked.into(),
			open_jobs: provider.open_jobs,
			offers: provider.offers,
			state,
			free_at,
			reputation: reputation.deconstruct(),
		}
	}
}

/// Sums over all jobs that ever were.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TotalsView {
	at: Hash,
	now: ActiveBlock,
	offers_posted: u64,
	jobs_posted: u64,
	settled: u64,
	refunded: u64,
	faulted: u64,
	settled_steps: Decimal,
	paid: Decimal,
}

impl TotalsView {
	pub(crate) fn new(at: Hash, totals: Totals) -> Self {
		Self {
			at,
			now: totals.now,
			offers_posted: totals.offers_posted,
			jobs_posted: totals.jobs_posted,
			settled: totals.settled,
			refunded: totals.refunded,
			faulted: totals.faulted,
			settled_steps: totals.settled_steps.into(),
			paid: totals.paid.into(),
		}
	}
}
