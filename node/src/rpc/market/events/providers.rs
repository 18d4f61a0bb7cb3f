//! Events of providers and their offers.

use super::Named;
use crate::rpc::market::view::{text, Decimal, DeviceView, ScoreView, SlashView, TermsView};
use mutirao_runtime::Runtime;
use pallet_providers::Event;
use serde_json::json;

pub(super) fn view(event: Event<Runtime>) -> Named {
	match event {
		Event::Registered { provider, stake, endpoint } => (
			"Registered",
			json!({
				"provider": provider,
				"stake": Decimal::from(stake),
				"endpoint": text(&endpoint),
			}),
		),
		Event::StakeAdded { provider, added, stake } => (
			"StakeAdded",
			json!({
				"provider": provider,
				"added": Decimal::from(added),
				"stake": Decimal::from(stake),
			}),
		),
		Event::EndpointSet { provider, endpoint } => {
			("EndpointSet", json!({ "provider": provider, "endpoint": text(&endpoint) }))
		}
		Event::Leaving { provider, free_at } => {
			("Leaving", json!({ "provider": provider, "freeAt": free_at }))
		}
		Event::Left { provider, stake } => {
			("Left", json!({ "provider": provider, "stake": Decimal::from(stake) }))
		}
		Event::OfferPosted { offer, provider, device, terms } => (
			"OfferPosted",
			json!({
				"offer": offer,
				"provider": provider,
				"device": DeviceView::from(device),
				"terms": TermsView::from(terms),
			}),
		),
		Event::OfferChanged { offer, terms } => {
			("OfferChanged", json!({ "offer": offer, "terms": TermsView::from(terms) }))
		}
		Event::OfferPaused { offer } => ("OfferPaused", json!({ "offer": offer })),
		Event::OfferResumed { offer } => ("OfferResumed", json!({ "offer": offer })),
		Event::OfferWithdrawn { offer } => ("OfferWithdrawn", json!({ "offer": offer })),
		Event::ScoreSet { offer, score } => {
			("ScoreSet", json!({ "offer": offer, "score": score.map(ScoreView::from) }))
		}
		Event::Slashed { provider, penalty, report } => (
			"Slashed",
			json!({
				"provider": provider,
				"penalty": Decimal::from(penalty),
				"report": SlashView::from(report),
			}),
		),
		Event::ReputationChanged { provider, estimate } => (
			"ReputationChanged",
			json!({ "provider": provider, "reputation": estimate.deconstruct() }),
		),
		Event::__Ignore(_, never) => match never {},
	}
}
