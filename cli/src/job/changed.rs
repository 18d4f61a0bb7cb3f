//! What became of an offer since it was listed: providers change and remove offers while buyers choose.

use mutirao_client::{
	money,
	types::{units::price_of, ActiveBlock, Offer, OfferState, Steps},
	AccountId, Balance, Chain,
};

use super::{buyer::Buyer, offers::Listed};
use crate::exit::chain;

impl<C: Chain> Buyer<'_, C> {
	/// Why an offer would not take a job of so many steps any more, or not for this price; `None`: it
	/// would.
	pub(crate) async fn changed(
		&self,
		(offer, price): &(Listed, Balance),
		steps: Steps,
	) -> anyhow::Result<Option<String>> {
		let now = self.chain.now().await.map_err(chain)?;
		let found = self.chain.offer(offer.id).await.map_err(chain)?;
		// As it is posted.
		let cap = (*price).max(self.terms.minimum_price_cap);
		Ok(reason(found.as_ref(), steps, cap, now).map(|why| format!("offer {} {why}", offer.id)))
	}
}

fn reason(
	offer: Option<&Offer<AccountId, Balance>>,
	steps: Steps,
	cap: Balance,
	now: ActiveBlock,
) -> Option<String> {
	let Some(offer) = offer else { return Some("is gone".into()) };
	let terms = &offer.terms;
	let price = price_of(steps, terms.price_per_gigastep).unwrap_or(Balance::MAX);
	let price = price.max(terms.minimum_price);
	Some(match () {
		() if offer.state != OfferState::Active => "takes no jobs now".into(),
		() if terms.expires < now => "has expired".into(),
		() if price > terms.maximum_price => "takes no job as large as this any more".into(),
		() if price > cap => format!("asks {} now", money::display(price)),
		() => return None,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_client::types::{Backend, Device, OfferTerms, Region};

	fn offer() -> Offer<AccountId, Balance> {
		Offer {
			provider: [1; 32].into(),
			device: Device {
				adapter: Default::default(),
				driver: Default::default(),
				backend: Backend::Vulkan,
				memory_mib: 1,
				region: Region { country: *b"BR", subdivision: [0; 3] },
				watts: 1,
			},
			terms: OfferTerms {
				price_per_gigastep: 10,
				minimum_price: 5,
				maximum_price: 100,
				capacity: 2,
				expires: 50,
			},
			state: OfferState::Active,
			running: 1,
			score: None,
		}
	}

	/// For a job of two gigasteps for 20, at moment 50.
	fn changed(change: impl Fn(&mut Offer<AccountId, Balance>)) -> String {
		let mut offer = offer();
		change(&mut offer);
		reason(Some(&offer), 2_000_000_000, 20, 50).unwrap_or_default()
	}

	#[test]
	fn what_matters_is_told() {
		assert_eq!(changed(|_| {}), "");
		assert_eq!(changed(|offer| offer.terms.price_per_gigastep = 3), "");
		assert!(changed(|offer| offer.state = OfferState::Paused).contains("no jobs"));
		assert!(changed(|offer| offer.terms.expires = 49).contains("expired"));
		assert!(changed(|offer| offer.terms.maximum_price = 19).contains("as large"));
		assert!(changed(|offer| offer.terms.price_per_gigastep = 11).contains("asks"));
		assert!(changed(|offer| offer.terms.minimum_price = 21).contains("asks"));
		// It may be free in a moment.
		assert_eq!(changed(|offer| offer.running = 2), "");
		assert_eq!(reason(None, 1, 1, 1).as_deref(), Some("is gone"));
	}
}
