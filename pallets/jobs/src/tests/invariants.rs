//! Each invariant, broken on purpose.

use super::*;
use frame_support::traits::fungible::{hold::Mutate as _, InspectHold, UnbalancedHold};

#[track_caller]
fn broken_by(complaint: &'static str, corrupt: impl FnOnce(JobId)) {
	externalities().execute_with(|| {
		let id = running();
		assert_ok!(Jobs::do_try_state());
		corrupt(id);
		assert_eq!(Jobs::do_try_state(), Err(complaint.into()));
	});
}

#[track_caller]
fn broken_when_finished_by(complaint: &'static str, corrupt: impl FnOnce(JobId)) {
	externalities().execute_with(|| {
		let id = running();
		assert_ok!(Jobs::refunded(id, RefundReason::Late, None));
		assert_ok!(Jobs::do_try_state());
		corrupt(id);
		assert_eq!(Jobs::do_try_state(), Err(complaint.into()));
	});
}

fn reason() -> RuntimeHoldReason {
	crate::HoldReason::Escrow.into()
}

fn hold_a_planck() {
	assert_ok!(Balances::hold(&reason(), &BIA, 1));
}

#[test]
fn escrow_of_live_jobs_is_on_hold_to_the_planck() {
	let complaint = "escrow is not what is on hold";
	broken_by(complaint, |_| hold_a_planck());
	broken_by(complaint, |_| {
		let one_less = Balances::balance_on_hold(&reason(), &BIA) - 1;
		assert_ok!(Balances::set_balance_on_hold(&reason(), &BIA, one_less));
	});
	broken_by(complaint, |id| {
		Live::<Test>::mutate(id, |record| record.as_mut().unwrap().job.audit_fee += 1);
	});
}

#[test]
fn nothing_is_in_escrow_for_finished_jobs() {
	broken_when_finished_by("money is in escrow for no job", |_| hold_a_planck());
}

#[test]
fn a_job_is_live_or_finished() {
	broken_by("a job is both live and finished", |id| {
		let other = running();
		assert_ok!(Jobs::refunded(other, RefundReason::Late, None));
		History::<Test>::insert(id, History::<Test>::get(other).unwrap());
	});
}

#[test]
fn numbers_were_given() {
	let complaint = "a job has a number that was never given";
	broken_by(complaint, NextJob::<Test>::put);
	broken_when_finished_by(complaint, NextJob::<Test>::put);
}

#[test]
fn each_job_is_listed_by_its_stage_and_no_other_is() {
	let complaint = "a job is not listed by its stage";
	broken_by(complaint, |id| JobsByState::<Test>::remove(JobStateKind::Running, id));
	broken_when_finished_by(complaint, |id| {
		JobsByState::<Test>::remove(JobStateKind::Finished, id);
	});
	broken_by("an index by stage names no job", |id| {
		JobsByState::<Test>::insert(JobStateKind::Open, id, ());
	});
}

#[test]
fn each_job_is_listed_by_its_buyer_and_no_other_is() {
	let complaint = "a job is not listed by its buyer";
	broken_by(complaint, |id| JobsByBuyer::<Test>::remove(BIA, id));
	broken_when_finished_by(complaint, |id| JobsByBuyer::<Test>::remove(BIA, id));
	broken_by("an index by buyer names no job", |id| JobsByBuyer::<Test>::insert(ANA, id, ()));
}

#[test]
fn each_accepted_job_is_listed_by_its_provider_and_no_other_is() {
	let complaint = "a job is not listed by its provider";
	broken_by(complaint, |id| JobsByProvider::<Test>::remove(PIA, id));
	broken_when_finished_by(complaint, |id| JobsByProvider::<Test>::remove(PIA, id));
	broken_by("an index by provider names no job", |_| {
		let id = open();
		JobsByProvider::<Test>::insert(PIA, id, ());
	});
}
