//! Registers, numbers and functions.
//!
//! Registers have roles, so that barriers stay in uniform control flow and loops end:
//! some hold values that are the same in all invocations, some count loops.

use fastrand::Rng;
use mutirao_machine_core::bytecode::{
	AtomicFunction, BinaryFunction, Compare, Condition, Operand, QuaternaryFunction, Register,
	TernaryFunction, UnaryFunction,
};

/// Uniform values: written in uniform control flow only, from uniform values only.
pub(super) const UNIFORM: std::ops::Range<Register> = 0..6;
/// Anything.
pub(super) const VARYING: std::ops::Range<Register> = 6..24;
/// The invocation's local index.
pub(super) const LOCAL_INDEX: Register = 24;
/// The address of the invocation's first own word, the same in each written slot.
pub(super) const OWN: Register = 25;
/// One for each nested loop.
pub(super) const COUNTERS: std::ops::Range<Register> = 26..32;
/// Registers in all.
pub(super) const REGISTERS: u16 = 32;

/// A word, edges often.
pub(crate) fn word(rng: &mut Rng) -> u32 {
	const EDGES: [u32; 16] = [
		0,
		1,
		2,
		3,
		31,
		32,
		33,
		127,
		128,
		255,
		0x7fff_ffff,
		0x8000_0000,
		0x8000_0001,
		0xffff_fffe,
		0xffff_ffff,
		0x8080_8080,
	];
	match rng.u8(0..4) {
		0 => EDGES[rng.usize(0..EDGES.len())],
		1 => rng.u32(0..64),
		_ => rng.u32(..),
	}
}

/// Any value that may be read.
pub(super) fn any(rng: &mut Rng) -> Operand {
	match rng.u8(0..8) {
		0 | 1 => Operand::Immediate(word(rng)),
		2 => Operand::Register(rng.u8(UNIFORM)),
		3 => Operand::Register(LOCAL_INDEX),
		_ => Operand::Register(rng.u8(VARYING)),
	}
}

/// A uniform value.
pub(super) fn uniform(rng: &mut Rng) -> Operand {
	if rng.bool() {
		Operand::Register(rng.u8(UNIFORM))
	} else {
		Operand::Immediate(word(rng))
	}
}

pub(super) fn compare(rng: &mut Rng) -> Compare {
	const ALL: [Compare; 6] = [
		Compare::Equal,
		Compare::NotEqual,
		Compare::LessI32,
		Compare::LessEqualI32,
		Compare::LessU32,
		Compare::LessEqualU32,
	];
	ALL[rng.usize(0..ALL.len())]
}

/// A condition on values that `operand` picks.
pub(super) fn condition(rng: &mut Rng, operand: fn(&mut Rng) -> Operand) -> Condition {
	Condition { compare: compare(rng), left: operand(rng), right: operand(rng) }
}

pub(super) fn unary(rng: &mut Rng) -> UnaryFunction {
	use UnaryFunction::*;
	const ALL: [UnaryFunction; 11] = [
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
	];
	ALL[rng.usize(0..ALL.len())]
}

pub(super) fn binary(rng: &mut Rng) -> BinaryFunction {
	use BinaryFunction::*;
	const ALL: [BinaryFunction; 21] = [
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
	];
	match rng.usize(0..ALL.len() + 3) {
		index if index < ALL.len() => ALL[index],
		_ => BinaryFunction::Compare(compare(rng)),
	}
}

pub(super) fn ternary(rng: &mut Rng) -> TernaryFunction {
	use TernaryFunction::*;
	const ALL: [TernaryFunction; 12] = [
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
	];
	ALL[rng.usize(0..ALL.len())]
}

pub(super) fn quaternary(rng: &mut Rng) -> QuaternaryFunction {
	use QuaternaryFunction::*;
	const ALL: [QuaternaryFunction; 4] = [InsertBits, Pack4x8, Pack4xI8Clamp, Pack4xU8Clamp];
	ALL[rng.usize(0..ALL.len())]
}

pub(super) fn atomic(rng: &mut Rng) -> AtomicFunction {
	use AtomicFunction::*;
	const ALL: [AtomicFunction; 8] = [Add, MinI32, MinU32, MaxI32, MaxU32, And, Or, Xor];
	ALL[rng.usize(0..ALL.len())]
}
