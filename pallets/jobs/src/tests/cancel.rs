use super::*;

fn cancel(who: AccountId, job: JobId) -> Result<Pays, DispatchError> {
	send(who, Call::cancel { job })
}

#[test]
fn cancel_gives_all_but_the_rent_back_works() {
	run(|| {
		let id = open();
		assert_eq!(cancel(BIA, id), Ok(Pays::No));
		assert_eq!(held(BIA), (0, RENT));
		assert_eq!(free(BIA), MONEY - RENT);
		let cancelled = Verdict::Refunded(RefundReason::Cancelled);
		assert_finished(id, cancelled, [0, 0, CAP + AUDIT_FEE], None);
		let finished = Jobs::finished_job(id).unwrap();
		assert_eq!((finished.verdict, finished.deal), (cancelled, None));
		assert_eq!((finished.buyer, finished.program), (BIA, [9; 32]));
		assert!(JobsByState::<Test>::contains_key(JobStateKind::Finished, id));
		assert_eq!((Slashes::get(), Releases::get()), (vec![], vec![]));
		assert_eq!(Closed::get(), [id]);
	});
}

#[test]
fn cancel_of_an_expired_job_works() {
	run(|| {
		let id = open();
		pass(ACCEPT + 1);
		assert_ok!(cancel(BIA, id));
		assert_eq!(verdict(id), Verdict::Refunded(RefundReason::Cancelled));
	});
}

#[test]
fn cancel_by_another_fails() {
	run(|| {
		let id = open();
		assert_noop!(cancel(PIA, id), Error::<Test>::NotBuyer);
	});
}

#[test]
fn cancel_of_an_accepted_job_fails() {
	run(|| {
		for id in accepted_ones() {
			assert_noop!(cancel(BIA, id), Error::<Test>::NotOpen);
		}
	});
}

#[test]
fn cancel_of_no_job_or_twice_fails() {
	run(|| {
		let id = open();
		assert_noop!(cancel(BIA, id + 1), Error::<Test>::NoSuchJob);
		assert_ok!(cancel(BIA, id));
		assert_noop!(cancel(BIA, id), Error::<Test>::NoSuchJob);
	});
}
