//! Events of benchmark windows.

use super::{workgroup_view, Named};
use crate::rpc::market::view::{BenchmarkView, BufferView, Decimal, SlashView};
use mutirao_runtime::{Hash, Runtime};
use pallet_benchmarks::Event;
use serde_json::json;

pub(super) fn view(event: Event<Runtime>) -> Named {
	match event {
		Event::BenchmarkSet { benchmark } => {
			("BenchmarkSet", json!({ "benchmark": benchmark.map(BenchmarkView::from) }))
		}
		Event::WindowOpened { window, offers, claim_until, prove_until } => (
			"WindowOpened",
			json!({
				"window": window,
				"offers": offers,
				"claimUntil": claim_until,
				"proveUntil": prove_until,
			}),
		),
		Event::WindowStarted { window, seed } => {
			("WindowStarted", json!({ "window": window, "seed": Hash::from(seed) }))
		}
		Event::WindowEnded { window } => ("WindowEnded", json!({ "window": window })),
		Event::WindowVoided { window } => ("WindowVoided", json!({ "window": window })),
		Event::Claimed { offer, window, size, steps_per_second, transcript, anchor, fee } => (
			"Claimed",
			json!({
				"offer": offer,
				"window": window,
				"size": size,
				"stepsPerSecond": Decimal::from(steps_per_second),
				"transcript": transcript.into_iter().map(BufferView::from).collect::<Vec<_>>(),
				"anchor": anchor,
				"fee": Decimal::from(fee),
			}),
		),
		Event::Proven { offer, sample, workgroup } => (
			"Proven",
			json!({ "offer": offer, "sample": sample, "workgroup": workgroup_view(workgroup) }),
		),
		Event::Refuted { offer, workgroup } => {
			("Refuted", json!({ "offer": offer, "workgroup": workgroup_view(workgroup) }))
		}
		Event::Measured { offer, window, steps_per_second } => (
			"Measured",
			json!({
				"offer": offer,
				"window": window,
				"stepsPerSecond": Decimal::from(steps_per_second),
			}),
		),
		Event::ClaimLost { offer, window, provider, reporter, penalty } => (
			"ClaimLost",
			json!({
				"offer": offer,
				"window": window,
				"provider": provider,
				"reporter": reporter,
				"penalty": SlashView::from(penalty),
			}),
		),
		Event::__Ignore(_, never) => match never {},
	}
}
