//! The rules of the machine, one test each (docs/protocol/bytecode.md).

mod support;

use mutirao_machine_core::{
	bytecode::{
		AtomicFunction, BinaryFunction, BuiltIn, Compare, Expression, Operation, TernaryFunction,
		UnaryFunction,
	},
	FaultReason,
};
use support::*;

const MIN: u32 = 0x8000_0000;
const MINUS_1: u32 = u32::MAX;

fn binary_of(function: BinaryFunction, a: u32, b: u32) -> u32 {
	// Once as numbers, once as a row of registers: both must agree.
	let scalar = register_0(1, &[binary(function, 0, number(a), number(b))])[0];
	let rows = register_0(
		4,
		&[
			binary(BinaryFunction::Mul, 1, register(15), number(0)),
			binary(BinaryFunction::Or, 2, register(1), number(a)),
			binary(BinaryFunction::Or, 3, register(1), number(b)),
			binary(function, 0, register(2), register(3)),
		],
	);
	assert_eq!(rows, [scalar; 4]);
	scalar
}

#[test]
fn arithmetic_wraps() {
	assert_eq!(binary_of(BinaryFunction::Add, MINUS_1, 2), 1);
	assert_eq!(binary_of(BinaryFunction::Sub, 0, 1), MINUS_1);
	assert_eq!(binary_of(BinaryFunction::Mul, 0x1_0001, 0x1_0001), 0x2_0001);
	let negate = Operation::Unary { function: UnaryFunction::Negate, to: 0, a: number(MIN) };
	assert_eq!(register_0(1, &[negate]), [MIN]);
	let absolute = Operation::Unary { function: UnaryFunction::AbsI32, to: 0, a: number(MIN) };
	assert_eq!(register_0(1, &[absolute]), [MIN]);
}

#[test]
fn division_by_zero_gives_the_dividend_and_remainder_zero() {
	for (division, remainder) in [
		(BinaryFunction::DivI32, BinaryFunction::RemI32),
		(BinaryFunction::DivU32, BinaryFunction::RemU32),
	] {
		assert_eq!(binary_of(division, 77, 0), 77);
		assert_eq!(binary_of(division, MIN, 0), MIN);
		assert_eq!(binary_of(remainder, 77, 0), 0);
	}
}

#[test]
fn least_integer_by_minus_one_gives_itself_and_remainder_zero() {
	assert_eq!(binary_of(BinaryFunction::DivI32, MIN, MINUS_1), MIN);
	assert_eq!(binary_of(BinaryFunction::RemI32, MIN, MINUS_1), 0);
}

#[test]
fn shifts_use_the_low_five_bits() {
	assert_eq!(binary_of(BinaryFunction::ShiftLeft, 1, 33), 2);
	assert_eq!(binary_of(BinaryFunction::ShiftRightU32, MIN, 32), MIN);
	assert_eq!(binary_of(BinaryFunction::ShiftRightI32, MIN, 63), MINUS_1);
	assert_eq!(binary_of(BinaryFunction::RotateLeft, MIN, 33), 1);
}

#[test]
fn dot_products_take_signed_and_unsigned_bytes() {
	assert_eq!(binary_of(BinaryFunction::Dot4I8Packed, 0x8080_8080, 0x8080_8080), 4 * 128 * 128);
	assert_eq!(binary_of(BinaryFunction::Dot4I8Packed, 0xff, 0x7f), -127i32 as u32);
	assert_eq!(binary_of(BinaryFunction::Dot4U8Packed, MINUS_1, MINUS_1), 4 * 255 * 255);
}

#[test]
fn bit_fields_end_at_the_word() {
	let extract = |function, offset, count| {
		let (a, b, c) = (number(0xf000_0000), number(offset), number(count));
		register_0(1, &[Operation::Ternary { function, to: 0, a, b, c }])[0]
	};
	assert_eq!(extract(TernaryFunction::ExtractBitsU32, 28, 99), 15);
	assert_eq!(extract(TernaryFunction::ExtractBitsI32, 28, 4), MINUS_1);
	assert_eq!(extract(TernaryFunction::ExtractBitsI32, 40, 4), 0);
	assert_eq!(extract(TernaryFunction::ExtractBitsU32, 0, 32), 0xf000_0000);
}

#[test]
fn reads_out_of_bounds_give_zero() {
	for memory in [INPUT, PLAIN, PRIVATE, CONSTANTS, OUTPUT] {
		for index in [16, 1000, 0x4000_0000, MINUS_1] {
			let body = [put(0, number(9)), load(memory, 0, number(index))];
			assert_eq!(register_0(2, &body), [0, 0], "{memory:?} {index}");
		}
	}
}

#[test]
fn each_word_of_a_wide_load_counts_for_itself() {
	for (start, loaded) in [(6, [106, 107, 0, 0]), (MINUS_1, [0, 100, 101, 102])] {
		// The address once as a number, once as a row of registers.
		let row = [
			binary(BinaryFunction::Mul, 2, register(15), number(0)),
			binary(BinaryFunction::Or, 2, register(2), number(start)),
		];
		for (part, word) in (0..4).zip(loaded) {
			for index in [number(start), register(2)] {
				let wide = Operation::Load {
					memory: INPUT,
					to: 4,
					count: 4,
					base: number(0),
					index,
					offset: 0,
				};
				let body = [row[0], row[1], wide, put(0, register(4 + part))];
				assert_eq!(register_0(2, &body), [word; 2], "{index:?} {part}");
			}
		}
	}
}

#[test]
fn writes_out_of_bounds_are_dropped() {
	for memory in [PLAIN, PRIVATE] {
		let body = [
			store(memory, number(16), number(5)),
			store(memory, number(MINUS_1), number(5)),
			load(memory, 0, number(0)),
		];
		assert_eq!(register_0(2, &body), [0, 0]);
	}
}

#[test]
fn writes_outside_the_own_slice_are_dropped_and_reads_give_zero() {
	// Workgroup 1 of two: its slice is words 4 to 7.
	let body = [
		store(OUTPUT, register(14), number(6)),
		store(OUTPUT, register(15), number(7)),
		load(OUTPUT, 1, register(15)),
		load(OUTPUT, 0, register(14)),
		binary(BinaryFunction::Add, 0, register(0), register(1)),
	];
	assert_eq!(register_0(4, &body), [6, 6, 6, 6]);
}

#[test]
fn registers_memory_and_slices_start_at_zero() {
	let mut body = Vec::new();
	for memory in [PLAIN, PRIVATE] {
		body.push(load(memory, 1, register(15)));
		body.push(binary(BinaryFunction::Or, 0, register(0), register(1)));
	}
	body.push(load(OUTPUT, 1, register(14)));
	body.push(binary(BinaryFunction::Or, 0, register(0), register(1)));
	body.push(binary(BinaryFunction::Or, 0, register(0), register(9)));
	assert_eq!(register_0(4, &body), [0; 4]);
	assert_eq!(run(4, &[]).expect("runs").slices, [[0; 4]]);
}

#[test]
fn workgroups_are_numbered_x_first() {
	let mut definition = one_pass(1, &[]);
	let code = &mut definition.kernels[0].code;
	code.extend([
		built_in(BuiltIn::WorkgroupIdX, 0),
		built_in(BuiltIn::WorkgroupIdY, 1),
		built_in(BuiltIn::WorkgroupIdZ, 2),
		binary(BinaryFunction::ShiftLeft, 1, register(1), number(8)),
		binary(BinaryFunction::ShiftLeft, 2, register(2), number(16)),
		binary(BinaryFunction::Or, 0, register(0), register(1)),
		binary(BinaryFunction::Or, 0, register(0), register(2)),
		store(OUTPUT, number(17), register(0)),
	]);
	let constant = Expression::constant;
	definition.passes[0].workgroups = [2, 3, 4].map(constant);
	definition.buffers[1].words = constant(24);
	// 17 = 1 + 2 * (2 + 3 * 2)
	let run = run_with_fuel(definition, 17, 1_000_000).expect("runs");
	assert_eq!(run.slices, [[0x2_0201]]);
}

#[test]
fn branches_and_loops_take_each_invocation_its_own_way() {
	// Collatz steps of 1 to 8, as a loop with break, continue and a continuing block.
	let body = [
		binary(BinaryFunction::Add, 1, register(15), number(1)),
		Operation::Loop,
		Operation::BreakIf(when(Compare::Equal, register(1), number(1))),
		binary(BinaryFunction::And, 2, register(1), number(1)),
		Operation::If(when(Compare::Equal, register(2), number(0))),
		binary(BinaryFunction::DivU32, 1, register(1), number(2)),
		Operation::Continue,
		Operation::End,
		binary(BinaryFunction::Mul, 1, register(1), number(3)),
		binary(BinaryFunction::Add, 1, register(1), number(1)),
		Operation::Continuing,
		binary(BinaryFunction::Add, 0, register(0), number(1)),
		Operation::End,
	];
	assert_eq!(register_0(8, &body), [0, 1, 7, 2, 5, 8, 16, 3]);
}

#[test]
fn a_return_ends_one_invocation() {
	let body = [
		put(0, number(1)),
		Operation::If(when(Compare::LessU32, register(15), number(2))),
		Operation::Return,
		Operation::Else,
		put(0, number(2)),
		Operation::End,
	];
	assert_eq!(register_0(4, &body), [0, 0, 2, 2]);
}

#[test]
fn barriers_order_workgroup_memory() {
	let body = [
		store(PLAIN, register(15), register(15)),
		Operation::Barrier,
		binary(BinaryFunction::Xor, 1, register(15), number(3)),
		load(PLAIN, 0, register(1)),
	];
	assert_eq!(register_0(4, &body), [3, 2, 1, 0]);
}

#[test]
fn atomics_of_one_function_combine() {
	let body = [
		Operation::Atomic {
			function: AtomicFunction::Add,
			array: 1,
			index: number(0),
			offset: 0,
			value: register(15),
		},
		Operation::Barrier,
		load(ATOMIC, 0, number(0)),
	];
	assert_eq!(register_0(4, &body), [6; 4]);
}

#[test]
fn a_race_is_a_fault_in_workgroup_memory_and_in_the_slice() {
	let race = |memory, word| FaultReason::Race { memory, word };
	let write = store(PLAIN, number(3), register(15));
	assert_eq!(fault(2, &[write]), race(PLAIN, 3));
	assert_eq!(fault(2, &[store(OUTPUT, number(3), register(15))]), race(OUTPUT, 1));
	let read = load(PLAIN, 0, number(0));
	let own = store(PLAIN, register(15), number(1));
	assert_eq!(fault(2, &[own, read]), race(PLAIN, 0));
	assert_eq!(fault(2, &[read, own]), race(PLAIN, 0));
	run(2, &[own, Operation::Barrier, read]).expect("a barrier is in between");
	run(1, &[write, write]).expect("one invocation does not race");
	run(2, &[read, read]).expect("reads do not race");
}

#[test]
fn atomics_race_with_anything_but_their_own_function() {
	let atomic = |function| Operation::Atomic {
		function,
		array: 1,
		index: number(0),
		offset: 0,
		value: number(1),
	};
	let add = atomic(AtomicFunction::Add);
	let is_race = |body: &[Operation]| {
		assert!(matches!(fault(2, body), FaultReason::Race { memory: ATOMIC, word: 0 }));
	};
	is_race(&[add, load(ATOMIC, 0, number(0))]);
	is_race(&[add, atomic(AtomicFunction::Xor)]);
	is_race(&[add, store(ATOMIC, register(15), number(1))]);
	run(2, &[add, add]).expect("one function does not race");
}

#[test]
fn more_steps_than_declared_are_a_fault() {
	let definition = || one_pass(32, &[put(0, number(1)); 10]);
	let steps = run_with_fuel(definition(), 0, 1_000_000).expect("runs").steps as u32;
	assert_eq!(run_with_fuel(definition(), 0, steps).expect("has just enough").steps, steps.into());
	let error = run_with_fuel(definition(), 0, steps - 1).expect_err("lacks one step");
	assert!(error.to_string().contains("out of fuel"), "{error}");
	let endless = [Operation::Loop, Operation::End];
	assert_eq!(fault(4, &endless), FaultReason::Fuel { declared: 1_000_000 });
}

#[test]
fn few_invocations_are_charged_as_sixteen() {
	let steps = |lanes| {
		let ten = run(lanes, &[put(0, number(1)); 10]).expect("runs").steps;
		let none = run(lanes, &[]).expect("runs").steps;
		ten - none
	};
	assert_eq!([1, 16, 17, 64].map(steps), [160, 160, 170, 640]);
}

#[test]
fn steps_count_invocations_that_take_part() {
	let steps = |count| {
		let body = [
			Operation::If(when(Compare::LessU32, register(15), number(count))),
			put(0, number(1)),
			Operation::End,
		];
		run(64, &body).expect("runs").steps
	};
	assert_eq!(steps(64) - steps(40), 24);
	assert_eq!(steps(8) - steps(0), 16);
}

#[test]
fn private_memory_is_each_invocations_own() {
	let body = [store(PRIVATE, number(1), register(15)), load(PRIVATE, 0, number(1))];
	assert_eq!(register_0(4, &body), [0, 1, 2, 3]);
}
