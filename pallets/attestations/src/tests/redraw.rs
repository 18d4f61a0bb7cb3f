use super::*;

fn redraw(work: &Work) -> Result<Pays, DispatchError> {
	send(CAIO, Call::redraw { job: work.id })
}

#[test]
fn redraw_draws_anew_what_was_forgotten_while_the_chain_stood_still() {
	run(|| {
		let work = drawn(&Rows::new(GROUPS), 2);
		let before = work.samples();
		assert_ok!(work.open(0));
		stand_still(RING - DRAW + 1);
		let witness = work.witness(before[1]);
		let open =
			|(witness, steps)| send(PIA, Call::open { job: work.id, sample: 1, steps, witness });
		assert_eq!(open(witness.clone()), Err(Error::<Test>::RandomnessForgotten.into()));
		assert_eq!(redraw(&work), Ok(Pays::No));
		let anchor = System::block_number();
		assert_last_event(Event::Redrawn { job: work.id, anchor });
		assert_eq!(told(), Some(Told::Postponed(work.id, OPEN)));
		assert_eq!(work.until(), Active::get() + OPEN);
		assert_eq!(open(witness), Err(Error::<Test>::DrawNotReady.into()));
		pass(DRAW + 1);
		assert_ne!(work.samples(), before);
		// What was opened before does not count.
		for sample in 0..2 {
			assert!(matches!(work.state(), JobState::Attested { .. }));
			assert_ok!(work.open(sample));
		}
		assert!(matches!(work.state(), JobState::Contestable { .. }));
	});
}

#[test]
fn redraw_of_what_is_remembered_or_not_yet_known_fails() {
	run(|| {
		let work = attested(&Rows::new(2), SAMPLES);
		assert_eq!(redraw(&work), Err(Error::<Test>::RandomnessRemembered.into()));
		pass(DRAW + 1);
		assert_eq!(redraw(&work), Err(Error::<Test>::RandomnessRemembered.into()));
		// The first block of the draw is overwritten by the one that comes a ring later, in the block after
		// that.
		stand_still(RING - DRAW);
		assert_eq!(redraw(&work), Err(Error::<Test>::RandomnessRemembered.into()));
		stand_still(1);
		assert_ok!(redraw(&work));
	});
}

#[test]
fn redraw_after_a_block_without_randomness() {
	run(|| {
		let work = attested(&Rows::new(2), SAMPLES);
		Silent::set(&true);
		pass(DRAW + 1);
		assert_eq!(
			Attestations::do_samples(work.id),
			Err(Error::<Test>::RandomnessForgotten.into())
		);
		Silent::set(&false);
		assert_ok!(redraw(&work));
	});
}

/// A provider that does not like its draw gains nothing by waiting.
#[test]
fn redraw_after_the_deadline_fails() {
	run(|| {
		let work = drawn(&Rows::new(2), SAMPLES);
		stand_still(RING);
		pass_until(work.until());
		let (late, early) = (work.until() + 1, work.until());
		pass_until(late);
		assert_eq!(redraw(&work), Err(Error::<Test>::TooLate.into()));
		Active::set(&early);
		assert_ok!(redraw(&work));
	});
}

#[test]
fn redraw_is_for_attested_jobs() {
	run(|| {
		let (running, done) = (running(&Rows::new(2), 1), contestable(&Rows::new(2), None));
		stand_still(2 * RING);
		assert_eq!(redraw(&running), Err(Error::<Test>::NotAttested.into()));
		assert_eq!(redraw(&done), Err(Error::<Test>::NotAttested.into()));
		let none = Work { id: 99, ..done };
		assert_eq!(redraw(&none), Err(Error::<Test>::NoSuchJob.into()));
	});
}

#[test]
fn redraw_forgets_a_fault_with_the_draw_that_found_it() {
	run(|| {
		let work = drawn(&Rows::with_late_fault(2, 0, RACE), 2);
		work.rig(|drawn| drawn[0] == workgroup(1, 0));
		assert_ok!(work.open(0));
		assert_eq!(Attestations::standing(work.id), Standing::Faulted(FaultKind::Race));
		stand_still(RING);
		assert_ok!(redraw(&work));
		assert_eq!(Attestations::standing(work.id), Standing::Clear);
	});
}
