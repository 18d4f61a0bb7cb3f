//! Offers and providers.

use super::{keys_after, page};
use crate::{
	constants::market::REPUTATION_HALF_LIFE_BLOCKS, AccountId, Balance, Jobs, Providers, Runtime,
};
use alloc::boxed::Box;
use mutirao_market_api::{OfferFilter, OfferInfo, Page, PageRequest, ProviderInfo};
use mutirao_types::{OfferId, Permill, Provider};
use pallet_providers::{Offers, OffersByProvider};

/// An offer as lists give it, and its provider as it stands.
pub(super) type Found = (OfferInfo<AccountId, Balance>, Provider<Balance>);

pub(crate) fn offers(
	filter: OfferFilter<AccountId, Balance>,
	request: PageRequest<OfferId>,
) -> Page<OfferId, OfferInfo<AccountId, Balance>> {
	page(ids(filter.provider.as_ref(), request.after), request.limit, |id| {
		find(id).filter(|found| passes(&filter, found)).map(|(info, _)| info)
	})
}

pub(crate) fn offer(id: OfferId) -> Option<OfferInfo<AccountId, Balance>> {
	find(id).map(|(info, _)| info)
}

pub(crate) fn provider(account: AccountId) -> Option<ProviderInfo<AccountId, Balance>> {
	let provider = Providers::provider(account.clone())?;
	let reputation = estimate(&provider);
	Some(ProviderInfo { account, provider, reputation })
}

/// Numbers of all offers, or of one provider's, after one of them.
pub(super) fn ids(
	provider: Option<&AccountId>,
	after: Option<OfferId>,
) -> Box<dyn Iterator<Item = OfferId>> {
	match (provider, after) {
		(Some(provider), after) => {
			Box::new(keys_after::<OffersByProvider<Runtime>, _, _>(provider, after))
		}
		(None, Some(after)) => Box::new(Offers::<Runtime>::iter_keys_from_key(after)),
		(None, None) => Box::new(Offers::<Runtime>::iter_keys()),
	}
}

pub(super) fn find(id: OfferId) -> Option<Found> {
	let offer = Providers::offer(id)?;
	let provider = Providers::provider(offer.provider.clone())?;
	let reputation = estimate(&provider);
	let available = Providers::takes_jobs(&provider, &offer);
	Some((OfferInfo { id, offer, reputation, available }, provider))
}

pub(super) fn passes(filter: &OfferFilter<AccountId, Balance>, (info, provider): &Found) -> bool {
	let price = info.offer.terms.price_per_gigastep;
	filter.max_price_per_gigastep.is_none_or(|most| price <= most)
		&& (info.available || !filter.available)
		&& Providers::meets(provider, &info.offer, &filter.requirements)
}

/// As the pallet's own view of it, without reading the record again.
fn estimate(provider: &Provider<Balance>) -> Permill {
	provider.reputation.estimate(Jobs::now(), REPUTATION_HALF_LIFE_BLOCKS)
}
