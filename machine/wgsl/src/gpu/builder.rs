//! Builds the body of one naga function, statement by statement.

use naga::{
	BinaryOperator as Op, Block, Expression, Function, Handle, Literal, LocalVariable,
	MathFunction, ScalarKind, Span, Statement, Type, UnaryOperator,
};

/// An expression of the function under construction.
pub(super) type Value = Handle<Expression>;

/// The function and the block that is open.
pub(super) struct Builder {
	pub(super) function: Function,
	block: Block,
}

impl Builder {
	pub(super) fn new() -> Self {
		Self { function: Function::default(), block: Block::new() }
	}

	pub(super) fn finish(mut self) -> Function {
		self.function.body = self.block;
		self.function
	}

	/// Swaps the open block, to build an inner one.
	pub(super) fn replace_block(&mut self, block: Block) -> Block {
		std::mem::replace(&mut self.block, block)
	}

	pub(super) fn statement(&mut self, statement: Statement) {
		self.block.push(statement, Span::UNDEFINED);
	}

	/// An expression that needs no evaluation.
	pub(super) fn name(&mut self, expression: Expression) -> Value {
		self.function.expressions.append(expression, Span::UNDEFINED)
	}

	/// An expression that is evaluated here.
	pub(super) fn emit(&mut self, expression: Expression) -> Value {
		let value = self.name(expression);
		self.statement(Statement::Emit(naga::Range::new_from_bounds(value, value)));
		value
	}

	pub(super) fn number(&mut self, value: u32) -> Value {
		self.name(Expression::Literal(Literal::U32(value)))
	}

	pub(super) fn variable(&mut self, name: String, ty: Handle<Type>, zero: bool) -> Value {
		let init = zero.then(|| self.name(Expression::ZeroValue(ty)));
		let variable = LocalVariable { name: Some(name), ty, init };
		let handle = self.function.local_variables.append(variable, Span::UNDEFINED);
		self.name(Expression::LocalVariable(handle))
	}

	pub(super) fn load(&mut self, pointer: Value) -> Value {
		self.emit(Expression::Load { pointer })
	}

	pub(super) fn store(&mut self, pointer: Value, value: Value) {
		self.statement(Statement::Store { pointer, value });
	}

	pub(super) fn access(&mut self, base: Value, index: Value) -> Value {
		self.emit(Expression::Access { base, index })
	}

	pub(super) fn access_index(&mut self, base: Value, index: u32) -> Value {
		self.emit(Expression::AccessIndex { base, index })
	}

	pub(super) fn op(&mut self, op: Op, left: Value, right: Value) -> Value {
		self.emit(Expression::Binary { op, left, right })
	}

	/// A binary operation with a number on the right.
	pub(super) fn op_with(&mut self, op: Op, left: Value, right: u32) -> Value {
		let right = self.number(right);
		self.op(op, left, right)
	}

	/// The same as `i32`.
	pub(super) fn signed_op(&mut self, op: Op, left: Value, right: Value) -> Value {
		let (left, right) = (self.as_i32(left), self.as_i32(right));
		let result = self.op(op, left, right);
		self.as_u32(result)
	}

	pub(super) fn not(&mut self, expr: Value) -> Value {
		self.emit(Expression::Unary { op: UnaryOperator::BitwiseNot, expr })
	}

	pub(super) fn as_i32(&mut self, expr: Value) -> Value {
		self.emit(Expression::As { expr, kind: ScalarKind::Sint, convert: None })
	}

	pub(super) fn as_u32(&mut self, expr: Value) -> Value {
		self.emit(Expression::As { expr, kind: ScalarKind::Uint, convert: None })
	}

	/// 1 or 0 for a bool.
	pub(super) fn word_of_bool(&mut self, condition: Value) -> Value {
		let (one, zero) = (self.number(1), self.number(0));
		self.select(condition, one, zero)
	}

	pub(super) fn select(&mut self, condition: Value, accept: Value, reject: Value) -> Value {
		self.emit(Expression::Select { condition, accept, reject })
	}

	pub(super) fn math(&mut self, fun: MathFunction, args: &[Value]) -> Value {
		let arg = |i: usize| args.get(i).copied();
		self.emit(Expression::Math { fun, arg: args[0], arg1: arg(1), arg2: arg(2), arg3: arg(3) })
	}

	/// A function of `i32`s, on words.
	pub(super) fn signed_math(&mut self, fun: MathFunction, args: &[Value]) -> Value {
		let args: Vec<Value> = args.iter().map(|arg| self.as_i32(*arg)).collect();
		let result = self.math(fun, &args);
		self.as_u32(result)
	}

	/// `if condition { accept }`
	pub(super) fn when(&mut self, condition: Value, accept: impl FnOnce(&mut Self)) {
		let outer = self.replace_block(Block::new());
		accept(self);
		let accept = self.replace_block(outer);
		self.statement(Statement::If { condition, accept, reject: Block::new() });
	}
}
