//! Parts of a worker that run side by side.

use std::future::Future;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Error;

/// Parts that run until they are told to stop. The first that ends by itself stops all.
pub(super) struct Tasks {
	set: JoinSet<(&'static str, Result<(), Error>)>,
	pub(super) stop: CancellationToken,
}

impl Tasks {
	/// None yet.
	pub(super) fn new(stop: CancellationToken) -> Self {
		Self { set: JoinSet::new(), stop }
	}

	/// Starts one.
	pub(super) fn add(
		&mut self,
		what: &'static str,
		work: impl Future<Output = Result<(), Error>> + Send + 'static,
	) {
		self.set.spawn(async move { (what, work.await) });
	}

	/// Waits for all; the first error.
	pub(super) async fn join(mut self) -> anyhow::Result<()> {
		let mut outcome = Ok(());
		while let Some(ended) = self.set.join_next().await {
			let (what, result) = match ended {
				Ok(ended) => ended,
				Err(panic) => ("a part", Err(text(panic))),
			};
			let result = match result {
				Ok(()) if !self.stop.is_cancelled() => {
					Err(Error::Ended { what, reason: "nobody asked it to".into() })
				}
				Err(Error::Ended { reason, .. }) => Err(Error::Ended { what, reason }),
				result => result,
			};
			if let Err(error) = result {
				tracing::error!("{error}");
				self.stop.cancel();
				if outcome.is_ok() {
					outcome = Err(error.into());
				}
			}
		}
		outcome
	}
}

/// Something that ended a part, in words.
pub(super) fn text(error: impl std::fmt::Display) -> Error {
	Error::Ended { what: "a part of the worker", reason: error.to_string() }
}
