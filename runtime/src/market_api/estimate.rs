//! What a job would cost.

use super::offers::{find, ids, passes};
use crate::{
	configs::MaxWorkgroupSteps, constants::market::MAX_SAMPLES, AccountId, Balance, Jobs, Programs,
	Providers,
};
use frame_support::{ensure, traits::Get};
use mutirao_market_api::{
	Among, Estimate, EstimateError, EstimateRequest, OfferFilter, PricedOffer, MAX_SCANNED,
};
use mutirao_types::{Offer, OfferId, Provider, Steps};

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
	ensure!(quote.declared_steps > 0, EstimateError::DeclaresNoStep);
	let audit_fee = Jobs::audit_fee_for(&quote, samples);
	let job =
		Asked { steps: quote.declared_steps, least_collateral: Jobs::least_collateral(audit_fee) };
	let (offer, all_scanned) = match among {
		Among::Offer(id) => (Some(job.on_offer(id)?), true),
		Among::Cheapest(filter) => job.cheapest(&filter),
	};
	Ok(Estimate { quote, audit_fee, offer, all_scanned })
}

/// What a job asks of an offer, besides its requirements.
struct Asked {
	steps: Steps,
	least_collateral: Balance,
}

impl Asked {
	fn on_offer(&self, id: OfferId) -> Result<PricedOffer<Balance>, EstimateError> {
		let (info, _) = find(id).ok_or(EstimateError::NoSuchOffer)?;
		let (price, _) = self.price(&info.offer)?;
		Ok(PricedOffer { offer: id, price })
	}

	/// The cheapest offer that could accept the job now, and whether all were looked at.
	fn cheapest(
		&self,
		filter: &OfferFilter<AccountId, Balance>,
	) -> (Option<PricedOffer<Balance>>, bool) {
		let mut ids = ids(filter.provider.as_ref(), None);
		let priced = |id| {
			let found = find(id).filter(|found| found.0.available && passes(filter, found))?;
			let (price, collateral) = self.price(&found.0.offer).ok()?;
			covers(&found.1, collateral).then_some(PricedOffer { offer: id, price })
		};
		let scanned = ids.by_ref().take(MAX_SCANNED as usize);
		let cheapest = scanned.filter_map(priced).min_by_key(|one| one.price);
		(cheapest, ids.next().is_none())
	}

	/// What the job costs on an offer, and the collateral that it needs, as when it is accepted.
	fn price(
		&self,
		offer: &Offer<AccountId, Balance>,
	) -> Result<(Balance, Balance), EstimateError> {
		let price = Providers::price(offer, self.steps).map_err(|_| EstimateError::PriceTooHigh)?;
		let collateral = Providers::collateral(offer, price, self.least_collateral)
			.map_err(|_| EstimateError::AboveMaximum)?;
		Ok((price, collateral))
	}
}

/// Whether a provider's free stake covers the collateral for one more job.
fn covers(provider: &Provider<Balance>, collateral: Balance) -> bool {
	collateral.checked_add(provider.earmarked).is_some_and(|earmarked| earmarked <= provider.stake)
}
