//! Offers: all that there are, and those that fit a job, cheapest first.

use std::future::Future;

use mutirao_client::{
	types::{units::price_of, ActiveBlock, OfferId, Permill, Region, Requirements, Steps},
	AccountId, Balance, Client,
};
use serde::Deserialize;

use crate::show;

/// Pages of offers that are read, at most: 100,000 offers.
const MOST_PAGES: usize = 1_000;

/// An offer, with what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
	pub(crate) id: OfferId,
	pub(crate) provider: AccountId,
	pub(crate) adapter: String,
	pub(crate) backend: String,
	pub(crate) memory_mib: u32,
	pub(crate) region: Region,
	pub(crate) watts: u16,
	pub(crate) price_per_gigastep: Balance,
	pub(crate) minimum_price: Balance,
	pub(crate) maximum_price: Balance,
	pub(crate) capacity: u16,
	pub(crate) running: u16,
	pub(crate) expires: ActiveBlock,
	/// Measured steps per second, and until when that counts.
	pub(crate) score: Option<(u64, ActiveBlock)>,
	pub(crate) reputation: Permill,
	/// Whether it takes jobs now.
	pub(crate) available: bool,
}

impl Listed {
	/// What a job of so many steps costs on it; `None`: more than it takes for one job.
	pub(crate) fn price(&self, steps: Steps) -> Option<Balance> {
		let price = price_of(steps, self.price_per_gigastep)?.max(self.minimum_price);
		(price <= self.maximum_price).then_some(price)
	}

	/// The measured speed, if it still counts.
	pub(crate) fn speed(&self, now: ActiveBlock) -> Option<u64> {
		self.score.filter(|(_, expires)| *expires >= now).map(|(speed, _)| speed)
	}

	/// Whether it would meet the requirements at a moment, as the chain checks them.
	pub(crate) fn meets(&self, wanted: &Requirements, now: ActiveBlock) -> bool {
		self.memory_mib >= wanted.memory_mib
			&& self.speed(now).unwrap_or(0) >= wanted.steps_per_second
			&& wanted.region.is_none_or(|region| region.contains(&self.region))
			&& self.reputation >= wanted.reputation
	}
}

/// Whatever lists all offers.
pub(crate) trait OfferBook: Sync {
	/// All offers, in any order.
	fn offers(&self) -> impl Future<Output = Result<Vec<Listed>, mutirao_client::Error>> + Send;
}

/// The offers that could take a job of so many steps now, with their prices, cheapest first; of equal
/// ones the better reputed first, then the older.
pub(crate) fn rank(
	offers: Vec<Listed>,
	steps: Steps,
	wanted: &Requirements,
	most: Option<Balance>,
	now: ActiveBlock,
) -> Vec<(Listed, Balance)> {
	let fitting = offers.into_iter().filter(|offer| offer.available && offer.meets(wanted, now));
	let priced = fitting.filter_map(|offer| offer.price(steps).map(|price| (offer, price)));
	let mut ranked: Vec<_> = priced.filter(|(_, price)| most.is_none_or(|m| *price <= m)).collect();
	ranked.sort_by_key(|(offer, price)| (*price, std::cmp::Reverse(offer.reputation), offer.id));
	ranked
}

impl OfferBook for Client {
	async fn offers(&self) -> Result<Vec<Listed>, mutirao_client::Error> {
		let malformed =
			|reason: String| mutirao_client::Error::Decode { what: "market_offers".into(), reason };
		let mut offers = Vec::new();
		let mut page = serde_json::json!({ "limit": 100 });
		let mut at = serde_json::Value::Null;
		for _ in 0..MOST_PAGES {
			let parameters = serde_json::json!([null, page, at]).to_string();
			let answer = self.ask("market_offers", &parameters).await?;
			let read: Page = serde_json::from_str(&answer).map_err(|e| malformed(e.to_string()))?;
			for item in read.items {
				offers.push(item.listed().map_err(malformed)?);
			}
			match read.next {
				None => return Ok(offers),
				Some(next) => page = serde_json::json!({ "limit": 100, "after": next }),
			}
			at = read.at.into();
		}
		Err(mutirao_client::Error::TooLong { what: "offers".into(), most: 100 * MOST_PAGES })
	}
}

#[derive(Deserialize)]
struct Page {
	at: String,
	items: Vec<Item>,
	next: Option<OfferId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
	offer: OfferId,
	provider: String,
	device: Device,
	terms: Terms,
	running: u16,
	score: Option<Score>,
	reputation: u32,
	available: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Device {
	adapter: String,
	backend: String,
	memory_mib: u32,
	region: String,
	watts: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
	price_per_gigastep: String,
	minimum_price: String,
	maximum_price: String,
	capacity: u16,
	expires: ActiveBlock,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Score {
	steps_per_second: String,
	expires: ActiveBlock,
}

impl Item {
	fn listed(self) -> Result<Listed, String> {
		let planck = |text: &str| text.parse::<Balance>().map_err(|_| format!("`{text}` planck"));
		let score = self.score.map(|score| {
			let speed = score.steps_per_second.parse::<u64>();
			speed.map(|speed| (speed, score.expires)).map_err(|error| error.to_string())
		});
		Ok(Listed {
			id: self.offer,
			provider: show::parse_account(&self.provider)?,
			adapter: self.device.adapter,
			backend: self.device.backend,
			memory_mib: self.device.memory_mib,
			region: show::parse_region(&self.device.region)?,
			watts: self.device.watts,
			price_per_gigastep: planck(&self.terms.price_per_gigastep)?,
			minimum_price: planck(&self.terms.minimum_price)?,
			maximum_price: planck(&self.terms.maximum_price)?,
			capacity: self.terms.capacity,
			running: self.running,
			expires: self.terms.expires,
			score: score.transpose()?,
			reputation: Permill::from_parts(self.reputation),
			available: self.available,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn offer(id: OfferId, price_per_gigastep: Balance) -> Listed {
		Listed {
			id,
			provider: [1; 32].into(),
			adapter: "An adapter".into(),
			backend: "vulkan".into(),
			memory_mib: 8_192,
			region: show::parse_region("BR-SP").unwrap(),
			watts: 100,
			price_per_gigastep,
			minimum_price: 10,
			maximum_price: 1_000,
			capacity: 1,
			running: 0,
			expires: 100,
			score: Some((5_000, 50)),
			reputation: Permill::from_percent(50),
			available: true,
		}
	}

	fn ranked(offers: Vec<Listed>, wanted: Requirements, most: Option<Balance>) -> Vec<OfferId> {
		let ranked = rank(offers, 2_000_000_000, &wanted, most, 40);
		ranked.into_iter().map(|(offer, _)| offer.id).collect()
	}

	#[test]
	fn the_cheapest_comes_first_then_the_best_reputed() {
		let trusted = Listed { reputation: Permill::from_percent(90), ..offer(3, 30) };
		let offers = vec![offer(1, 40), offer(2, 30), trusted, offer(4, 20)];
		assert_eq!(ranked(offers.clone(), Requirements::default(), None), [4, 3, 2, 1]);
		assert_eq!(ranked(offers, Requirements::default(), Some(60)), [4, 3, 2]);
	}

	#[test]
	fn what_does_not_fit_is_left_out() {
		let busy = Listed { available: false, ..offer(1, 1) };
		let small = Listed { maximum_price: 39, ..offer(2, 20) };
		let elsewhere = Listed { region: show::parse_region("DE").unwrap(), ..offer(3, 1) };
		let old = Listed { score: Some((9_000, 39)), ..offer(4, 1) };
		let slow = Listed { score: Some((4_999, 50)), ..offer(5, 1) };
		let wanted = Requirements {
			steps_per_second: 5_000,
			region: Some(show::parse_region("BR").unwrap()),
			..Requirements::default()
		};
		let all = vec![busy, small, elsewhere, old, slow, offer(6, 20)];
		assert_eq!(ranked(all, wanted, None), [6]);
	}

	#[test]
	fn prices_are_at_least_the_minimum_and_at_most_the_maximum() {
		assert_eq!(offer(1, 3).price(1_500_000_000), Some(10));
		assert_eq!(offer(1, 30).price(1_500_000_001), Some(46));
		assert_eq!(offer(1, 1_000).price(1_000_000_000), Some(1_000));
		assert_eq!(offer(1, 1_000).price(1_000_000_001), None);
	}

	#[test]
	fn a_nodes_answer_is_read() {
		let answer = r#"{"at":"0x01","next":7,"items":[{"offer":7,
			"provider":"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
			"device":{"adapter":"A","driver":"D","backend":"vulkan","memoryMib":1,"region":"BR","watts":0},
			"terms":{"pricePerGigastep":"25","minimumPrice":"1","maximumPrice":"9","capacity":1,"expires":5},
			"state":"active","running":0,"score":{"stepsPerSecond":"12","expires":3},
			"reputation":500000,"available":true}]}"#;
		let page: Page = serde_json::from_str(answer).unwrap();
		let listed = page.items.into_iter().next().unwrap().listed().unwrap();
		assert_eq!((listed.price_per_gigastep, listed.score), (25, Some((12, 3))));
		assert_eq!(page.next, Some(7));
	}
}
