//! Global variables: buffers, parameters, workgroup and private memory.

use std::collections::BTreeMap;

use naga::{AddressSpace, Expression, GlobalVariable, Handle, Span, TypeInner};

use super::{
	place::{Base, Place},
	refuse,
	types::{Layout, Shape},
	Lowerer, Result, Value,
};
use crate::{
	front::Rule,
	mir::{Binary, Builtin, Memory, Operand},
};

/// What an entry point is lowered for: which global variable is which buffer of the pass.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
	/// The entry point's number in its module.
	pub entry: usize,
	/// For each storage variable that the entry point uses, its slot.
	pub buffers: BTreeMap<Handle<GlobalVariable>, u8>,
}

impl Lowerer<'_> {
	/// Gives memory to the workgroup and private variables that the entry point uses.
	pub(super) fn declare_globals(&mut self) -> Result<()> {
		let module = &self.parsed.module;
		let info = self.parsed.info.get_entry_point(self.bindings.entry);
		for (handle, variable) in module.global_variables.iter() {
			let span = module.global_variables.get_span(handle);
			if info[handle].is_empty() {
				continue;
			}
			match variable.space {
				AddressSpace::WorkGroup => {
					let words = self.fixed_words(variable.ty, span)?;
					let atomic = self.holds_atomic(variable.ty);
					let Ok(array) = u8::try_from(self.kernel.workgroup.len()) else {
						return refuse(Rule::Limit, "more than 256 workgroup variables", span);
					};
					self.kernel.workgroup.push((words, atomic));
					self.globals.insert(handle, Memory::Workgroup(array));
				}
				AddressSpace::Private => {
					let words = self.fixed_words(variable.ty, span)?;
					let memory = self.private_array(words, span)?;
					self.globals.insert(handle, memory);
					if let Some(init) = variable.init {
						let value = self.constant(init, span)?;
						let place = self.global_place(handle, span)?;
						self.store_words(&place, &value, span)?;
					}
				}
				_ => {}
			}
		}
		Ok(())
	}

	fn fixed_words(&self, ty: Handle<naga::Type>, span: Span) -> Result<u32> {
		match self.shape(ty, span)?.words() {
			Some(words) => Ok(words),
			None => refuse(Rule::Type, "a variable without a fixed size", span),
		}
	}

	fn holds_atomic(&self, ty: Handle<naga::Type>) -> bool {
		match &self.parsed.module.types[ty].inner {
			TypeInner::Atomic(_) => true,
			TypeInner::Array { base, .. } => self.holds_atomic(*base),
			TypeInner::Struct { members, .. } => {
				members.iter().any(|member| self.holds_atomic(member.ty))
			}
			_ => false,
		}
	}

	/// The place of a global variable.
	pub(super) fn global_place(
		&mut self,
		handle: Handle<GlobalVariable>,
		span: Span,
	) -> Result<Place> {
		let variable = &self.parsed.module.global_variables[handle];
		let shape = self.shape(variable.ty, span)?;
		let place = |base, layout| Place {
			base,
			shape: shape.clone(),
			layout,
			offset: 0,
			index: Operand::Imm(0),
		};
		match variable.space {
			AddressSpace::Uniform => {
				check_uniform(&shape, span)?;
				Ok(place(Base::Arguments, Layout::Packed))
			}
			AddressSpace::Storage { .. } => match self.bindings.buffers.get(&handle) {
				Some(slot) => Ok(place(Base::Memory(Memory::Buffer(*slot)), Layout::Storage)),
				None => refuse(Rule::Manifest, "this buffer is not bound by the pass", span),
			},
			_ => match self.globals.get(&handle) {
				Some(memory) => Ok(place(Base::Memory(*memory), Layout::Packed)),
				None => refuse(Rule::GlobalVariable, "a variable that kernels do not have", span),
			},
		}
	}

	/// `arrayLength(&buffer)` or `arrayLength(&buffer.last_member)`.
	pub(super) fn array_length(&mut self, place: &Place, span: Span) -> Result<Operand> {
		let (Base::Memory(Memory::Buffer(slot)), Shape::Array { stride, .. }) =
			(&place.base, place.shape.as_ref())
		else {
			return refuse(Rule::Unsupported, "arrayLength of what is no buffer", span);
		};
		let (slot, stride) = (*slot, *stride);
		let words = self.builtin(Builtin::BufferWords(slot));
		let before = Operand::Imm(place.offset);
		let in_range = self.binary(Binary::MaxU, words, before)?;
		let rest = self.binary(Binary::Sub, in_range, before)?;
		self.binary(Binary::DivU, rest, Operand::Imm(stride.max(1)))
	}

	/// The built-in values that the entry point takes.
	pub(super) fn entry_arguments(&mut self, function: &naga::Function) -> Result<Vec<Value>> {
		let arguments = function.arguments.iter();
		arguments
			.map(|argument| {
				let words = match (&argument.binding, &self.parsed.module.types[argument.ty].inner)
				{
					(Some(binding), _) => self.builtin_words(binding)?,
					(None, TypeInner::Struct { members, .. }) => {
						let mut words = Vec::new();
						for member in members {
							match &member.binding {
								Some(binding) => words.extend(self.builtin_words(binding)?),
								None => return unbound(),
							}
						}
						words
					}
					_ => return unbound(),
				};
				Ok(Value::Words(words.into()))
			})
			.collect()
	}

	fn builtin_words(&mut self, binding: &naga::Binding) -> Result<Vec<Operand>> {
		use naga::BuiltIn as B;
		let naga::Binding::BuiltIn(which) = binding else {
			return unbound();
		};
		let three = |this: &mut Self, which: fn(u8) -> Builtin| {
			(0..3).map(|axis| this.builtin(which(axis))).collect::<Vec<_>>()
		};
		match which {
			B::WorkGroupId => Ok(three(self, Builtin::WorkgroupId)),
			B::NumWorkGroups => Ok(three(self, Builtin::NumWorkgroups)),
			B::LocalInvocationId => Ok(three(self, Builtin::LocalId)),
			B::LocalInvocationIndex => Ok(vec![self.builtin(Builtin::LocalIndex)]),
			B::GlobalInvocationId => {
				let size = self.parsed.module.entry_points[self.bindings.entry].workgroup_size;
				let mut words = Vec::new();
				for (axis, size) in (0..3).zip(size) {
					let group = self.builtin(Builtin::WorkgroupId(axis));
					let local = self.builtin(Builtin::LocalId(axis));
					let first = self.binary(Binary::Mul, group, Operand::Imm(size))?;
					words.push(self.binary(Binary::Add, first, local)?);
				}
				Ok(words)
			}
			other => {
				refuse(Rule::BuiltIn, format!("kernels do not have {other:?}"), Span::UNDEFINED)
			}
		}
	}

	/// A constant expression of the module.
	pub(super) fn constant(
		&mut self,
		expression: Handle<Expression>,
		span: Span,
	) -> Result<std::rc::Rc<[Operand]>> {
		let module = &self.parsed.module;
		let words = |words: Vec<Operand>| Ok(words.into());
		match &module.global_expressions[expression] {
			Expression::Literal(literal) => words(vec![Operand::Imm(literal_word(literal, span)?)]),
			Expression::Constant(constant) => self.constant(module.constants[*constant].init, span),
			Expression::ZeroValue(ty) => {
				let shape = self.shape(*ty, span)?;
				let count = self.constant_words(&shape, span)?;
				words(vec![Operand::Imm(0); count as usize])
			}
			Expression::Compose { components, .. } => {
				let mut all = Vec::new();
				for component in components {
					all.extend(self.constant(*component, span)?.iter());
				}
				words(all)
			}
			Expression::Splat { size, value } => {
				let value = self.constant(*value, span)?;
				words(value.repeat(usize::from(u8::from(*size))))
			}
			_ => refuse(Rule::Unsupported, "a constant of this form", span),
		}
	}

	fn constant_words(&self, shape: &Shape, span: Span) -> Result<u32> {
		match shape.words() {
			Some(words) if words <= super::MAX_TABLE_WORDS => Ok(words),
			_ => refuse(Rule::Limit, "a constant of more than 4,096 words", span),
		}
	}
}

fn unbound<T>() -> Result<T> {
	let reason = "an entry point takes built-in values only";
	refuse(Rule::BuiltIn, reason, Span::UNDEFINED)
}

/// The word of a literal that passed the refusal rules.
pub(super) fn literal_word(literal: &naga::Literal, span: Span) -> Result<u32> {
	match *literal {
		naga::Literal::U32(value) => Ok(value),
		naga::Literal::I32(value) => Ok(value as u32),
		naga::Literal::Bool(value) => Ok(u32::from(value)),
		// Abstract numbers that reach code are concrete; one in an unused constant may be cut.
		naga::Literal::AbstractInt(value) => Ok(value as u32),
		_ => refuse(Rule::Float, "a number that is no 32-bit integer", span),
	}
}

fn check_uniform(shape: &Shape, span: Span) -> Result<()> {
	let Shape::Struct(members) = shape else {
		return refuse(Rule::Uniform, "the uniform variable is not a struct", span);
	};
	match members.iter().all(|(member, _)| matches!(member.as_ref(), Shape::Scalar(_))) {
		true => Ok(()),
		false => refuse(Rule::Uniform, "the uniform struct has a member that is no scalar", span),
	}
}
