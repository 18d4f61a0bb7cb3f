//! Types as sequences of 32-bit words.
//!
//! In storage buffers a type has WGSL's layout, with its padding. Everywhere else only this
//! compiler sees the layout, and values are packed: a `vec3<u32>` is three words, a bool one.

use std::rc::Rc;

use naga::{ArraySize, Handle, Module, ScalarKind, Type, TypeInner};

/// How a scalar's word is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
	/// `i32`, or an atomic of it.
	I32,
	/// `u32`, or an atomic of it.
	U32,
	/// `bool`: 0 or 1.
	Bool,
}

impl Scalar {
	/// The scalar of a naga kind that passed the refusal rules.
	pub const fn new(kind: ScalarKind) -> Self {
		match kind {
			ScalarKind::Uint => Self::U32,
			ScalarKind::Bool => Self::Bool,
			_ => Self::I32,
		}
	}
}

/// A type of the exact machine.
#[derive(Clone, Debug)]
pub enum Shape {
	/// One word.
	Scalar(Scalar),
	/// Two to four words.
	Vector(u32, Scalar),
	/// An array; without a length, one that ends where its buffer ends.
	Array {
		/// The elements' type.
		element: Rc<Shape>,
		/// How many; `None` in a buffer's last member.
		length: Option<u32>,
		/// Words from one element to the next in a storage buffer.
		stride: u32,
	},
	/// Members with their offsets in words in a storage buffer.
	Struct(Rc<[(Rc<Shape>, u32)]>),
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
	/// WGSL's layout of a storage buffer.
	Storage,
	/// Without padding.
	Packed,
}

impl Shape {
	/// The shape of a naga type; `None` if it has none (a pointer, a resource).
	pub fn of(module: &Module, ty: Handle<Type>) -> Option<Rc<Self>> {
		let shape = match &module.types[ty].inner {
			TypeInner::Scalar(scalar) | TypeInner::Atomic(scalar) => {
				Self::Scalar(Scalar::new(scalar.kind))
			}
			TypeInner::Vector { size, scalar } => {
				Self::Vector(u32::from(*size), Scalar::new(scalar.kind))
			}
			TypeInner::Array { base, size, stride } => Self::Array {
				element: Self::of(module, *base)?,
				length: match size {
					ArraySize::Constant(length) => Some(length.get()),
					ArraySize::Dynamic => None,
					ArraySize::Pending(_) => return None,
				},
				stride: stride / 4,
			},
			TypeInner::Struct { members, .. } => Self::Struct(
				members
					.iter()
					.map(|member| Some((Self::of(module, member.ty)?, member.offset / 4)))
					.collect::<Option<Vec<_>>>()?
					.into(),
			),
			_ => return None,
		};
		Some(Rc::new(shape))
	}

	/// Words of a packed value; `None` for an array without a length, or beyond 2³² words.
	pub fn words(&self) -> Option<u32> {
		match self {
			Self::Scalar(_) => Some(1),
			Self::Vector(size, _) => Some(*size),
			Self::Array { element, length, .. } => element.words()?.checked_mul((*length)?),
			Self::Struct(members) => {
				members.iter().try_fold(0u32, |sum, (member, _)| sum.checked_add(member.words()?))
			}
		}
	}

	/// The parts of an array or vector: their shape, how many, and the words between them.
	pub fn elements(&self, layout: Layout) -> Option<(Rc<Self>, Option<u32>, u32)> {
		match self {
			Self::Vector(size, scalar) => Some((Rc::new(Self::Scalar(*scalar)), Some(*size), 1)),
			Self::Array { element, length, stride } => {
				let stride = match layout {
					Layout::Storage => *stride,
					Layout::Packed => element.words()?,
				};
				Some((element.clone(), *length, stride))
			}
			Self::Scalar(_) | Self::Struct(_) => None,
		}
	}

	/// The part of number `index`: its shape and its offset in words.
	pub fn part(&self, index: u32, layout: Layout) -> Option<(Rc<Self>, u32)> {
		match self {
			Self::Struct(members) => {
				let (member, offset) = members.get(index as usize)?;
				let offset = match layout {
					Layout::Storage => *offset,
					Layout::Packed => members[..index as usize]
						.iter()
						.try_fold(0u32, |sum, (member, _)| sum.checked_add(member.words()?))?,
				};
				Some((member.clone(), offset))
			}
			_ => {
				let (element, _, stride) = self.elements(layout)?;
				Some((element, index.checked_mul(stride)?))
			}
		}
	}

	/// The offset of each of the value's words in the layout, in the packed order.
	pub fn offsets(&self, layout: Layout) -> Vec<u32> {
		let mut offsets = Vec::new();
		self.push_offsets(layout, 0, &mut offsets);
		offsets
	}

	fn push_offsets(&self, layout: Layout, from: u32, into: &mut Vec<u32>) {
		match self {
			Self::Scalar(_) => into.push(from),
			Self::Vector(size, _) => into.extend((0..*size).map(|i| from + i)),
			Self::Array { length, .. } => {
				for index in 0..length.unwrap_or(0) {
					if let Some((part, offset)) = self.part(index, layout) {
						part.push_offsets(layout, from.wrapping_add(offset), into);
					}
				}
			}
			Self::Struct(members) => {
				for index in 0..members.len() as u32 {
					if let Some((part, offset)) = self.part(index, layout) {
						part.push_offsets(layout, from.wrapping_add(offset), into);
					}
				}
			}
		}
	}
}
