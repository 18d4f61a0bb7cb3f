//! Loops: unrolled where their length is constant and short.

use std::collections::BTreeSet;

use naga::{Block, Expression, Handle, LocalVariable, Statement};

use super::{Flow, Frame, Lowerer, Result, Stop};
use crate::{
	front::Rule,
	mir::{Condition, Inst, Kind, Operand, Reg},
};

/// Most iterations of an unrolled loop.
const MAX_UNROLLED_ITERATIONS: usize = 16;
/// Most instructions of an unrolled loop. Long straight code is slow to compile on some GPUs.
const MAX_UNROLLED: usize = 192;

/// What `break` and `continue` leave.
#[derive(Clone, Debug)]
pub(super) enum Target {
	/// A loop of the kernel.
	Loop,
	/// A loop that is being unrolled; `depth` counts the conditions around the statement.
	Unrolled {
		/// Conditions, since the loop began, that are not constant.
		depth: usize,
	},
	/// A `switch` in a one-iteration loop; `continue` sets the register and leaves it.
	Switch {
		/// Set to 1 by a `continue` of the loop around it.
		continues: Option<Reg>,
	},
}

/// A naga loop.
#[derive(Clone, Copy)]
pub(super) struct LoopParts<'m> {
	pub(super) body: &'m Block,
	pub(super) continuing: &'m Block,
	pub(super) break_if: Option<Handle<Expression>>,
}

impl<'m> Lowerer<'m> {
	/// Lowers a loop.
	pub(super) fn loop_statement(
		&mut self,
		frame: &mut Frame<'m>,
		parts: LoopParts<'m>,
	) -> Result<Flow> {
		let saved = (self.out.len(), self.known.clone(), self.kernel.private.len());
		let targets = frame.targets.len();
		match self.unroll(frame, parts) {
			Ok(flow) => return Ok(flow),
			Err(Stop::NotUnrolled) => {}
			Err(stop) => return Err(stop),
		}
		self.out.truncate(saved.0);
		self.known = saved.1;
		self.kernel.private.truncate(saved.2);
		frame.targets.truncate(targets);
		self.keep_loop(frame, parts)
	}

	fn unroll(&mut self, frame: &mut Frame<'m>, parts: LoopParts<'m>) -> Result<Flow> {
		let start = self.out.len();
		let emitted = self.emitted;
		frame.targets.push(Target::Unrolled { depth: 0 });
		for _ in 0..MAX_UNROLLED_ITERATIONS {
			let flow = self.block(frame, parts.body)?;
			match flow {
				Flow::Break => {
					frame.targets.pop();
					return Ok(Flow::Next);
				}
				Flow::Gone => {
					frame.targets.pop();
					return Ok(Flow::Gone);
				}
				Flow::Next | Flow::Continue => {}
			}
			self.block(frame, parts.continuing)?;
			if let Some(condition) = parts.break_if {
				match self.words_of(frame, condition)?[0] {
					Operand::Imm(0) => {}
					Operand::Imm(_) => {
						frame.targets.pop();
						return Ok(Flow::Next);
					}
					Operand::Reg(_) => return Err(Stop::NotUnrolled),
				}
			}
			if self.out.len() - start > MAX_UNROLLED || self.emitted - emitted > 4 * MAX_UNROLLED {
				return Err(Stop::NotUnrolled);
			}
		}
		Err(Stop::NotUnrolled)
	}

	fn keep_loop(&mut self, frame: &mut Frame<'m>, parts: LoopParts<'m>) -> Result<Flow> {
		// What the loop assigns is not constant at its start, nor at its end.
		self.forget_assigned(frame, &[parts.body, parts.continuing]);
		let before = self.known.clone();
		frame.targets.push(Target::Loop);
		let (_, body) = self.nested(|this| this.block(frame, parts.body))?;
		self.known = before.clone();
		let (flow, continuing) = self.nested(|this| {
			let flow = this.block(frame, parts.continuing)?;
			if let Some(condition) = parts.break_if {
				let cond = this.words_of(frame, condition)?[0];
				let accept = vec![Inst { kind: Kind::Break, at: this.at }];
				this.emit(Kind::If { cond: Condition::Is(cond), accept, reject: Vec::new() })?;
			}
			Ok(flow)
		})?;
		frame.targets.pop();
		self.known = before;
		if flow != Flow::Next {
			let span = naga::Span::new(self.at, self.at + 1);
			return super::refuse(Rule::Unsupported, "a `continuing` that does not end", span);
		}
		self.emit(Kind::Loop { body, continuing })?;
		Ok(Flow::Next)
	}

	/// Forgets the constants of all variables that the blocks may assign.
	fn forget_assigned(&mut self, frame: &Frame<'m>, blocks: &[&Block]) {
		let mut assigned = BTreeSet::new();
		let mut through_pointer = false;
		for block in blocks {
			collect_assigned(frame, block, &mut assigned, &mut through_pointer);
		}
		if through_pointer {
			self.known.clear();
			return;
		}
		for variable in assigned {
			if let Some(super::variable::Variable::Registers(_, registers)) =
				frame.variables.get(&variable)
			{
				for register in registers.iter() {
					self.known.remove(register);
				}
			}
		}
	}

	/// `break`.
	pub(super) fn break_statement(&mut self, frame: &mut Frame<'m>) -> Result<Flow> {
		match frame.targets.last() {
			Some(Target::Unrolled { depth: 0 }) => Ok(Flow::Break),
			Some(Target::Unrolled { .. }) => Err(Stop::NotUnrolled),
			_ => {
				self.emit(Kind::Break)?;
				Ok(Flow::Gone)
			}
		}
	}

	/// `continue`, also out of `switch`es.
	pub(super) fn continue_statement(&mut self, frame: &mut Frame<'m>) -> Result<Flow> {
		for at in (0..frame.targets.len()).rev() {
			let innermost = at + 1 == frame.targets.len();
			match &mut frame.targets[at] {
				Target::Unrolled { depth: 0 } if innermost => return Ok(Flow::Continue),
				Target::Unrolled { .. } => return Err(Stop::NotUnrolled),
				Target::Loop if innermost => {
					self.emit(Kind::Continue)?;
					return Ok(Flow::Gone);
				}
				Target::Loop => {
					self.emit(Kind::Break)?;
					return Ok(Flow::Gone);
				}
				Target::Switch { continues } => {
					let register = match continues {
						Some(register) => *register,
						None => {
							let register = self.register();
							if let Target::Switch { continues } = &mut frame.targets[at] {
								*continues = Some(register);
							}
							register
						}
					};
					self.assign(register, Operand::Imm(1))?;
				}
			}
		}
		Ok(Flow::Gone)
	}
}

/// Collects the variables of this function that a block may assign; `through_pointer` says whether
/// it may assign others, through a pointer that the function took.
fn collect_assigned(
	frame: &Frame<'_>,
	block: &Block,
	assigned: &mut BTreeSet<Handle<LocalVariable>>,
	through_pointer: &mut bool,
) {
	for statement in block {
		match statement {
			Statement::Store { pointer, .. } => {
				note_root(frame, *pointer, assigned, through_pointer);
			}
			Statement::Call { arguments, .. } => {
				for argument in arguments {
					note_root(frame, *argument, assigned, through_pointer);
				}
			}
			Statement::Block(block) => collect_assigned(frame, block, assigned, through_pointer),
			Statement::If { accept, reject, .. } => {
				collect_assigned(frame, accept, assigned, through_pointer);
				collect_assigned(frame, reject, assigned, through_pointer);
			}
			Statement::Switch { cases, .. } => {
				for case in cases {
					collect_assigned(frame, &case.body, assigned, through_pointer);
				}
			}
			Statement::Loop { body, continuing, .. } => {
				collect_assigned(frame, body, assigned, through_pointer);
				collect_assigned(frame, continuing, assigned, through_pointer);
			}
			_ => {}
		}
	}
}

fn note_root(
	frame: &Frame<'_>,
	pointer: Handle<Expression>,
	assigned: &mut BTreeSet<Handle<LocalVariable>>,
	through_pointer: &mut bool,
) {
	let mut at = pointer;
	loop {
		match &frame.function.expressions[at] {
			Expression::Access { base, .. } | Expression::AccessIndex { base, .. } => at = *base,
			Expression::LocalVariable(variable) => {
				assigned.insert(*variable);
				return;
			}
			Expression::FunctionArgument(index) => {
				let place = frame.arguments.get(*index as usize);
				*through_pointer |= matches!(place, Some(super::Value::Place(_)));
				return;
			}
			_ => return,
		}
	}
}
