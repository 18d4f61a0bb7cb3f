//! Local variables: in registers where possible, in private memory where something indexes them.

use std::rc::Rc;

use naga::{Handle, LocalVariable, Span};

use super::{
	place::{Base, Place},
	types::{Layout, Shape},
	Frame, Lowerer, Result, Value, MAX_REGISTER_WORDS,
};
use crate::mir::{Kind, Memory, Operand, Reg, Unary};

/// Where a local variable lives.
#[derive(Clone, Debug)]
pub(super) enum Variable {
	/// One register for each word.
	Registers(Rc<Shape>, Rc<[Reg]>),
	/// A private array.
	Memory(Rc<Shape>, Memory),
}

impl<'m> Lowerer<'m> {
	/// Declares and initialises the function's variables.
	pub(super) fn declare_variables(&mut self, frame: &mut Frame<'m>) -> Result<()> {
		let function = frame.function;
		for (handle, variable) in function.local_variables.iter() {
			let span = function.local_variables.get_span(handle);
			let shape = self.shape(variable.ty, span)?;
			let declared = self.place_variable(frame, handle, &shape, span)?;
			frame.variables.insert(handle, declared);
			let place = self.variable_place(frame, handle, span)?;
			match variable.init {
				Some(init) => {
					let value = self.words_of(frame, init)?;
					self.store_words(&place, &value, span)?;
				}
				None => self.store_zero(&place, span)?,
			}
		}
		Ok(())
	}

	fn place_variable(
		&mut self,
		frame: &Frame<'m>,
		handle: Handle<LocalVariable>,
		shape: &Rc<Shape>,
		span: Span,
	) -> Result<Variable> {
		let words = match shape.words() {
			Some(words) => words,
			None => return super::refuse(crate::front::Rule::Type, "a variable too large", span),
		};
		if words > MAX_REGISTER_WORDS || self.spilled.contains(&(frame.id, handle)) {
			let memory = self.private_array(words, span)?;
			return Ok(Variable::Memory(shape.clone(), memory));
		}
		let registers = (0..words).map(|_| self.register()).collect();
		Ok(Variable::Registers(shape.clone(), registers))
	}

	/// The place of a local variable.
	pub(super) fn variable_place(
		&self,
		frame: &Frame<'m>,
		handle: Handle<LocalVariable>,
		span: Span,
	) -> Result<Place> {
		let (shape, base) = match frame.variables.get(&handle) {
			Some(Variable::Registers(shape, registers)) => {
				(shape.clone(), Base::Registers(registers.clone(), Some((frame.id, handle))))
			}
			Some(Variable::Memory(shape, memory)) => (shape.clone(), Base::Memory(*memory)),
			None => {
				let reason = "a variable before its declaration";
				return super::refuse(crate::front::Rule::Unsupported, reason, span);
			}
		};
		Ok(Place { base, shape, layout: Layout::Packed, offset: 0, index: Operand::Imm(0) })
	}

	/// Assigns a variable's register.
	pub(super) fn assign(&mut self, register: Reg, value: Operand) -> Result<()> {
		match value {
			Operand::Imm(constant) => {
				self.known.insert(register, constant);
			}
			Operand::Reg(_) => {
				self.known.remove(&register);
			}
		}
		self.emit(Kind::Unary { op: Unary::Copy, dst: register, a: value })
	}

	/// The present value of a variable's register.
	pub(super) fn present(&mut self, register: Reg) -> Result<Operand> {
		if let Some(constant) = self.known.get(&register) {
			return Ok(Operand::Imm(*constant));
		}
		let dst = self.register();
		self.emit(Kind::Unary { op: Unary::Copy, dst, a: Operand::Reg(register) })?;
		Ok(Operand::Reg(dst))
	}

	fn store_zero(&mut self, place: &Place, span: Span) -> Result<()> {
		match &place.base {
			Base::Registers(registers, _) => {
				for register in registers.clone().iter() {
					self.assign(*register, Operand::Imm(0))?;
				}
				Ok(())
			}
			_ => self.fill_zero(place, span),
		}
	}

	/// Words of a value, for callers that need no pointers.
	pub(super) fn words_of(
		&mut self,
		frame: &mut Frame<'m>,
		expression: Handle<naga::Expression>,
	) -> Result<Rc<[Operand]>> {
		match self.value(frame, expression)? {
			Value::Words(words) => Ok(words),
			Value::Place(_) => super::refuse(
				crate::front::Rule::Pointer,
				"a pointer where a value is needed",
				frame.span(expression),
			),
		}
	}
}
