//! Statements.

use naga::{AtomicFunction, Block, Expression, Handle, Span, Statement, SwitchCase, SwitchValue};

use super::{
	call::{always_returns, Returns},
	loops::{LoopParts, Target},
	place::Base,
	refuse, Flow, Frame, Lowerer, Result, Stop, Value,
};
use crate::{
	front::Rule,
	mir::{Address, Atomic, Binary, Condition, Kind, Operand, Unary},
};

impl<'m> Lowerer<'m> {
	/// Lowers a block.
	pub(super) fn block(&mut self, frame: &mut Frame<'m>, block: &'m Block) -> Result<Flow> {
		self.statements(frame, block, 0)
	}

	/// Lowers the statements of `block` from number `from` on.
	fn statements(&mut self, frame: &mut Frame<'m>, block: &'m Block, from: usize) -> Result<Flow> {
		for (number, (statement, span)) in block.span_iter().enumerate().skip(from) {
			if let Some(range) = span.to_range() {
				self.at = range.start as u32;
			}
			let flow = match statement {
				Statement::If { condition, accept, reject }
					if matches!(frame.returns, Returns::Structured(_))
						&& (always_returns(accept) || always_returns(reject)) =>
				{
					let rest = Some((block, number + 1));
					return self.if_statement(frame, *condition, accept, reject, rest);
				}
				_ => self.statement(frame, statement, *span)?,
			};
			if flow != Flow::Next {
				return Ok(flow);
			}
		}
		Ok(Flow::Next)
	}

	fn statement(
		&mut self,
		frame: &mut Frame<'m>,
		statement: &'m Statement,
		span: Span,
	) -> Result<Flow> {
		match statement {
			Statement::Emit(range) => {
				for expression in range.clone() {
					self.evaluate(frame, expression)?;
				}
			}
			Statement::Block(block) => return self.block(frame, block),
			Statement::If { condition, accept, reject } => {
				return self.if_statement(frame, *condition, accept, reject, None);
			}
			Statement::Switch { selector, cases } => {
				return self.switch(frame, *selector, cases);
			}
			Statement::Loop { body, continuing, break_if } => {
				let parts = LoopParts { body, continuing, break_if: *break_if };
				let flow = self.loop_statement(frame, parts)?;
				self.leave_if_returned(frame, body)?;
				return Ok(flow);
			}
			Statement::Break => return self.break_statement(frame),
			Statement::Continue => return self.continue_statement(frame),
			Statement::Return { value } => return self.return_statement(frame, *value),
			// Some drivers compile each barrier to a point of suspension: they are not multiplied.
			Statement::ControlBarrier(_) if is_unrolling(frame) => return Err(Stop::NotUnrolled),
			Statement::ControlBarrier(_) => self.emit(Kind::Barrier)?,
			// One invocation sees its own writes, and others' only after a control barrier.
			Statement::MemoryBarrier(_) => {}
			Statement::Store { pointer, value } => {
				let value = self.words_of(frame, *value)?;
				let place = self.place(frame, *pointer)?;
				self.store_words(&place, &value, span)?;
			}
			Statement::Atomic { pointer, fun, value, result } => {
				self.atomic(frame, *pointer, fun, *value, *result, span)?;
			}
			Statement::WorkGroupUniformLoad { pointer, result } => {
				let place = self.place(frame, *pointer)?;
				self.emit(Kind::Barrier)?;
				let value = self.load(&place, span)?;
				self.emit(Kind::Barrier)?;
				frame.values.insert(*result, Value::Words(value));
			}
			Statement::Call { function, arguments, result } => {
				let depth = frame.depth + 1;
				return self.call(frame, *function, arguments, *result, depth);
			}
			_ => return refuse(Rule::Unsupported, "a statement that kernels do not have", span),
		}
		Ok(Flow::Next)
	}

	/// Lowers an `if`; `rest` are the statements after it, to go where it does not return.
	fn if_statement(
		&mut self,
		frame: &mut Frame<'m>,
		condition: Handle<Expression>,
		accept: &'m Block,
		reject: &'m Block,
		rest: Option<(&'m Block, usize)>,
	) -> Result<Flow> {
		let cond = self.words_of(frame, condition)?[0];
		if let Operand::Imm(constant) = cond {
			return self.branch(frame, if constant != 0 { accept } else { reject }, rest);
		}
		let before = self.known.clone();
		enter_condition(frame);
		let (accepted, accept) = self.nested(|this| this.branch(frame, accept, rest))?;
		let after_accept = std::mem::replace(&mut self.known, before);
		let (rejected, reject) = self.nested(|this| this.branch(frame, reject, rest))?;
		leave_condition(frame);
		match (accepted, rejected) {
			// Both branches go on to the function's end, the one that returns too.
			_ if rest.is_some() => {
				self.known.retain(|register, value| after_accept.get(register) == Some(value));
			}
			(Flow::Gone, _) => {}
			(_, Flow::Gone) => self.known = after_accept,
			_ => self.known.retain(|register, value| after_accept.get(register) == Some(value)),
		}
		self.emit(Kind::If { cond: Condition::Is(cond), accept, reject })?;
		match (accepted, rejected) {
			(Flow::Gone, Flow::Gone) => Ok(Flow::Gone),
			_ => Ok(Flow::Next),
		}
	}

	fn branch(
		&mut self,
		frame: &mut Frame<'m>,
		branch: &'m Block,
		rest: Option<(&'m Block, usize)>,
	) -> Result<Flow> {
		let flow = self.block(frame, branch)?;
		match (flow, rest) {
			(Flow::Next, Some((block, from))) => self.statements(frame, block, from),
			(flow, _) => Ok(flow),
		}
	}

	/// A `switch` becomes one `if` after another. Their conditions are computed before the first,
	/// since a case may change what the selector was made of.
	fn switch(
		&mut self,
		frame: &mut Frame<'m>,
		selector: Handle<Expression>,
		cases: &'m [SwitchCase],
	) -> Result<Flow> {
		let selector = self.words_of(frame, selector)?[0];
		let groups = self.case_groups(selector, cases)?;
		let plain = groups.iter().all(|(_, body)| !leaves_early(body));
		if plain {
			let one = groups.iter().find(|(cond, _)| matches!(cond, Operand::Imm(1)));
			if let Some((_, body)) = one.filter(|_| selector.imm().is_some()) {
				return self.switch_body(frame, body);
			}
			self.cases(frame, &groups)?;
			return Ok(Flow::Next);
		}
		let before = self.known.clone();
		// Registers that a `continue` sets are unknown until the body has been lowered.
		frame.targets.push(Target::Switch { continues: None });
		let ((), body) = self.nested(|this| {
			this.cases(frame, &groups)?;
			this.emit(Kind::Break)
		})?;
		let target = frame.targets.pop();
		self.known.retain(|register, value| before.get(register) == Some(value));
		let continues = match target {
			Some(Target::Switch { continues }) => continues,
			_ => None,
		};
		if let Some(register) = continues {
			self.assign(register, Operand::Imm(0))?;
			self.known.remove(&register);
		}
		self.emit(Kind::Loop { body, continuing: Vec::new() })?;
		for (_, body) in &groups {
			self.leave_if_returned(frame, body)?;
		}
		if let Some(register) = continues {
			enter_condition(frame);
			let (_, accept) = self.nested(|this| this.continue_statement(frame))?;
			leave_condition(frame);
			let cond = Operand::Reg(register);
			self.emit(Kind::If { cond: Condition::Is(cond), accept, reject: Vec::new() })?;
		}
		Ok(Flow::Next)
	}

	/// For each body, whether it is chosen. naga gives `case 1, 2:` as an empty case that falls
	/// through to the next.
	fn case_groups(
		&mut self,
		selector: Operand,
		cases: &'m [SwitchCase],
	) -> Result<Vec<(Operand, &'m Block)>> {
		let mut groups = Vec::new();
		let mut chosen = Operand::Imm(0);
		let mut any = Operand::Imm(0);
		let mut is_default = false;
		let mut default = None;
		for case in cases {
			match case.value {
				SwitchValue::Default => is_default = true,
				SwitchValue::I32(value) => {
					let equal = self.binary(Binary::Eq, selector, Operand::Imm(value as u32))?;
					chosen = self.binary(Binary::Or, chosen, equal)?;
				}
				SwitchValue::U32(value) => {
					let equal = self.binary(Binary::Eq, selector, Operand::Imm(value))?;
					chosen = self.binary(Binary::Or, chosen, equal)?;
				}
			}
			if case.fall_through {
				continue;
			}
			if is_default {
				default = Some(groups.len());
			} else {
				any = self.binary(Binary::Or, any, chosen)?;
			}
			groups.push((chosen, &case.body));
			chosen = Operand::Imm(0);
			is_default = false;
		}
		if let Some(default) = default {
			groups[default].0 = self.binary(Binary::Eq, any, Operand::Imm(0))?;
		}
		Ok(groups)
	}

	fn cases(&mut self, frame: &mut Frame<'m>, groups: &[(Operand, &'m Block)]) -> Result<()> {
		for (cond, body) in groups {
			if *cond == Operand::Imm(0) {
				continue;
			}
			let before = self.known.clone();
			enter_condition(frame);
			let (flow, accept) = self.nested(|this| this.switch_body(frame, body))?;
			leave_condition(frame);
			match flow {
				Flow::Gone => self.known = before,
				_ => self.known.retain(|register, value| before.get(register) == Some(value)),
			}
			self.emit(Kind::If { cond: Condition::Is(*cond), accept, reject: Vec::new() })?;
		}
		Ok(())
	}

	/// A case's body without the `break` at its end, which means nothing.
	fn switch_body(&mut self, frame: &mut Frame<'m>, body: &'m Block) -> Result<Flow> {
		for (number, (statement, span)) in body.span_iter().enumerate() {
			if matches!(statement, Statement::Break) && number + 1 == body.len() {
				return Ok(Flow::Next);
			}
			if let Some(range) = span.to_range() {
				self.at = range.start as u32;
			}
			let flow = self.statement(frame, statement, *span)?;
			if flow != Flow::Next {
				return Ok(flow);
			}
		}
		Ok(Flow::Next)
	}

	fn atomic(
		&mut self,
		frame: &mut Frame<'m>,
		pointer: Handle<Expression>,
		function: &AtomicFunction,
		value: Handle<Expression>,
		result: Option<Handle<Expression>>,
		span: Span,
	) -> Result<()> {
		let signed = self.is_signed(frame, value);
		let value = self.words_of(frame, value)?[0];
		let place = self.place(frame, pointer)?;
		if result.is_some_and(|result| self.is_used(frame, result)) {
			return refuse(Rule::AtomicResult, "the result of an atomic is used", span);
		}
		let Base::Memory(memory @ crate::mir::Memory::Workgroup(_)) = place.base else {
			return refuse(Rule::StorageAtomic, "an atomic outside workgroup memory", span);
		};
		let of = |if_signed, if_unsigned| if signed { if_signed } else { if_unsigned };
		let (op, value) = match function {
			AtomicFunction::Add => (Atomic::Add, value),
			AtomicFunction::Subtract => (Atomic::Add, self.unary(Unary::Neg, value)?),
			AtomicFunction::And => (Atomic::And, value),
			AtomicFunction::ExclusiveOr => (Atomic::Xor, value),
			AtomicFunction::InclusiveOr => (Atomic::Or, value),
			AtomicFunction::Min => (of(Atomic::MinS, Atomic::MinU), value),
			AtomicFunction::Max => (of(Atomic::MaxS, Atomic::MaxU), value),
			AtomicFunction::Exchange { .. } => {
				return refuse(Rule::AtomicExchange, "an exchange", span);
			}
		};
		let to =
			Address { memory, base: Operand::Imm(0), index: place.index, offset: place.offset };
		self.emit(Kind::Atomic { op, to, value })
	}
}

fn is_unrolling(frame: &Frame<'_>) -> bool {
	frame.targets.iter().any(|target| matches!(target, Target::Unrolled { .. }))
}

fn enter_condition(frame: &mut Frame<'_>) {
	for target in &mut frame.targets {
		if let Target::Unrolled { depth } = target {
			*depth += 1;
		}
	}
}

fn leave_condition(frame: &mut Frame<'_>) {
	for target in &mut frame.targets {
		if let Target::Unrolled { depth } = target {
			*depth = depth.saturating_sub(1);
		}
	}
}

/// Whether a case's body leaves the switch or the loop around it other than at its end.
fn leaves_early(body: &Block) -> bool {
	fn anywhere(block: &Block) -> bool {
		block.iter().any(|statement| match statement {
			Statement::Break | Statement::Continue => true,
			Statement::Block(block) => anywhere(block),
			Statement::If { accept, reject, .. } => anywhere(accept) || anywhere(reject),
			// Their `break` is their own; a `continue` in a switch is not.
			Statement::Switch { cases, .. } => cases.iter().any(|case| anywhere(&case.body)),
			_ => false,
		})
	}
	let last = body.len().saturating_sub(1);
	body.iter().enumerate().any(|(number, statement)| match statement {
		Statement::Break if number == last => false,
		_ => anywhere(&Block::from_vec(vec![statement.clone()])),
	})
}
