use super::*;

fn give_up(who: AccountId, job: JobId) -> Result<Pays, DispatchError> {
	send(who, Call::give_up { job })
}

#[test]
fn give_up_refunds_the_buyer_and_costs_as_much_as_being_late_works() {
	run(|| {
		let id = running();
		assert_eq!(give_up(PIA, id), Ok(Pays::No));
		assert_eq!(verdict(id), Verdict::Refunded(RefundReason::GivenUp));
		assert_eq!(free(BIA), MONEY - RENT);
		let late = running();
		pass(ATTEST + 1);
		assert_ok!(settle(late));
		let slashes = Slashes::get();
		assert_eq!((slashes.len(), slashes[0]), (2, slashes[1]));
	});
}

#[test]
fn give_up_at_and_after_the_deadline_works() {
	run(|| {
		for wait in [ATTEST, ATTEST + 1] {
			let id = running();
			pass(wait);
			assert_ok!(give_up(PIA, id));
		}
	});
}

#[test]
fn give_up_by_another_fails() {
	run(|| {
		let id = running();
		for who in [ANA, BIA] {
			assert_noop!(give_up(who, id), Error::<Test>::NotProvider);
		}
	});
}

#[test]
fn give_up_in_another_stage_fails() {
	run(|| {
		for id in [open(), attested(), contestable()] {
			assert_noop!(give_up(PIA, id), Error::<Test>::NotRunning);
		}
		assert_noop!(give_up(PIA, 99), Error::<Test>::NoSuchJob);
	});
}
