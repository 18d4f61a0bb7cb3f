//! Calls that make progress for others are free; calls that fail are not.

use super::*;
use frame_support::dispatch::GetDispatchInfo;

#[test]
fn a_call_that_fails_keeps_its_fee() {
	run(|| {
		let id = running();
		for call in [
			Call::cancel { job: id },
			Call::give_up { job: id },
			Call::settle { job: id },
			Call::prune { job: id },
		] {
			let call = RuntimeCall::from(call);
			assert_eq!(call.get_dispatch_info().pays_fee, Pays::Yes, "the fee is charged first");
			let failed = call.dispatch(RuntimeOrigin::signed(ANA)).unwrap_err();
			assert_eq!(failed.post_info.pays_fee, Pays::Yes);
		}
	});
}

#[test]
fn a_call_that_ends_or_forgets_a_job_is_free() {
	run(|| {
		let (expired, late, cancelled) = (open(), running(), open());
		let given_up = running();
		assert_eq!(send(BIA, Call::cancel { job: cancelled }), Ok(Pays::No));
		assert_eq!(send(PIA, Call::give_up { job: given_up }), Ok(Pays::No));
		pass(ATTEST + 1);
		assert_eq!(settle(expired), Ok(Pays::No));
		assert_eq!(settle(late), Ok(Pays::No));
		pass(HISTORY + 1);
		assert_eq!(send(ANA, Call::prune { job: late }), Ok(Pays::No));
	});
}
