//! Whether a chain still is the one that this program was built for.
//!
//! Calls and events are compared with the known metadata, view functions with this program's own types:
//! by the shape of all types that they are made of, so a chain may be upgraded freely as long as what
//! this client uses keeps its shape.

use crate::{
	pallets,
	shape::{of_fields, of_type},
};
use std::{
	fmt,
	sync::{Mutex, MutexGuard, PoisonError},
};
use subxt::{ArcMetadata, Metadata};

/// All calls and events of these pallets are used.
const MARKET: [&str; 5] = ["Programs", "Providers", "Jobs", "Attestations", "Benchmarks"];
/// Calls besides the market's.
const CALLS: [(&str, &str); 5] = [
	("Balances", "transfer_keep_alive"),
	("Proxy", "proxy"),
	("Proxy", "add_proxy"),
	("Proxy", "remove_proxy"),
	("Utility", "batch_all"),
];
/// Storage that is read.
const STORAGE: [(&str, &str); 6] = [
	("System", "Account"),
	("Programs", "Codes"),
	("Providers", "OffersByProvider"),
	("Jobs", "JobsByState"),
	("Jobs", "JobsByBuyer"),
	("Jobs", "JobsByProvider"),
];
/// Differences that an error's text names.
const NAMED: usize = 4;

/// The chain is not, or is no longer, what this program was built for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this program does not understand the chain's runtime {spec_version}: {}. Update this program", Listed(.differences))]
pub struct Incompatible {
	/// The version of the chain's runtime.
	pub spec_version: u32,
	/// What differs.
	pub differences: Vec<Difference>,
}

/// One thing that this program uses and the chain does not have in that form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
	/// What kind of thing.
	pub kind: Kind,
	/// Its name, such as `Jobs.post`.
	pub name: String,
	/// How it differs.
	pub change: Change,
}

/// Kinds of things that a runtime offers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
	/// A call.
	Call,
	/// An event.
	Event,
	/// A view function.
	View,
	/// A storage entry.
	Storage,
}

/// How a thing differs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
	/// The chain does not have it.
	Missing,
	/// It has another shape.
	Reshaped,
}

impl fmt::Display for Difference {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let kind = match self.kind {
			Kind::Call => "call",
			Kind::Event => "event",
			Kind::View => "view function",
			Kind::Storage => "storage",
		};
		match self.change {
			Change::Missing => write!(f, "it has no {kind} {}", self.name),
			Change::Reshaped => write!(f, "its {kind} {} has another form", self.name),
		}
	}
}

struct Listed<'a>(&'a [Difference]);

impl fmt::Display for Listed<'_> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		for (place, difference) in self.0.iter().take(NAMED).enumerate() {
			let comma = if place == 0 { "" } else { ", " };
			write!(f, "{comma}{difference}")?;
		}
		match self.0.len().saturating_sub(NAMED) {
			0 => Ok(()),
			more => write!(f, ", and {more} more"),
		}
	}
}

/// Compares each runtime that the chain gets with the known one, once.
pub(crate) struct Compatibility {
	known: ArcMetadata,
	last_good: Mutex<Option<u32>>,
}

impl Compatibility {
	/// Compares with `known`.
	pub(crate) fn with(known: ArcMetadata) -> Self {
		Self { known, last_good: Mutex::new(None) }
	}

	/// Compares, unless the last one that was good has this version. One chain has one runtime of each
	/// version: what another node serves is to be compared by [`Self::check_anew`].
	///
	/// # Errors
	///
	/// What differs.
	pub(crate) fn check(&self, spec_version: u32, found: &Metadata) -> Result<(), Incompatible> {
		if *self.last_good() == Some(spec_version) {
			return Ok(());
		}
		self.check_anew(spec_version, found)
	}

	/// # Errors
	///
	/// What differs.
	pub(crate) fn check_anew(
		&self,
		spec_version: u32,
		found: &Metadata,
	) -> Result<(), Incompatible> {
		let differences = differences(&self.known, found);
		if differences.is_empty() {
			*self.last_good() = Some(spec_version);
			return Ok(());
		}
		Err(Incompatible { spec_version, differences })
	}

	fn last_good(&self) -> MutexGuard<'_, Option<u32>> {
		self.last_good.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

/// What this client uses that `found` has not as `known` has it.
fn differences(known: &Metadata, found: &Metadata) -> Vec<Difference> {
	let mut differences = Vec::new();
	let mut compare = |kind, name: String, known: Option<Shape>, found: Option<Shape>| {
		let change = match (known, found) {
			// Nothing that this program could use.
			(None, _) => return,
			(Some(known), Some(found)) if known == found => return,
			(Some(_), Some(_)) => Change::Reshaped,
			(Some(_), None) => Change::Missing,
		};
		differences.push(Difference { kind, name, change });
	};
	for (pallet, name) in calls(known) {
		let [known, found] = [known, found].map(|metadata| call(metadata, &pallet, &name));
		compare(Kind::Call, format!("{pallet}.{name}"), known, found);
	}
	for (pallet, name) in STORAGE {
		let [known, found] = [known, found]
			.map(|metadata| metadata.pallet_by_name(pallet)?.storage_hash(name).map(Shape::Hash));
		compare(Kind::Storage, format!("{pallet}.{name}"), known, found);
	}
	for pallet in MARKET {
		for name in events(known, pallet) {
			let [known, found] = [known, found].map(|metadata| event(metadata, pallet, &name));
			compare(Kind::Event, format!("{pallet}.{name}"), known, found);
		}
	}
	// Older descriptions of a chain say nothing about view functions.
	let described = found.pallets().any(|pallet| pallet.has_view_functions());
	for ours in pallets::views().into_iter().filter(|_| described) {
		let name = format!("{}.{}", ours.pallet, ours.function);
		let theirs = view(found, ours.pallet, ours.function);
		compare(Kind::View, name, Some(Shape::Function(ours.inputs, ours.output)), theirs);
	}
	differences
}

/// What must be equal for two things to be used alike.
#[derive(PartialEq)]
enum Shape {
	/// Of storage, whose keys subxt encodes.
	Hash([u8; 32]),
	/// Of bytes that we write or read: a variant's index, where it matters, and its fields.
	Fields(Option<u8>, Vec<u8>),
	/// Of a function: what it takes and gives.
	Function(Vec<u8>, Vec<u8>),
}

fn calls(known: &Metadata) -> Vec<(String, String)> {
	let market = MARKET.iter().flat_map(|pallet| {
		let variants = known.pallet_by_name(pallet).and_then(|pallet| pallet.call_variants());
		variants.unwrap_or_default().iter().map(|call| (pallet.to_string(), call.name.clone()))
	});
	let others = CALLS.iter().map(|(pallet, call)| (pallet.to_string(), call.to_string()));
	market.chain(others).collect()
}

fn events(known: &Metadata, pallet: &str) -> Vec<String> {
	let variants = known.pallet_by_name(pallet).and_then(|pallet| pallet.event_variants());
	variants.unwrap_or_default().iter().map(|event| event.name.clone()).collect()
}

/// Calls are found by name, so their index may change.
fn call(metadata: &Metadata, pallet: &str, name: &str) -> Option<Shape> {
	let call = metadata.pallet_by_name(pallet)?.call_variant_by_name(name)?;
	Some(Shape::Fields(None, of_fields(metadata.types(), &call.fields)))
}

fn event(metadata: &Metadata, pallet: &str, name: &str) -> Option<Shape> {
	let events = metadata.pallet_by_name(pallet)?.event_variants()?;
	let event = events.iter().find(|event| event.name == name)?;
	Some(Shape::Fields(Some(event.index), of_fields(metadata.types(), &event.fields)))
}

fn view(metadata: &Metadata, pallet: &str, name: &str) -> Option<Shape> {
	let function = metadata.pallet_by_name(pallet)?.view_function_by_name(name)?;
	let inputs = function.inputs().flat_map(|input| of_type(metadata.types(), input.id)).collect();
	Some(Shape::Function(inputs, of_type(metadata.types(), function.output_ty())))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{known_metadata, test::changed_metadata};

	#[test]
	fn the_known_chain_is_understood_whatever_its_version() {
		let compatibility = Compatibility::with(known_metadata().unwrap());
		for spec_version in [1, 2] {
			compatibility.check(spec_version, &known_metadata().unwrap()).unwrap();
		}
	}

	#[test]
	fn everything_that_is_compared_is_known() {
		let known = known_metadata().unwrap();
		assert!(calls(&known).len() > 20 && MARKET.iter().all(|p| !events(&known, p).is_empty()));
		for (pallet, name) in calls(&known) {
			assert!(call(&known, &pallet, &name).is_some(), "{pallet}.{name}");
		}
		for (pallet, name) in STORAGE {
			assert!(known.pallet_by_name(pallet).unwrap().storage_hash(name).is_some(), "{name}");
		}
	}

	#[test]
	fn each_difference_is_named() {
		let compatibility = Compatibility::with(known_metadata().unwrap());
		let other = changed_metadata("JobRequest", "samples");
		let error = compatibility.check(7, &other).unwrap_err();
		let named = |kind, name: &str, change| {
			error.differences.contains(&Difference { kind, name: name.into(), change })
		};
		assert!(named(Kind::Call, "Jobs.post", Change::Reshaped), "{error}");
		assert!(!named(Kind::Call, "Jobs.accept", Change::Reshaped), "{error}");
		let text = error.to_string();
		assert!(text.contains("runtime 7") && text.contains("Update this program"), "{text}");
	}

	#[test]
	fn another_chain_lacks_the_market() {
		let compatibility = Compatibility::with(known_metadata().unwrap());
		let other = changed_metadata("", "");
		let error = compatibility.check(1, &other).unwrap_err();
		assert!(error.to_string().contains("it has no call Programs.register"), "{error}");
		assert!(error.to_string().contains(" more"), "{error}");
	}
}
