use super::*;

#[test]
fn a_challenge_finds_every_lie_and_names_the_challenger() {
	run(|| {
		let cases = [
			(Rows::with_early_lie(GROUPS, 0), workgroup(0, 0)),
			(Rows::with_early_lie(GROUPS, 19), workgroup(0, 19)),
			(Rows::with_late_lie(GROUPS, 5), workgroup(1, 5)),
		];
		for (rows, wrong) in cases {
			let work = contestable(&rows, Some(wrong));
			assert_eq!(work.challenge(wrong), Ok(Pays::No));
			let upheld = RefundReason::ChallengeUpheld;
			assert_eq!(told(), Some(Told::Refunded(work.id, upheld, Some(CAIO))));
			let (job, challenger, slash) = (work.id, CAIO, REPORT);
			assert_last_event(Event::ChallengeUpheld { job, workgroup: wrong, challenger, slash });
			assert!(!Stored::<Test>::contains_key(work.id));
		}
	});
}

#[test]
fn a_challenger_who_is_wrong_pays_and_changes_nothing() {
	run(|| {
		let work = contestable(&Rows::with_early_lie(GROUPS, 7), Some(workgroup(0, 7)));
		let (before, log) = (Stored::<Test>::get(work.id), Log::get());
		// Pass 1 went on from the lie as it must.
		for right in [workgroup(0, 6), workgroup(1, 6), workgroup(1, 7)] {
			assert_eq!(work.challenge(right), Ok(Pays::Yes));
			let (job, challenger) = (work.id, CAIO);
			assert_last_event(Event::ChallengeFailed { job, workgroup: right, challenger });
		}
		assert_eq!((Stored::<Test>::get(work.id), Log::get()), (before, log));
		assert_eq!(work.challenge(workgroup(0, 7)), Ok(Pays::No));
	});
}

#[test]
fn challenges_are_for_contestable_jobs() {
	run(|| {
		let work = drawn(&Rows::with_late_lie(GROUPS, 3), 1);
		assert_eq!(work.challenge(workgroup(1, 3)), Err(Error::<Test>::NotContestable.into()));
		let none = Work { id: 99, ..work };
		assert_eq!(none.challenge(workgroup(1, 3)), Err(Error::<Test>::NoSuchJob.into()));
		let running = running(&Rows::new(2), 1);
		assert_eq!(running.challenge(workgroup(0, 0)), Err(Error::<Test>::NotContestable.into()));
	});
}

#[test]
fn of_two_challengers_in_a_block_the_first_wins() {
	run(|| {
		let wrong = workgroup(1, 3);
		let work = contestable(&Rows::with_late_lie(GROUPS, 3), Some(wrong));
		assert_eq!(work.challenge(wrong), Ok(Pays::No));
		let log = Log::get();
		assert_eq!(work.challenge(wrong), Err(Error::<Test>::NoSuchJob.into()));
		assert_eq!(Log::get(), log, "there is one verdict");
	});
}

#[test]
fn a_challenge_names_a_workgroup_that_exists() {
	run(|| {
		let work = contestable(&Rows::new(2), None);
		let (witness, steps) = work.witness(workgroup(0, 0));
		let challenge = |workgroup| {
			let witness = witness.clone();
			send(CAIO, Call::challenge { job: work.id, workgroup, steps, witness })
		};
		assert_eq!(challenge(workgroup(2, 0)), Err(Error::<Test>::NoSuchPass.into()));
		assert_eq!(challenge(workgroup(u16::MAX, 0)), Err(Error::<Test>::NoSuchPass.into()));
		for number in [2, u32::MAX] {
			let beyond = challenge(workgroup(0, number));
			assert_eq!(beyond, Err(Error::<Test>::NoSuchWorkgroup.into()));
		}
	});
}

#[test]
fn a_challenge_of_a_workgroup_that_faults_is_void() {
	run(|| {
		for (rows, at) in [
			(Rows::with_fault(GROUPS, 4, RACE), workgroup(0, 4)),
			(Rows::with_late_fault(GROUPS, 4, OVERRUN), workgroup(1, 4)),
		] {
			let work = contestable(&rows, Some(at));
			let log = Log::get();
			assert_eq!(work.challenge(at), Err(Error::<Test>::ProgramFaults.into()));
			assert_eq!(Log::get(), log);
		}
	});
}

#[test]
fn steps_are_what_the_pass_declares_and_no_more_than_can_be_re_executed() {
	run(|| {
		let work = contestable(&Rows::new(2), None);
		let with = |pass: u16, steps| {
			let workgroup = workgroup(pass, 0);
			let (witness, _) = work.witness(workgroup);
			send(CAIO, Call::challenge { job: work.id, workgroup, steps, witness })
		};
		for (pass, fuel) in [(0, FUEL[0]), (1, FUEL[1])] {
			let fuel = u64::from(fuel);
			assert_eq!(with(pass, fuel - 1), Err(Error::<Test>::TooManySteps.into()));
			assert_eq!(with(pass, 0), Err(Error::<Test>::TooManySteps.into()));
			assert_eq!(with(pass, fuel), Ok(Pays::Yes));
			assert_eq!(with(pass, MAX_STEPS), Ok(Pays::Yes));
			assert_eq!(with(pass, MAX_STEPS + 1), Err(Error::<Test>::TooManySteps.into()));
			assert_eq!(with(pass, u64::MAX), Err(Error::<Test>::TooManySteps.into()));
		}
	});
}
