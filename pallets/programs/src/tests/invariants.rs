//! Each invariant, broken on purpose.

use super::*;

#[track_caller]
fn broken_by(corrupt: impl FnOnce(ProgramId)) {
	externalities().execute_with(|| {
		let program = registered();
		assert_ok!(Programs::do_try_state());
		corrupt(program);
		assert!(Programs::do_try_state().is_err());
	});
}

#[test]
fn each_program_has_its_code_and_outline_and_nothing_else_has() {
	broken_by(Codes::<Test>::remove);
	broken_by(Outlines::<Test>::remove);
	broken_by(Stored::<Test>::remove);
	broken_by(|program| Codes::<Test>::insert(program, samples::code(samples::copy(1))));
	broken_by(|program| Outlines::<Test>::insert(program, samples::code(samples::copy(0))));
	broken_by(|program| {
		Stored::<Test>::mutate(program, |record| record.as_mut().unwrap().bytes += 1)
	});
}
