//! Registering.

use std::{collections::BTreeMap, fmt};

use mutirao_client::{address, money, pallets::ProvidersCall, AccountId, Balance, Call, ProxyType};
use mutirao_types::{
	Device, Endpoint, Offer, OfferId, OfferState, OfferTerms, Provider, ProviderState,
};

use crate::facts::Terms;

/// An offer that expires within this many active blocks is renewed: two weeks.
const RENEW_BEFORE: u32 = 14 * 28_800;
/// Blocks that may pass until the call is included, and the expiry must still be in range then.
const LEEWAY: u32 = 10;

/// What is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
	/// The stake, in planck; `None`: what there is, or the least.
	pub stake: Option<Balance>,
	/// Where buyers are sent.
	pub endpoint: Endpoint,
	/// Who serves jobs; `None`: the provider's own key does.
	pub hot_key: Option<AccountId>,
	/// The least that the hot key should have for fees, in planck.
	pub fees: Balance,
	/// The devices.
	pub offers: Vec<WantedOffer>,
}

/// A device that is to be offered.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedOffer {
	/// The offer that it has, as far as the configuration knows.
	pub known: Option<OfferId>,
	/// The device.
	pub device: Device,
	/// What is asked; its expiry is set by the plan.
	pub terms: OfferTerms<Balance>,
}

/// What the chain says.
#[derive(Clone, Debug, PartialEq)]
pub struct Chainside {
	/// The provider, if it is one.
	pub provider: Option<Provider<Balance>>,
	/// Its offers.
	pub offers: BTreeMap<OfferId, Offer<AccountId, Balance>>,
	/// Whether the hot key may serve jobs.
	pub is_worker: bool,
	/// The hot key's money, in planck.
	pub hot_free: Balance,
	/// The clock of deadlines.
	pub now: u32,
	/// The protocol's numbers.
	pub terms: Terms,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
	/// What is called.
	pub call: Call,
	/// What it does, for people.
	pub text: String,
	/// What leaves the spendable balance at once, in planck; deposits of offers apart.
	pub takes: Balance,
}

/// What to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
	/// In order.
	pub steps: Vec<Step>,
	/// The offers that devices have already, by the devices' order.
	pub kept: Vec<(usize, OfferId)>,
	/// The devices whose offers are posted, in the order of the steps.
	pub posted: Vec<usize>,
}

impl Plan {
	/// What leaves the spendable balance at once, in planck; fees and deposits of offers apart.
	pub fn takes(&self) -> Balance {
		self.steps.iter().map(|step| step.takes).fold(0, Balance::saturating_add)
	}

	/// All of it as one call; `None` if there is nothing to do.
	pub fn call(&self) -> Option<Call> {
		let calls: Vec<Call> = self.steps.iter().map(|step| step.call.clone()).collect();
		match calls.len() {
			0 => None,
			1 => calls.into_iter().next(),
			_ => Some(Call::Batch(calls)),
		}
	}

	fn add(&mut self, call: impl Into<Call>, takes: Balance, text: impl fmt::Display) {
		self.steps.push(Step { call: call.into(), text: text.to_string(), takes });
	}
}

/// Why there is no plan.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoPlan {
	/// The provider is leaving.
	#[error(
		"the provider is leaving: finish that with `mutirao-worker leave`, then register anew"
	)]
	Leaving,
	/// The stake that is wanted is less than providers must have.
	#[error("the least stake is {}", money::display(*.0))]
	StakeTooSmall(Balance),
	/// Stake can only grow.
	#[error(
		"the stake is {} already, and can only be lowered by leaving",
		money::display(*.0)
	)]
	StakeIsMore(Balance),
	/// There would be too many offers.
	#[error("a provider may have {0} offers: withdraw some")]
	TooManyOffers(u32),
}

/// What it takes to come from what is to what is wanted.
///
/// # Errors
///
/// [`NoPlan`], if there is no way.
pub fn plan(is: &Chainside, wanted: &Wanted) -> Result<Plan, NoPlan> {
	let mut plan = Plan::default();
	plan_stake(&mut plan, is, wanted)?;
	plan_key(&mut plan, is, wanted);
	plan_offers(&mut plan, is, wanted)?;
	Ok(plan)
}

fn plan_stake(plan: &mut Plan, is: &Chainside, wanted: &Wanted) -> Result<(), NoPlan> {
	let least = is.terms.minimum_stake;
	if wanted.stake.is_some_and(|stake| stake < least) {
		return Err(NoPlan::StakeTooSmall(least));
	}
	let Some(provider) = &is.provider else {
		let (stake, endpoint) = (wanted.stake.unwrap_or(least), wanted.endpoint.clone());
		let text = format!("register as a provider with {} stake", money::display(stake));
		plan.add(ProvidersCall::Register { stake, endpoint }, stake, text);
		return Ok(());
	};
	if matches!(provider.state, ProviderState::Leaving { .. }) {
		return Err(NoPlan::Leaving);
	}
	let stake = wanted.stake.unwrap_or(provider.stake);
	if stake < provider.stake {
		return Err(NoPlan::StakeIsMore(provider.stake));
	}
	let amount = stake - provider.stake;
	if amount > 0 {
		let text = format!("add {} to the stake", money::display(amount));
		plan.add(ProvidersCall::AddStake { amount }, amount, text);
	}
	if provider.endpoint != wanted.endpoint {
		let url = String::from_utf8_lossy(&wanted.endpoint).into_owned();
		let endpoint = wanted.endpoint.clone();
		plan.add(ProvidersCall::SetEndpoint { endpoint }, 0, format!("send buyers to {url}"));
	}
	Ok(())
}

fn plan_key(plan: &mut Plan, is: &Chainside, wanted: &Wanted) {
	let Some(delegate) = wanted.hot_key else { return };
	if !is.is_worker {
		let (base, factor) = is.terms.proxy_deposit;
		let deposit = base.saturating_add(factor);
		let text = format!(
			"let {} serve jobs in the provider's name (up to {} on hold while it may)",
			address::display(&delegate),
			money::display(deposit)
		);
		plan.add(Call::AddProxy { delegate, kind: ProxyType::Worker }, deposit, text);
	}
	if is.hot_free < wanted.fees {
		let planck = (wanted.fees - is.hot_free).max(is.terms.existential_deposit);
		let text = format!("send it {} for fees", money::display(planck));
		plan.add(Call::Transfer { to: delegate, planck }, planck, text);
	}
}

fn plan_offers(plan: &mut Plan, is: &Chainside, wanted: &Wanted) -> Result<(), NoPlan> {
	let mut taken: Vec<OfferId> = wanted.offers.iter().filter_map(|offer| offer.known).collect();
	let expires = is.now.saturating_add(is.terms.max_offer_blocks).saturating_sub(LEEWAY);
	let mut posted = 0u32;
	for (number, offer) in wanted.offers.iter().enumerate() {
		let terms = OfferTerms { expires, ..offer.terms.clone() };
		// What the configuration knows; or what was posted for this device and never written down.
		let found = offer.known.filter(|known| is.offers.contains_key(known)).or_else(|| {
			let same = |id: &OfferId, found: &Offer<AccountId, Balance>| {
				found.device.adapter == offer.device.adapter && !taken.contains(id)
			};
			is.offers.iter().find(|(id, found)| same(id, found)).map(|(id, _)| *id)
		});
		let Some((id, found)) = found.and_then(|id| Some((id, is.offers.get(&id)?))) else {
			let (device, name) = (offer.device.clone(), name(&offer.device));
			let price = money::display(terms.price_per_gigastep);
			let text = format!("offer {name} at {price} for 10^9 steps (a small deposit on hold)");
			plan.add(ProvidersCall::PostOffer { device, terms }, 0, text);
			plan.posted.push(number);
			posted = posted.saturating_add(1);
			continue;
		};
		taken.push(id);
		plan.kept.push((number, id));
		plan_terms(plan, is.now, id, found, terms);
	}
	let all = u32::try_from(is.offers.len()).unwrap_or(u32::MAX).saturating_add(posted);
	match all > is.terms.max_offers {
		true => Err(NoPlan::TooManyOffers(is.terms.max_offers)),
		false => Ok(()),
	}
}

/// Brings an offer that is there to the terms that are wanted.
fn plan_terms(
	plan: &mut Plan,
	now: u32,
	offer: OfferId,
	found: &Offer<AccountId, Balance>,
	terms: OfferTerms<Balance>,
) {
	let expiring = found.terms.expires < now.saturating_add(RENEW_BEFORE);
	let same = OfferTerms { expires: terms.expires, ..found.terms.clone() } == terms;
	if !same || expiring {
		let text = match same {
			true => format!("renew offer {offer}"),
			false => format!("change the terms of offer {offer}"),
		};
		plan.add(ProvidersCall::ChangeOffer { offer, terms }, 0, text);
	}
	if found.state == OfferState::Paused {
		plan.add(ProvidersCall::ResumeOffer { offer }, 0, format!("resume offer {offer}"));
	}
}

fn name(device: &Device) -> String {
	String::from_utf8_lossy(&device.adapter).into_owned()
}
