//! The status of a running worker, and the metrics that follow from it.

use std::{
	collections::HashMap,
	sync::Arc,
	time::{Duration, Instant},
};

use mutirao_client::{AccountId, Client};
use mutirao_data::store::Store;
use mutirao_types::{JobId, OfferId};
use tokio::{
	sync::watch::{channel, Receiver, Sender},
	time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{
	benchmark::Measured,
	config::{Config, Device},
	energy::Meter,
	gpu::{Pool, State},
	jobs::{self, Earnings, Journal, Record, Times},
	metrics::{JobEvent, Metrics, Step, WatchEvent, JOB_STAGES},
	status::{gather, BenchmarkStatus, RefusedJob, Status, StoreStatus, WatchStatus},
	watch,
};

use super::parts::Parts;

/// How often the status is made: two blocks.
const EVERY: Duration = Duration::from_secs(6);
/// The chain is taken to stand still when nothing became final for so long.
const STALE: Duration = Duration::from_secs(60);
/// Refused jobs that are listed.
const MOST_REFUSED: usize = 100;

/// Makes the status.
pub(super) struct Telemetry {
	provider: AccountId,
	client: Client,
	devices: Vec<Device>,
	meters: Vec<Option<(String, Meter)>>,
	journal: Arc<Journal>,
	store: Store,
	pool: Pool,
	metrics: Metrics,
	loops: Loops,
	sender: Sender<Arc<Status>>,
}

/// How the worker's loops stand, from now on.
pub(super) struct Loops {
	pub(super) jobs: Receiver<jobs::Status>,
	/// By offer.
	pub(super) benchmarks: Vec<(OfferId, Receiver<Measured>)>,
	/// `None`: the settings want no watchtower.
	pub(super) watch: Option<Receiver<watch::Seen>>,
}

/// What was seen last.
struct Seen {
	height: u32,
	since: Instant,
	earnings: Option<Earnings>,
	times: HashMap<JobId, Times>,
	watched: watch::Seen,
}

impl Telemetry {
	pub(super) fn new(
		config: &Config,
		provider: AccountId,
		client: Client,
		parts: &Parts,
		metrics: Metrics,
		loops: Loops,
	) -> Self {
		let (sender, _) = channel(Arc::new(Status {
			running: true,
			problems: vec!["it is starting".into()],
			..Status::default()
		}));
		Self {
			provider,
			client,
			devices: config.device.clone(),
			meters: parts.meters.clone(),
			journal: parts.journal.clone(),
			store: parts.store.clone(),
			pool: parts.pool.clone(),
			metrics,
			loops,
			sender,
		}
	}

	pub(super) fn subscribe(&self) -> Receiver<Arc<Status>> {
		self.sender.subscribe()
	}

	/// Makes the status again and again, until it is told to stop.
	pub(super) async fn run(self, stop: CancellationToken) {
		let mut seen = Seen {
			height: 0,
			since: Instant::now(),
			earnings: None,
			times: HashMap::new(),
			watched: watch::Seen::default(),
		};
		while !stop.is_cancelled() {
			let status = self.status(&mut seen).await;
			self.count(&status, &mut seen);
			self.sender.send_replace(Arc::new(status));
			tokio::select! {
				() = stop.cancelled() => {}
				() = sleep(EVERY) => {}
			}
		}
	}

	async fn status(&self, seen: &mut Seen) -> Status {
		let gathered =
			gather(&self.client, self.provider, &self.devices, Some(&self.journal)).await;
		let mut status = match gathered {
			Ok(status) => status,
			// What was known is shown on, and that it is old.
			Err(error) => {
				let mut status = self.sender.borrow().as_ref().clone();
				status.problems = vec![error.to_string()];
				status
			}
		};
		status.running = true;
		status.endpoint = self.client.endpoint();
		if status.height != seen.height {
			(seen.height, seen.since) = (status.height, Instant::now());
		}
		status.finality_age_s = Some(seen.since.elapsed().as_secs());
		let usage = self.store.usage();
		status.store = Some(StoreStatus { used: usage.used, quota: usage.quota });
		self.add_devices(&mut status);
		add_jobs(&mut status, &self.loops.jobs.borrow());
		self.add_loops(&mut status);
		status.problems.extend(problems(&status));
		status
	}

	fn add_devices(&self, status: &mut Status) {
		let states = self.pool.states();
		for (device, meter) in status.devices.iter_mut().zip(&self.meters) {
			let Some((name, meter)) = meter else {
				device.state = "quarantined".into();
				device.reason = Some("it was not admitted at the start: see the log".into());
				continue;
			};
			device.energy = Some(meter.to_string());
			let state = states.iter().find(|(info, _)| info.name == *name).map(|(_, state)| state);
			let (state, reason) = match state {
				Some(State::Free) => ("idle", None),
				Some(State::Busy) => ("busy", None),
				Some(State::Quarantined { reason }) => ("quarantined", Some(reason.clone())),
				None => ("unknown", None),
			};
			(device.state, device.reason) = (state.into(), reason);
			self.metrics.set_device(name, &device.state);
		}
	}

	/// Adds what benchmark windows and the watchtower came to.
	fn add_loops(&self, status: &mut Status) {
		for (offer, measured) in &self.loops.benchmarks {
			let of_offer = |device: &&mut crate::status::DeviceStatus| device.offer == Some(*offer);
			if let Some(device) = status.devices.iter_mut().find(of_offer) {
				device.benchmark = Some(BenchmarkStatus::from(&*measured.borrow()));
			}
		}
		status.watch = self.loops.watch.as_ref().map(|seen| WatchStatus::from(*seen.borrow()));
		if self.loops.jobs.borrow().stands_still {
			let problem =
				"the chain stands still (safe mode or a migration): calls wait, and so do \
				deadlines";
			status.problems.push(problem.into());
		}
	}

	/// Sets gauges from the status, and counts what the journal has that was not there before.
	fn count(&self, status: &Status, seen: &mut Seen) {
		let metrics = &self.metrics;
		metrics.set_chain(status.height, seen.since.elapsed());
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

/// Adds what the job loop knows to what the chain knows.
fn add_jobs(status: &mut Status, jobs: &jobs::Status) {
	for known in &jobs.jobs {
		let Some(job) = status.jobs.iter_mut().find(|job| job.job == known.job) else { continue };
		job.step = Some(known.step.clone());
		job.error.clone_from(&known.error);
		job.progress_percent = known.progress.map(|share| (share.clamp(0.0, 1.0) * 100.0) as u8);
	}
	let refused = jobs.refused.iter().take(MOST_REFUSED);
	status.refused =
		refused.map(|(job, reason)| RefusedJob { job: *job, reason: reason.clone() }).collect();
}

/// Why the worker cannot serve.
fn problems(status: &Status) -> Vec<String> {
	let mut problems = Vec::new();
	let age = Duration::from_secs(status.finality_age_s.unwrap_or(0));
	if age > STALE {
		problems.push(format!("no block became final for {} s", age.as_secs()));
	}
	match &status.registered {
		None => problems.push("the provider is not registered".into()),
		Some(provider) if provider.state != "active" => {
			problems.push(format!("the provider is {}", provider.state));
		}
		Some(_) => {}
	}
	let serves = |device: &&crate::status::DeviceStatus| {
		device.offer_state == "active" && device.state != "quarantined"
	};
	if !status.devices.iter().any(|device| serves(&device)) {
		problems.push("no device serves: each is in quarantine, or its offer is not active".into());
	}
	for job in status.jobs.iter().filter(|job| job.slack_blocks < 0 && job.stage != "contestable") {
		problems.push(format!("job {}: too late to {}", job.job, job.duty));
	}
	problems
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

	#[test]
	fn a_worker_without_a_fit_device_or_a_chain_is_not_healthy() {
		let registered = crate::status::Registered {
			state: "active".into(),
			free_at: None,
			stake_planck: Default::default(),
			earmarked_planck: Default::default(),
			endpoint: String::new(),
			reputation_ppm: None,
		};
		let device = crate::status::DeviceStatus {
			state: "idle".into(),
			offer_state: "active".into(),
			..Default::default()
		};
		let healthy = Status {
			registered: Some(registered),
			devices: vec![device.clone()],
			finality_age_s: Some(9),
			..Status::default()
		};
		assert_eq!(problems(&healthy), [""; 0]);
		let sick = |change: &dyn Fn(&mut Status)| {
			let mut status = healthy.clone();
			change(&mut status);
			problems(&status).len()
		};
		assert_eq!(sick(&|status| status.finality_age_s = Some(61)), 1);
		assert_eq!(sick(&|status| status.registered = None), 1);
		assert_eq!(sick(&|status| status.devices[0].state = "quarantined".into()), 1);
		assert_eq!(sick(&|status| status.devices[0].offer_state = "paused".into()), 1);
	}
}
