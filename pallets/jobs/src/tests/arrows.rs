//! What the pallet that checks the work calls.

use super::*;

fn audited(job: JobId) -> DispatchResult {
	Jobs::audited(job)
}

#[test]
fn attested_at_the_deadline_works() {
	run(|| {
		let id = running();
		pass(ATTEST);
		assert_ok!(Jobs::attested(id, &PIA, OPEN));
		let until = ATTEST + OPEN;
		assert_eq!(state(id), JobState::Attested { deal: deal(), until });
		System::assert_last_event(Event::Attested { job: id, until }.into());
		assert!(JobsByState::<Test>::contains_key(JobStateKind::Attested, id));
	});
}

#[test]
fn attested_after_the_deadline_fails() {
	run(|| {
		let id = running();
		pass(ATTEST + 1);
		assert_noop!(Jobs::attested(id, &PIA, OPEN), Error::<Test>::TooLate);
	});
}

#[test]
fn attested_by_another_or_in_another_stage_fails() {
	run(|| {
		let id = running();
		assert_noop!(Jobs::attested(id, &ANA, OPEN), Error::<Test>::NotProvider);
		for id in [open(), attested(), contestable()] {
			assert_noop!(Jobs::attested(id, &PIA, OPEN), Error::<Test>::NotRunning);
		}
		assert_noop!(Jobs::attested(99, &PIA, OPEN), Error::<Test>::NoSuchJob);
	});
}

#[test]
fn postponed_starts_the_stage_anew_works() {
	run(|| {
		let id = attested();
		// Also when it had passed: nobody could have known the drawn workgroups.
		for wait in [1, OPEN, OPEN + 1] {
			pass(wait);
			assert_ok!(Jobs::postponed(id, OPEN));
			let until = Jobs::now() + OPEN;
			assert_eq!(state(id), JobState::Attested { deal: deal(), until });
			System::assert_last_event(Event::Postponed { job: id, until }.into());
		}
	});
}

#[test]
fn postponed_in_another_stage_fails() {
	run(|| {
		for id in [open(), running(), contestable()] {
			assert_noop!(Jobs::postponed(id, OPEN), Error::<Test>::NotAttested);
		}
		assert_noop!(Jobs::postponed(99, OPEN), Error::<Test>::NoSuchJob);
	});
}

#[test]
fn audited_at_the_deadline_works() {
	run(|| {
		let id = attested();
		pass(OPEN);
		assert_ok!(audited(id));
		let until = OPEN + CONTEST;
		assert_eq!(state(id), JobState::Contestable { deal: deal(), until });
		System::assert_last_event(Event::Audited { job: id, until }.into());
		assert!(JobsByState::<Test>::contains_key(JobStateKind::Contestable, id));
	});
}

#[test]
fn audited_after_the_deadline_fails() {
	run(|| {
		let id = attested();
		pass(OPEN + 1);
		assert_noop!(audited(id), Error::<Test>::TooLate);
	});
}

#[test]
fn audited_in_another_stage_fails() {
	run(|| {
		for id in [open(), running(), contestable()] {
			assert_noop!(audited(id), Error::<Test>::NotAttested);
		}
		assert_noop!(audited(99), Error::<Test>::NoSuchJob);
	});
}

#[test]
fn refunded_in_each_accepted_stage_works_and_gives_the_report() {
	run(|| {
		for id in accepted_ones() {
			let report = Jobs::refunded(id, RefundReason::ChallengeUpheld, Some(&ANA));
			assert_eq!(report, Ok(REPORT));
			assert_eq!(verdict(id), Verdict::Refunded(RefundReason::ChallengeUpheld));
		}
	});
}

#[test]
fn refunded_after_the_deadline_works() {
	run(|| {
		for id in accepted_ones() {
			pass(ATTEST + 1);
			assert_ok!(Jobs::refunded(id, RefundReason::OpeningWrong, None));
		}
	});
}

#[test]
fn refunded_before_acceptance_fails() {
	run(|| {
		let id = open();
		assert_noop!(
			Jobs::refunded(id, RefundReason::OpeningWrong, None),
			Error::<Test>::NotAccepted
		);
	});
}

#[test]
fn refunded_or_faulted_of_no_job_or_twice_fails() {
	run(|| {
		let refunded = |id| Jobs::refunded(id, RefundReason::OpeningWrong, None);
		let faulted = |id| Jobs::faulted(id, FaultKind::Fuel);
		let (one, other) = (running(), running());
		assert_ok!(refunded(one));
		assert_ok!(faulted(other));
		for id in [one, other, 99] {
			assert_noop!(refunded(id), Error::<Test>::NoSuchJob);
			assert_noop!(faulted(id), Error::<Test>::NoSuchJob);
		}
	});
}

#[test]
fn faulted_before_the_audit_works() {
	run(|| {
		for id in [running(), attested()] {
			assert_ok!(Jobs::faulted(id, FaultKind::DivergentBarrier));
			assert_eq!(verdict(id), Verdict::Faulted(FaultKind::DivergentBarrier));
		}
	});
}

#[test]
fn faulted_before_acceptance_or_after_the_audit_fails() {
	run(|| {
		for id in [open(), contestable()] {
			assert_noop!(Jobs::faulted(id, FaultKind::Race), Error::<Test>::NotBeforeAudit);
		}
	});
}

#[test]
fn extended_keeps_the_window_open_for_longer_works() {
	run(|| {
		let id = contestable();
		pass(1);
		assert_ok!(Jobs::extended(id, CONTEST));
		assert_eq!(state(id), JobState::Contestable { deal: deal(), until: CONTEST + 1 });
		System::assert_last_event(Event::WindowExtended { job: id, until: CONTEST + 1 }.into());
		pass(CONTEST);
		assert_noop!(settle(id), Error::<Test>::DeadlineNotReached);
		pass(1);
		assert_ok!(settle(id));
	});
}

#[test]
fn extended_never_shortens_the_window_works() {
	run(|| {
		let id = contestable();
		for at_least in [0, 1, CONTEST - 1, CONTEST] {
			assert_ok!(Jobs::extended(id, at_least));
			assert_eq!(state(id).until(), CONTEST);
		}
	});
}

#[test]
fn extended_in_another_stage_fails() {
	run(|| {
		for id in [open(), running(), attested()] {
			assert_noop!(Jobs::extended(id, CONTEST), Error::<Test>::NotContestable);
		}
		assert_noop!(Jobs::extended(99, CONTEST), Error::<Test>::NoSuchJob);
	});
}
