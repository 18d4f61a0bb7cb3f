use super::*;

#[test]
fn a_block_is_a_moment_unless_time_stands_still() {
	run(|| {
		assert_eq!(Jobs::now(), 0);
		pass(2);
		StandsStill::set(true);
		pass(100);
		assert_eq!(Jobs::now(), 2);
		StandsStill::set(false);
		pass(1);
		assert_eq!(Jobs::now(), 3);
		assert_eq!(<crate::ActiveClock<Test> as mutirao_traits::Clock>::now(), 3);
	});
}

#[test]
fn no_deadline_passes_while_time_stands_still() {
	run(|| {
		let (one, other) = (open(), running());
		StandsStill::set(true);
		pass(10 * ATTEST);
		for id in [one, other] {
			assert_noop!(settle(id), Error::<Test>::DeadlineNotReached);
		}
		assert_ok!(accept(one));
		assert_ok!(Jobs::attested(other, &PIA, OPEN));
		StandsStill::set(false);
		pass(OPEN);
		assert_noop!(settle(other), Error::<Test>::DeadlineNotReached);
		pass(1);
		assert_ok!(settle(other));
	});
}

#[test]
fn time_ends_without_a_panic() {
	run(|| {
		crate::ActiveBlocksPassed::<Test>::put(u32::MAX - 1);
		let id = open();
		pass(3);
		assert_eq!((Jobs::now(), state(id).until()), (u32::MAX, u32::MAX));
	});
}
