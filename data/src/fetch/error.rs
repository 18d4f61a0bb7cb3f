//! Why a transfer fails.

use std::{fmt, io, time::Duration};

use mutirao_commitment::BufferId;
use thiserror::Error;

use super::AddressError;
use crate::store::{PartialError, StoreError};

/// Why a transfer fails.
#[derive(Debug, Error)]
pub enum FetchError {
	/// No source is left.
	#[error("{missing} pieces of {id} are missing and no source is left: {}", Reasons(.sources))]
	NoSource {
		/// The buffer.
		id: BufferId,
		/// Pieces that are missing.
		missing: usize,
		/// Each source that was left out, and why.
		sources: Vec<(String, SourceError)>,
	},
	/// The sources are too slow.
	#[error("{id} did not come within {} s; name faster sources, or try again: {}", .after.as_secs(), Reasons(.sources))]
	TooSlow {
		/// The buffer.
		id: BufferId,
		/// How long it was waited for.
		after: Duration,
		/// Each source that was left out, and why.
		sources: Vec<(String, SourceError)>,
	},
	/// The provider does not take what is brought, or does not answer.
	#[error("{url}: {source}")]
	Provider {
		/// The provider's base URL.
		url: String,
		/// Why.
		source: SourceError,
	},
	/// The provider's view of the job is another one.
	#[error(
		"input {index} of the job is {found} for the provider, not {expected}; check job and index"
	)]
	OtherInput {
		/// The input.
		index: u8,
		/// What is to be brought.
		expected: BufferId,
		/// What the provider says.
		found: String,
	},
	/// An upload takes too long.
	#[error("the upload did not end within {} s; try again, it goes on where it stopped", .0.as_secs())]
	UploadTooSlow(Duration),
	/// It was complete, and is gone.
	#[error("{0} was collected as soon as it was here; pin it first")]
	Collected(BufferId),
	/// The store fails.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// What was received cannot be written.
	#[error(transparent)]
	Partial(#[from] PartialError),
	/// The authorities' certificates are of no use.
	#[error("cannot use the certificates of authorities in {path}; they must be PEM")]
	Authorities {
		/// The file.
		path: String,
		/// Why not.
		source: io::Error,
	},
	/// A thread that worked for the transfer stopped.
	#[error("a working thread stopped; this is a defect of this program")]
	Stopped,
}

/// What is wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SourceError {
	/// Its URL is of no use.
	#[error(transparent)]
	Address(#[from] AddressError),
	/// No connection, or it broke.
	#[error("no connection, or it broke: {0}")]
	Connection(String),
	/// No answer in time.
	#[error("no whole answer within {} s", .0.as_secs())]
	TimedOut(Duration),
	/// It sends elsewhere.
	#[error("it answers with a redirect ({0}); name the URL that serves")]
	Redirect(u16),
	/// It answers with an error.
	#[error("it answers {status}: {text}")]
	Status {
		/// The status.
		status: u16,
		/// What it says, shortened.
		text: String,
	},
	/// Its answer is longer than any right one.
	#[error("its answer is longer than {0} bytes, the longest right one")]
	TooLong(usize),
	/// Its answer is not what was asked for.
	#[error("its answer is not what was asked for: {0}")]
	Nonsense(String),
	/// It sends something else than the buffer.
	#[error("it lies: {0}")]
	Lie(String),
}

impl SourceError {
	/// Whether another try may go better.
	pub(super) fn may_pass(&self) -> bool {
		match self {
			Self::Connection(_) | Self::TimedOut(_) => true,
			Self::Status { status, .. } => matches!(status, 408 | 429 | 500 | 502..=504),
			_ => false,
		}
	}
}

struct Reasons<'a>(&'a [(String, SourceError)]);

impl fmt::Display for Reasons<'_> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		if self.0.is_empty() {
			return f.write_str("none was left out");
		}
		for (at, (url, why)) in self.0.iter().enumerate() {
			let comma = if at == 0 { "" } else { "; " };
			write!(f, "{comma}{url}: {why}")?;
		}
		Ok(())
	}
}
