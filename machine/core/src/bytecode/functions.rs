//! What operations compute; [`crate::functions`] computes it.

use codec::{Decode, Encode};

/// `right` compared with `left`. The greater-than forms are these with swapped operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Compare {
	/// Equal.
	#[codec(index = 0)]
	Equal,
	/// Not equal.
	#[codec(index = 1)]
	NotEqual,
	/// Less, as `i32`.
	#[codec(index = 2)]
	LessI32,
	/// Less or equal, as `i32`.
	#[codec(index = 3)]
	LessEqualI32,
	/// Less, as `u32`.
	#[codec(index = 4)]
	LessU32,
	/// Less or equal, as `u32`.
	#[codec(index = 5)]
	LessEqualU32,
}

/// A function of one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum UnaryFunction {
	/// `-a`, wrapping.
	#[codec(index = 0)]
	Negate,
	/// All bits flipped.
	#[codec(index = 1)]
	Not,
	/// `|a|` as `i32`; the least `i32` stays.
	#[codec(index = 2)]
	AbsI32,
	/// -1, 0 or 1 as `i32`.
	#[codec(index = 3)]
	SignI32,
	/// The number of one bits.
	#[codec(index = 4)]
	CountOneBits,
	/// The number of zero bits above the highest one bit; 32 for 0.
	#[codec(index = 5)]
	CountLeadingZeros,
	/// The number of zero bits below the lowest one bit; 32 for 0.
	#[codec(index = 6)]
	CountTrailingZeros,
	/// As `i32`: the index of the highest bit that differs from the sign; all ones for 0 and -1.
	#[codec(index = 7)]
	FirstLeadingBitI32,
	/// The index of the highest one bit; all ones for 0.
	#[codec(index = 8)]
	FirstLeadingBitU32,
	/// The index of the lowest one bit; all ones for 0.
	#[codec(index = 9)]
	FirstTrailingBit,
	/// Bits in reverse order.
	#[codec(index = 10)]
	ReverseBits,
}

/// A function of two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum BinaryFunction {
	/// Wrapping sum.
	#[codec(index = 0)]
	Add,
	/// Wrapping difference.
	#[codec(index = 1)]
	Sub,
	/// Wrapping product.
	#[codec(index = 2)]
	Mul,
	/// As `i32`, toward zero; `a / 0 = a`, `MIN / -1 = MIN`.
	#[codec(index = 3)]
	DivI32,
	/// As `u32`; `a / 0 = a`.
	#[codec(index = 4)]
	DivU32,
	/// As `i32`, with the sign of `a`; `a % 0 = 0`, `MIN % -1 = 0`.
	#[codec(index = 5)]
	RemI32,
	/// As `u32`; `a % 0 = 0`.
	#[codec(index = 6)]
	RemU32,
	/// Bitwise and.
	#[codec(index = 7)]
	And,
	/// Bitwise or.
	#[codec(index = 8)]
	Or,
	/// Bitwise exclusive or.
	#[codec(index = 9)]
	Xor,
	/// `a << (b & 31)`
	#[codec(index = 10)]
	ShiftLeft,
	/// `a >> (b & 31)`, copies of the sign shifted in.
	#[codec(index = 11)]
	ShiftRightI32,
	/// `a >> (b & 31)`, zeros shifted in.
	#[codec(index = 12)]
	ShiftRightU32,
	/// Bits rotated left by `b & 31`.
	#[codec(index = 13)]
	RotateLeft,
	/// Bits rotated right by `b & 31`.
	#[codec(index = 14)]
	RotateRight,
	/// The smaller, as `i32`.
	#[codec(index = 15)]
	MinI32,
	/// The smaller, as `u32`.
	#[codec(index = 16)]
	MinU32,
	/// The greater, as `i32`.
	#[codec(index = 17)]
	MaxI32,
	/// The greater, as `u32`.
	#[codec(index = 18)]
	MaxU32,
	/// The sum of the products of the four signed bytes of each word.
	#[codec(index = 19)]
	Dot4I8Packed,
	/// The sum of the products of the four unsigned bytes of each word.
	#[codec(index = 20)]
	Dot4U8Packed,
	/// 1 if the comparison holds, else 0.
	#[codec(index = 21)]
	Compare(Compare),
}

/// A function of three words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TernaryFunction {
	/// `b` if `a` is not 0, else `c`. (WGSL's `select(c, b, a)`.)
	#[codec(index = 0)]
	Select,
	/// `a * b + c`, wrapping.
	#[codec(index = 1)]
	MultiplyAdd,
	/// `dot4I8Packed(a, b) + c`, wrapping.
	#[codec(index = 2)]
	Dot4I8PackedAdd,
	/// `dot4U8Packed(a, b) + c`, wrapping.
	#[codec(index = 3)]
	Dot4U8PackedAdd,
	/// `min(max(a, b), c)` as `i32`.
	#[codec(index = 4)]
	ClampI32,
	/// `min(max(a, b), c)` as `u32`.
	#[codec(index = 5)]
	ClampU32,
	/// The `c` bits of `a` from bit `b`, sign-extended. `o = min(b, 32)`, `n = min(c, 32 - o)`;
	/// 0 if `n` is 0.
	#[codec(index = 6)]
	ExtractBitsI32,
	/// The same, zero-extended.
	#[codec(index = 7)]
	ExtractBitsU32,
	/// `a + b + c`, wrapping.
	#[codec(index = 8)]
	Add3,
	/// `a ^ b ^ c`
	#[codec(index = 9)]
	Xor3,
	/// `(a & b) | (!a & c)`
	#[codec(index = 10)]
	BitSelect,
	/// `(a << (b & 31)) + c`, wrapping.
	#[codec(index = 11)]
	ShiftLeftAdd,
}

/// A function of four words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum QuaternaryFunction {
	/// `a` with its `d` bits from bit `c` replaced by the low bits of `b`. `o = min(c, 32)`,
	/// `n = min(d, 32 - o)`; `a` if `n` is 0.
	#[codec(index = 0)]
	InsertBits,
	/// The low byte of each, `a` lowest. (WGSL's `pack4xI8` and `pack4xU8` alike.)
	#[codec(index = 1)]
	Pack4x8,
	/// The same after each is clamped to -128 ..= 127 as `i32`.
	#[codec(index = 2)]
	Pack4xI8Clamp,
	/// The same after each is clamped to 0 ..= 255 as `u32`.
	#[codec(index = 3)]
	Pack4xU8Clamp,
}

/// An atomic function; its result is not available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum AtomicFunction {
	/// Wrapping sum.
	#[codec(index = 0)]
	Add,
	/// The smaller, as `i32`.
	#[codec(index = 1)]
	MinI32,
	/// The smaller, as `u32`.
	#[codec(index = 2)]
	MinU32,
	/// The greater, as `i32`.
	#[codec(index = 3)]
	MaxI32,
	/// The greater, as `u32`.
	#[codec(index = 4)]
	MaxU32,
	/// Bitwise and.
	#[codec(index = 5)]
	And,
	/// Bitwise or.
	#[codec(index = 6)]
	Or,
	/// Bitwise exclusive or.
	#[codec(index = 7)]
	Xor,
}
