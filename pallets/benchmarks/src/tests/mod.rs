mod claim;
mod conclude;
mod detection;
mod invariants;
mod lies;
mod prove;
mod set_benchmark;
mod time;
mod windows;
mod withdraw;

use crate::{
	mock::*, Call, Chosen, Claims, Current, Ended, Error, Event, Measurements, NextWindow, WindowOf,
};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use mutirao_types::{
	benchmark::Measurement, Benchmark, OfferId, Score, SlashReport, Transcript, Workgroup,
};
use sp_runtime::DispatchError;

/// A window in which devices compute, and Pia's and Rui's offers that take part.
fn open() -> (OfferId, OfferId) {
	let offers = (offered(PIA), offered(RUI));
	chosen();
	next_window();
	offers
}

fn window() -> WindowOf<Test> {
	Benchmarks::window().expect("there is one")
}

#[track_caller]
fn assert_last_event(event: Event<Test>) {
	System::assert_last_event(event.into());
}

fn error(error: Error<Test>) -> DispatchError {
	error.into()
}
