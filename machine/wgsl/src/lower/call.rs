//! Calls, inlined.
//!
//! A function whose `return`s all lie at ends of branches becomes nested `if`s: what follows an
//! `if` that returns moves into its other branch. Any other function becomes a loop of one
//! iteration that `return` breaks out of, with a flag for the loops in between.

use std::rc::Rc;

use naga::{Block, Expression, Function, Handle, Statement};

use super::{loops::Target, types::Shape, Flow, Frame, Lowerer, Result, Value};
use crate::mir::{Condition, Kind, Operand, Reg};

/// How `return` is done in an inlined function.
#[derive(Clone, Debug)]
pub(super) enum Returns {
	/// The entry point: the invocation ends.
	Entry,
	/// At the end of branches only: the result is assigned.
	Structured(Rc<[Reg]>),
	/// Out of a one-iteration loop: the result is assigned, and the flag is set.
	Flagged(Rc<[Reg]>, Reg),
}

/// Deepest inlining. WGSL has no recursion, so this bounds only the depth of the call chain.
const MAX_CALL_DEPTH: usize = 32;

impl<'m> Lowerer<'m> {
	/// Inlines a call.
	pub(super) fn call(
		&mut self,
		frame: &mut Frame<'m>,
		callee: Handle<Function>,
		arguments: &'m [Handle<Expression>],
		result: Option<Handle<Expression>>,
		depth: usize,
	) -> Result<Flow> {
		let function = &self.parsed.module.functions[callee];
		let span = self.parsed.module.functions.get_span(callee);
		if depth > MAX_CALL_DEPTH {
			return super::refuse(crate::front::Rule::Limit, "calls nest too deep", span);
		}
		let mut values = Vec::new();
		for argument in arguments {
			values.push(self.value(frame, *argument)?);
		}
		let shape = match &function.result {
			Some(result) => Some(self.shape(result.ty, span)?),
			None => None,
		};
		let words = match &shape {
			Some(shape) => self.value_words(shape, span)?,
			None => 0,
		};
		let registers: Rc<[Reg]> = (0..words).map(|_| self.register()).collect();
		let structured = returns_are_structured(&function.body);
		let value = self.inline(callee, function, values, &registers, structured, depth)?;
		if let (Some(result), Some(_)) = (result, shape as Option<Rc<Shape>>) {
			frame.values.insert(result, Value::Words(value));
		}
		Ok(Flow::Next)
	}

	fn inline(
		&mut self,
		id: Handle<Function>,
		function: &'m Function,
		arguments: Vec<Value>,
		registers: &Rc<[Reg]>,
		structured: bool,
		depth: usize,
	) -> Result<Rc<[Operand]>> {
		let returns = match structured {
			true => Returns::Structured(registers.clone()),
			false => {
				let flag = self.register();
				self.assign(flag, Operand::Imm(0))?;
				self.known.remove(&flag);
				Returns::Flagged(registers.clone(), flag)
			}
		};
		let mut frame = Frame::new(Some(id), function, arguments, returns);
		frame.depth = depth;
		self.declare_variables(&mut frame)?;
		if structured {
			self.block(&mut frame, &function.body)?;
		} else {
			self.known.clear();
			let ((), body) = self.nested(|this| {
				this.block(&mut frame, &function.body)?;
				this.emit(Kind::Break)
			})?;
			self.known.clear();
			self.emit(Kind::Loop { body, continuing: Vec::new() })?;
		}
		registers.iter().map(|register| self.present(*register)).collect()
	}

	/// `return`.
	pub(super) fn return_statement(
		&mut self,
		frame: &mut Frame<'m>,
		value: Option<Handle<Expression>>,
	) -> Result<Flow> {
		let words = match value {
			Some(value) => self.words_of(frame, value)?,
			None => Rc::from([]),
		};
		match frame.returns.clone() {
			Returns::Entry => self.emit(Kind::Return)?,
			Returns::Structured(registers) => {
				for (register, word) in registers.iter().zip(words.iter()) {
					self.assign(*register, *word)?;
				}
			}
			Returns::Flagged(registers, flag) => {
				for (register, word) in registers.iter().zip(words.iter()) {
					self.assign(*register, *word)?;
				}
				if frame.targets.iter().any(|target| matches!(target, Target::Unrolled { .. })) {
					return Err(super::Stop::NotUnrolled);
				}
				if !frame.targets.is_empty() {
					self.assign(flag, Operand::Imm(1))?;
				}
				self.emit(Kind::Break)?;
			}
		}
		Ok(Flow::Gone)
	}

	/// After a loop or switch of a function with a flag: leaves what is around it too.
	pub(super) fn leave_if_returned(&mut self, frame: &Frame<'m>, inner: &Block) -> Result<()> {
		match frame.returns {
			Returns::Flagged(_, flag) if may_return(inner) => {
				let ((), accept) = self.nested(|this| this.emit(Kind::Break))?;
				let cond = Operand::Reg(flag);
				self.emit(Kind::If { cond: Condition::Is(cond), accept, reject: Vec::new() })
			}
			_ => Ok(()),
		}
	}
}

/// Whether a `return` is anywhere in the block.
pub(super) fn may_return(block: &Block) -> bool {
	block.iter().any(|statement| match statement {
		Statement::Return { .. } => true,
		Statement::Block(block) => may_return(block),
		Statement::If { accept, reject, .. } => may_return(accept) || may_return(reject),
		Statement::Switch { cases, .. } => cases.iter().any(|case| may_return(&case.body)),
		Statement::Loop { body, continuing, .. } => may_return(body) || may_return(continuing),
		_ => false,
	})
}

/// Whether control never passes the block's end because it returns.
pub(super) fn always_returns(block: &Block) -> bool {
	block.iter().any(|statement| match statement {
		Statement::Return { .. } => true,
		Statement::Block(block) => always_returns(block),
		Statement::If { accept, reject, .. } => always_returns(accept) && always_returns(reject),
		_ => false,
	})
}

/// Whether every `return` is at the end of the function or of a branch that always returns.
fn returns_are_structured(block: &Block) -> bool {
	block.iter().all(|statement| match statement {
		Statement::Block(inner) => {
			returns_are_structured(inner) && (always_returns(inner) || !may_return(inner))
		}
		Statement::If { accept, reject, .. } => [accept, reject].into_iter().all(|branch| {
			!may_return(branch) || (always_returns(branch) && returns_are_structured(branch))
		}),
		Statement::Switch { .. } | Statement::Loop { .. } => {
			!may_return(&Block::from_vec(vec![statement.clone()]))
		}
		_ => true,
	})
}
