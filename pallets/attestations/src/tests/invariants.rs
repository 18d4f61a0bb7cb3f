//! Each invariant, broken on purpose.

use super::*;
use crate::AttestationOf;
use frame_support::traits::fungible::hold::Mutate as _;

const BUFFER: JobBuffer = JobBuffer::Written(0);

/// Two demands wait in a contestable job.
#[track_caller]
fn broken_by(complaint: &'static str, corrupt: impl FnOnce(&Work)) {
	externalities().execute_with(|| {
		let work = contestable(&Rows::new(GROUPS), None);
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		assert_ok!(work.demand(BIA, BUFFER, 1));
		assert_ok!(Attestations::do_try_state());
		corrupt(&work);
		assert_eq!(Attestations::do_try_state(), Err(complaint.into()));
	});
}

fn change(work: &Work, change: impl FnOnce(&mut AttestationOf<Test>)) {
	Stored::<Test>::mutate(work.id, |stored| change(stored.as_mut().unwrap()));
}

#[test]
fn what_is_attested_belongs_to_an_attested_live_job() {
	broken_by("an attestation of no live job", |work| {
		Live::set(&{
			let mut all = Live::get();
			all.remove(&work.id);
			all
		})
	});
	broken_by("an attestation of a job that is not attested", |work| {
		let mut job = TestJobs::job(work.id).unwrap();
		job.state = JobState::Running { deal: deal(PIA), until: 100 };
		put(work.id, job);
	});
}

#[test]
fn demands_are_counted() {
	broken_by("demands are miscounted", |work| change(work, |stored| stored.demands += 1));
	broken_by("demands are miscounted", |work| {
		Demands::<Test>::remove(work.id, (BUFFER, 0));
	});
	broken_by("a demand to no attestation", |work| {
		let stray = Demands::<Test>::take(work.id, (BUFFER, 0)).unwrap();
		Demands::<Test>::insert(work.id + 1, (BUFFER, 0), stray);
		change(work, |stored| stored.demands -= 1);
	});
}

#[test]
fn demands_are_few() {
	broken_by("too many demands", |work| {
		let one = Demands::<Test>::get(work.id, (BUFFER, 0)).unwrap();
		let most = 2 * u32::from(MAX_DEMANDS);
		(2..=most).for_each(|chunk| Demands::<Test>::insert(work.id, (BUFFER, chunk), &one));
		change(work, |stored| stored.demands = most as u8 + 1);
	});
}

#[test]
fn what_is_opened_is_a_sample() {
	broken_by("an opening of no sample", |work| {
		change(work, |stored| stored.opened |= 1 << SAMPLES);
	});
}

#[test]
fn a_job_is_contestable_once_all_is_opened() {
	let complaint = "a job is contestable once all is opened";
	broken_by(complaint, |work| change(work, |stored| stored.opened &= !1));
	broken_by(complaint, |work| {
		let mut job = TestJobs::job(work.id).unwrap();
		job.state = JobState::Attested { deal: deal(PIA), until: 100 };
		put(work.id, job);
	});
}

#[test]
fn nothing_is_demanded_outside_the_contest_window() {
	broken_by("a demand outside the contest window", |work| {
		change(work, |stored| stored.opened &= !1);
		let mut job = TestJobs::job(work.id).unwrap();
		job.state = JobState::Attested { deal: deal(PIA), until: 100 };
		put(work.id, job);
	});
}

#[test]
fn deposits_are_on_hold_to_the_planck() {
	let complaint = "demands' deposits are not what is on hold";
	broken_by(complaint, |_| {
		assert_ok!(Balances::hold(&crate::HoldReason::Demand.into(), &CAIO, 1));
	});
	broken_by(complaint, |work| {
		let key = (BUFFER, 0);
		Demands::<Test>::mutate(work.id, key, |demand| demand.as_mut().unwrap().deposit += 1);
	});
}

#[test]
#[should_panic(expected = "a demand's deposit is on hold")]
fn a_deposit_that_is_gone_is_noticed() {
	externalities().execute_with(|| {
		let work = contestable(&Rows::new(2), None);
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		Demands::<Test>::mutate(work.id, (BUFFER, 0), |demand| {
			demand.as_mut().unwrap().deposit += 1;
		});
		Attestations::closed(work.id);
	});
}

#[test]
#[should_panic(expected = "demands are counted")]
fn a_demand_that_is_gone_is_noticed() {
	externalities().execute_with(|| {
		let work = contestable(&Rows::new(2), None);
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		Demands::<Test>::remove(work.id, (BUFFER, 0));
		Attestations::closed(work.id);
	});
}
