//! Built-in functions, component by component.

use std::rc::Rc;

use naga::{MathFunction, Span};

use super::{refuse, Lowerer, Result};
use crate::{
	front::Rule,
	mir::{Binary, Operand, Unary, Wide},
};

impl Lowerer<'_> {
	/// A built-in function of one to four arguments.
	pub(super) fn math(
		&mut self,
		function: MathFunction,
		signed: bool,
		args: &[Rc<[Operand]>],
		span: Span,
	) -> Result<Rc<[Operand]>> {
		use MathFunction as M;
		match function {
			M::Dot => self.dot(args),
			M::Pack4xI8 | M::Pack4xU8 => Ok([self.wide(Wide::Pack4, args[0].to_vec())?].into()),
			M::Pack4xI8Clamp => Ok([self.wide(Wide::PackClampS, args[0].to_vec())?].into()),
			M::Pack4xU8Clamp => Ok([self.wide(Wide::PackClampU, args[0].to_vec())?].into()),
			M::Unpack4xI8 => self.unpack(Wide::ExtractS, args[0][0]),
			M::Unpack4xU8 => self.unpack(Wide::ExtractU, args[0][0]),
			_ => (0..args[0].len())
				.map(|i| {
					// Scalar arguments of vector functions (a bit field's offset) stand for all.
					let parts: Vec<Operand> =
						args.iter().map(|arg| *arg.get(i).unwrap_or(&arg[0])).collect();
					self.math_part(function, signed, &parts, span)
				})
				.collect(),
		}
	}

	fn math_part(
		&mut self,
		function: MathFunction,
		signed: bool,
		args: &[Operand],
		span: Span,
	) -> Result<Operand> {
		use MathFunction as M;
		let of = |if_signed, if_unsigned| if signed { if_signed } else { if_unsigned };
		match (function, args) {
			(M::Abs, &[x]) if signed => self.unary(Unary::AbsS, x),
			(M::Abs, &[x]) => Ok(x),
			(M::Sign, &[x]) => self.unary(Unary::SignS, x),
			(M::CountOneBits, &[x]) => self.unary(Unary::CountOnes, x),
			(M::CountLeadingZeros, &[x]) => self.unary(Unary::LeadingZeros, x),
			(M::CountTrailingZeros, &[x]) => self.unary(Unary::TrailingZeros, x),
			(M::ReverseBits, &[x]) => self.unary(Unary::ReverseBits, x),
			(M::FirstTrailingBit, &[x]) => self.unary(Unary::FirstTrailing, x),
			(M::FirstLeadingBit, &[x]) => {
				let op = if signed { Unary::FirstLeadingS } else { Unary::FirstLeadingU };
				self.unary(op, x)
			}
			(M::Min, &[x, y]) => self.binary(of(Binary::MinS, Binary::MinU), x, y),
			(M::Max, &[x, y]) => self.binary(of(Binary::MaxS, Binary::MaxU), x, y),
			(M::Clamp, &[x, low, high]) => {
				let raised = self.binary(of(Binary::MaxS, Binary::MaxU), x, low)?;
				self.binary(of(Binary::MinS, Binary::MinU), raised, high)
			}
			(M::Dot4I8Packed, &[x, y]) => self.binary(Binary::Dot4S, x, y),
			(M::Dot4U8Packed, &[x, y]) => self.binary(Binary::Dot4U, x, y),
			(M::ExtractBits, &[x, offset, count]) => {
				let op = if signed { Wide::ExtractS } else { Wide::ExtractU };
				self.wide(op, vec![x, offset, count])
			}
			(M::InsertBits, &[x, inserted, offset, count]) => {
				self.wide(Wide::Insert, vec![x, inserted, offset, count])
			}
			_ => refuse(Rule::Function, format!("kernels do not have {function:?}"), span),
		}
	}

	fn dot(&mut self, args: &[Rc<[Operand]>]) -> Result<Rc<[Operand]>> {
		let mut sum = self.binary(Binary::Mul, args[0][0], args[1][0])?;
		for (x, y) in args[0].iter().zip(args[1].iter()).skip(1) {
			let product = self.binary(Binary::Mul, *x, *y)?;
			sum = self.binary(Binary::Add, sum, product)?;
		}
		Ok([sum].into())
	}

	fn unpack(&mut self, op: Wide, word: Operand) -> Result<Rc<[Operand]>> {
		(0..4)
			.map(|byte| self.wide(op, vec![word, Operand::Imm(8 * byte), Operand::Imm(8)]))
			.collect()
	}
}
