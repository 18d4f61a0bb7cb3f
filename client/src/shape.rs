//! How a type is laid out in bytes, in a form that can be compared.
//!
//! subxt's own hashes leave out the order of fields and the indices of variants, because it encodes by
//! name. This client writes bytes, to which both matter.

use scale_info::{
	form::PortableForm, Field, MetaType, PortableRegistry, Registry, TypeDef, TypeInfo,
};

/// A type that holds every other call is compared by its name only: calls are compared one by one.
const OPAQUE: &str = "RuntimeCall";
/// Types within types that are followed. No type of a call comes near; a malicious chain's might.
const DEEPEST: usize = 32;
/// Bytes of a layout that are written.
const LONGEST: usize = 1 << 16;

/// The layout of a type.
pub(crate) fn of_type(types: &PortableRegistry, id: u32) -> Vec<u8> {
	let mut shape = Vec::new();
	write_type(types, id, DEEPEST, &mut shape);
	shape
}

/// The layout of a variant's fields.
pub(crate) fn of_fields(types: &PortableRegistry, fields: &[Field<PortableForm>]) -> Vec<u8> {
	let mut shape = Vec::new();
	write_fields(types, fields, DEEPEST, &mut shape);
	shape
}

/// The layout of a Rust type.
pub(crate) fn of_rust<T: TypeInfo + 'static>() -> Vec<u8> {
	let (types, id) = registry::<T>();
	of_type(&types, id)
}

/// The layouts of the fields of a tuple, one after the other.
pub(crate) fn of_rust_fields<T: TypeInfo + 'static>() -> Vec<u8> {
	let (types, id) = registry::<T>();
	match types.resolve(id).map(|ty| &ty.type_def) {
		Some(TypeDef::Tuple(tuple)) => {
			tuple.fields.iter().flat_map(|field| of_type(&types, field.id)).collect()
		}
		_ => of_type(&types, id),
	}
}

/// A registry of one Rust type, and that type's number in it.
pub(crate) fn registry<T: TypeInfo + 'static>() -> (PortableRegistry, u32) {
	let mut registry = Registry::new();
	let id = registry.register_type(&MetaType::new::<T>()).id;
	(registry.into(), id)
}

fn write_fields(
	types: &PortableRegistry,
	fields: &[Field<PortableForm>],
	depth: usize,
	shape: &mut Vec<u8>,
) {
	for field in fields {
		shape.extend(field.name.as_deref().unwrap_or_default().bytes());
		shape.push(b':');
		write_type(types, field.ty.id, depth, shape);
		shape.push(b',');
	}
}

fn write_type(types: &PortableRegistry, id: u32, depth: usize, shape: &mut Vec<u8>) {
	let too_large = depth == 0 || shape.len() > LONGEST;
	let Some(ty) = types.resolve(id).filter(|_| !too_large) else {
		shape.push(b'?');
		return;
	};
	let depth = depth.saturating_sub(1);
	if ty.path.segments.last().is_some_and(|name| name == OPAQUE) {
		shape.extend(OPAQUE.bytes());
		return;
	}
	match &ty.type_def {
		// A wrapper takes no bytes of its own.
		TypeDef::Composite(composite) if composite.fields.len() == 1 => {
			if let Some(field) = composite.fields.first() {
				write_type(types, field.ty.id, depth, shape);
			}
		}
		TypeDef::Composite(composite) => {
			shape.push(b'{');
			write_fields(types, &composite.fields, depth, shape);
			shape.push(b'}');
		}
		TypeDef::Variant(variants) => {
			shape.push(b'<');
			for variant in &variants.variants {
				shape.extend(format!("{}={}(", variant.name, variant.index).bytes());
				write_fields(types, &variant.fields, depth, shape);
				shape.push(b')');
			}
			shape.push(b'>');
		}
		TypeDef::Sequence(sequence) => {
			shape.push(b'*');
			write_type(types, sequence.type_param.id, depth, shape);
		}
		TypeDef::Array(array) => {
			shape.extend(format!("{}*", array.len).bytes());
			write_type(types, array.type_param.id, depth, shape);
		}
		TypeDef::Tuple(tuple) => {
			shape.push(b'{');
			for field in &tuple.fields {
				shape.push(b':');
				write_type(types, field.id, depth, shape);
				shape.push(b',');
			}
			shape.push(b'}');
		}
		TypeDef::Primitive(primitive) => shape.extend(format!("{primitive:?}").bytes()),
		TypeDef::Compact(compact) => {
			shape.push(b'~');
			write_type(types, compact.type_param.id, depth, shape);
		}
		TypeDef::BitSequence(_) => shape.push(b'%'),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	mod one {
		use super::TypeInfo;
		#[derive(TypeInfo)]
		#[allow(dead_code)]
		pub(super) struct Pair {
			a: u8,
			b: u16,
		}
		#[derive(TypeInfo)]
		#[allow(dead_code)]
		pub(super) enum Choice {
			A,
			B,
		}
	}

	mod other {
		use super::TypeInfo;
		#[derive(TypeInfo)]
		#[allow(dead_code)]
		pub(super) struct Pair {
			b: u16,
			a: u8,
		}
		#[derive(TypeInfo)]
		#[allow(dead_code)]
		pub(super) enum Choice {
			B,
			A,
		}
		#[derive(TypeInfo)]
		#[allow(dead_code)]
		pub(super) struct Wrapper(super::one::Pair);
	}

	#[test]
	fn order_and_indices_count_and_wrappers_do_not() {
		assert_eq!(of_rust::<one::Pair>(), of_rust::<other::Wrapper>());
		assert_ne!(of_rust::<one::Pair>(), of_rust::<other::Pair>());
		assert_ne!(of_rust::<one::Choice>(), of_rust::<other::Choice>());
		assert_ne!(of_rust::<[u8; 3]>(), of_rust::<[u8; 4]>());
		assert_ne!(of_rust::<u32>(), of_rust::<Vec<u32>>());
		assert_eq!(of_rust_fields::<(u32, u8)>(), [of_rust::<u32>(), of_rust::<u8>()].concat());
		assert_eq!(of_rust_fields::<(u32,)>(), of_rust::<u32>());
		assert!(of_rust_fields::<()>().is_empty());
	}
}
