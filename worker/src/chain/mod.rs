//! What the worker asks of the chain, and how it goes on when nodes do not answer.
//!
//! A [`Watcher`] reads finalised blocks one after the other. A [`Submitter`] sends a call until it took
//! effect, and looks at the chain before each time it sends.

mod backoff;
mod submitter;
mod watcher;

pub use backoff::Backoff;
pub use submitter::{Outcome, SubmitError, Submitter};
pub use watcher::{News, WatchError, Watcher};

use mutirao_client::Error;

/// Whether it makes sense to ask again, after a while. Everything else needs a person: another program,
/// another endpoint, money.
pub fn may_recover(error: &Error) -> bool {
	error.is_retryable() || matches!(error, Error::Unclear { .. } | Error::Rejected(_))
}

/// Whether the worker cannot go on with this chain: it is another one, or speaks another language.
pub fn is_fatal(error: &Error) -> bool {
	matches!(
		error,
		Error::Incompatible(_)
			| Error::OtherChain { .. }
			| Error::Decode { .. }
			| Error::NoEndpoint
	)
}
