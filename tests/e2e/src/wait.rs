//! Bounded waiting.

use anyhow::{bail, Result};
use std::{
	future::Future,
	time::{Duration, Instant},
};

const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Polls until `probe` gives a value, and says how long that took.
///
/// Errors of the probe count as "not yet": a node that is starting refuses connections.
///
/// # Errors
///
/// When `timeout` passes first; `what` and the last error tell what was waited for.
pub async fn wait_for<T, F, Fut>(
	what: &str,
	timeout: Duration,
	mut probe: F,
) -> Result<(T, Duration)>
where
	F: FnMut() -> Fut,
	Fut: Future<Output = Result<Option<T>>>,
{
	let start = Instant::now();
	let mut last_error = None;
	while start.elapsed() < timeout {
		match probe().await {
			Ok(Some(value)) => return Ok((value, start.elapsed())),
			Ok(None) => last_error = None,
			Err(e) => last_error = Some(e),
		}
		tokio::time::sleep(POLL_INTERVAL).await;
	}
	bail!("waited {timeout:?} in vain for {what} (last error: {last_error:?})")
}

/// Polls for the whole of `duration` and fails as soon as `check` does.
///
/// # Errors
///
/// The first error of `check`.
pub async fn holds_for<F, Fut>(duration: Duration, mut check: F) -> Result<()>
where
	F: FnMut() -> Fut,
	Fut: Future<Output = Result<()>>,
{
	let start = Instant::now();
	while start.elapsed() < duration {
		check().await?;
		tokio::time::sleep(POLL_INTERVAL).await;
	}
	Ok(())
}
