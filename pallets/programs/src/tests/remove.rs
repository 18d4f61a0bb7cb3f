use super::*;

#[test]
fn remove_frees_the_rent_and_leaves_nothing() {
	run(|| {
		let program = registered();
		assert_ok!(Programs::remove(RuntimeOrigin::signed(ANA), program));
		assert_eq!(held(ANA), 0);
		assert!(Codes::<Test>::get(program).is_none() && Outlines::<Test>::get(program).is_none());
		System::assert_last_event(Event::Removed { program }.into());
		// It may come back.
		registered();
	});
}

#[test]
fn remove_by_another_or_of_nothing_fails() {
	run(|| {
		let program = registered();
		assert_noop!(
			Programs::remove(RuntimeOrigin::signed(RUI), program),
			Error::<Test>::NotDepositor
		);
		assert_noop!(
			Programs::remove(RuntimeOrigin::signed(ANA), [7; 32]),
			Error::<Test>::NoSuchProgram
		);
	});
}

#[test]
fn remove_while_a_job_uses_it_fails() {
	run(|| {
		let program = registered();
		assert_ok!(Programs::acquire(&program));
		assert_ok!(Programs::acquire(&program));
		Programs::release(&program);
		assert_noop!(Programs::remove(RuntimeOrigin::signed(ANA), program), Error::<Test>::InUse);
		Programs::release(&program);
		assert_ok!(Programs::remove(RuntimeOrigin::signed(ANA), program));
		assert_noop!(Programs::acquire(&program), Error::<Test>::NoSuchProgram);
	});
}
