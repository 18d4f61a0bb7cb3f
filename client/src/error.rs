//! What can go wrong between us and a chain, and what to do about it.

use crate::{compatibility::Incompatible, dispatch_error::DispatchError, Balance};
use std::time::Duration;
use subxt::utils::H256;

/// Why a request to the chain failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// Nobody said where to connect.
	#[error("no endpoint is named: give a node's address, such as ws://127.0.0.1:9944")]
	NoEndpoint,
	/// No node answers, or it speaks something else.
	#[error("cannot connect to {url}: {reason}. Is a node running there, with its RPC open?")]
	Connect {
		/// Where we tried.
		url: String,
		/// What the transport said.
		reason: String,
	},
	/// An endpoint serves another chain than the one in use, and no other endpoint is right.
	#[error(
		"{url} serves another chain (genesis {found:?}, not {expected:?}): name nodes of one chain"
	)]
	OtherChain {
		/// The endpoint.
		url: String,
		/// The genesis that the first endpoint had.
		expected: H256,
		/// The genesis that this one has.
		found: H256,
	},
	/// The chain's runtime has moved on, or it is another kind of chain.
	#[error(transparent)]
	Incompatible(Box<Incompatible>),
	/// The transaction is in a block, and its call failed. Its fee is spent.
	#[error("the transaction failed: {error}")]
	Failed {
		/// What the runtime said.
		error: DispatchError,
		/// The transaction's hash.
		transaction: H256,
		/// The block that holds it.
		block: H256,
		/// What the chain took for it all the same, in planck.
		fee: Balance,
	},
	/// The node did not take the transaction, or gave it up for good.
	#[error("the transaction was not included: {0}")]
	Rejected(String),
	/// The transaction's life ended before a block took it. It can not be included any more.
	#[error(
		"the transaction {transaction:?} was not included within {blocks} blocks: send it again"
	)]
	Expired {
		/// The transaction's hash.
		transaction: H256,
		/// How long it lived.
		blocks: u64,
	},
	/// The transaction was sent, and the chain stood still, or no node answered, for long after that.
	#[error("it is not known what became of the transaction {transaction:?}: look for it before you send another")]
	Unclear {
		/// The transaction's hash.
		transaction: H256,
	},
	/// The transaction could not be put together.
	#[error("the transaction cannot be built: {0}")]
	Build(Box<subxt::Error>),
	/// The node answered, but not with what was asked for.
	#[error("the node could not answer: {0}")]
	Query(Box<subxt::Error>),
	/// The node took too long.
	#[error("the node did not answer within {after:?} ({what}): is it overloaded, or syncing?")]
	Timeout {
		/// What was asked.
		what: &'static str,
		/// How long we waited.
		after: Duration,
	},
	/// Bytes do not have the shape that this program knows.
	#[error("{what} cannot be read: {reason}. Update this program")]
	Decode {
		/// Whose bytes.
		what: String,
		/// What the decoder said.
		reason: String,
	},
	/// A list is longer than this client reads.
	#[error("{what} has more than {most} entries: ask for less")]
	TooLong {
		/// Which list.
		what: String,
		/// Entries that are read, at most.
		most: usize,
	},
	/// A successful call did not leave the event that it always leaves.
	#[error("the call succeeded, but its event {0} is missing. Update this program")]
	EventMissing(&'static str),
}

impl Error {
	/// Whether the same request may succeed later, unchanged.
	pub fn is_retryable(&self) -> bool {
		matches!(
			self,
			Self::Connect { .. } | Self::Query(_) | Self::Timeout { .. } | Self::Expired { .. }
		)
	}

	/// The pallet's error, if the call was made and failed: `("Jobs", "TooLate")`.
	pub fn pallet_error(&self) -> Option<(&str, &str)> {
		match self {
			Self::Failed { error: DispatchError::Pallet { pallet, name, .. }, .. } => {
				Some((pallet, name))
			}
			_ => None,
		}
	}

	/// What the request cost although it failed, in planck.
	pub fn fee(&self) -> Balance {
		match self {
			Self::Failed { fee, .. } => *fee,
			_ => 0,
		}
	}

	pub(crate) fn query(error: impl Into<subxt::Error>) -> Self {
		Self::Query(Box::new(error.into()))
	}

	pub(crate) fn build(error: impl Into<subxt::Error>) -> Self {
		Self::Build(Box::new(error.into()))
	}
}

impl From<Incompatible> for Error {
	fn from(error: Incompatible) -> Self {
		Self::Incompatible(Box::new(error))
	}
}
