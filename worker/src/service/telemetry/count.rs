//! Gauges and counters that follow from the status and the journal.

use std::{collections::HashMap, time::Duration};

use mutirao_types::JobId;

use crate::{
	jobs::{self, Earnings, Record, Times},
	metrics::{JobEvent, Metrics, Step, WatchEvent, JOB_STAGES},
	status::Status,
	watch,
};

use super::{Seen, Telemetry};

impl Telemetry {
	/// Sets gauges from the status, and counts what the journal has that was not there before.
	pub(super) fn count(&self, status: &Status, seen: &mut Seen) {
		let metrics = &self.metrics;
		metrics.set_chain(status.height, seen.since.elapsed());
		if let Some(hot_key) = &status.hot_key {
			metrics.set_hot_key(hot_key.free_planck.0, hot_key.pays_for_jobs);
		}
		if let Some(store) = status.store {
			metrics.set_store(store.used, store.quota);
		}
		for stage in JOB_STAGES {
			metrics.set_jobs(stage, status.jobs.iter().filter(|job| job.stage == stage).count());
		}
		metrics.set_slack(slack(&self.loops.jobs.borrow()));
		for device in &status.devices {
			if let Some(benchmark) = &device.benchmark {
				metrics.set_benchmark(&device.adapter, benchmark);
			}
		}
		if let Some(now) = self.loops.watch.as_ref().map(|seen| *seen.borrow()) {
			count_watched(metrics, &seen.watched, &now);
			seen.watched = now;
		}
		match self.journal.earnings() {
			Ok(now) => {
				if let Some(before) = seen.earnings.replace(now) {
					count_earnings(metrics, &before, &now);
				}
			}
			Err(error) => tracing::warn!("{error}"),
		}
		match self.journal.records() {
			Ok(records) => count_times(metrics, &mut seen.times, &records),
			Err(error) => tracing::warn!("{error}"),
		}
	}
}

/// Active blocks until the next thing that is owed.
fn slack(jobs: &jobs::Status) -> Option<i64> {
	let until = jobs.jobs.iter().filter_map(|job| job.until).min()?;
	Some(i64::from(until) - i64::from(jobs.now))
}

fn count_earnings(metrics: &Metrics, before: &Earnings, now: &Earnings) {
	metrics.earned(now.earned.saturating_sub(before.earned));
	let refunded = |sums: &Earnings| sums.failed.saturating_add(sums.lies);
	let counts = [
		(JobEvent::Settled, before.settled, now.settled),
		(JobEvent::Faulted, before.faulted, now.faulted),
		(JobEvent::Refunded, refunded(before), refunded(now)),
	];
	for (event, before, now) in counts {
		(before..now).for_each(|_| metrics.happened(event));
	}
}

fn count_watched(metrics: &Metrics, before: &watch::Seen, now: &watch::Seen) {
	let counts = [
		(WatchEvent::Examined, before.examined, now.examined),
		(WatchEvent::Skipped, before.skipped, now.skipped),
		(WatchEvent::Upheld, before.upheld, now.upheld),
		(WatchEvent::Failed, before.failed, now.failed),
		(WatchEvent::Refused, before.refused, now.refused),
	];
	for (event, before, now) in counts {
		metrics.watched(event, now.saturating_sub(before));
	}
}

/// Notes the parts of jobs' times that no device and no call has noted.
fn count_times(metrics: &Metrics, seen: &mut HashMap<JobId, Times>, records: &[Record]) {
	// At the start, what was done before is not counted again.
	let is_first = seen.is_empty();
	seen.retain(|job, _| records.iter().any(|record| record.job == *job));
	for record in records {
		let now = record.times;
		let before = seen.insert(record.job, now);
		let before = match before {
			Some(before) => before,
			None if is_first => continue,
			None => Times::default(),
		};
		for (step, before, now) in
			[(Step::Fetch, before.fetch, now.fetch), (Step::SelfCheck, before.check, now.check)]
		{
			if now > before {
				metrics.took(step, Duration::from_millis(now - before));
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn has(metrics: &Metrics, line: &str) -> bool {
		metrics.text().unwrap().contains(&format!("mutirao_worker_{line}\n"))
	}

	#[test]
	fn what_the_journal_adds_is_counted_once() {
		let metrics = Metrics::new().unwrap();
		let before = Earnings { earned: 100, settled: 2, failed: 1, ..Earnings::default() };
		let now = Earnings { earned: 150, settled: 3, failed: 1, lies: 1, faulted: 2, ..before };
		count_earnings(&metrics, &before, &now);
		count_earnings(&metrics, &now, &now);
		assert!(has(&metrics, "earned_planck_total 50"));
		for (event, count) in [("settled", 1), ("refunded", 1), ("faulted", 2), ("accepted", 0)] {
			assert!(
				has(&metrics, &format!("job_events_total{{event=\"{event}\"}} {count}")),
				"{event}"
			);
		}
	}

	#[test]
	fn what_the_watchtower_saw_is_counted_once() {
		let metrics = Metrics::new().unwrap();
		let before = watch::Seen { examined: 2, upheld: 1, ..watch::Seen::default() };
		let now = watch::Seen { examined: 7, failed: 1, ..before };
		count_watched(&metrics, &watch::Seen::default(), &before);
		count_watched(&metrics, &before, &now);
		count_watched(&metrics, &now, &now);
		for (event, count) in [("examined", 7), ("upheld", 1), ("failed", 1), ("skipped", 0)] {
			let line = format!("watch_events_total{{event=\"{event}\"}} {count}");
			assert!(has(&metrics, &line), "{event}");
		}
	}
}
