//! Events of attestations, openings, challenges and demands.

use super::{workgroup_view, Named};
use crate::rpc::market::view::{buffer_view, fault, BufferView, Decimal, SlashView};
use mutirao_runtime::{Hash, Runtime};
use pallet_attestations::Event;
use serde_json::json;

pub(super) fn view(event: Event<Runtime>) -> Named {
	match event {
		Event::Attested { job, root, transcript, anchor } => (
			"Attested",
			json!({
				"job": job,
				"root": Hash::from(root),
				"transcript": transcript.into_iter().map(BufferView::from).collect::<Vec<_>>(),
				"anchor": anchor,
			}),
		),
		Event::Redrawn { job, anchor } => ("Redrawn", json!({ "job": job, "anchor": anchor })),
		Event::Opened { job, sample, workgroup, steps } => (
			"Opened",
			json!({
				"job": job,
				"sample": sample,
				"workgroup": workgroup_view(workgroup),
				"steps": Decimal::from(steps),
			}),
		),
		Event::OpeningWrong { job, workgroup, slash } => (
			"OpeningWrong",
			json!({
				"job": job,
				"workgroup": workgroup_view(workgroup),
				"slash": SlashView::from(slash),
			}),
		),
		Event::FaultFound { job, workgroup, fault: kind, from_inputs } => (
			"FaultFound",
			json!({
				"job": job,
				"workgroup": workgroup_view(workgroup),
				"fault": fault(kind),
				"fromInputs": from_inputs,
			}),
		),
		Event::ChallengeUpheld { job, workgroup, challenger, slash } => (
			"ChallengeUpheld",
			json!({
				"job": job,
				"workgroup": workgroup_view(workgroup),
				"challenger": challenger,
				"slash": SlashView::from(slash),
			}),
		),
		Event::ChallengeFailed { job, workgroup, challenger } => (
			"ChallengeFailed",
			json!({
				"job": job,
				"workgroup": workgroup_view(workgroup),
				"challenger": challenger,
			}),
		),
		Event::Demanded { job, buffer, chunk, by, until } => (
			"Demanded",
			json!({
				"job": job,
				"buffer": buffer_view(buffer),
				"chunk": chunk,
				"by": by,
				"until": until,
			}),
		),
		Event::Supplied { job, buffer, chunk } => {
			("Supplied", json!({ "job": job, "buffer": buffer_view(buffer), "chunk": chunk }))
		}
		Event::__Ignore(_, never) => match never {},
	}
}
