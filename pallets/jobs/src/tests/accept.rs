use super::*;
use mutirao_types::{Permill, Requirements};

#[test]
fn accept_fixes_the_price_and_frees_the_rest_works() {
	run(|| {
		let requirements = Requirements {
			memory_mib: 5,
			reputation: Permill::from_percent(9),
			..Default::default()
		};
		assert_ok!(post(RequestOf::<Test> { requirements: requirements.clone(), ..request() }));
		pass(2);
		assert_eq!(accept(0), Ok(Pays::Yes));
		assert_eq!(held(BIA), (PRICE + AUDIT_FEE, RENT));
		assert_eq!(free(BIA), MONEY - PRICE - AUDIT_FEE - RENT);
		let least = 4 * AUDIT_FEE;
		assert_eq!(Engagements::get(), [(PIA, OFFER, requirements, 77_777, CAP, least)]);
		let until = 2 + ATTEST;
		assert_eq!(state(0), JobState::Running { deal: deal(), until });
		assert!(JobsByProvider::<Test>::contains_key(PIA, 0));
		assert!(JobsByState::<Test>::contains_key(JobStateKind::Running, 0));
		let event = Event::Accepted {
			job: 0,
			provider: PIA,
			offer: OFFER,
			price: PRICE,
			collateral: COLLATERAL,
			until,
		};
		System::assert_last_event(event.into());
	});
}

#[test]
fn accept_for_the_whole_cap_works() {
	run(|| {
		Terms::set(Ok((CAP, COLLATERAL)));
		running();
		assert_eq!(held(BIA).0, CAP + AUDIT_FEE);
	});
}

#[test]
fn accept_of_a_job_directed_at_the_offer_works() {
	run(|| {
		assert_ok!(post(RequestOf::<Test> { target: Target::Offer(OFFER), ..request() }));
		assert_ok!(accept(0));
	});
}

#[test]
fn accept_of_a_job_directed_at_another_offer_fails() {
	run(|| {
		assert_ok!(post(RequestOf::<Test> { target: Target::Offer(OFFER + 1), ..request() }));
		assert_noop!(accept(0), Error::<Test>::NotTheOffer);
	});
}

#[test]
fn accept_of_an_accepted_job_in_the_same_block_fails() {
	run(|| {
		let id = running();
		assert_noop!(send(ANA, Call::accept { job: id, offer: OFFER + 1 }), Error::<Test>::NotOpen);
		assert_noop!(accept(id), Error::<Test>::NotOpen);
		assert_eq!(Engagements::get().len(), 1);
	});
}

#[test]
fn accept_at_the_deadline_works() {
	run(|| {
		let id = open();
		pass(ACCEPT);
		assert_ok!(accept(id));
	});
}

#[test]
fn accept_after_the_deadline_fails() {
	run(|| {
		let id = open();
		pass(ACCEPT + 1);
		assert_noop!(accept(id), Error::<Test>::TooLate);
	});
}

#[test]
fn accept_that_the_offer_does_not_allow_changes_nothing_and_fails_with_its_error() {
	run(|| {
		let id = open();
		let refused = DispatchError::Unavailable;
		Terms::set(Err(refused));
		assert_noop!(accept(id), refused);
		Terms::reset();
		assert_ok!(accept(id));
	});
}

#[test]
fn accept_of_no_job_or_a_finished_one_fails() {
	run(|| {
		let id = open();
		assert_noop!(accept(id + 1), Error::<Test>::NoSuchJob);
		assert_ok!(send(BIA, Call::cancel { job: id }));
		assert_noop!(accept(id), Error::<Test>::NoSuchJob);
	});
}
