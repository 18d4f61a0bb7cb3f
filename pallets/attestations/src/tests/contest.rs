//! What jobs ask before they pay.

use super::*;

const BUFFER: JobBuffer = JobBuffer::Written(1);

#[test]
fn a_job_without_contest_is_clear() {
	run(|| {
		assert_eq!(Attestations::standing(99), Standing::Clear);
		let work = contestable(&Rows::new(2), None);
		assert_eq!(Attestations::standing(work.id), Standing::Clear);
		pass_until(work.until());
		assert_eq!(TestJobs::settle(work.id), Err("not due".into()));
		pass(1);
		assert_eq!(TestJobs::settle(work.id), Ok(Verdict::Settled));
		assert!(!Stored::<Test>::contains_key(work.id));
	});
}

#[test]
fn openings_that_are_withheld_cost_the_job() {
	run(|| {
		let work = drawn(&Rows::new(GROUPS), 2);
		assert_ok!(work.open(0));
		pass_until(work.until() + 1);
		let missed = Verdict::Refunded(RefundReason::OpeningMissed);
		assert_eq!(TestJobs::settle(work.id), Ok(missed));
		assert!(!Stored::<Test>::contains_key(work.id));
	});
}

#[test]
fn a_demand_holds_the_payment_up_until_it_is_answered_or_lost() {
	run(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		pass_until(work.until());
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		pass(SUPPLY);
		assert_eq!(Attestations::standing(work.id), Standing::Pending);
		assert_eq!(TestJobs::settle(work.id), Err("pending".into()));
		pass(1);
		let lost = RefundReason::DemandUnanswered;
		assert_eq!(Attestations::standing(work.id), Standing::Lost(lost));
		assert_eq!(TestJobs::settle(work.id), Ok(Verdict::Refunded(lost)));
		assert_eq!((held(CAIO), free(CAIO)), (0, MONEY));
	});
}

#[test]
fn one_unanswered_demand_decides_over_pending_ones_and_over_a_fault() {
	run(|| {
		let work = drawn_as(&Rows::with_late_fault(GROUPS, 4, RACE), workgroup(1, 4));
		assert_ok!(work.open(0));
		assert_eq!(Attestations::standing(work.id), Standing::Faulted(FaultKind::Race));
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		assert_eq!(Attestations::standing(work.id), Standing::Pending);
		pass(SUPPLY);
		assert_ok!(work.demand(BIA, BUFFER, 1));
		pass(1);
		let lost = Standing::Lost(RefundReason::DemandUnanswered);
		assert_eq!(Attestations::standing(work.id), lost);
		// The pending one is answered, the late one cannot be.
		assert_ok!(work.supply(BUFFER, 1));
		assert_eq!(Attestations::standing(work.id), lost);
	});
}

#[test]
fn when_a_job_ends_all_deposits_go_back() {
	run(|| {
		let wrong = workgroup(1, 3);
		let work = contestable(&Rows::with_late_lie(GROUPS, 3), Some(wrong));
		let other = contestable(&Rows::new(GROUPS), None);
		assert_ok!(other.demand(CAIO, BUFFER, 0));
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		assert_ok!(work.demand(CAIO, BUFFER, 1));
		assert_ok!(work.demand(BIA, BUFFER, 2));
		assert_ok!(work.demand(BIA, BUFFER, 3));
		assert_eq!((held(CAIO), held(BIA)), (3 * DEPOSIT, 2 * DEPOSIT));
		assert_eq!(work.challenge(wrong), Ok(Pays::No));
		assert_eq!((held(CAIO), held(BIA)), (DEPOSIT, 0));
		assert_eq!((free(CAIO), free(BIA), free(PIA)), (MONEY - DEPOSIT, MONEY, MONEY));
		assert_eq!(Demands::<Test>::iter_prefix_values(work.id).count(), 0);
		assert_eq!(Demands::<Test>::iter_prefix_values(other.id).count(), 1);
		// There is no second verdict.
		let log = Log::get();
		assert_eq!(work.challenge(wrong), Err(Error::<Test>::NoSuchJob.into()));
		assert_eq!(work.supply(BUFFER, 0), Err(Error::<Test>::NotDemanded.into()));
		assert_eq!(Log::get(), log);
	});
}

#[test]
fn a_job_that_was_never_attested_leaves_nothing_to_forget() {
	run(|| {
		let work = running(&Rows::new(2), 1);
		pass_until(work.until() + 1);
		assert_eq!(TestJobs::settle(work.id), Ok(Verdict::Refunded(RefundReason::Late)));
	});
}
