//! What each function computes, for one invocation. The VM applies these to rows of invocations;
//! compilers may fold constants with them.

use crate::bytecode::{
	AtomicFunction, BinaryFunction, Compare, QuaternaryFunction, TernaryFunction, UnaryFunction,
};

/// Whether a comparison holds.
#[inline(always)]
pub const fn compare(compare: Compare, a: u32, b: u32) -> bool {
	match compare {
		Compare::Equal => a == b,
		Compare::NotEqual => a != b,
		Compare::LessI32 => (a as i32) < b as i32,
		Compare::LessEqualI32 => a as i32 <= b as i32,
		Compare::LessU32 => a < b,
		Compare::LessEqualU32 => a <= b,
	}
}

/// The value of a function of one word.
#[inline(always)]
pub const fn unary(function: UnaryFunction, a: u32) -> u32 {
	match function {
		UnaryFunction::Negate => a.wrapping_neg(),
		UnaryFunction::Not => !a,
		UnaryFunction::AbsI32 => (a as i32).wrapping_abs() as u32,
		UnaryFunction::SignI32 => (a as i32).signum() as u32,
		UnaryFunction::CountOneBits => a.count_ones(),
		UnaryFunction::CountLeadingZeros => a.leading_zeros(),
		UnaryFunction::CountTrailingZeros => a.trailing_zeros(),
		// A negative number's leading bit is its highest zero.
		UnaryFunction::FirstLeadingBitI32 => first_leading_bit(a ^ ((a as i32 >> 31) as u32)),
		UnaryFunction::FirstLeadingBitU32 => first_leading_bit(a),
		UnaryFunction::FirstTrailingBit if a == 0 => u32::MAX,
		UnaryFunction::FirstTrailingBit => a.trailing_zeros(),
		UnaryFunction::ReverseBits => a.reverse_bits(),
	}
}

#[inline(always)]
const fn first_leading_bit(a: u32) -> u32 {
	// 31 - 32 wraps to all ones for 0.
	31u32.wrapping_sub(a.leading_zeros())
}

/// The value of a function of two words.
#[inline(always)]
pub const fn binary(function: BinaryFunction, a: u32, b: u32) -> u32 {
	match function {
		BinaryFunction::Add => a.wrapping_add(b),
		BinaryFunction::Sub => a.wrapping_sub(b),
		BinaryFunction::Mul => a.wrapping_mul(b),
		BinaryFunction::DivI32 | BinaryFunction::DivU32 if b == 0 => a,
		BinaryFunction::DivI32 => (a as i32).wrapping_div(b as i32) as u32,
		BinaryFunction::DivU32 => a / b,
		BinaryFunction::RemI32 | BinaryFunction::RemU32 if b == 0 => 0,
		BinaryFunction::RemI32 => (a as i32).wrapping_rem(b as i32) as u32,
		BinaryFunction::RemU32 => a % b,
		BinaryFunction::And => a & b,
		BinaryFunction::Or => a | b,
		BinaryFunction::Xor => a ^ b,
		BinaryFunction::ShiftLeft => a << (b & 31),
		BinaryFunction::ShiftRightI32 => (a as i32 >> (b & 31)) as u32,
		BinaryFunction::ShiftRightU32 => a >> (b & 31),
		BinaryFunction::RotateLeft => a.rotate_left(b & 31),
		BinaryFunction::RotateRight => a.rotate_right(b & 31),
		BinaryFunction::MinI32 => min_i32(a, b),
		BinaryFunction::MinU32 => min_u32(a, b),
		BinaryFunction::MaxI32 => max_i32(a, b),
		BinaryFunction::MaxU32 => max_u32(a, b),
		BinaryFunction::Dot4I8Packed => dot4_i8(a, b),
		BinaryFunction::Dot4U8Packed => dot4_u8(a, b),
		BinaryFunction::Compare(how) => compare(how, a, b) as u32,
	}
}

#[inline(always)]
const fn min_i32(a: u32, b: u32) -> u32 {
	if (a as i32) < b as i32 {
		a
	} else {
		b
	}
}

#[inline(always)]
const fn max_i32(a: u32, b: u32) -> u32 {
	if (a as i32) < b as i32 {
		b
	} else {
		a
	}
}

#[inline(always)]
const fn min_u32(a: u32, b: u32) -> u32 {
	if a < b {
		a
	} else {
		b
	}
}

#[inline(always)]
const fn max_u32(a: u32, b: u32) -> u32 {
	if a < b {
		b
	} else {
		a
	}
}

/// The signed byte of `a` whose lowest bit is `bit`.
#[inline(always)]
const fn byte_i8(a: u32, bit: u32) -> i32 {
	(a >> bit) as i8 as i32
}

#[inline(always)]
const fn dot4_i8(a: u32, b: u32) -> u32 {
	// At most 4 * 128 * 128: no overflow.
	(byte_i8(a, 0) * byte_i8(b, 0)
		+ byte_i8(a, 8) * byte_i8(b, 8)
		+ byte_i8(a, 16) * byte_i8(b, 16)
		+ (a as i32 >> 24) * (b as i32 >> 24)) as u32
}

#[inline(always)]
const fn dot4_u8(a: u32, b: u32) -> u32 {
	(a & 255) * (b & 255)
		+ ((a >> 8) & 255) * ((b >> 8) & 255)
		+ ((a >> 16) & 255) * ((b >> 16) & 255)
		+ (a >> 24) * (b >> 24)
}

/// The value of a function of three words.
#[inline(always)]
pub const fn ternary(function: TernaryFunction, a: u32, b: u32, c: u32) -> u32 {
	match function {
		TernaryFunction::Select if a != 0 => b,
		TernaryFunction::Select => c,
		TernaryFunction::MultiplyAdd => a.wrapping_mul(b).wrapping_add(c),
		TernaryFunction::Dot4I8PackedAdd => dot4_i8(a, b).wrapping_add(c),
		TernaryFunction::Dot4U8PackedAdd => dot4_u8(a, b).wrapping_add(c),
		TernaryFunction::ClampI32 => min_i32(max_i32(a, b), c),
		TernaryFunction::ClampU32 => min_u32(max_u32(a, b), c),
		TernaryFunction::ExtractBitsI32 => {
			let (offset, count) = bit_range(b, c);
			if count == 0 {
				0
			} else {
				// The field's highest bit becomes the sign, then comes back down.
				(((a << (32 - offset - count)) as i32) >> (32 - count)) as u32
			}
		}
		TernaryFunction::ExtractBitsU32 => {
			let (offset, count) = bit_range(b, c);
			if count == 0 {
				0
			} else {
				(a >> offset) & low_ones(count)
			}
		}
		TernaryFunction::Add3 => a.wrapping_add(b).wrapping_add(c),
		TernaryFunction::Xor3 => a ^ b ^ c,
		TernaryFunction::BitSelect => (a & b) | (!a & c),
		TernaryFunction::ShiftLeftAdd => (a << (b & 31)).wrapping_add(c),
	}
}

/// The part of a bit field that lies inside a word; an offset of 32 goes with a count of 0.
#[inline(always)]
const fn bit_range(offset: u32, count: u32) -> (u32, u32) {
	let offset = min_u32(offset, 32);
	(offset, min_u32(count, 32 - offset))
}

/// `count` ones, for 1 to 32.
#[inline(always)]
const fn low_ones(count: u32) -> u32 {
	u32::MAX >> ((32 - count) & 31)
}

/// The value of a function of four words.
#[inline(always)]
pub const fn quaternary(function: QuaternaryFunction, a: u32, b: u32, c: u32, d: u32) -> u32 {
	match function {
		QuaternaryFunction::InsertBits => {
			let (offset, count) = bit_range(c, d);
			if count == 0 {
				a
			} else {
				let field = low_ones(count) << offset;
				(a & !field) | ((b << offset) & field)
			}
		}
		QuaternaryFunction::Pack4x8 => pack(a, b, c, d),
		QuaternaryFunction::Pack4xI8Clamp => {
			pack(clamp_i8(a), clamp_i8(b), clamp_i8(c), clamp_i8(d))
		}
		QuaternaryFunction::Pack4xU8Clamp => {
			pack(min_u32(a, 255), min_u32(b, 255), min_u32(c, 255), min_u32(d, 255))
		}
	}
}

#[inline(always)]
const fn clamp_i8(a: u32) -> u32 {
	min_i32(max_i32(a, -128i32 as u32), 127)
}

#[inline(always)]
const fn pack(a: u32, b: u32, c: u32, d: u32) -> u32 {
	(a & 255) | ((b & 255) << 8) | ((c & 255) << 16) | (d << 24)
}

/// Byte `index` (0 to 3) of a word, sign-extended.
#[inline(always)]
pub const fn unpack_i8(a: u32, index: u32) -> u32 {
	byte_i8(a, 8 * (index & 3)) as u32
}

/// Byte `index` (0 to 3) of a word, zero-extended.
#[inline(always)]
pub const fn unpack_u8(a: u32, index: u32) -> u32 {
	(a >> (8 * (index & 3))) & 255
}

/// What an atomic function leaves in memory.
#[inline(always)]
pub const fn atomic(function: AtomicFunction, old: u32, value: u32) -> u32 {
	match function {
		AtomicFunction::Add => old.wrapping_add(value),
		AtomicFunction::MinI32 => min_i32(old, value),
		AtomicFunction::MinU32 => min_u32(old, value),
		AtomicFunction::MaxI32 => max_i32(old, value),
		AtomicFunction::MaxU32 => max_u32(old, value),
		AtomicFunction::And => old & value,
		AtomicFunction::Or => old | value,
		AtomicFunction::Xor => old ^ value,
	}
}
