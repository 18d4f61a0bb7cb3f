//! Each deadline from both sides: at `until` one is in time, a block later too late.

use super::*;

const BUFFER: JobBuffer = JobBuffer::Written(0);

/// The same at the last moment, and one after it.
#[track_caller]
fn at_the_edge(
	prepare: impl Fn() -> (Work, u32),
	act: impl Fn(&Work) -> Result<Pays, DispatchError>,
) {
	run(|| {
		let (work, until) = prepare();
		pass_until(until);
		assert_ok!(act(&work));
	});
	run(|| {
		let (work, until) = prepare();
		pass_until(until + 1);
		assert_eq!(act(&work), Err(Error::<Test>::TooLate.into()));
	});
}

#[test]
fn openings() {
	let prepare = || {
		let work = drawn(&Rows::new(2), 1);
		let until = work.until();
		(work, until)
	};
	at_the_edge(prepare, |work| work.open(0));
}

#[test]
fn wrong_openings() {
	let prepare = || {
		let work = drawn_as(&Rows::with_late_lie(2, 1), workgroup(1, 1));
		let until = work.until();
		(work, until)
	};
	at_the_edge(prepare, |work| work.open(0));
}

#[test]
fn challenges() {
	let wrong = workgroup(1, 1);
	let prepare = || {
		let work = contestable(&Rows::with_late_lie(GROUPS, 1), Some(wrong));
		let until = work.until();
		(work, until)
	};
	at_the_edge(prepare, |work| work.challenge(wrong));
}

#[test]
fn demands() {
	let prepare = || {
		let work = contestable(&Rows::new(2), None);
		let until = Active::get() + CONTEST;
		(work, until)
	};
	at_the_edge(prepare, |work| work.demand(CAIO, BUFFER, 0));
}

#[test]
fn answers() {
	let prepare = || {
		let work = contestable(&Rows::new(2), None);
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		let until = Active::get() + SUPPLY;
		(work, until)
	};
	at_the_edge(prepare, |work| work.supply(BUFFER, 0));
}

/// An answer near the window's end moves it for challenges, never for demands: a job ends.
#[test]
fn challenges_after_an_answer_but_no_demands() {
	let wrong = workgroup(1, 1);
	let prepare = || {
		let work = contestable(&Rows::with_late_lie(GROUPS, 1), Some(wrong));
		pass_until(work.until());
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		pass(SUPPLY);
		assert_ok!(work.supply(BUFFER, 0));
		let until = Active::get() + GRACE;
		assert_eq!(work.until(), until);
		let late = work.demand(CAIO, BUFFER, 1);
		assert_eq!(late, Err(Error::<Test>::TooLate.into()));
		(work, until)
	};
	at_the_edge(prepare, |work| work.challenge(wrong));
}

#[test]
fn an_early_answer_does_not_shorten_the_window() {
	run(|| {
		let work = contestable(&Rows::new(2), None);
		let until = work.until();
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		assert_ok!(work.supply(BUFFER, 0));
		assert_eq!(work.until(), until);
	});
}

/// Blocks in which the chain stands still do not count.
#[test]
fn time_that_stands_still() {
	run(|| {
		let wrong = workgroup(1, 1);
		let work = contestable(&Rows::with_late_lie(GROUPS, 1), Some(wrong));
		assert_ok!(work.demand(CAIO, BUFFER, 0));
		stand_still(10 * (CONTEST + SUPPLY));
		assert_ok!(work.supply(BUFFER, 0));
		assert_eq!(work.challenge(wrong), Ok(Pays::No));
	});
}
