//! Leaving.

use std::collections::BTreeMap;

use mutirao_client::{pallets::ProvidersCall, AccountId, Balance, Call};
use mutirao_types::{Offer, OfferId, OfferState, Provider, ProviderState};

/// What the chain says.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
	/// The provider, if it is one.
	pub provider: Option<Provider<Balance>>,
	/// Its offers.
	pub offers: BTreeMap<OfferId, Offer<AccountId, Balance>>,
	/// The clock of deadlines.
	pub now: u32,
}

/// What to do now, and what remains.
#[derive(Clone, Debug, PartialEq)]
pub struct LeavePlan {
	/// Calls that can be made now, in order.
	pub calls: Vec<Call>,
	/// What they do, for people.
	pub texts: Vec<String>,
	/// What must pass before the rest; `None`: after these calls, all is done.
	pub then: Option<Then>,
}

/// What must pass before the stake is back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Then {
	/// Jobs that have not ended.
	pub open_jobs: u32,
	/// Active blocks until the stake is free; `None` until the provider began to leave.
	pub blocks: Option<u32>,
}

/// What can be done now to leave.
pub fn plan_leave(is: &Standing) -> LeavePlan {
	let mut plan = LeavePlan { calls: Vec::new(), texts: Vec::new(), then: None };
	let Some(provider) = &is.provider else { return plan };
	let mut add = |call: ProvidersCall, text: String| {
		plan.calls.push(call.into());
		plan.texts.push(text);
	};
	let mut remaining = 0;
	for (offer, found) in &is.offers {
		let offer = *offer;
		if found.running == 0 {
			add(ProvidersCall::WithdrawOffer { offer }, format!("withdraw offer {offer}"));
			continue;
		}
		remaining += 1;
		if found.state == OfferState::Active {
			add(ProvidersCall::PauseOffer { offer }, format!("pause offer {offer}: it has jobs"));
		}
	}
	let free_at = match provider.state {
		ProviderState::Leaving { free_at } => Some(free_at),
		ProviderState::Active => {
			add(ProvidersCall::Leave, "leave: the time begins after which stake is free".into());
			None
		}
	};
	let is_free = free_at.is_some_and(|free_at| free_at <= is.now);
	if is_free && provider.open_jobs == 0 && remaining == 0 {
		let stake = mutirao_client::money::display(provider.stake);
		add(ProvidersCall::Withdraw, format!("withdraw {stake} of stake"));
	} else {
		let blocks = free_at.map(|free_at| free_at.saturating_sub(is.now));
		plan.then = Some(Then { open_jobs: provider.open_jobs, blocks });
	}
	plan
}
