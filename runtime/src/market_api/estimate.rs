//! What a job would cost.

use super::offers::{find, ids, passes};
use crate::{
	configs::MaxWorkgroupSteps,
	constants::market::{COLLATERAL_FACTOR, MAX_SAMPLES},
	AccountId, Balance, Jobs, Programs, Providers,
};
use frame_support::{ensure, traits::Get};
use mutirao_market_api::{
	Among, Estimate, EstimateError, EstimateRequest, OfferFilter, PricedOffer, MAX_SCANNED,
};
use mutirao_types::{OfferId, Provider, Steps};

/// # Errors
///
/// If such a job could not be posted, or the offer that was named is not there.
pub(crate) fn estimate(
	request: EstimateRequest<AccountId, Balance>,
) -> Result<Estimate<Balance>, EstimateError> {
	let EstimateRequest { program, parameters, samples, among } = request;
	ensure!((1..=MAX_SAMPLES).contains(&samples), EstimateError::SamplesOutOfRange);
	ensure!(Programs::program(program).is_some(), EstimateError::NoSuchProgram);
	let quote = Programs::quote(program, parameters).ok_or(EstimateError::ParametersDoNotFit)?;
	ensure!(quote.workgroup_steps <= MaxWorkgroupSteps::get(), EstimateError::WorkgroupTooLarge);
	let audit_fee = Jobs::audit_fee_for(&quote, samples);
	let (offer, all_scanned) = match among {
		Among::Offer(id) => (Some(on_offer(id, quote.declared_steps)?), true),
		Among::Cheapest(filter) => cheapest(&filter, quote.declared_steps),
	};
	Ok(Estimate { quote, audit_fee, offer, all_scanned })
}

fn on_offer(id: OfferId, steps: Steps) -> Result<PricedOffer<Balance>, EstimateError> {
	let (info, _) = find(id).ok_or(EstimateError::NoSuchOffer)?;
	let price = Providers::price(&info.offer, steps).map_err(|_| EstimateError::PriceTooHigh)?;
	Ok(PricedOffer { offer: id, price })
}

/// The cheapest offer that could accept the job now, and whether all were looked at.
fn cheapest(
	filter: &OfferFilter<AccountId, Balance>,
	steps: Steps,
) -> (Option<PricedOffer<Balance>>, bool) {
	let mut ids = ids(filter.provider.as_ref(), None);
	let priced = |id| {
		let found = find(id).filter(|found| found.0.available && passes(filter, found))?;
		let price = Providers::price(&found.0.offer, steps).ok()?;
		covers(&found.1, price).then_some(PricedOffer { offer: id, price })
	};
	let scanned = ids.by_ref().take(MAX_SCANNED as usize);
	let cheapest = scanned.filter_map(priced).min_by_key(|one| one.price);
	(cheapest, ids.next().is_none())
}

/// Whether a provider's free stake covers the collateral for one more job.
fn covers(provider: &Provider<Balance>, price: Balance) -> bool {
	price
		.checked_mul(COLLATERAL_FACTOR.into())
		.and_then(|collateral| collateral.checked_add(provider.earmarked))
		.is_some_and(|earmarked| earmarked <= provider.stake)
}
