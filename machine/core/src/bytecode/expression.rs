//! Small expressions over a job's parameters: buffer lengths, workgroup counts, slices, fuel.

use alloc::{vec, vec::Vec};

use codec::{Decode, Encode};

use super::limits::MAX_STACK;

/// One term of an [`Expression`], in postfix order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Term {
	/// Pushes a number.
	#[codec(index = 0)]
	Constant(#[codec(compact)] u32),
	/// Pushes the job's parameter of that index.
	#[codec(index = 1)]
	Parameter(u8),
	/// `a + b`
	#[codec(index = 2)]
	Add,
	/// `a - b`
	#[codec(index = 3)]
	Sub,
	/// `a * b`
	#[codec(index = 4)]
	Mul,
	/// `a / b`, rounded down
	#[codec(index = 5)]
	Div,
	/// `a / b`, rounded up
	#[codec(index = 6)]
	CeilDiv,
	/// The smaller of two.
	#[codec(index = 7)]
	Min,
	/// The greater of two.
	#[codec(index = 8)]
	Max,
}

/// An expression in postfix order, computed in checked 64-bit unsigned arithmetic.
///
/// `n / 4 * 3` is `[Parameter(n), Constant(4), Div, Constant(3), Mul]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Expression(pub Vec<Term>);

/// Why an expression has no value for some parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArithmeticError {
	/// A sum or product above 2^64 - 1.
	#[error("a sum or product exceeds 64 bits; use smaller parameters")]
	Overflow,
	/// A difference below zero.
	#[error("a difference is below zero; check the parameters' bounds")]
	Negative,
	/// A division by zero.
	#[error("a division by zero; give the divisor's parameter a minimum of 1")]
	DivisionByZero,
	/// The terms do not form one value. Validation excludes this.
	#[error("the terms do not form one value")]
	Malformed,
}

impl Expression {
	/// A constant.
	pub fn constant(value: u32) -> Self {
		Self(vec![Term::Constant(value)])
	}

	/// A parameter's value.
	pub fn parameter(index: u8) -> Self {
		Self(vec![Term::Parameter(index)])
	}

	/// Two expressions joined by a two-operand term.
	pub fn join(mut self, term: Term, right: Expression) -> Self {
		self.0.extend(right.0);
		self.0.push(term);
		self
	}

	/// The value for these parameters.
	///
	/// # Errors
	///
	/// If an intermediate value does not fit 64 unsigned bits or a divisor is zero.
	pub fn evaluate(&self, parameters: &[u32]) -> Result<u64, ArithmeticError> {
		let mut stack = [0u64; MAX_STACK];
		let mut depth = 0usize;
		for term in &self.0 {
			let value = match *term {
				Term::Constant(value) => u64::from(value),
				Term::Parameter(index) => parameters
					.get(usize::from(index))
					.map(|value| u64::from(*value))
					.ok_or(ArithmeticError::Malformed)?,
				operator => {
					let below = depth.checked_sub(2).ok_or(ArithmeticError::Malformed)?;
					let pair = stack.get(below..depth).ok_or(ArithmeticError::Malformed)?;
					let value = combine(operator, pair[0], pair[1])?;
					depth = below;
					value
				}
			};
			*stack.get_mut(depth).ok_or(ArithmeticError::Malformed)? = value;
			depth += 1;
		}
		if depth == 1 {
			Ok(stack[0])
		} else {
			Err(ArithmeticError::Malformed)
		}
	}
}

fn combine(operator: Term, a: u64, b: u64) -> Result<u64, ArithmeticError> {
	match operator {
		Term::Add => a.checked_add(b).ok_or(ArithmeticError::Overflow),
		Term::Sub => a.checked_sub(b).ok_or(ArithmeticError::Negative),
		Term::Mul => a.checked_mul(b).ok_or(ArithmeticError::Overflow),
		Term::Div => a.checked_div(b).ok_or(ArithmeticError::DivisionByZero),
		Term::CeilDiv if b == 0 => Err(ArithmeticError::DivisionByZero),
		Term::CeilDiv => Ok(a.div_ceil(b)),
		Term::Min => Ok(a.min(b)),
		Term::Max => Ok(a.max(b)),
		Term::Constant(_) | Term::Parameter(_) => Err(ArithmeticError::Malformed),
	}
}
