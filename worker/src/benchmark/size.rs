//! How much a device computes in a window.

use std::time::Duration;

/// A window is filled by so much: a claim that comes too late is worth nothing, and devices slow down
/// when they are hot.
const FILL: f64 = 0.85;
/// A calibration run shorter than this says little about a long one.
const TELLING: Duration = Duration::from_secs(2);
/// By how much a calibration run that was too short is enlarged, at most.
const GROWTH: u32 = 16;

/// How fast a device computes a benchmark program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
	/// How much in a second.
	pub size_per_second: f64,
	/// What a run takes however small it is: starting, compiling, hashing.
	pub start: Duration,
}

/// The size that a device can compute in this time; at least 1, at most what the program allows.
pub fn size_for(rate: Rate, time: Duration, most: u32) -> u32 {
	let computing = time.saturating_sub(rate.start).as_secs_f64() * FILL;
	let size = (computing * rate.size_per_second).floor();
	// Saturates, also from a rate that is not a number.
	(size as u32).clamp(1, most.max(1))
}

/// The next calibration run after one of this size took this long, computing so much of it; `None` when
/// that run is telling, or the next would not be larger.
pub fn calibrate(size: u32, took: Duration, computing: Duration, most: u32) -> Result<Rate, u32> {
	let enough = computing >= TELLING || size >= most;
	let seconds = computing.as_secs_f64().max(1e-6);
	if enough {
		let start = took.saturating_sub(computing);
		return Ok(Rate { size_per_second: f64::from(size) / seconds, start });
	}
	let growth = (TELLING.as_secs_f64() * 1.5 / seconds).clamp(2.0, f64::from(GROWTH));
	let next = f64::from(size) * growth;
	Err((next as u32).min(most))
}

#[cfg(test)]
mod tests {
	use super::*;

	const SECOND: Duration = Duration::from_secs(1);

	#[test]
	fn a_window_is_filled_but_not_to_the_brim() {
		let rate = Rate { size_per_second: 100.0, start: SECOND };
		assert_eq!(size_for(rate, 11 * SECOND, u32::MAX), 850);
		assert_eq!(size_for(rate, 11 * SECOND, 500), 500);
	}

	#[test]
	fn there_is_always_something_to_compute() {
		let rate = Rate { size_per_second: 0.01, start: SECOND };
		assert_eq!(size_for(rate, Duration::ZERO, 10), 1);
		let nonsense = Rate { size_per_second: f64::NAN, start: SECOND };
		assert_eq!(size_for(nonsense, 5 * SECOND, 10), 1);
		let endless = Rate { size_per_second: f64::INFINITY, start: SECOND };
		assert_eq!(size_for(endless, 5 * SECOND, 10), 10);
	}

	#[test]
	fn calibration_grows_until_it_tells_something() {
		let quick = Duration::from_millis(1);
		assert_eq!(calibrate(64, SECOND, quick, 1 << 20), Err(1024));
		assert_eq!(calibrate(64, 2 * SECOND, SECOND, 1 << 20), Err(192));
		assert_eq!(calibrate(64, SECOND, quick, 100), Err(100));
		let telling = calibrate(640, 5 * SECOND, 4 * SECOND, 1 << 20);
		assert_eq!(telling, Ok(Rate { size_per_second: 160.0, start: SECOND }));
	}

	#[test]
	fn calibration_ends_where_the_program_does() {
		assert!(calibrate(100, SECOND, Duration::from_millis(1), 100).is_ok());
	}
}
