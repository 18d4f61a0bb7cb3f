//! What a job would cost.

use super::Decimal;
use mutirao_market_api::{Estimate, PricedOffer};
use mutirao_runtime::Balance;
use mutirao_types::OfferId;
use serde::Serialize;

/// An estimate.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EstimateView {
	declared_steps: Decimal,
	workgroup_steps: Decimal,
	input_bytes: Vec<u64>,
	output_bytes: Vec<u64>,
	total_bytes: u64,
	audit_fee: Decimal,
	offer: Option<PricedOfferView>,
	all_scanned: bool,
}

impl From<Estimate<Balance>> for EstimateView {
	fn from(estimate: Estimate<Balance>) -> Self {
		let Estimate { quote, audit_fee, offer, all_scanned } = estimate;
		Self {
			declared_steps: quote.declared_steps.into(),
			workgroup_steps: quote.workgroup_steps.into(),
			input_bytes: quote.input_bytes.into_inner(),
			output_bytes: quote.output_bytes.into_inner(),
			total_bytes: quote.total_bytes,
			audit_fee: audit_fee.into(),
			offer: offer.map(Into::into),
			all_scanned,
		}
	}
}

/// What the job costs on an offer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PricedOfferView {
	offer: OfferId,
	price: Decimal,
}

impl From<PricedOffer<Balance>> for PricedOfferView {
	fn from(PricedOffer { offer, price }: PricedOffer<Balance>) -> Self {
		Self { offer, price: price.into() }
	}
}
