mod invariants;
mod quote;
mod register;
mod remove;

use crate::{mock::*, samples, Codes, Error, Event, Outlines, Programs as Stored};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use mutirao_traits::Programs as _;
use mutirao_types::ProgramId;

/// Registers [`samples::copy`] for Ana and returns its name.
fn registered() -> ProgramId {
	let code = samples::code(samples::copy(0));
	let id = blake3::hash(&code).into();
	assert_ok!(Programs::register(RuntimeOrigin::signed(ANA), code));
	id
}
