//! Stopping: the first signal asks, the second one kills.

use std::{future::Future, time::Duration};

use tokio::signal::unix::{signal, Signal, SignalKind};
use tokio_util::sync::CancellationToken;

use crate::Error;

/// How long a worker may take to stop by itself after it was asked.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `work` to its end. SIGTERM or SIGINT cancels the token, and `work` should end soon after; another
/// signal, or a minute, and it is dropped where it stands. The journal is made for that.
///
/// # Errors
///
/// What `work` gives; [`Error::Killed`] when it was dropped; [`Error::Ended`] when signals cannot be
/// heard.
pub async fn until_signal<T>(
	stop: CancellationToken,
	work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
	let deaf = |error: std::io::Error| Error::Ended {
		what: "listening for signals",
		reason: error.to_string(),
	};
	let mut signals = Signals::new().map_err(deaf)?;
	tokio::pin!(work);
	tokio::select! {
		done = &mut work => return done,
		name = signals.next() => {
			tracing::info!("{name}: stopping. No new jobs; what is open is in the journal. Another signal kills");
			stop.cancel();
		}
	}
	tokio::select! {
		done = &mut work => done,
		_ = signals.next() => Err(Error::Killed.into()),
		() = tokio::time::sleep(PATIENCE) => {
			tracing::warn!("still not stopped after {PATIENCE:?}: killed");
			Err(Error::Killed.into())
		}
	}
}

struct Signals {
	terminate: Signal,
	interrupt: Signal,
}

impl Signals {
	fn new() -> std::io::Result<Self> {
		Ok(Self {
			terminate: signal(SignalKind::terminate())?,
			interrupt: signal(SignalKind::interrupt())?,
		})
	}

	async fn next(&mut self) -> &'static str {
		tokio::select! {
			_ = self.terminate.recv() => "SIGTERM",
			_ = self.interrupt.recv() => "SIGINT",
		}
	}
}
