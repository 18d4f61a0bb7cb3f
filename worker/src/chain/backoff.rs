//! Pauses between attempts: each twice as long as the one before, up to a most, with some chance in them.

use std::time::Duration;

/// The pauses of one thing that is tried again and again.
#[derive(Clone, Debug)]
pub struct Backoff {
	next: Duration,
	most: Duration,
	first: Duration,
}

impl Backoff {
	/// Pauses from `first` up to `most`.
	pub fn new(first: Duration, most: Duration) -> Self {
		Self { next: first, most, first }
	}

	/// How long to wait now: up to half as much again, so that many workers do not ask at once.
	pub fn pause(&mut self) -> Duration {
		let pause = self.next;
		self.next = (pause * 2).min(self.most);
		pause.mul_f64(1.0 + fastrand::f64() / 2.0)
	}

	/// It went well: the next failure is a first one.
	pub fn reset(&mut self) {
		self.next = self.first;
	}
}

impl Default for Backoff {
	/// From half a second to half a minute.
	fn default() -> Self {
		Self::new(Duration::from_millis(500), Duration::from_secs(30))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn pauses_double_up_to_the_most_and_start_again() {
		let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
		for least in [1, 2, 4, 5, 5] {
			let pause = backoff.pause();
			let least = Duration::from_secs(least);
			assert!((least..least.mul_f64(1.5)).contains(&pause), "{pause:?}");
		}
		backoff.reset();
		assert!(backoff.pause() < Duration::from_secs(2));
	}
}
