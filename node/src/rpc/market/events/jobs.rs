//! Events of jobs.

use super::Named;
use crate::rpc::market::view::{Decimal, SlashView, VerdictView};
use mutirao_runtime::{Hash, Runtime};
use pallet_jobs::{Event, Payout};
use serde_json::{json, Value};

pub(super) fn view(event: Event<Runtime>) -> Named {
	match event {
		Event::Posted { job, buyer, program, declared_steps, price_cap, audit_fee, until } => (
			"Posted",
			json!({
				"job": job,
				"buyer": buyer,
				"program": Hash::from(program),
				"declaredSteps": Decimal::from(declared_steps),
				"priceCap": Decimal::from(price_cap),
				"auditFee": Decimal::from(audit_fee),
				"until": until,
			}),
		),
		Event::Accepted { job, provider, offer, price, collateral, until } => (
			"Accepted",
			json!({
				"job": job,
				"provider": provider,
				"offer": offer,
				"price": Decimal::from(price),
				"collateral": Decimal::from(collateral),
				"until": until,
			}),
		),
		Event::Attested { job, until } => ("Attested", json!({ "job": job, "until": until })),
		Event::Postponed { job, until } => ("Postponed", json!({ "job": job, "until": until })),
		Event::Audited { job, until } => ("Audited", json!({ "job": job, "until": until })),
		Event::WindowExtended { job, until } => {
			("WindowExtended", json!({ "job": job, "until": until }))
		}
		Event::Finished { job, verdict, payout, slash } => (
			"Finished",
			json!({
				"job": job,
				"verdict": VerdictView::from(verdict),
				"payout": payout_view(payout),
				"slash": slash.map(SlashView::from),
			}),
		),
		Event::Pruned { job } => ("Pruned", json!({ "job": job })),
		Event::__Ignore(_, never) => match never {},
	}
}

fn payout_view(payout: Payout<u128>) -> Value {
	json!({
		"provider": Decimal::from(payout.provider),
		"treasury": Decimal::from(payout.treasury),
		"buyer": Decimal::from(payout.buyer),
	})
}
