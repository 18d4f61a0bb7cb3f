//! What the decoder and the validator refuse: each limit from both sides, and each rule.

mod support;

use std::cmp::Ordering;

use mutirao_machine_core::{
	bytecode::{limits::*, *},
	DecodeError, Indexed, Limited, ParameterError, Place, Program, Reason,
};
use support::*;

fn valid() -> Definition {
	one_pass(4, &[])
}

/// Changes a valid definition and returns why it is refused, and where.
fn refused(change: impl FnOnce(&mut Definition)) -> (Place, Reason) {
	let mut definition = valid();
	change(&mut definition);
	let error = Program::new(definition).expect_err("breaks a rule");
	(error.place, error.reason)
}

fn accepted(change: impl FnOnce(&mut Definition)) {
	let mut definition = valid();
	change(&mut definition);
	Program::new(definition).expect("is within the limits");
}

/// Why code is refused.
fn code_refused(body: &[Operation]) -> Reason {
	Program::new(one_pass(4, body)).expect_err("breaks a rule").reason
}

fn too_many(what: Limited, found: usize, most: usize) -> Reason {
	Reason::TooMany { what, found, most }
}

#[test]
fn a_program_survives_its_encoding() {
	let program = Program::new(valid()).expect("is valid");
	let bytes = program.encode();
	assert_eq!(bytes[0], VERSION);
	assert_eq!(Program::decode(&bytes), Ok(program));
}

/// Bytes that are known skip the barrier check and no other.
#[test]
fn a_known_program_is_checked_but_for_its_barriers() {
	let divergent = [
		built_in(BuiltIn::LocalIndex, 0),
		Operation::If(when(Compare::Equal, register(0), number(0))),
		Operation::Barrier,
		Operation::End,
	];
	let bytes = |definition: &Definition| {
		let mut bytes = vec![VERSION];
		codec::Encode::encode_to(definition, &mut bytes);
		bytes
	};
	let program = Program::new(valid()).expect("is valid");
	assert_eq!(Program::decode_known(&program.encode()), Ok(program.clone()));

	let divergent = bytes(&one_pass(4, &divergent));
	let Err(DecodeError::Rejected(error)) = Program::decode(&divergent) else {
		panic!("invocation 0 waits for the others");
	};
	assert_eq!(error.reason, Reason::DivergentBarrier);
	let known = Program::decode_known(&divergent).expect("it is not looked for");
	assert_eq!(known.encode(), divergent);

	let open = bytes(&one_pass(4, &[Operation::Loop]));
	assert_eq!(Program::decode_known(&open), Program::decode(&open));
	assert!(matches!(Program::decode_known(&open), Err(DecodeError::Rejected(_))));
	for cut in 0..bytes(&valid()).len() {
		assert!(Program::decode_known(&program.encode()[..cut]).is_err());
	}
}

#[test]
fn only_whole_programs_of_this_version_decode() {
	let bytes = Program::new(valid()).expect("is valid").encode();
	assert_eq!(Program::decode(&[]), Err(DecodeError::Version(None)));
	assert_eq!(Program::decode(&[2, 0, 0]), Err(DecodeError::Version(Some(2))));
	for cut in 1..bytes.len() {
		let error = Program::decode(&bytes[..cut]).expect_err("is cut off");
		assert!(matches!(error, DecodeError::Malformed(_)), "{cut}: {error}");
	}
	let mut longer = bytes;
	longer.push(0);
	assert_eq!(Program::decode(&longer), Err(DecodeError::Trailing(1)));
}

#[test]
fn programs_end_at_64_kib() {
	let padded = |len: usize| {
		let mut definition = valid();
		definition.kernels[0].constants = vec![vec![0; 16_000]];
		let mut barriers = 1000;
		// The length of the code's length changes too.
		loop {
			definition.kernels[0].code = vec![Operation::Barrier; barriers];
			let bytes = Program::new(definition.clone()).expect("is valid").encode();
			match len.cmp(&bytes.len()) {
				Ordering::Equal => return bytes,
				Ordering::Greater => barriers += len - bytes.len(),
				Ordering::Less => barriers -= bytes.len() - len,
			}
		}
	};
	let most = padded(MAX_PROGRAM_BYTES);
	assert_eq!(most.len(), MAX_PROGRAM_BYTES);
	Program::decode(&most).expect("is just short enough");
	let bytes = padded(MAX_PROGRAM_BYTES + 1);
	assert_eq!(Program::decode(&bytes), Err(DecodeError::TooLong(MAX_PROGRAM_BYTES + 1)));
}

#[test]
fn blocks_nest_32_deep() {
	let nested = |depth| {
		let open = Operation::If(when(Compare::Equal, number(0), number(0)));
		[vec![open; depth], vec![Operation::End; depth]].concat()
	};
	Program::new(one_pass(4, &nested(MAX_NESTING))).expect("is just shallow enough");
	assert_eq!(code_refused(&nested(33)), too_many(Limited::Nesting, 33, 32));
}

#[test]
fn registers_are_256_and_declared() {
	accepted(|definition| definition.kernels[0].registers = 256);
	let (place, reason) = refused(|definition| definition.kernels[0].registers = 257);
	assert_eq!((place, reason), (Place::Kernel(0), too_many(Limited::Registers, 257, 256)));
	let undeclared = |index| Reason::Undeclared { what: Indexed::Register, index, declared: 16 };
	assert_eq!(code_refused(&[put(16, number(0))]), undeclared(16));
	assert_eq!(code_refused(&[put(0, register(99))]), undeclared(99));
	assert_eq!(code_refused(&[Operation::Unpack4xI8 { to: 13, a: number(0) }]), undeclared(16));
	let wide = |to, count| Operation::Load {
		memory: INPUT,
		to,
		count,
		base: number(0),
		index: number(0),
		offset: 0,
	};
	assert_eq!(code_refused(&[wide(14, 3)]), undeclared(16));
	assert_eq!(code_refused(&[wide(0, 0)]), Reason::EmptyLoad);
	assert_eq!(code_refused(&[wide(0, 5)]), too_many(Limited::LoadWords, 5, 4));
}

#[test]
fn workgroups_have_1_to_256_invocations() {
	let size = |definition: &mut Definition, size| definition.kernels[0].workgroup_size = size;
	accepted(|definition| size(definition, [4, 8, 8]));
	let (_, reason) = refused(|definition| size(definition, [257, 1, 1]));
	assert_eq!(reason, too_many(Limited::Invocations, 257, 256));
	let (_, reason) = refused(|definition| size(definition, [u16::MAX; 3]));
	assert!(matches!(reason, Reason::TooMany { what: Limited::Invocations, .. }));
	let (_, reason) = refused(|definition| size(definition, [8, 0, 1]));
	assert_eq!(reason, Reason::Empty(Limited::Invocations));
}

#[test]
fn workgroup_memory_is_16_kib_and_private_memory_2_kib() {
	let workgroup = |words| vec![WorkgroupArray { words, atomic: true }; 2];
	accepted(|definition| definition.kernels[0].workgroup_arrays = workgroup(2048));
	let (_, reason) =
		refused(|definition| definition.kernels[0].workgroup_arrays = workgroup(2049));
	assert_eq!(reason, too_many(Limited::WorkgroupWords, 4098, 4096));
	accepted(|definition| definition.kernels[0].private_arrays = vec![256; 2]);
	let (_, reason) = refused(|definition| definition.kernels[0].private_arrays = vec![257; 2]);
	assert_eq!(reason, too_many(Limited::PrivateWords, 514, 512));
	let (_, reason) = refused(|definition| definition.kernels[0].private_arrays = vec![0]);
	assert_eq!(reason, Reason::Empty(Limited::PrivateWords));
	let (_, reason) = refused(|definition| definition.kernels[0].private_arrays = vec![1; 33]);
	assert_eq!(reason, too_many(Limited::Arrays, 33, 32));
}

#[test]
fn passes_bind_at_most_8_buffers() {
	let (_, reason) = refused(|definition| definition.kernels[0].slots = vec![Access::Read; 9]);
	assert_eq!(reason, too_many(Limited::Slots, 9, 8));
	let (place, reason) = refused(|definition| definition.passes[0].bindings.truncate(1));
	assert_eq!((place, reason), (Place::Pass(0), Reason::Bindings { found: 1, slots: 2 }));
}

#[test]
fn programs_have_1_to_256_passes() {
	let (place, reason) = refused(|definition| definition.passes.clear());
	assert_eq!((place, reason), (Place::Program, Reason::Empty(Limited::Passes)));
	let (_, reason) = refused(|definition| {
		definition.passes = vec![definition.passes[0].clone(); 257];
	});
	assert_eq!(reason, too_many(Limited::Passes, 257, 256));
}

#[test]
fn names_are_identifiers_and_unique() {
	for name in ["", "1x", "a b", "é"] {
		let (place, reason) = refused(|definition| definition.buffers[1].name = name.into());
		assert_eq!((place, reason), (Place::Buffer(1), Reason::Name), "{name}");
	}
	let (_, reason) = refused(|definition| definition.buffers[1].name = "x".into());
	assert_eq!(reason, Reason::NameTaken);
	let (_, reason) = refused(|definition| definition.parameters[0].name = "x".repeat(33));
	assert_eq!(reason, too_many(Limited::NameBytes, 33, 32));
	let (place, reason) = refused(|definition| {
		definition.parameters[0].min = 8;
		definition.parameters[0].max = 7;
	});
	assert_eq!((place, reason), (Place::Parameter(0), Reason::EmptyRange));
}

#[test]
fn blocks_open_and_close() {
	let zero = when(Compare::Equal, number(0), number(0));
	for marker in [Operation::Else, Operation::Continuing, Operation::End] {
		assert_eq!(code_refused(&[marker]), Reason::Unopened);
	}
	let two_elses = [Operation::If(zero), Operation::Else, Operation::Else, Operation::End];
	assert_eq!(code_refused(&two_elses), Reason::Unopened);
	assert_eq!(
		code_refused(&[Operation::If(zero), Operation::Continuing, Operation::End]),
		Reason::Unopened
	);
	assert_eq!(code_refused(&[Operation::Loop, Operation::If(zero)]), Reason::Unclosed(2));
}

#[test]
fn only_loops_are_left_and_continuing_blocks_only_at_their_end() {
	let zero = when(Compare::Equal, number(0), number(0));
	for leave in [Operation::Break, Operation::Continue, Operation::BreakIf(zero)] {
		assert_eq!(code_refused(&[leave]), Reason::OutsideLoop);
		let body =
			[Operation::Loop, Operation::Continuing, leave, put(0, number(0)), Operation::End];
		assert_eq!(code_refused(&body), Reason::LeavesContinuing);
	}
	let inner = [
		Operation::Loop,
		Operation::Continuing,
		Operation::Loop,
		Operation::Return,
		Operation::End,
		Operation::End,
	];
	assert_eq!(code_refused(&inner), Reason::LeavesContinuing);
	let good = [Operation::Loop, Operation::Continuing, Operation::BreakIf(zero), Operation::End];
	Program::new(one_pass(4, &good)).expect("leaves at the end");
}

#[test]
fn memory_is_declared_and_written_only_if_it_may_be() {
	for (memory, what, declared) in [
		(Memory::Buffer(2), Indexed::Slot, 2),
		(Memory::Workgroup(2), Indexed::WorkgroupArray, 2),
		(Memory::Private(2), Indexed::PrivateArray, 1),
		(Memory::Constant(2), Indexed::Constants, 1),
	] {
		let reason = Reason::Undeclared { what, index: 2, declared };
		assert_eq!(code_refused(&[load(memory, 0, number(0))]), reason);
		assert_eq!(code_refused(&[store(memory, number(0), number(0))]), reason);
	}
	for memory in [INPUT, CONSTANTS] {
		assert_eq!(code_refused(&[store(memory, number(0), number(0))]), Reason::ReadOnly);
	}
	let atomic = Operation::Atomic {
		function: AtomicFunction::Add,
		array: 0,
		index: number(0),
		offset: 0,
		value: number(0),
	};
	assert_eq!(code_refused(&[atomic]), Reason::NotAtomic);
	let reason = Reason::Undeclared { what: Indexed::Argument, index: 0, declared: 0 };
	assert_eq!(code_refused(&[built_in(BuiltIn::Argument(0), 0)]), reason);
}

#[test]
fn buffers_are_written_once_before_they_are_read() {
	let (place, reason) = refused(|definition| definition.buffers[0].role = Role::Output);
	assert_eq!((place, reason), (Place::Pass(0), Reason::ReadTooEarly(0)));
	let (_, reason) = refused(|definition| definition.buffers[1].role = Role::Input);
	assert_eq!(reason, Reason::WritesInput(1));
	let (place, reason) = refused(|definition| {
		definition.passes.push(definition.passes[0].clone());
	});
	assert_eq!((place, reason), (Place::Pass(1), Reason::WrittenTwice(1)));
	let (place, reason) = refused(|definition| {
		let mut third = definition.buffers[1].clone();
		third.name = "z".into();
		definition.buffers.push(third);
	});
	assert_eq!((place, reason), (Place::Buffer(2), Reason::NeverWritten));
	let (_, reason) = refused(|definition| definition.passes[0].bindings.reverse());
	assert_eq!(reason, Reason::Access(0));
}

#[test]
fn expressions_form_one_value() {
	let words = |terms: Vec<Term>| refused(|it| it.buffers[0].words = Expression(terms)).1;
	assert_eq!(words(vec![]), Reason::Expression);
	assert_eq!(words(vec![Term::Constant(1), Term::Add]), Reason::Expression);
	assert_eq!(words(vec![Term::Constant(1); 2]), Reason::Expression);
	let what = Indexed::Parameter;
	let undeclared = Reason::Undeclared { what, index: 1, declared: 1 };
	assert_eq!(words(vec![Term::Parameter(1)]), undeclared);
	assert_eq!(words(vec![Term::Constant(1); 65]), too_many(Limited::Terms, 65, 64));
	assert_eq!(words(vec![Term::Constant(1); 17]), too_many(Limited::Stack, 17, 16));
}

#[test]
fn a_barrier_in_divergent_control_flow_is_refused() {
	let lane = register(15);
	let differs = when(Compare::LessU32, lane, number(2));
	let group = when(Compare::LessU32, register(13), number(2));
	let refused: [&[Operation]; 6] = [
		&[Operation::If(differs), Operation::Barrier, Operation::End],
		&[Operation::If(differs), Operation::Else, Operation::Barrier, Operation::End],
		&[Operation::If(differs), Operation::Return, Operation::End, Operation::Barrier],
		&[Operation::Loop, Operation::Barrier, Operation::BreakIf(differs), Operation::End],
		&[
			Operation::Loop,
			Operation::If(differs),
			Operation::Continue,
			Operation::End,
			Operation::Barrier,
			Operation::End,
		],
		// A value that was uniform until some invocations changed it.
		&[
			Operation::If(differs),
			put(13, number(9)),
			Operation::End,
			Operation::If(group),
			Operation::Barrier,
			Operation::End,
		],
	];
	for body in refused {
		assert_eq!(code_refused(body), Reason::DivergentBarrier, "{body:?}");
	}
	let accepted: [&[Operation]; 3] = [
		&[Operation::If(group), Operation::Barrier, Operation::End],
		&[Operation::Loop, Operation::Barrier, Operation::BreakIf(group), Operation::End],
		&[Operation::Loop, Operation::BreakIf(differs), Operation::End, Operation::Barrier],
	];
	for body in accepted {
		Program::new(one_pass(4, body)).expect("all invocations reach the barrier");
	}
}

#[test]
fn parameters_keep_their_bounds_and_sizes_fit() {
	let program = |change: &dyn Fn(&mut Definition)| {
		let mut definition = valid();
		definition.parameters[0].max = 100;
		change(&mut definition);
		Program::new(definition).expect("is valid")
	};
	let plain = program(&|_| {});
	plain.summary(&[100]).expect("fits");
	assert_eq!(plain.summary(&[]), Err(ParameterError::Count { found: 0, wanted: 1 }));
	let out = ParameterError::OutOfRange { index: 0, value: 101, min: 0, max: 100 };
	assert_eq!(plain.summary(&[101]), Err(out));
	let unfilled = program(&|definition| definition.buffers[1].words = Expression::constant(9));
	assert!(matches!(unfilled.summary(&[1]), Err(ParameterError::Unfilled { .. })));
	let empty = program(&|definition| definition.buffers[0].words = Expression::parameter(0));
	assert!(matches!(empty.summary(&[0]), Err(ParameterError::Bounds { value: 0, .. })));
	let divided = program(&|definition| {
		let fuel = Expression::constant(1).join(Term::Div, Expression::parameter(0));
		definition.passes[0].fuel = fuel;
	});
	assert!(matches!(divided.summary(&[0]), Err(ParameterError::Arithmetic { .. })));
	let big = program(&|definition| {
		definition.passes[0].workgroups = [1 << 16; 3].map(Expression::constant);
	});
	assert!(matches!(big.summary(&[1]), Err(ParameterError::Bounds { .. })));
	let slice = program(&|definition| {
		definition.buffers[1].words = Expression::constant(2 * (MAX_SLICE_WORDS + 1));
		definition.passes[0].bindings[1] =
			Binding::Write { buffer: 1, slice: Expression::constant(MAX_SLICE_WORDS + 1) };
	});
	assert!(matches!(slice.summary(&[1]), Err(ParameterError::Bounds { .. })));
	let idle = program(&|definition| definition.passes[0].fuel = Expression::parameter(0));
	assert_eq!(idle.resolve_pass(0, &[1]).map(|pass| pass.fuel), Ok(1));
	let (place, what) = (Place::Pass(0), "fuel");
	let none = ParameterError::Bounds { place, what, value: 0, min: 1, max: u64::MAX };
	assert_eq!(idle.resolve_pass(0, &[0]), Err(none));
	assert_eq!(idle.summary(&[0]), Err(none));
}

/// The barrier check's work is bounded for a program, not for each of its kernels: 256 kernels would
/// otherwise take a second of a block.
#[test]
fn kernels_share_the_barrier_checks_budget() {
	// Each iteration learns of one register more: some 40,000 operations are looked at.
	let last = 200;
	let mut body = vec![
		built_in(BuiltIn::LocalIndex, 0),
		Operation::Loop,
		Operation::BreakIf(when(Compare::Equal, number(0), number(0))),
	];
	body.extend((1..=last).rev().map(|to| put(to, register(to - 1))));
	body.extend([Operation::End, Operation::Barrier]);
	let with_kernels = |count| {
		let mut definition = one_pass(4, &body);
		definition.kernels[0].registers = u16::from(last) + 1;
		definition.kernels = vec![definition.kernels[0].clone(); count];
		Program::new(definition)
	};
	assert!(with_kernels(6).is_ok());
	let error = with_kernels(7).expect_err("together they take too long");
	assert_eq!((error.place, error.reason), (Place::Kernel(6), Reason::Entangled));
}
