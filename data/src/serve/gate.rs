//! Who may bring what: the chain knows, so the worker answers.

use futures::future::{ready, BoxFuture, FutureExt};
use mutirao_types::{BufferId, JobId};
use thiserror::Error;

use crate::wire::{Audience, UploadToken};

/// Decides about requests for jobs. Questions come from anybody and often: an implementation
/// answers from what it has at hand, and bounds what it asks the chain.
pub trait Gate: Send + Sync {
	/// For whom tokens must be meant.
	fn audience(&self) -> Audience;

	/// A job's declared inputs, in their order. Anybody may ask.
	fn inputs(&self, job: JobId) -> BoxFuture<'_, Result<Vec<BufferId>, Refusal>>;

	/// The declared inputs of a job whose buyer may bring them here. The token's signature, audience,
	/// job and time have been checked; that its buyer posted the job has not.
	fn permit(
		&self,
		job: JobId,
		token: &UploadToken,
	) -> BoxFuture<'_, Result<Vec<BufferId>, Refusal>>;

	/// Notes where the job's inputs may be fetched. The token has been checked as for
	/// [`Self::permit`]; the URLs are `http` or `https` and few, and may still lead anywhere.
	fn sources(
		&self,
		job: JobId,
		token: &UploadToken,
		urls: Vec<String>,
	) -> BoxFuture<'_, Result<(), Refusal>>;
}

/// Why a request for a job is refused. The text says why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
	/// There is no such job, or none that this provider may accept (404).
	#[error("{0}")]
	NotFound(String),
	/// The buyer may not (403).
	#[error("{0}")]
	Forbidden(String),
	/// Not now; again in some seconds (503).
	#[error("{0}")]
	Busy(String),
}

/// Serves what the store holds and takes nothing, as a buyer's own server does.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOnly;

const READ_ONLY: &str = "this server takes no uploads: it serves what it holds";

impl ReadOnly {
	fn refuse<T: Send + 'static>() -> BoxFuture<'static, Result<T, Refusal>> {
		ready(Err(Refusal::NotFound(READ_ONLY.into()))).boxed()
	}
}

impl Gate for ReadOnly {
	/// Nobody: no signed token names the account of zeros on a chain of zeros by chance.
	fn audience(&self) -> Audience {
		Audience { genesis: [0; 32], provider: [0; 32] }
	}

	fn inputs(&self, _: JobId) -> BoxFuture<'_, Result<Vec<BufferId>, Refusal>> {
		Self::refuse()
	}

	fn permit(&self, _: JobId, _: &UploadToken) -> BoxFuture<'_, Result<Vec<BufferId>, Refusal>> {
		Self::refuse()
	}

	fn sources(
		&self,
		_: JobId,
		_: &UploadToken,
		_: Vec<String>,
	) -> BoxFuture<'_, Result<(), Refusal>> {
		Self::refuse()
	}
}
