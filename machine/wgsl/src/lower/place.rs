//! Pointers, resolved at compile time: a base, a constant offset and a variable index.

use std::rc::Rc;

use naga::Span;

use super::{
	refuse,
	types::{Layout, Shape},
	Lowerer, Result, Stop, VariableId, MAX_VALUE_WORDS,
};
use crate::{
	front::Rule,
	mir::{Address, Binary, Builtin, Condition, Kind, Memory, Operand, Reg},
};

/// What a pointer points into.
#[derive(Clone, Debug)]
pub(super) enum Base {
	/// A variable's registers, and which variable it is.
	Registers(Rc<[Reg]>, Option<VariableId>),
	/// A memory.
	Memory(Memory),
	/// The uniform struct: the pass's arguments.
	Arguments,
}

/// A pointer.
#[derive(Clone, Debug)]
pub(super) struct Place {
	pub(super) base: Base,
	pub(super) shape: Rc<Shape>,
	pub(super) layout: Layout,
	/// In words.
	pub(super) offset: u32,
	/// In words.
	pub(super) index: Operand,
}

impl Place {
	fn address(&self, memory: Memory, offset: u32) -> Address {
		Address {
			memory,
			base: Operand::Imm(0),
			index: self.index,
			offset: self.offset.wrapping_add(offset),
		}
	}
}

impl Lowerer<'_> {
	/// The element `index` of the array or vector at `place`, or its member of that number.
	pub(super) fn element(&mut self, place: &Place, index: Operand, span: Span) -> Result<Place> {
		let mut element = place.clone();
		if let Operand::Imm(index) = index {
			let Some((shape, offset)) = place.shape.part(index, place.layout) else {
				return refuse(Rule::Unsupported, "an index into what has no elements", span);
			};
			element.shape = shape;
			element.offset = place.offset.wrapping_add(offset);
			if let Base::Registers(registers, _) = &place.base {
				let end = element.offset.checked_add(element.shape.words().unwrap_or(u32::MAX));
				if end.is_none_or(|end| end as usize > registers.len()) {
					return refuse(Rule::Wgsl, format!("index {index} is out of range"), span);
				}
			}
			return Ok(element);
		}
		if let Base::Registers(_, variable) = &place.base {
			return Err(variable.map_or(Stop::NotUnrolled, Stop::Spill));
		}
		let Some((shape, _, stride)) = place.shape.elements(place.layout) else {
			return refuse(Rule::Unsupported, "an index into what has no elements", span);
		};
		element.shape = shape;
		let scaled = self.binary(Binary::Mul, index, Operand::Imm(stride))?;
		element.index = self.binary(Binary::Add, place.index, scaled)?;
		Ok(element)
	}

	/// Reads the whole value at `place`.
	pub(super) fn load(&mut self, place: &Place, span: Span) -> Result<Rc<[Operand]>> {
		self.value_words(&place.shape, span)?;
		let offsets = place.shape.offsets(place.layout);
		offsets.into_iter().map(|offset| self.load_word(place, offset)).collect()
	}

	fn load_word(&mut self, place: &Place, offset: u32) -> Result<Operand> {
		match &place.base {
			Base::Registers(registers, _) => {
				let word = place.offset.wrapping_add(offset) as usize;
				self.present(registers[word])
			}
			Base::Memory(Memory::Table(table)) if place.index.imm().is_some() => {
				let at = place.address(Memory::Table(*table), offset);
				let index = at.offset.wrapping_add(at.index.imm().unwrap_or(0)) as usize;
				let word = self.kernel.tables[usize::from(*table)].get(index);
				Ok(Operand::Imm(word.copied().unwrap_or(0)))
			}
			Base::Memory(memory) => {
				let dst = self.register();
				let from = place.address(*memory, offset);
				self.emit(Kind::Load { dst, from })?;
				Ok(Operand::Reg(dst))
			}
			Base::Arguments => {
				let argument = place.offset.wrapping_add(offset);
				Ok(self.builtin(Builtin::Argument(argument as u8)))
			}
		}
	}

	/// Writes a whole value at `place`.
	pub(super) fn store_words(
		&mut self,
		place: &Place,
		value: &[Operand],
		span: Span,
	) -> Result<()> {
		for (offset, word) in place.shape.offsets(place.layout).into_iter().zip(value) {
			match &place.base {
				Base::Registers(registers, _) => {
					let register = registers[place.offset.wrapping_add(offset) as usize];
					self.assign(register, *word)?;
				}
				Base::Memory(memory) => {
					let to = place.address(*memory, offset);
					self.emit(Kind::Store { to, value: *word })?;
				}
				Base::Arguments => {
					return refuse(Rule::Uniform, "parameters cannot be written", span);
				}
			}
		}
		Ok(())
	}

	/// Zeroes the value at `place` in memory: word by word if it is short, else in a loop.
	pub(super) fn fill_zero(&mut self, place: &Place, span: Span) -> Result<()> {
		let Base::Memory(memory) = place.base else {
			return refuse(Rule::Unsupported, "nothing to zero here", span);
		};
		let words = place.shape.words().unwrap_or(0);
		if words <= MAX_VALUE_WORDS / 8 {
			return (0..words).try_for_each(|offset| {
				let to = place.address(memory, offset);
				self.emit(Kind::Store { to, value: Operand::Imm(0) })
			});
		}
		let counter = self.register();
		self.assign(counter, Operand::Imm(0))?;
		self.known.remove(&counter);
		let index = Operand::Reg(counter);
		let ((), body) = self.nested(|this| {
			let to = Address { memory, base: Operand::Imm(0), index, offset: place.offset };
			this.emit(Kind::Store { to, value: Operand::Imm(0) })?;
			let dst = counter;
			this.emit(Kind::Binary { op: Binary::Add, dst, a: index, b: Operand::Imm(1) })?;
			let done = this.binary(Binary::LeU, Operand::Imm(words), index)?;
			let ((), accept) = this.nested(|this| this.emit(Kind::Break))?;
			this.emit(Kind::If { cond: Condition::Is(done), accept, reject: Vec::new() })
		})?;
		self.emit(Kind::Loop { body, continuing: Vec::new() })
	}
}
