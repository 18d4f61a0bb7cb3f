//! What several modules' tests need, and tests over nodes that fail.

mod failover;
mod node;
mod socket;

use crate::{known_metadata, shape::registry};
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use subxt::{
	ext::frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed},
	Metadata,
};

/// The known chain, but that the struct `name` has another name for its field `field`. Without a name:
/// a chain that has the same types, and no pallet of ours.
pub(crate) fn changed_metadata(name: &str, field: &str) -> Metadata {
	Metadata::decode_from(&changed_bytes(name, field)).unwrap()
}

/// The same as a node gives it.
fn changed_bytes(name: &str, field: &str) -> Vec<u8> {
	let bytes = include_bytes!("../metadata.scale");
	let mut metadata = RuntimeMetadataPrefixed::decode(&mut &bytes[..]).unwrap();
	macro_rules! change {
		($metadata:expr) => {{
			if name.is_empty() {
				$metadata.pallets.retain(|pallet| pallet.index < 40);
			}
			for ty in &mut $metadata.types.types {
				if ty.ty.path.segments.last().is_some_and(|last| last == name) {
					let scale_info::TypeDef::Composite(composite) = &mut ty.ty.type_def else {
						continue;
					};
					for found in &mut composite.fields {
						if found.name.as_deref() == Some(field) {
							found.name = Some("renamed".into());
						}
					}
				}
			}
		}};
	}
	match &mut metadata.1 {
		RuntimeMetadata::V15(metadata) => change!(metadata),
		RuntimeMetadata::V16(metadata) => change!(metadata),
		_ => panic!("an unexpected version of metadata"),
	}
	metadata.encode()
}

/// The fields' layout of each variant of a Rust enum: index, name, layout.
pub(crate) fn variants<T: TypeInfo + 'static>() -> Vec<(u8, String, Vec<u8>)> {
	let (types, id) = registry::<T>();
	let ty = types.resolve(id).unwrap();
	let scale_info::TypeDef::Variant(variants) = &ty.type_def else { panic!("no enum") };
	let shape = |fields| crate::shape::of_fields(&types, fields);
	variants.variants.iter().map(|v| (v.index, v.name.clone(), shape(&v.fields))).collect()
}

/// The same of a pallet's events.
pub(crate) fn known_events(pallet: &str) -> Vec<(u8, String, Vec<u8>)> {
	let known = known_metadata().unwrap();
	let variants = known.pallet_by_name(pallet).unwrap().event_variants().unwrap();
	let shape = |fields| crate::shape::of_fields(known.types(), fields);
	variants.iter().map(|v| (v.index, v.name.clone(), shape(&v.fields))).collect()
}

/// The same of a pallet's calls.
pub(crate) fn known_calls(pallet: &str) -> Vec<(u8, String, Vec<u8>)> {
	let known = known_metadata().unwrap();
	let variants = known.pallet_by_name(pallet).unwrap().call_variants().unwrap();
	let shape = |fields| crate::shape::of_fields(known.types(), fields);
	variants.iter().map(|v| (v.index, v.name.clone(), shape(&v.fields))).collect()
}

/// A call's name as pallets spell it: `PostBatch` is `post_batch`.
pub(crate) fn snake(name: &str) -> String {
	let mut snake = String::new();
	for letter in name.chars() {
		if letter.is_uppercase() && !snake.is_empty() {
			snake.push('_');
		}
		snake.extend(letter.to_lowercase());
	}
	snake
}
