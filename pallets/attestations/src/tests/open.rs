use super::*;

#[test]
fn correct_openings_of_all_samples_end_the_audit() {
	run(|| {
		let work = drawn(&Rows::new(GROUPS), SAMPLES);
		for (at, drawn) in work.samples().into_iter().enumerate() {
			let sample = at as u8;
			assert!(matches!(work.state(), JobState::Attested { .. }));
			assert_eq!(work.open(sample), Ok(Pays::No));
			let Some(frame_system::EventRecord { event, .. }) = System::events().pop() else {
				panic!("there is an event");
			};
			let RuntimeEvent::Attestations(Event::Opened {
				sample: opened, workgroup, steps, ..
			}) = event
			else {
				panic!("it was opened");
			};
			assert_eq!((opened, workgroup), (sample, drawn));
			assert!((500..2_000).contains(&steps), "{steps}");
			assert!(Attestations::samples(work.id).unwrap()[at].opened);
		}
		assert_eq!(told(), Some(Told::Audited(work.id)));
		let until = Active::get() + CONTEST;
		assert_eq!(Stored::<Test>::get(work.id).unwrap().demand_until, until);
	});
}

#[test]
fn every_workgroup_of_an_honest_job_can_be_opened() {
	run(|| {
		for (pass, number) in (0..2).flat_map(|pass| (0..GROUPS).map(move |n| (pass, n))) {
			let work = drawn_as(&Rows::new(GROUPS), workgroup(pass, number));
			assert_eq!(work.open(0), Ok(Pays::No), "{pass} {number}");
			assert_eq!(told(), Some(Told::Audited(work.id)));
		}
	});
}

#[test]
fn sixteen_samples_in_any_order() {
	run(|| {
		let work = drawn(&Rows::new(GROUPS), 16);
		for sample in (0..16).rev() {
			assert_ok!(work.open(sample));
			check();
		}
		assert_eq!(told(), Some(Told::Audited(work.id)));
	});
}

#[test]
fn a_workgroup_drawn_twice_is_opened_twice() {
	run(|| {
		let work = drawn(&Rows::new(1), 2);
		work.rig(|drawn| drawn[0] == drawn[1]);
		assert_ok!(work.open(0));
		assert!(matches!(work.state(), JobState::Attested { .. }));
		assert_ok!(work.open(1));
		assert!(matches!(work.state(), JobState::Contestable { .. }));
	});
}

#[test]
fn an_opening_that_shows_a_lie_ends_the_job_and_pays() {
	run(|| {
		let cases = [
			(Rows::with_early_lie(GROUPS, 7), workgroup(0, 7)),
			(Rows::with_late_lie(GROUPS, 9), workgroup(1, 9)),
		];
		for (rows, wrong) in cases {
			let work = drawn_as(&rows, wrong);
			assert_eq!(work.open(0), Ok(Pays::Yes));
			let lost = Told::Refunded(work.id, RefundReason::OpeningWrong, None);
			assert_eq!(told(), Some(lost));
			let (job, slash) = (work.id, REPORT);
			assert_last_event(Event::OpeningWrong { job, workgroup: wrong, slash });
			assert!(!Stored::<Test>::contains_key(work.id));
		}
	});
}

/// A pass that goes on from a lie is right: only who lied is wrong.
#[test]
fn what_follows_from_a_lie_is_no_lie() {
	run(|| {
		for number in [6, 7] {
			let work = drawn_as(&Rows::with_early_lie(GROUPS, 7), workgroup(1, number));
			assert_eq!(work.open(0), Ok(Pays::No));
		}
	});
}

#[test]
fn open_by_the_providers_worker_key_is_the_providers_and_free() {
	run(|| {
		let work = drawn(&Rows::new(2), 2);
		let (witness, steps) = work.witness(work.samples()[0]);
		let call = |sample| Call::open { job: work.id, sample, steps, witness: witness.clone() };
		assert_eq!(send(CAIO, call(0)), Err(Error::<Test>::NotProvider.into()));
		assert_eq!(send(PIAS_KEY, call(0)), Ok(Pays::No));
		assert_eq!(send(PIA, call(0)), Err(Error::<Test>::AlreadyOpened.into()));
	});
}

#[test]
fn open_is_for_the_provider_of_an_attested_job() {
	run(|| {
		let work = drawn(&Rows::new(2), 2);
		let (witness, steps) = work.witness(work.samples()[0]);
		let open = |who, job, sample| {
			send(who, Call::open { job, sample, steps, witness: witness.clone() })
		};
		assert_eq!(open(PIA, 99, 0), Err(Error::<Test>::NoSuchJob.into()));
		assert_eq!(open(BIA, work.id, 0), Err(Error::<Test>::NotProvider.into()));
		assert_eq!(open(PIA, work.id, 2), Err(Error::<Test>::NoSuchSample.into()));
		assert_eq!(open(PIA, work.id, 255), Err(Error::<Test>::NoSuchSample.into()));
		assert_ok!(open(PIA, work.id, 0));
		assert_eq!(open(PIA, work.id, 0), Err(Error::<Test>::AlreadyOpened.into()));
		let running = running(&Rows::new(2), 2);
		assert_eq!(open(PIA, running.id, 0), Err(Error::<Test>::NotAttested.into()));
		let done = contestable(&Rows::new(2), None);
		assert_eq!(open(PIA, done.id, 0), Err(Error::<Test>::NotAttested.into()));
	});
}

#[test]
fn only_what_is_drawn_can_be_opened() {
	run(|| {
		let work = drawn_as(&Rows::with_early_lie(GROUPS, 7), workgroup(0, 7));
		// Their bytes lie in other chunks, or in other buffers.
		for other in [workgroup(0, 0), workgroup(1, 7)] {
			let (witness, steps) = work.witness(other);
			let open = Call::open { job: work.id, sample: 0, steps, witness };
			assert!(send(PIA, open).is_err());
		}
		assert!(matches!(work.state(), JobState::Attested { .. }));
	});
}

/// The machine refuses such parameters, and jobs are not posted with them.
#[test]
fn a_job_that_declares_no_step_cannot_be_opened() {
	run(|| {
		let mut definition = relay().definition().clone();
		for pass in &mut definition.passes {
			pass.fuel = mutirao_machine_core::bytecode::Expression::constant(0);
		}
		let program = mutirao_machine_core::Program::new(definition).unwrap();
		let work = attested(&Rows::new(2), 1);
		let mut idle = TestJobs::job(work.id).unwrap();
		idle.request.program = register(program.encode());
		put(work.id, idle);
		pass(DRAW + 1);
		let (witness, steps) = work.witness(workgroup(0, 0));
		let open = Call::open { job: work.id, sample: 0, steps, witness };
		assert_eq!(send(PIA, open), Err(Error::<Test>::NoSuchJob.into()));
	});
}
