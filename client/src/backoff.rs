//! Pauses between attempts, each longer than the one before it.

use std::time::{Duration, Instant};

const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(10);

/// Doubling pauses, until the patience is used up.
pub(crate) struct Backoff {
	pause: Duration,
	until: Instant,
}

impl Backoff {
	/// Pauses that end `patience` from now.
	pub(crate) fn new(patience: Duration) -> Self {
		Self { pause: SHORTEST, until: Instant::now() + patience }
	}

	/// How long to wait before the next attempt; `None` when it is time to give up.
	pub(crate) fn pause(&mut self) -> Option<Duration> {
		let left = self.until.checked_duration_since(Instant::now())?;
		let pause = self.pause.min(left);
		self.pause = (self.pause * 2).min(LONGEST);
		Some(pause)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn pauses_double_up_to_a_bound_and_end() {
		let mut backoff = Backoff::new(Duration::from_secs(3600));
		let pauses: Vec<_> = (0..8).filter_map(|_| backoff.pause()).collect();
		assert_eq!(pauses[..2], [SHORTEST, 2 * SHORTEST]);
		assert_eq!(pauses[7], LONGEST);
		assert_eq!(Backoff::new(Duration::ZERO).pause().unwrap_or_default(), Duration::ZERO);
	}
}
