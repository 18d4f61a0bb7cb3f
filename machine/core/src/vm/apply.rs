//! Functions of registers: each is one loop over lanes.

use super::{
	mask::Mask,
	registers::{Registers, Value},
	rows::Row,
};
use crate::{
	bytecode::{
		BinaryFunction, Compare, Condition, Operand, Operation, QuaternaryFunction, Register,
		TernaryFunction, UnaryFunction,
	},
	functions,
};

/// Calls `$apply` with each function as a constant, so that each gets a loop of its own.
macro_rules! each {
	($function:expr, $type:ident, [$($name:ident),* $(,)?], |$one:ident| $apply:expr
		$(, $other:pat => $with:expr)?) => {
		match $function {
			$($type::$name => {
				#[allow(non_upper_case_globals)]
				const $one: $type = $type::$name;
				$apply
			})*
			$($other => $with,)?
		}
	};
}

impl Registers {
	pub(super) fn copy(&self, to: Register, from: Operand) {
		match self.value(from) {
			Value::Uniform(value) => self.set_uniform(to, value),
			Value::Row(row) => match from {
				Operand::Register(from) if self.active.is_whole() => self.share(to, from),
				_ => self.map1(self.target(to), row, |a| a),
			},
		}
	}

	#[inline(never)]
	pub(super) fn unary(&self, operation: &Operation) {
		let Operation::Unary { function, to, a } = *operation else { return };
		let a = match self.value(a) {
			Value::Uniform(a) => return self.set_uniform(to, functions::unary(function, a)),
			Value::Row(a) => a,
		};
		let row = self.target(to);
		each!(
			function,
			UnaryFunction,
			[
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
			],
			|ONE| self.map1(row, a, |a| functions::unary(ONE, a))
		);
	}

	#[inline(never)]
	pub(super) fn binary(&self, operation: &Operation) {
		let Operation::Binary { function, to, a, b } = *operation else { return };
		let (a, b) = (self.value(a), self.value(b));
		if let (Value::Uniform(a), Value::Uniform(b)) = (a, b) {
			return self.set_uniform(to, functions::binary(function, a, b));
		}
		let row = self.target(to);
		each!(
			function,
			BinaryFunction,
			[
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
			],
			|ONE| self.binary_row(row, a, b, |a, b| functions::binary(ONE, a, b)),
			BinaryFunction::Compare(compare) => self.compare(compare, row, a, b)
		);
	}

	/// `row = 1` where a comparison holds, else 0; at least one of the operands being a row.
	fn compare(&self, compare: Compare, row: Row, a: Value, b: Value) {
		each!(
			compare,
			Compare,
			[Equal, NotEqual, LessI32, LessEqualI32, LessU32, LessEqualU32],
			|ONE| self.binary_row(row, a, b, |a, b| functions::compare(ONE, a, b) as u32)
		);
	}

	/// `row = f(a, b)`, at least one of the operands being a row.
	#[inline(always)]
	fn binary_row(&self, row: Row, a: Value, b: Value, f: impl Fn(u32, u32) -> u32) {
		match (a, b) {
			(Value::Row(a), Value::Row(b)) => self.map2(row, a, b, f),
			(Value::Row(a), Value::Uniform(b)) => self.map1(row, a, move |a| f(a, b)),
			(Value::Uniform(a), b) => {
				let b = self.spread(b, 0);
				self.map1(row, b, move |b| f(a, b));
			}
		}
	}

	#[inline(never)]
	pub(super) fn ternary(&self, operation: &Operation) {
		let Operation::Ternary { function, to, a, b, c } = *operation else { return };
		let [a, b, c] = [a, b, c].map(|operand| self.value(operand));
		if let (Value::Uniform(a), Value::Uniform(b), Value::Uniform(c)) = (a, b, c) {
			return self.set_uniform(to, functions::ternary(function, a, b, c));
		}
		let rows = [self.spread(a, 0), self.spread(b, 1), self.spread(c, 2)];
		let row = self.target(to);
		each!(
			function,
			TernaryFunction,
			[
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
			],
			|ONE| self.map3(row, rows, |a, b, c| functions::ternary(ONE, a, b, c))
		);
	}

	#[inline(never)]
	pub(super) fn quaternary(&self, operation: &Operation) {
		let Operation::Quaternary { function, to, a, b, c, d } = *operation else { return };
		let [a, b, c, d] = [a, b, c, d].map(|operand| self.value(operand));
		let rows = [self.spread(a, 0), self.spread(b, 1), self.spread(c, 2), self.spread(d, 3)];
		let row = self.target(to);
		each!(
			function,
			QuaternaryFunction,
			[InsertBits, Pack4x8, Pack4xI8Clamp, Pack4xU8Clamp],
			|ONE| self.map4(row, rows, |[a, b, c, d]| functions::quaternary(ONE, a, b, c, d))
		);
	}

	/// The four bytes of a word in four registers.
	#[inline(never)]
	pub(super) fn unpack(&self, operation: &Operation) {
		let is_signed = matches!(operation, Operation::Unpack4xI8 { .. });
		let (Operation::Unpack4xI8 { to, a } | Operation::Unpack4xU8 { to, a }) = *operation else {
			return;
		};
		let bytes = |word| {
			[0, 1, 2, 3].map(|index| match is_signed {
				true => functions::unpack_i8(word, index),
				false => functions::unpack_u8(word, index),
			})
		};
		let registers = [0, 1, 2, 3].map(|index| to.saturating_add(index));
		match self.value(a) {
			Value::Uniform(word) => {
				for (register, byte) in registers.into_iter().zip(bytes(word)) {
					self.set_uniform(register, byte);
				}
			}
			// One of the four may be the operand's own row: each lane is read before it is written.
			Value::Row(a) => {
				self.for_each_quad(registers.map(|register| self.target(register)), a, bytes);
			}
		}
	}

	/// The active lanes for which a condition holds.
	#[inline(never)]
	pub(super) fn holds(&self, condition: &Condition) -> Mask {
		let compare = condition.compare;
		match (compare, self.value(condition.left), self.value(condition.right)) {
			(_, Value::Uniform(a), Value::Uniform(b)) => {
				if functions::compare(compare, a, b) {
					self.active.mask()
				} else {
					Mask::EMPTY
				}
			}
			// A boolean register as it is.
			(Compare::NotEqual, Value::Row(a), Value::Uniform(0)) => self.nonzero(a),
			(_, a, b) => {
				let row = self.scratch();
				self.compare(compare, row, a, b);
				self.nonzero(row)
			}
		}
	}
}
