//! Each function of the VM against its definition in wide arithmetic.

use mutirao_machine_core::{
	bytecode::{
		AtomicFunction, BinaryFunction, Compare, QuaternaryFunction, TernaryFunction, UnaryFunction,
	},
	functions,
};
use mutirao_machine_testgen::reference::functions as reference;
use proptest::{prelude::*, sample::select};

/// Any word, and edges often.
fn word() -> impl Strategy<Value = u32> {
	const EDGES: [u32; 12] =
		[0, 1, 7, 8, 31, 32, 33, 0x7fff_ffff, 0x8000_0000, 0x8080_8080, 0xffff_fffe, 0xffff_ffff];
	prop_oneof![select(EDGES.to_vec()), 0..40u32, any::<u32>()]
}

fn compare() -> impl Strategy<Value = Compare> {
	use Compare::*;
	select(vec![Equal, NotEqual, LessI32, LessEqualI32, LessU32, LessEqualU32])
}

fn unary() -> impl Strategy<Value = UnaryFunction> {
	use UnaryFunction::*;
	select(vec![
		Negate,
		Not,
		AbsI32,
		SignI32,
		CountOneBits,
		CountLeadingZeros,
		CountTrailingZeros,
		FirstLeadingBitI32,
		FirstLeadingBitU32,
		FirstTrailingBit,
		ReverseBits,
	])
}

fn binary() -> impl Strategy<Value = BinaryFunction> {
	use BinaryFunction::*;
	select(vec![
		Add,
		Sub,
		Mul,
		DivI32,
		DivU32,
		RemI32,
		RemU32,
		And,
		Or,
		Xor,
		ShiftLeft,
		ShiftRightI32,
		ShiftRightU32,
		RotateLeft,
		RotateRight,
		MinI32,
		MinU32,
		MaxI32,
		MaxU32,
		Dot4I8Packed,
		Dot4U8Packed,
	])
}

fn ternary() -> impl Strategy<Value = TernaryFunction> {
	use TernaryFunction::*;
	select(vec![
		Select,
		MultiplyAdd,
		Dot4I8PackedAdd,
		Dot4U8PackedAdd,
		ClampI32,
		ClampU32,
		ExtractBitsI32,
		ExtractBitsU32,
		Add3,
		Xor3,
		BitSelect,
		ShiftLeftAdd,
	])
}

fn quaternary() -> impl Strategy<Value = QuaternaryFunction> {
	use QuaternaryFunction::*;
	select(vec![InsertBits, Pack4x8, Pack4xI8Clamp, Pack4xU8Clamp])
}

fn atomic() -> impl Strategy<Value = AtomicFunction> {
	use AtomicFunction::*;
	select(vec![Add, MinI32, MinU32, MaxI32, MaxU32, And, Or, Xor])
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(20_000))]

	#[test]
	fn functions_of_one_word(f in unary(), a in word()) {
		prop_assert_eq!(functions::unary(f, a), reference::unary(f, a));
	}

	#[test]
	fn functions_of_two_words(f in binary(), a in word(), b in word()) {
		prop_assert_eq!(functions::binary(f, a, b), reference::binary(f, a, b));
	}

	#[test]
	fn comparisons(f in compare(), a in word(), b in word()) {
		prop_assert_eq!(functions::compare(f, a, b), reference::compare(f, a, b));
	}

	#[test]
	fn functions_of_three_words(f in ternary(), a in word(), b in word(), c in word()) {
		prop_assert_eq!(functions::ternary(f, a, b, c), reference::ternary(f, a, b, c));
	}

	#[test]
	fn functions_of_four_words(
		f in quaternary(),
		words in [word(), word(), word(), word()],
	) {
		let [a, b, c, d] = words;
		prop_assert_eq!(functions::quaternary(f, a, b, c, d), reference::quaternary(f, words));
	}

	#[test]
	fn atomic_functions(f in atomic(), old in word(), value in word()) {
		prop_assert_eq!(functions::atomic(f, old, value), reference::atomic(f, old, value));
	}

	#[test]
	fn bytes_of_a_word(a in word(), at in 0..4usize) {
		prop_assert_eq!(functions::unpack_i8(a, at as u32), reference::byte_i8(a, at));
		prop_assert_eq!(functions::unpack_u8(a, at as u32), reference::byte_u8(a, at));
	}
}
