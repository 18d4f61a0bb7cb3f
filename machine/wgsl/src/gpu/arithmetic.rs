//! Operations on words, with what drivers do not promise written out: shifts are masked, divisors
//! are never 0 and never overflow, bit fields never reach beyond the word.

use mutirao_machine_core::bytecode::{
	BinaryFunction as B, Compare, Condition, Operand, QuaternaryFunction as Q,
	TernaryFunction as T, UnaryFunction as U,
};
use naga::{BinaryOperator as Op, MathFunction as M};

use super::{builder::Value, KernelLowerer};

impl KernelLowerer<'_> {
	pub(super) fn unary(&mut self, function: U, a: Operand) -> Value {
		let a = self.operand(a);
		let zero = self.b.number(0);
		match function {
			U::Negate => self.b.op(Op::Subtract, zero, a),
			U::Not => self.b.not(a),
			U::AbsI32 => {
				// abs(MIN) is left open by some drivers.
				let negative = self.b.op(Op::Subtract, zero, a);
				self.b.signed_math(M::Max, &[a, negative])
			}
			U::SignI32 => self.b.signed_math(M::Sign, &[a]),
			U::CountOneBits => self.b.math(M::CountOneBits, &[a]),
			U::CountLeadingZeros => self.b.math(M::CountLeadingZeros, &[a]),
			U::CountTrailingZeros => self.b.math(M::CountTrailingZeros, &[a]),
			U::FirstLeadingBitI32 => self.b.signed_math(M::FirstLeadingBit, &[a]),
			U::FirstLeadingBitU32 => self.b.math(M::FirstLeadingBit, &[a]),
			U::FirstTrailingBit => self.b.math(M::FirstTrailingBit, &[a]),
			U::ReverseBits => self.b.math(M::ReverseBits, &[a]),
		}
	}

	pub(super) fn binary(&mut self, function: B, a: Operand, b: Operand) -> Value {
		let plain = match function {
			B::Add => Some(Op::Add),
			B::Sub => Some(Op::Subtract),
			B::Mul => Some(Op::Multiply),
			B::And => Some(Op::And),
			B::Or => Some(Op::InclusiveOr),
			B::Xor => Some(Op::ExclusiveOr),
			_ => None,
		};
		if let Some(op) = plain {
			let (a, b) = (self.operand(a), self.operand(b));
			return self.b.op(op, a, b);
		}
		match function {
			B::DivU32 => self.unsigned_division(Op::Divide, a, b),
			B::RemU32 => self.unsigned_division(Op::Modulo, a, b),
			B::DivI32 => self.signed_division(Op::Divide, a, b),
			B::RemI32 => self.signed_division(Op::Modulo, a, b),
			B::ShiftLeft => self.shift(Op::ShiftLeft, false, a, b),
			B::ShiftRightI32 => self.shift(Op::ShiftRight, true, a, b),
			B::ShiftRightU32 => self.shift(Op::ShiftRight, false, a, b),
			B::RotateLeft => self.rotate(Op::ShiftLeft, Op::ShiftRight, a, b),
			B::RotateRight => self.rotate(Op::ShiftRight, Op::ShiftLeft, a, b),
			B::Compare(compare) => {
				let condition = self.compare(compare, a, b);
				self.b.word_of_bool(condition)
			}
			_ => {
				let (a, b) = (self.operand(a), self.operand(b));
				match function {
					B::MinI32 => self.b.signed_math(M::Min, &[a, b]),
					B::MinU32 => self.b.math(M::Min, &[a, b]),
					B::MaxI32 => self.b.signed_math(M::Max, &[a, b]),
					B::MaxU32 => self.b.math(M::Max, &[a, b]),
					B::Dot4I8Packed => self.dot4_i8(a, b),
					_ => self.b.math(M::Dot4U8Packed, &[a, b]),
				}
			}
		}
	}

	fn dot4_i8(&mut self, a: Value, b: Value) -> Value {
		let dot = self.b.math(M::Dot4I8Packed, &[a, b]);
		self.b.as_u32(dot)
	}

	fn unsigned_division(&mut self, op: Op, a: Operand, b: Operand) -> Value {
		let a = self.operand(a);
		if let Operand::Immediate(divisor @ 1..) = b {
			return self.b.op_with(op, a, divisor);
		}
		let divisor = self.operand(b);
		let is_zero = self.b.op_with(Op::Equal, divisor, 0);
		let one = self.b.number(1);
		// x / 1 = x and x % 1 = 0, which is what x / 0 and x % 0 are to be.
		let safe = self.b.select(is_zero, one, divisor);
		self.b.op(op, a, safe)
	}

	fn signed_division(&mut self, op: Op, a: Operand, b: Operand) -> Value {
		let (a, divisor) = (self.operand(a), self.operand(b));
		if matches!(b, Operand::Immediate(divisor) if divisor != 0 && divisor != u32::MAX) {
			return self.b.signed_op(op, a, divisor);
		}
		let is_zero = self.b.op_with(Op::Equal, divisor, 0);
		let is_minus_one = self.b.op_with(Op::Equal, divisor, u32::MAX);
		let is_least = self.b.op_with(Op::Equal, a, 1 << 31);
		let overflows = self.b.op(Op::LogicalAnd, is_minus_one, is_least);
		let undefined = self.b.op(Op::LogicalOr, is_zero, overflows);
		let one = self.b.number(1);
		let safe = self.b.select(undefined, one, divisor);
		self.b.signed_op(op, a, safe)
	}

	fn masked(&mut self, amount: Operand) -> Value {
		match amount {
			Operand::Immediate(amount) => self.b.number(amount & 31),
			Operand::Register(_) => {
				let amount = self.operand(amount);
				self.b.op_with(Op::And, amount, 31)
			}
		}
	}

	fn shift(&mut self, op: Op, signed: bool, a: Operand, amount: Operand) -> Value {
		let amount = self.masked(amount);
		let a = self.operand(a);
		self.shift_by(op, signed, a, amount)
	}

	fn shift_by(&mut self, op: Op, signed: bool, a: Value, amount: Value) -> Value {
		if !signed {
			return self.b.op(op, a, amount);
		}
		let a = self.b.as_i32(a);
		let shifted = self.b.op(op, a, amount);
		self.b.as_u32(shifted)
	}

	fn rotate(&mut self, there: Op, back: Op, a: Operand, amount: Operand) -> Value {
		let (by, rest) = match amount {
			Operand::Immediate(amount) => {
				(self.b.number(amount & 31), self.b.number(32u32.wrapping_sub(amount) & 31))
			}
			Operand::Register(_) => {
				let by = self.masked(amount);
				let word = self.b.number(32);
				let rest = self.b.op(Op::Subtract, word, by);
				(by, self.b.op_with(Op::And, rest, 31))
			}
		};
		let a = self.operand(a);
		let one = self.b.op(there, a, by);
		let other = self.b.op(back, a, rest);
		self.b.op(Op::InclusiveOr, one, other)
	}

	pub(super) fn condition(&mut self, condition: Condition) -> Value {
		self.compare(condition.compare, condition.left, condition.right)
	}

	fn compare(&mut self, compare: Compare, left: Operand, right: Operand) -> Value {
		let (left, right) = (self.operand(left), self.operand(right));
		let (op, signed) = match compare {
			Compare::Equal => (Op::Equal, false),
			Compare::NotEqual => (Op::NotEqual, false),
			Compare::LessI32 => (Op::Less, true),
			Compare::LessEqualI32 => (Op::LessEqual, true),
			Compare::LessU32 => (Op::Less, false),
			Compare::LessEqualU32 => (Op::LessEqual, false),
		};
		if !signed {
			return self.b.op(op, left, right);
		}
		let (left, right) = (self.b.as_i32(left), self.b.as_i32(right));
		self.b.op(op, left, right)
	}

	pub(super) fn ternary(&mut self, function: T, a: Operand, b: Operand, c: Operand) -> Value {
		match function {
			T::ExtractBitsI32 => return self.extract(true, a, b, c),
			T::ExtractBitsU32 => return self.extract(false, a, b, c),
			T::ShiftLeftAdd => {
				let shifted = self.shift(Op::ShiftLeft, false, a, b);
				let c = self.operand(c);
				return self.b.op(Op::Add, shifted, c);
			}
			_ => {}
		}
		let (a, b, c) = (self.operand(a), self.operand(b), self.operand(c));
		match function {
			T::Select => {
				let condition = self.b.op_with(Op::NotEqual, a, 0);
				self.b.select(condition, b, c)
			}
			T::MultiplyAdd => {
				let product = self.b.op(Op::Multiply, a, b);
				self.b.op(Op::Add, product, c)
			}
			T::Dot4I8PackedAdd => {
				let dot = self.dot4_i8(a, b);
				self.b.op(Op::Add, dot, c)
			}
			T::Dot4U8PackedAdd => {
				let dot = self.b.math(M::Dot4U8Packed, &[a, b]);
				self.b.op(Op::Add, dot, c)
			}
			// WGSL leaves clamp open where low > high.
			T::ClampI32 => {
				let raised = self.b.signed_math(M::Max, &[a, b]);
				self.b.signed_math(M::Min, &[raised, c])
			}
			T::ClampU32 => {
				let raised = self.b.math(M::Max, &[a, b]);
				self.b.math(M::Min, &[raised, c])
			}
			T::Add3 => {
				let sum = self.b.op(Op::Add, a, b);
				self.b.op(Op::Add, sum, c)
			}
			T::Xor3 => {
				let sum = self.b.op(Op::ExclusiveOr, a, b);
				self.b.op(Op::ExclusiveOr, sum, c)
			}
			_ => {
				let chosen = self.b.op(Op::And, a, b);
				let not = self.b.not(a);
				let other = self.b.op(Op::And, not, c);
				self.b.op(Op::InclusiveOr, chosen, other)
			}
		}
	}

	/// `offset` cut to 32 and `count` to what is left above it.
	fn field(&mut self, offset: Operand, count: Operand) -> (Value, Value) {
		if let (Operand::Immediate(offset), Operand::Immediate(count)) = (offset, count) {
			let offset = offset.min(32);
			let count = count.min(32 - offset);
			return (self.b.number(offset), self.b.number(count));
		}
		let (offset, count) = (self.operand(offset), self.operand(count));
		let word = self.b.number(32);
		let offset = self.b.math(M::Min, &[offset, word]);
		let rest = self.b.op(Op::Subtract, word, offset);
		(offset, self.b.math(M::Min, &[count, rest]))
	}

	/// Shifts the field to the top of the word and back down, which extends its sign if asked.
	fn extract(&mut self, signed: bool, a: Operand, offset: Operand, count: Operand) -> Value {
		let known = match (offset, count) {
			(Operand::Immediate(offset), Operand::Immediate(count)) => {
				let offset = offset.min(32);
				Some((offset, count.min(32 - offset)))
			}
			_ => None,
		};
		if let Some((_, 0)) = known {
			return self.b.number(0);
		}
		let (offset, count) = self.field(offset, count);
		let a = self.operand(a);
		let (up, down) = match known {
			Some((offset, count)) => {
				(self.b.number(32 - offset - count), self.b.number(32 - count))
			}
			None => {
				let word = self.b.number(32);
				let down = self.b.op(Op::Subtract, word, count);
				let up = self.b.op(Op::Subtract, down, offset);
				(self.b.op_with(Op::And, up, 31), self.b.op_with(Op::And, down, 31))
			}
		};
		let top = self.b.op(Op::ShiftLeft, a, up);
		let field = self.shift_by(Op::ShiftRight, signed, top, down);
		if known.is_some() {
			return field;
		}
		let is_empty = self.b.op_with(Op::Equal, count, 0);
		let zero = self.b.number(0);
		self.b.select(is_empty, zero, field)
	}

	pub(super) fn quaternary(&mut self, function: Q, args: [Operand; 4]) -> Value {
		if function == Q::InsertBits {
			return self.insert(args);
		}
		let mut word = self.b.number(0);
		for (byte, arg) in (0u32..).zip(args) {
			let arg = self.operand(arg);
			let clamped = match function {
				Q::Pack4xI8Clamp => {
					let low = self.b.number((-128i32) as u32);
					let high = self.b.number(127);
					let raised = self.b.signed_math(M::Max, &[arg, low]);
					self.b.signed_math(M::Min, &[raised, high])
				}
				Q::Pack4xU8Clamp => {
					let high = self.b.number(255);
					self.b.math(M::Min, &[arg, high])
				}
				_ => arg,
			};
			let low = self.b.op_with(Op::And, clamped, 255);
			let placed = self.b.op_with(Op::ShiftLeft, low, 8 * byte);
			word = self.b.op(Op::InclusiveOr, word, placed);
		}
		word
	}

	fn insert(&mut self, [a, inserted, offset, count]: [Operand; 4]) -> Value {
		let (offset, count) = self.field(offset, count);
		let (a, inserted) = (self.operand(a), self.operand(inserted));
		let word = self.b.number(32);
		let unused = self.b.op(Op::Subtract, word, count);
		let unused = self.b.op_with(Op::And, unused, 31);
		let ones = self.b.number(u32::MAX);
		let ones = self.b.op(Op::ShiftRight, ones, unused);
		let offset = self.b.op_with(Op::And, offset, 31);
		let mask = self.b.op(Op::ShiftLeft, ones, offset);
		let placed = self.b.op(Op::ShiftLeft, inserted, offset);
		let placed = self.b.op(Op::And, placed, mask);
		let others = self.b.not(mask);
		let kept = self.b.op(Op::And, a, others);
		let joined = self.b.op(Op::InclusiveOr, kept, placed);
		let is_empty = self.b.op_with(Op::Equal, count, 0);
		self.b.select(is_empty, a, joined)
	}

	/// Byte `byte` of a word, extended to a word.
	pub(super) fn byte(&mut self, signed: bool, word: Value, byte: u32) -> Value {
		let up = self.b.number(24 - 8 * byte);
		let down = self.b.number(24);
		let top = self.b.op(Op::ShiftLeft, word, up);
		self.shift_by(Op::ShiftRight, signed, top, down)
	}
}
