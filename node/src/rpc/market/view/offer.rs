//! Offers, devices, terms.

use super::{text, Decimal};
use mutirao_market_api::OfferInfo;
use mutirao_runtime::{AccountId, Balance};
use mutirao_types::{
	ActiveBlock, Backend, Device, OfferId, OfferState, OfferTerms, Region, Requirements, Score,
};
use serde::Serialize;

/// An offer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfferView {
	offer: OfferId,
	provider: AccountId,
	device: DeviceView,
	terms: TermsView,
	state: &'static str,
	running: u16,
	score: Option<ScoreView>,
	reputation: u32,
	available: bool,
}

impl From<OfferInfo<AccountId, Balance>> for OfferView {
	fn from(info: OfferInfo<AccountId, Balance>) -> Self {
		let OfferInfo { id, offer, reputation, available } = info;
		Self {
			offer: id,
			provider: offer.provider,
			device: offer.device.into(),
			terms: offer.terms.into(),
			state: match offer.state {
				OfferState::Active => "active",
				OfferState::Paused => "paused",
			},
			running: offer.running,
			score: offer.score.map(Into::into),
			reputation: reputation.deconstruct(),
			available,
		}
	}
}

/// A device, as its provider describes it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeviceView {
	adapter: String,
	driver: String,
	backend: &'static str,
	memory_mib: u32,
	region: String,
	watts: u16,
}

impl From<Device> for DeviceView {
	fn from(device: Device) -> Self {
		Self {
			adapter: text(&device.adapter),
			driver: text(&device.driver),
			backend: match device.backend {
				Backend::Vulkan => "vulkan",
				Backend::Metal => "metal",
				Backend::Dx12 => "dx12",
				Backend::Other => "other",
			},
			memory_mib: device.memory_mib,
			region: region(&device.region),
			watts: device.watts,
		}
	}
}

/// What is asked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TermsView {
	price_per_gigastep: Decimal,
	minimum_price: Decimal,
	maximum_price: Decimal,
	capacity: u16,
	expires: ActiveBlock,
}

impl From<OfferTerms<Balance>> for TermsView {
	fn from(terms: OfferTerms<Balance>) -> Self {
		Self {
			price_per_gigastep: terms.price_per_gigastep.into(),
			minimum_price: terms.minimum_price.into(),
			maximum_price: terms.maximum_price.into(),
			capacity: terms.capacity,
			expires: terms.expires,
		}
	}
}

/// What the chain measured.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScoreView {
	steps_per_second: Decimal,
	expires: ActiveBlock,
}

impl From<Score> for ScoreView {
	fn from(score: Score) -> Self {
		Self { steps_per_second: score.steps_per_second.into(), expires: score.expires }
	}
}

/// What a buyer asks of device and provider.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequirementsView {
	steps_per_second: Decimal,
	memory_mib: u32,
	region: Option<String>,
	reputation: u32,
}

impl From<Requirements> for RequirementsView {
	fn from(requirements: Requirements) -> Self {
		Self {
			steps_per_second: requirements.steps_per_second.into(),
			memory_mib: requirements.memory_mib,
			region: requirements.region.as_ref().map(region),
			reputation: requirements.reputation.deconstruct(),
		}
	}
}

fn region(region: &Region) -> String {
	let country = text(&region.country);
	let subdivision = text(&region.subdivision);
	match subdivision.trim_end_matches('\0') {
		"" => country,
		subdivision => format!("{country}-{subdivision}"),
	}
}
