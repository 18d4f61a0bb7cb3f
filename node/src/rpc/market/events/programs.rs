//! Events of programs.

use super::Named;
use mutirao_runtime::{Hash, Runtime};
use pallet_programs::Event;
use serde_json::json;

pub(super) fn view(event: Event<Runtime>) -> Named {
	match event {
		Event::Registered { program, depositor, bytes } => (
			"Registered",
			json!({ "program": Hash::from(program), "depositor": depositor, "bytes": bytes }),
		),
		Event::Removed { program } => ("Removed", json!({ "program": Hash::from(program) })),
		Event::__Ignore(_, never) => match never {},
	}
}
