//! Why a call failed, in the words of the pallet that refused it.

use crate::{api::runtime_types::sp_runtime as runtime, Config, Error};
use std::fmt;
use subxt::{events::Event, Metadata};

/// What the runtime said when a call failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DispatchError {
	/// A pallet's own error.
	Pallet {
		/// Which pallet, such as `Jobs`.
		pallet: String,
		/// The error's name, such as `TooLate`.
		name: String,
		/// Its meaning, in a sentence or two; empty if the chain does not tell.
		meaning: String,
	},
	/// An error that pallets share.
	Runtime {
		/// Its name, such as `BadOrigin` or `Token.FundsUnavailable`.
		name: String,
		/// Its meaning.
		meaning: &'static str,
	},
}

impl std::error::Error for DispatchError {}

impl fmt::Display for DispatchError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Pallet { pallet, name, meaning } if meaning.is_empty() => {
				write!(f, "{pallet}.{name}")
			}
			Self::Pallet { pallet, name, meaning } => write!(f, "{pallet}.{name}: {meaning}"),
			Self::Runtime { name, meaning } => write!(f, "{name}: {meaning}"),
		}
	}
}

impl DispatchError {
	/// The error of a pallet by its name, with the meaning that `metadata` gives it.
	pub fn named(pallet: &str, name: &str, metadata: &Metadata) -> Self {
		let errors = metadata.pallet_by_name(pallet).and_then(|pallet| pallet.error_variants());
		let error = errors.unwrap_or_default().iter().find(|error| error.name == name);
		let meaning = error.map(|error| sentence(&error.docs)).unwrap_or_default();
		Self::Pallet { pallet: pallet.into(), name: name.into(), meaning }
	}

	/// The error of a pallet by the numbers with which it travels.
	fn numbered(pallet: u8, error: u8, metadata: &Metadata) -> Self {
		let known = metadata.pallet_by_error_index(pallet).and_then(|pallet| {
			let error = pallet.error_variant_by_index(error)?;
			Some((pallet.name().to_owned(), error.name.clone(), sentence(&error.docs)))
		});
		let (pallet, name, meaning) = known.unwrap_or_else(|| {
			(format!("pallet {pallet}"), format!("error {error}"), String::new())
		});
		Self::Pallet { pallet, name, meaning }
	}

	fn of(error: runtime::DispatchError, metadata: &Metadata) -> Self {
		use runtime::{DispatchError as E, TokenError as T};
		let (name, meaning) = match error {
			E::Module(module) => {
				let [error, ..] = module.error;
				return Self::numbered(module.index, error, metadata);
			}
			E::Token(error) => {
				let meaning = match error {
					T::FundsUnavailable => "the account has too little free money",
					T::OnlyProvider | T::NotExpendable => {
						"the account must keep at least the existential deposit"
					}
					T::BelowMinimum => "an account can not hold so little money",
					T::CannotCreate | T::CannotCreateHold => "the account cannot be created",
					T::UnknownAsset => "there is no such asset",
					T::Frozen => "the money is frozen",
					T::Unsupported => "this cannot be done with this asset",
					T::Blocked => "the account cannot receive money",
				};
				return Self::Runtime { name: format!("Token.{error:?}"), meaning };
			}
			E::Arithmetic(error) => {
				let meaning = "a number is too large or too small";
				return Self::Runtime { name: format!("Arithmetic.{error:?}"), meaning };
			}
			E::Transactional(error) => {
				let meaning = "calls are nested too deeply";
				return Self::Runtime { name: format!("Transactional.{error:?}"), meaning };
			}
			E::Trie(error) => {
				let meaning = "a proof about the state does not hold";
				return Self::Runtime { name: format!("Trie.{error:?}"), meaning };
			}
			E::Other => ("Other", "the runtime gave no reason"),
			E::CannotLookup => ("CannotLookup", "there is no such account"),
			E::BadOrigin => ("BadOrigin", "this account may not make this call"),
			E::ConsumerRemaining => ("ConsumerRemaining", "something still depends on the account"),
			E::NoProviders => ("NoProviders", "the account does not exist"),
			E::TooManyConsumers => ("TooManyConsumers", "too much depends on the account"),
			E::Exhausted => ("Exhausted", "the call takes more than a block has left"),
			E::Corruption => ("Corruption", "the chain's state is damaged"),
			E::Unavailable => ("Unavailable", "something that the call needs is not there now"),
			E::RootNotAllowed => ("RootNotAllowed", "root may not make this call"),
		};
		Self::Runtime { name: name.into(), meaning }
	}
}

/// A doc comment's lines as one line.
fn sentence(docs: &[String]) -> String {
	docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// What an event says about a failure: of the transaction, or of a call that it made for someone else.
///
/// A proxied call that fails leaves the transaction itself successful; for whoever sent it, it failed.
pub(crate) fn failure(
	event: &Event<'_, Config>,
	metadata: &Metadata,
) -> Result<Option<DispatchError>, Error> {
	use crate::api::{
		proxy::events::ProxyExecuted, sudo::events::Sudid, system::events::ExtrinsicFailed,
	};
	let error = if let Some(failed) = event.decode_fields_as::<ExtrinsicFailed>() {
		Some(failed.map_err(Error::query)?.dispatch_error)
	} else if let Some(executed) = event.decode_fields_as::<ProxyExecuted>() {
		executed.map_err(Error::query)?.result.err()
	} else if let Some(executed) = event.decode_fields_as::<Sudid>() {
		executed.map_err(Error::query)?.sudo_result.err()
	} else {
		None
	};
	Ok(error.map(|error| DispatchError::of(error, metadata)))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::known_metadata;

	#[test]
	fn a_pallets_error_speaks_its_doc_sentence() {
		let metadata = known_metadata().unwrap();
		let jobs = metadata.pallet_by_name("Jobs").unwrap();
		let errors = jobs.error_variants().unwrap();
		let too_late = errors.iter().find(|error| error.name == "TooLate").unwrap();
		let module =
			runtime::ModuleError { index: jobs.error_index(), error: [too_late.index, 0, 0, 0] };
		let error = DispatchError::of(runtime::DispatchError::Module(module), &metadata);
		assert_eq!(error.to_string(), "Jobs.TooLate: The stage's deadline has passed.");
		assert_eq!(error, DispatchError::named("Jobs", "TooLate", &metadata));
	}

	#[test]
	fn every_error_of_the_market_has_a_meaning() {
		let metadata = known_metadata().unwrap();
		for pallet in ["Programs", "Providers", "Jobs", "Attestations", "Benchmarks"] {
			let pallet = metadata.pallet_by_name(pallet).unwrap();
			for error in pallet.error_variants().unwrap() {
				let text = DispatchError::numbered(pallet.error_index(), error.index, &metadata);
				let text = text.to_string();
				assert!(text.starts_with(&format!("{}.{}: ", pallet.name(), error.name)), "{text}");
				assert!(text.ends_with('.') && !text.contains("  "), "{text}");
			}
		}
	}

	#[test]
	fn errors_that_no_pallet_owns_are_explained_too() {
		let metadata = known_metadata().unwrap();
		let poor = runtime::DispatchError::Token(runtime::TokenError::FundsUnavailable);
		let text = DispatchError::of(poor, &metadata).to_string();
		assert_eq!(text, "Token.FundsUnavailable: the account has too little free money");
		assert_eq!(DispatchError::numbered(250, 3, &metadata).to_string(), "pallet 250.error 3");
	}
}
