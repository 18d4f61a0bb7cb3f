//! The functions again, in wide arithmetic and bit by bit, with nothing shared with the VM.

use mutirao_machine_core::bytecode::{
	AtomicFunction, BinaryFunction, Compare, QuaternaryFunction, TernaryFunction, UnaryFunction,
};

const MODULUS: i128 = 1 << 32;

fn unsigned(a: u32) -> i128 {
	i128::from(a)
}

fn signed(a: u32) -> i128 {
	if a >> 31 == 1 {
		unsigned(a) - MODULUS
	} else {
		unsigned(a)
	}
}

/// The word that is congruent to a number modulo 2^32.
fn word(number: i128) -> u32 {
	let reduced = ((number % MODULUS) + MODULUS) % MODULUS;
	u32::try_from(reduced).unwrap_or_default()
}

fn bits(a: u32) -> [bool; 32] {
	std::array::from_fn(|bit| a / 2u32.pow(bit as u32) % 2 == 1)
}

fn from_bits(bits: [bool; 32]) -> u32 {
	(0..32).filter(|bit| bits[*bit]).map(|bit| 2u32.pow(bit as u32)).sum()
}

fn position(index: Option<usize>) -> u32 {
	index.map_or(u32::MAX, |index| index as u32)
}

/// Whether a comparison holds.
pub fn compare(compare: Compare, a: u32, b: u32) -> bool {
	match compare {
		Compare::Equal => unsigned(a) == unsigned(b),
		Compare::NotEqual => unsigned(a) != unsigned(b),
		Compare::LessI32 => signed(a) < signed(b),
		Compare::LessEqualI32 => signed(a) <= signed(b),
		Compare::LessU32 => unsigned(a) < unsigned(b),
		Compare::LessEqualU32 => unsigned(a) <= unsigned(b),
	}
}

/// A function of one word.
pub fn unary(function: UnaryFunction, a: u32) -> u32 {
	let b = bits(a);
	let ones = b.iter().filter(|bit| **bit).count() as u32;
	let highest = b.iter().rposition(|bit| *bit);
	let lowest = b.iter().position(|bit| *bit);
	match function {
		UnaryFunction::Negate => word(-signed(a)),
		UnaryFunction::Not => from_bits(b.map(|bit| !bit)),
		UnaryFunction::AbsI32 => word(signed(a).abs()),
		UnaryFunction::SignI32 => word(signed(a).signum()),
		UnaryFunction::CountOneBits => ones,
		UnaryFunction::CountLeadingZeros => highest.map_or(32, |bit| 31 - bit as u32),
		UnaryFunction::CountTrailingZeros => lowest.map_or(32, |bit| bit as u32),
		UnaryFunction::FirstLeadingBitI32 => position(b.iter().rposition(|bit| *bit != b[31])),
		UnaryFunction::FirstLeadingBitU32 => position(highest),
		UnaryFunction::FirstTrailingBit => position(lowest),
		UnaryFunction::ReverseBits => from_bits(std::array::from_fn(|bit| b[31 - bit])),
	}
}

/// A function of two words.
pub fn binary(function: BinaryFunction, a: u32, b: u32) -> u32 {
	let (sa, sb, ua, ub) = (signed(a), signed(b), unsigned(a), unsigned(b));
	let shift = b % 32;
	let rotate = |left: u32| {
		let from = bits(a);
		from_bits(std::array::from_fn(|bit| from[(bit + 32 - left as usize) % 32]))
	};
	match function {
		BinaryFunction::Add => word(ua + ub),
		BinaryFunction::Sub => word(ua - ub),
		BinaryFunction::Mul => word(ua * ub),
		BinaryFunction::DivI32 | BinaryFunction::DivU32 if b == 0 => a,
		BinaryFunction::RemI32 | BinaryFunction::RemU32 if b == 0 => 0,
		BinaryFunction::DivI32 => word(sa / sb),
		BinaryFunction::DivU32 => word(ua / ub),
		BinaryFunction::RemI32 => word(sa % sb),
		BinaryFunction::RemU32 => word(ua % ub),
		BinaryFunction::And => zip(a, b, |a, b| a && b),
		BinaryFunction::Or => zip(a, b, |a, b| a || b),
		BinaryFunction::Xor => zip(a, b, |a, b| a != b),
		BinaryFunction::ShiftLeft => word(ua * 2i128.pow(shift)),
		BinaryFunction::ShiftRightI32 => word(sa.div_euclid(2i128.pow(shift))),
		BinaryFunction::ShiftRightU32 => word(ua / 2i128.pow(shift)),
		BinaryFunction::RotateLeft => rotate(shift),
		BinaryFunction::RotateRight => rotate((32 - shift) % 32),
		BinaryFunction::MinI32 => word(sa.min(sb)),
		BinaryFunction::MinU32 => word(ua.min(ub)),
		BinaryFunction::MaxI32 => word(sa.max(sb)),
		BinaryFunction::MaxU32 => word(ua.max(ub)),
		BinaryFunction::Dot4I8Packed => {
			word((0..4).map(|at| signed(byte_i8(a, at)) * signed(byte_i8(b, at))).sum())
		}
		BinaryFunction::Dot4U8Packed => {
			word((0..4).map(|at| unsigned(byte_u8(a, at)) * unsigned(byte_u8(b, at))).sum())
		}
		BinaryFunction::Compare(how) => compare(how, a, b).into(),
	}
}

fn zip(a: u32, b: u32, f: impl Fn(bool, bool) -> bool) -> u32 {
	let (a, b) = (bits(a), bits(b));
	from_bits(std::array::from_fn(|bit| f(a[bit], b[bit])))
}

/// A byte of a word, zero-extended.
pub fn byte_u8(a: u32, at: usize) -> u32 {
	a.to_le_bytes()[at].into()
}

/// A byte of a word, sign-extended.
pub fn byte_i8(a: u32, at: usize) -> u32 {
	let byte = i128::from(a.to_le_bytes()[at]);
	word(if byte > 127 { byte - 256 } else { byte })
}

/// A function of three words.
pub fn ternary(function: TernaryFunction, a: u32, b: u32, c: u32) -> u32 {
	let sum = |first: u32| word(signed(first) + signed(c));
	match function {
		TernaryFunction::Select => [b, c][usize::from(a == 0)],
		TernaryFunction::MultiplyAdd => sum(binary(BinaryFunction::Mul, a, b)),
		TernaryFunction::Dot4I8PackedAdd => sum(binary(BinaryFunction::Dot4I8Packed, a, b)),
		TernaryFunction::Dot4U8PackedAdd => sum(binary(BinaryFunction::Dot4U8Packed, a, b)),
		TernaryFunction::ClampI32 => word(signed(a).max(signed(b)).min(signed(c))),
		TernaryFunction::ClampU32 => word(unsigned(a).max(unsigned(b)).min(unsigned(c))),
		TernaryFunction::ExtractBitsI32 => extract(a, b, c, true),
		TernaryFunction::ExtractBitsU32 => extract(a, b, c, false),
		TernaryFunction::Add3 => word(unsigned(a) + unsigned(b) + unsigned(c)),
		TernaryFunction::Xor3 => zip(zip(a, b, |a, b| a != b), c, |a, b| a != b),
		TernaryFunction::BitSelect => {
			let (a, b, c) = (bits(a), bits(b), bits(c));
			from_bits(std::array::from_fn(|bit| if a[bit] { b[bit] } else { c[bit] }))
		}
		TernaryFunction::ShiftLeftAdd => sum(binary(BinaryFunction::ShiftLeft, a, b)),
	}
}

fn extract(a: u32, offset: u32, count: u32, is_signed: bool) -> u32 {
	let offset = offset.min(32) as usize;
	let count = (count as usize).min(32 - offset);
	if count == 0 {
		return 0;
	}
	let a = bits(a);
	let sign = is_signed && a[offset + count - 1];
	from_bits(std::array::from_fn(|bit| if bit < count { a[offset + bit] } else { sign }))
}

/// A function of four words.
pub fn quaternary(function: QuaternaryFunction, [a, b, c, d]: [u32; 4]) -> u32 {
	let pack = |f: &dyn Fn(u32) -> i128| {
		u32::from_le_bytes([a, b, c, d].map(|one| f(one).rem_euclid(256) as u8))
	};
	match function {
		QuaternaryFunction::InsertBits => {
			let offset = c.min(32) as usize;
			let count = (d as usize).min(32 - offset);
			let (a, b) = (bits(a), bits(b));
			let field = offset..offset + count;
			from_bits(std::array::from_fn(|bit| {
				if field.contains(&bit) {
					b[bit - offset]
				} else {
					a[bit]
				}
			}))
		}
		QuaternaryFunction::Pack4x8 => pack(&unsigned),
		QuaternaryFunction::Pack4xI8Clamp => pack(&|one| signed(one).clamp(-128, 127)),
		QuaternaryFunction::Pack4xU8Clamp => pack(&|one| unsigned(one).clamp(0, 255)),
	}
}

/// What an atomic function leaves.
pub fn atomic(function: AtomicFunction, old: u32, value: u32) -> u32 {
	let same = match function {
		AtomicFunction::Add => BinaryFunction::Add,
		AtomicFunction::MinI32 => BinaryFunction::MinI32,
		AtomicFunction::MinU32 => BinaryFunction::MinU32,
		AtomicFunction::MaxI32 => BinaryFunction::MaxI32,
		AtomicFunction::MaxU32 => BinaryFunction::MaxU32,
		AtomicFunction::And => BinaryFunction::And,
		AtomicFunction::Or => BinaryFunction::Or,
		AtomicFunction::Xor => BinaryFunction::Xor,
	};
	binary(same, old, value)
}
