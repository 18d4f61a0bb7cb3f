//! Expressions to words.

use std::rc::Rc;

use naga::{
	BinaryOperator, Expression, Handle, RelationalFunction, ScalarKind, Span, UnaryOperator,
};

use super::{
	bindings::literal_word,
	place::{Base, Place},
	refuse,
	types::{Layout, Shape},
	Frame, Lowerer, Result, Value,
};
use crate::{
	front::Rule,
	mir::{Binary, Operand, Unary, Wide},
};

impl<'m> Lowerer<'m> {
	/// The value of an expression: computed before if it was emitted, else now.
	pub(super) fn value(
		&mut self,
		frame: &mut Frame<'m>,
		expression: Handle<Expression>,
	) -> Result<Value> {
		match frame.values.get(&expression) {
			Some(value) => Ok(value.clone()),
			None => self.evaluate(frame, expression),
		}
	}

	/// Evaluates an expression and keeps its value.
	pub(super) fn evaluate(
		&mut self,
		frame: &mut Frame<'m>,
		expression: Handle<Expression>,
	) -> Result<Value> {
		let value = self.compute(frame, expression)?;
		frame.values.insert(expression, value.clone());
		Ok(value)
	}

	fn compute(&mut self, frame: &mut Frame<'m>, handle: Handle<Expression>) -> Result<Value> {
		let span = frame.span(handle);
		let function = frame.function;
		let words = |words: Vec<Operand>| Ok(Value::Words(words.into()));
		match &function.expressions[handle] {
			Expression::Literal(literal) => words(vec![Operand::Imm(literal_word(literal, span)?)]),
			Expression::Constant(constant) => {
				let init = self.parsed.module.constants[*constant].init;
				Ok(Value::Words(self.constant(init, span)?))
			}
			Expression::ZeroValue(ty) => {
				let shape = self.shape(*ty, span)?;
				let count = self.value_words(&shape, span)?;
				words(vec![Operand::Imm(0); count as usize])
			}
			Expression::Compose { components, .. } => {
				let mut all = Vec::new();
				for component in components {
					all.extend(self.words_of(frame, *component)?.iter());
				}
				words(all)
			}
			Expression::Splat { size, value } => {
				let value = self.words_of(frame, *value)?;
				words(value.repeat(usize::from(u8::from(*size))))
			}
			Expression::Swizzle { size, vector, pattern } => {
				let vector = self.words_of(frame, *vector)?;
				let count = usize::from(u8::from(*size));
				words(pattern[..count].iter().map(|part| vector[*part as usize]).collect())
			}
			Expression::FunctionArgument(index) => Ok(frame.arguments[*index as usize].clone()),
			Expression::GlobalVariable(variable) => {
				Ok(Value::Place(self.global_place(*variable, span)?))
			}
			Expression::LocalVariable(variable) => {
				Ok(Value::Place(self.variable_place(frame, *variable, span)?))
			}
			Expression::Access { base, index } => {
				let index = self.words_of(frame, *index)?[0];
				self.access(frame, *base, index, span)
			}
			Expression::AccessIndex { base, index } => {
				self.access(frame, *base, Operand::Imm(*index), span)
			}
			Expression::Load { pointer } => {
				let place = self.place(frame, *pointer)?;
				Ok(Value::Words(self.load(&place, span)?))
			}
			Expression::ArrayLength(pointer) => {
				let place = self.place(frame, *pointer)?;
				words(vec![self.array_length(&place, span)?])
			}
			_ => Ok(Value::Words(self.arithmetic(frame, handle)?)),
		}
	}

	fn arithmetic(
		&mut self,
		frame: &mut Frame<'m>,
		handle: Handle<Expression>,
	) -> Result<Rc<[Operand]>> {
		let span = frame.span(handle);
		let function = frame.function;
		match &function.expressions[handle] {
			Expression::Unary { op, expr } => {
				let words = self.words_of(frame, *expr)?;
				words.iter().map(|word| self.unary_operator(*op, *word)).collect()
			}
			Expression::Binary { op, left, right } => {
				let signed = self.is_signed(frame, *left);
				let left = self.words_of(frame, *left)?;
				let right = self.words_of(frame, *right)?;
				let count = left.len().max(right.len());
				(0..count)
					.map(|i| {
						let operands = (part(&left, i), part(&right, i));
						self.binary_operator(*op, signed, operands)
					})
					.collect()
			}
			Expression::Select { condition, accept, reject } => {
				let condition = self.words_of(frame, *condition)?;
				let accept = self.words_of(frame, *accept)?;
				let reject = self.words_of(frame, *reject)?;
				(0..accept.len())
					.map(|i| {
						let args = vec![part(&condition, i), accept[i], reject[i]];
						self.wide(Wide::Select, args)
					})
					.collect()
			}
			Expression::Relational { fun, argument } => {
				let op = match fun {
					RelationalFunction::All => Binary::And,
					RelationalFunction::Any => Binary::Or,
					_ => return refuse(Rule::Float, "a test of floats", span),
				};
				let words = self.words_of(frame, *argument)?;
				let mut result = words[0];
				for word in &words[1..] {
					result = self.binary(op, result, *word)?;
				}
				Ok([result].into())
			}
			Expression::As { expr, kind, .. } => {
				let words = self.words_of(frame, *expr)?;
				match kind {
					ScalarKind::Bool if !self.is_bool(frame, *expr) => words
						.iter()
						.map(|word| self.binary(Binary::Ne, *word, Operand::Imm(0)))
						.collect(),
					_ => Ok(words),
				}
			}
			Expression::Math { fun, arg, arg1, arg2, arg3 } => {
				let signed = self.is_signed(frame, *arg);
				let mut args = vec![self.words_of(frame, *arg)?];
				for arg in [arg1, arg2, arg3].into_iter().flatten() {
					args.push(self.words_of(frame, *arg)?);
				}
				self.math(*fun, signed, &args, span)
			}
			_ => refuse(Rule::Unsupported, "an expression that kernels do not have", span),
		}
	}

	fn unary_operator(&mut self, op: UnaryOperator, word: Operand) -> Result<Operand> {
		match op {
			UnaryOperator::Negate => self.unary(Unary::Neg, word),
			UnaryOperator::BitwiseNot => self.unary(Unary::Not, word),
			UnaryOperator::LogicalNot => self.binary(Binary::Eq, word, Operand::Imm(0)),
		}
	}

	fn binary_operator(
		&mut self,
		op: BinaryOperator,
		signed: bool,
		(left, right): (Operand, Operand),
	) -> Result<Operand> {
		use BinaryOperator as O;
		let of = |if_signed, if_unsigned| if signed { if_signed } else { if_unsigned };
		let op = match op {
			O::Add => Binary::Add,
			O::Subtract => Binary::Sub,
			O::Multiply => Binary::Mul,
			O::Divide => of(Binary::DivS, Binary::DivU),
			O::Modulo => of(Binary::RemS, Binary::RemU),
			O::Equal => Binary::Eq,
			O::NotEqual => Binary::Ne,
			O::Less => of(Binary::LtS, Binary::LtU),
			O::LessEqual => of(Binary::LeS, Binary::LeU),
			O::Greater => return self.binary(of(Binary::LtS, Binary::LtU), right, left),
			O::GreaterEqual => return self.binary(of(Binary::LeS, Binary::LeU), right, left),
			O::And | O::LogicalAnd => Binary::And,
			O::InclusiveOr | O::LogicalOr => Binary::Or,
			O::ExclusiveOr => Binary::Xor,
			O::ShiftLeft => Binary::Shl,
			O::ShiftRight => of(Binary::ShrS, Binary::ShrU),
		};
		self.binary(op, left, right)
	}

	/// The place that a pointer expression names.
	pub(super) fn place(
		&mut self,
		frame: &mut Frame<'m>,
		pointer: Handle<Expression>,
	) -> Result<Place> {
		match self.value(frame, pointer)? {
			Value::Place(place) => Ok(place),
			Value::Words(_) => refuse(Rule::Pointer, "this is not a pointer", frame.span(pointer)),
		}
	}

	fn access(
		&mut self,
		frame: &mut Frame<'m>,
		base: Handle<Expression>,
		index: Operand,
		span: Span,
	) -> Result<Value> {
		let words = match self.value(frame, base)? {
			Value::Place(place) => return Ok(Value::Place(self.element(&place, index, span)?)),
			Value::Words(words) => words,
		};
		let shape = self.value_shape(frame, base)?;
		if let Operand::Imm(index) = index {
			let part = shape.part(index, Layout::Packed);
			let range = part.and_then(|(part, offset)| {
				let end = offset.checked_add(part.words()?)?;
				words.get(offset as usize..end as usize)
			});
			return match range {
				Some(range) => Ok(Value::Words(range.into())),
				None => refuse(Rule::Wgsl, format!("index {index} is out of range"), span),
			};
		}
		let base = Base::Memory(self.spill(&words, span)?);
		let place =
			Place { base, shape, layout: Layout::Packed, offset: 0, index: Operand::Imm(0) };
		let element = self.element(&place, index, span)?;
		Ok(Value::Words(self.load(&element, span)?))
	}

	/// A memory that holds `words`, to index them by a value: a table if all are constant.
	fn spill(&mut self, words: &[Operand], span: Span) -> Result<crate::mir::Memory> {
		let constants: Option<Vec<u32>> = words.iter().map(|word| word.imm()).collect();
		if let Some(constants) = constants {
			return self.table(constants, span);
		}
		let memory = self.private_array(words.len() as u32, span)?;
		for (offset, value) in (0..).zip(words) {
			let to = crate::mir::Address {
				memory,
				base: Operand::Imm(0),
				index: Operand::Imm(0),
				offset,
			};
			self.emit(crate::mir::Kind::Store { to, value: *value })?;
		}
		Ok(memory)
	}

	fn value_shape(&self, frame: &Frame<'m>, expression: Handle<Expression>) -> Result<Rc<Shape>> {
		let span = frame.span(expression);
		let info = self.function_info(frame);
		match &info[expression].ty {
			naga::proc::TypeResolution::Handle(ty) => self.shape(*ty, span),
			naga::proc::TypeResolution::Value(inner) => match inner {
				naga::TypeInner::Scalar(scalar) => {
					Ok(Rc::new(Shape::Scalar(super::types::Scalar::new(scalar.kind))))
				}
				naga::TypeInner::Vector { size, scalar } => Ok(Rc::new(Shape::Vector(
					u32::from(*size),
					super::types::Scalar::new(scalar.kind),
				))),
				_ => refuse(Rule::Type, "a value of a type that kernels do not have", span),
			},
		}
	}

	fn function_info(&self, frame: &Frame<'m>) -> &'m naga::valid::FunctionInfo {
		match frame.id {
			Some(function) => &self.parsed.info[function],
			None => self.parsed.info.get_entry_point(self.bindings.entry),
		}
	}

	fn scalar_kind(&self, frame: &Frame<'m>, expression: Handle<Expression>) -> Option<ScalarKind> {
		let info = self.function_info(frame);
		info[expression].ty.inner_with(&self.parsed.module.types).scalar_kind()
	}

	/// Whether anything reads this expression.
	pub(super) fn is_used(&self, frame: &Frame<'m>, expression: Handle<Expression>) -> bool {
		self.function_info(frame)[expression].ref_count > 0
	}

	pub(super) fn is_signed(&self, frame: &Frame<'m>, expression: Handle<Expression>) -> bool {
		self.scalar_kind(frame, expression) == Some(ScalarKind::Sint)
	}

	fn is_bool(&self, frame: &Frame<'m>, expression: Handle<Expression>) -> bool {
		self.scalar_kind(frame, expression) == Some(ScalarKind::Bool)
	}
}

/// The part of a vector, or the scalar that stands for all parts.
fn part(words: &[Operand], index: usize) -> Operand {
	words.get(index).copied().unwrap_or(words[0])
}
