//! The manifest's small expressions, such as `ceil_div(width * height, 256)`.
//!
//! ```text
//! sum     = product (("+" | "-") product)*
//! product = atom (("*" | "/") atom)*
//! atom    = NUMBER | NAME | "(" sum ")" | ("min" | "max" | "ceil_div") "(" sum "," sum ")"
//! ```

use thiserror::Error;

/// Deepest nesting of an expression.
const MAX_DEPTH: usize = 12;
/// Longest expression, in bytes.
const MAX_BYTES: usize = 256;

/// A two-operand operation on numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
	/// `a + b`
	Add,
	/// `a - b`
	Sub,
	/// `a * b`
	Mul,
	/// `a / b`, rounded down
	Div,
	/// `a / b`, rounded up
	CeilDiv,
	/// The smaller
	Min,
	/// The greater
	Max,
}

/// A parsed expression over names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
	/// A number.
	Number(u32),
	/// A parameter's name.
	Name(String),
	/// An operation.
	Binary(Operator, Box<Expression>, Box<Expression>),
}

/// Why a text is not an expression.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason} at column {column} of `{text}`")]
pub struct ExpressionError {
	/// What is wrong.
	pub reason: String,
	/// Where in the text, from 1.
	pub column: usize,
	/// The text.
	pub text: String,
}

/// Parses an expression.
pub fn parse(text: &str) -> Result<Expression, ExpressionError> {
	let mut parser = Parser { text, at: 0 };
	if text.len() > MAX_BYTES {
		return Err(parser.error("an expression longer than 256 characters"));
	}
	let expression = parser.sum(0)?;
	parser.skip_spaces();
	if parser.at < text.len() {
		return Err(parser.error("expected an operator or the end"));
	}
	Ok(expression)
}

struct Parser<'a> {
	text: &'a str,
	at: usize,
}

impl Parser<'_> {
	fn error(&self, reason: impl Into<String>) -> ExpressionError {
		let column = self.text[..self.at].chars().count() + 1;
		let text = self.text.chars().take(MAX_BYTES).collect();
		ExpressionError { reason: reason.into(), column, text }
	}

	fn skip_spaces(&mut self) {
		let rest = &self.text[self.at..];
		self.at += rest.len() - rest.trim_start().len();
	}

	fn peek(&mut self) -> Option<char> {
		self.skip_spaces();
		self.text[self.at..].chars().next()
	}

	fn take(&mut self, wanted: char) -> bool {
		let found = self.peek() == Some(wanted);
		if found {
			self.at += wanted.len_utf8();
		}
		found
	}

	fn expect(&mut self, wanted: char) -> Result<(), ExpressionError> {
		match self.take(wanted) {
			true => Ok(()),
			false => Err(self.error(format!("expected `{wanted}`"))),
		}
	}

	fn sum(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
		self.chain(depth, Self::product, &[('+', Operator::Add), ('-', Operator::Sub)])
	}

	fn product(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
		self.chain(depth, Self::atom, &[('*', Operator::Mul), ('/', Operator::Div)])
	}

	fn chain(
		&mut self,
		depth: usize,
		operand: fn(&mut Self, usize) -> Result<Expression, ExpressionError>,
		operators: &[(char, Operator)],
	) -> Result<Expression, ExpressionError> {
		let mut left = operand(self, depth)?;
		while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take(*sign)) {
			let right = operand(self, depth)?;
			left = Expression::Binary(*operator, Box::new(left), Box::new(right));
		}
		Ok(left)
	}

	fn atom(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
		if depth > MAX_DEPTH {
			return Err(self.error("an expression nested too deep"));
		}
		match self.peek() {
			Some('(') => {
				self.at += 1;
				let inner = self.sum(depth + 1)?;
				self.expect(')')?;
				Ok(inner)
			}
			Some(c) if c.is_ascii_digit() => self.number(),
			Some(c) if c.is_ascii_alphabetic() || c == '_' => self.name(depth),
			_ => Err(self.error("expected a number, a parameter or `(`")),
		}
	}

	fn word(&mut self) -> &str {
		let rest = &self.text[self.at..];
		let end =
			rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
		self.at += end;
		&rest[..end]
	}

	fn number(&mut self) -> Result<Expression, ExpressionError> {
		let start = self.at;
		let digits = self.word().replace('_', "");
		digits.parse().map(Expression::Number).map_err(|_| {
			self.at = start;
			self.error("expected a number up to 4294967295")
		})
	}

	fn name(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
		let start = self.at;
		let name = self.word().to_owned();
		if self.peek() != Some('(') {
			return Ok(Expression::Name(name));
		}
		let operator = match name.as_str() {
			"min" => Operator::Min,
			"max" => Operator::Max,
			"ceil_div" => Operator::CeilDiv,
			_ => {
				self.at = start;
				return Err(self.error("expected one of min, max and ceil_div"));
			}
		};
		self.expect('(')?;
		let left = self.sum(depth + 1)?;
		self.expect(',')?;
		let right = self.sum(depth + 1)?;
		self.expect(')')?;
		Ok(Expression::Binary(operator, Box::new(left), Box::new(right)))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn show(expression: &Expression) -> String {
		match expression {
			Expression::Number(number) => number.to_string(),
			Expression::Name(name) => name.clone(),
			Expression::Binary(operator, left, right) => {
				format!("({operator:?} {} {})", show(left), show(right))
			}
		}
	}

	#[test]
	fn products_bind_tighter_and_chains_go_left() {
		let parsed = parse("m - n * 2 - ceil_div(k, 4)").expect("is an expression");
		assert_eq!(show(&parsed), "(Sub (Sub m (Mul n 2)) (CeilDiv k 4))");
		assert_eq!(show(&parse("(a + 1_000) / b").expect("is one")), "(Div (Add a 1000) b)");
	}

	#[test]
	fn errors_point_at_the_column() {
		let column = |text: &str| parse(text).expect_err("is no expression").column;
		assert_eq!(column("m + "), 5);
		assert_eq!(column("m n"), 3);
		assert_eq!(column("m * 4294967296"), 5);
		assert_eq!(column("pow(m, 2)"), 1);
		assert_eq!(column(&"(".repeat(40)), 14);
		assert_eq!(column("é"), 1);
	}
}
