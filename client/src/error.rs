//! What can go wrong between us and a node.

/// Why a request to the chain failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// No node answers, or it speaks something else.
	#[error("cannot connect to {url}: {source}. Is a node running there, with its RPC open?")]
	Connect {
		/// Where we tried.
		url: String,
		/// What the transport said.
		source: Box<subxt::Error>,
	},
	/// The node refused the transaction, or the runtime failed it.
	#[error("the transaction failed: {0}")]
	Transaction(Box<subxt::Error>),
	/// The node took the transaction into its pool and later gave it up.
	#[error("the transaction was not included: {0}")]
	Rejected(String),
	/// The node could not answer.
	#[error("the node could not answer: {0}")]
	Query(Box<subxt::Error>),
}

impl Error {
	/// Whether the same request may succeed later.
	pub fn is_retryable(&self) -> bool {
		matches!(self, Self::Connect { .. } | Self::Query(_))
	}
}
