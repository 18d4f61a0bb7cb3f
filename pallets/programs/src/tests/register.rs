use super::*;
use mutirao_machine_core::{
	bytecode::{Buffer, Expression, Role, Term},
	Outline, Program,
};

#[test]
fn register_stores_the_program_under_its_hash_and_holds_rent_for_its_size() {
	run(|| {
		let code = samples::code(samples::copy(0));
		let program = registered();
		assert_eq!(Codes::<Test>::get(program).unwrap(), code);
		let outline = Outline::of(&Program::decode(&code).unwrap()).encode();
		assert_eq!(Outlines::<Test>::get(program).unwrap().to_vec(), outline);
		let (bytes, stored) = (code.len() as u32, (code.len() + outline.len()) as u64);
		assert_eq!(held(ANA), PER_ENTRY * 2 + PER_BYTE * stored);
		System::assert_last_event(Event::Registered { program, depositor: ANA, bytes }.into());
	});
}

#[test]
fn register_twice_fails_whoever_does_it() {
	run(|| {
		registered();
		for who in [ANA, RUI] {
			assert_noop!(
				Programs::register(RuntimeOrigin::signed(who), samples::code(samples::copy(0))),
				Error::<Test>::AlreadyRegistered
			);
		}
	});
}

#[test]
fn register_of_what_is_no_program_fails() {
	run(|| {
		let whole = samples::code(samples::copy(0));
		let cut = whole[..whole.len() - 1].to_vec();
		let mut longer = whole.to_vec();
		longer.push(0);
		let mut broken = samples::copy(0);
		broken.kernels[0].registers = 1;
		for bytes in [vec![], vec![1], cut, longer, samples::unchecked(&broken).to_vec()] {
			assert_noop!(
				Programs::register(RuntimeOrigin::signed(ANA), bytes.try_into().unwrap()),
				Error::<Test>::NotAProgram
			);
		}
	});
}

#[test]
fn register_with_more_buffers_than_a_job_can_name_fails() {
	run(|| {
		let with_inputs = |count: usize| {
			let mut definition = samples::copy(0);
			definition.buffers.extend((1..count).map(|index| Buffer {
				name: format!("more{index}"),
				role: Role::Input,
				words: Expression::constant(1),
			}));
			samples::code(definition)
		};
		assert_ok!(Programs::register(RuntimeOrigin::signed(ANA), with_inputs(16)));
		assert_noop!(
			Programs::register(RuntimeOrigin::signed(ANA), with_inputs(17)),
			Error::<Test>::TooManyBuffers
		);
	});
}

#[test]
fn register_with_sizes_that_take_too_long_to_compute_fails() {
	run(|| {
		let mut definition = samples::copy(0);
		let long = (0..31).fold(Expression::constant(1), |product, _| {
			product.join(Term::Mul, Expression::constant(1))
		});
		definition.passes[0].fuel = long.clone();
		// A buffer is written once, so passes that write it cannot be repeated; inputs can be long.
		definition.kernels[0].arguments = 32;
		definition.passes[0].arguments = vec![long.clone(); 32];
		let terms = Outline::of(&Program::new(definition.clone()).unwrap()).terms();
		assert!((2_000..4_096).contains(&terms));
		assert_ok!(Programs::register(
			RuntimeOrigin::signed(ANA),
			samples::code(definition.clone())
		));
		// The same pass again, writing another buffer.
		definition.buffers.push(Buffer { name: "again".into(), ..definition.buffers[1].clone() });
		let mut second = definition.passes[0].clone();
		second.bindings[1] = mutirao_machine_core::bytecode::Binding::Write {
			buffer: 2,
			slice: Expression::constant(samples::LANES.into()),
		};
		definition.passes.push(second);
		assert_noop!(
			Programs::register(RuntimeOrigin::signed(ANA), samples::code(definition)),
			Error::<Test>::TooManyTerms
		);
	});
}

#[test]
fn register_without_money_for_the_rent_fails() {
	run(|| {
		let code = samples::code(samples::copy(0));
		let poor = 77;
		assert!(Programs::register(RuntimeOrigin::signed(poor), code).is_err());
	});
}
