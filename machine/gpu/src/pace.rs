//! How many workgroups to dispatch at once.
//!
//! A dispatch that runs for seconds freezes the desktop of the card that it runs on, and drivers kill
//! it. So a pass is dispatched in slabs, and each slab's time gives the size of the next.

use std::time::Duration;

/// How long a slab should take. Long enough that the pause between slabs is lost in it, short enough
/// for a desktop to stay usable.
const TARGET: Duration = Duration::from_millis(250);
/// The declared steps of a pass's first slab: at most about a second of the slowest device.
const FIRST_STEPS: u64 = 1 << 28;
/// By how much a slab may be larger than the one before. A small slab may leave most of a device
/// idle, so it says little about a much larger one.
const GROWTH: u128 = 8;

/// The size of a pass's slabs.
pub(crate) struct Pace {
	workgroups: u32,
}

impl Pace {
	/// For a pass whose workgroups declare so many steps each.
	pub(crate) fn new(fuel: u64) -> Self {
		let first = (FIRST_STEPS / fuel.max(1)).clamp(1, u64::from(u32::MAX));
		Self { workgroups: u32::try_from(first).unwrap_or(u32::MAX) }
	}

	/// The next slab's workgroups, at least 1.
	pub(crate) fn workgroups(&self) -> u32 {
		self.workgroups
	}

	/// Takes note of how long so many workgroups took.
	pub(crate) fn took(&mut self, workgroups: u32, elapsed: Duration) {
		let fitting = u128::from(workgroups) * TARGET.as_nanos() / elapsed.as_nanos().max(1);
		let most = GROWTH * u128::from(workgroups);
		self.workgroups = u32::try_from(fitting.clamp(1, most.max(1))).unwrap_or(u32::MAX);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Slabs of a device that takes so long for a workgroup, and so long for each dispatch.
	fn slabs(fuel: u64, count: u32, workgroup: Duration, dispatch: Duration) -> Vec<Duration> {
		let mut pace = Pace::new(fuel);
		let (mut left, mut times) = (count, Vec::new());
		while left > 0 {
			let now = pace.workgroups().min(left);
			let elapsed = workgroup * now + dispatch;
			pace.took(now, elapsed);
			times.push(elapsed);
			left -= now;
		}
		times
	}

	#[test]
	fn slabs_come_near_the_target_on_fast_and_slow_devices() {
		for nanos in [5, 300, 20_000, 4_000_000] {
			let workgroup = Duration::from_nanos(nanos);
			let count = u32::try_from(20_000_000_000 / nanos).unwrap_or(u32::MAX);
			let times = slabs(10_000, count, workgroup, Duration::from_micros(80));
			let slow = times.iter().skip(1).filter(|time| **time > TARGET * 2).count();
			assert_eq!(slow, 0, "{nanos} ns a workgroup: {times:?}");
			assert!(times.len() < 130, "{nanos} ns a workgroup: {} slabs", times.len());
		}
	}

	#[test]
	fn a_workgroup_that_is_slow_by_itself_goes_alone() {
		let times = slabs(u64::MAX, 5, Duration::from_secs(2), Duration::ZERO);
		assert_eq!(times, [Duration::from_secs(2); 5]);
	}
}
