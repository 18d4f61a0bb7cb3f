//! What can be counted and measured, for Prometheus; `/health` and `/status`.
//!
//! All metrics and all values of their labels are there from the start, so that counters begin at 0. The
//! dashboard in docs/operating/grafana-worker.json shows exactly these.

mod counted;
mod labels;
mod metered;
mod register;
mod server;

use std::{sync::Arc, time::Duration};

use prometheus::{
	Counter, Gauge, GaugeVec, Histogram, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts,
	Registry, TextEncoder,
};

use crate::status::BenchmarkStatus;

use self::register::{added, counters, gauge, gauges, joules, name, steps};

pub use counted::Counted;
pub use labels::{JobEvent, Step, WatchEvent, DEVICE_STATES, JOB_STAGES};
pub use metered::{Metered, Running};
pub use server::{serve, Latest};

/// All metrics. Clones share them.
#[derive(Clone)]
pub struct Metrics {
	inner: Arc<Inner>,
}

struct Inner {
	registry: Registry,
	jobs: IntGaugeVec,
	events: IntCounterVec,
	watched: IntCounterVec,
	benchmarks: IntGaugeVec,
	earned: Counter,
	slack: Gauge,
	hot_key: Gauge,
	paid_jobs: Gauge,
	steps: HistogramVec,
	devices: IntGaugeVec,
	store: IntGaugeVec,
	height: IntGauge,
	age: Gauge,
	energy: GaugeVec,
	job_energy: Histogram,
}

impl Metrics {
	/// All metrics, at 0.
	///
	/// # Errors
	///
	/// If two have the same name: never, but the library asks.
	pub fn new() -> Result<Self, prometheus::Error> {
		let registry = Registry::new();
		let inner = Inner {
			jobs: gauges(&registry, "jobs", "Open jobs by stage.", &["stage"])?,
			events: counters(
				&registry,
				"job_events_total",
				"What happened to jobs since the start.",
			)?,
			watched: counters(
				&registry,
				"watch_events_total",
				"What the watchtower made of others' jobs since the start.",
			)?,
			benchmarks: gauges(
				&registry,
				"benchmark",
				"The benchmark window that the device's offer answered last, and the score.",
				&["device", "of"],
			)?,
			earned: added(
				&registry,
				Counter::new(
					name("earned_planck_total"),
					"What jobs paid since the start, in planck.",
				)?,
			)?,
			slack: gauge(
				&registry,
				"duty_slack_blocks",
				"Active blocks until the next deadline; +Inf: no duty is open.",
			)?,
			hot_key: gauge(&registry, "hot_key_free_planck", "What the hot key holds, in planck.")?,
			paid_jobs: gauge(
				&registry,
				"hot_key_jobs",
				"How many more jobs the hot key pays for; +Inf: it was not looked at yet.",
			)?,
			steps: added(&registry, HistogramVec::new(steps(), &["step"])?)?,
			devices: gauges(
				&registry,
				"device_state",
				"1 for the state that the device is in.",
				&["device", "state"],
			)?,
			store: gauges(&registry, "store_bytes", "Buffers on disk.", &["kind"])?,
			height: added(
				&registry,
				IntGauge::new(name("chain_height"), "The last finalised block.")?,
			)?,
			age: gauge(
				&registry,
				"chain_finality_age_seconds",
				"Time since a new block was final.",
			)?,
			energy: added(
				&registry,
				GaugeVec::new(
					Opts::new(
						name("energy_metered"),
						"1 if the device's energy is measured, 0 if not.",
					),
					&["device", "source"],
				)?,
			)?,
			job_energy: added(&registry, Histogram::with_opts(joules())?)?,
			registry,
		};
		inner.slack.set(f64::INFINITY);
		inner.paid_jobs.set(f64::INFINITY);
		JOB_STAGES.iter().for_each(|stage| inner.jobs.with_label_values(&[stage]).set(0));
		for kind in ["used", "quota"] {
			inner.store.with_label_values(&[kind]).set(0);
		}
		for event in JobEvent::ALL {
			inner.events.with_label_values(&[event.name()]).reset();
		}
		for event in WatchEvent::ALL {
			inner.watched.with_label_values(&[event.name()]).reset();
		}
		for step in Step::ALL {
			inner.steps.with_label_values(&[step.name()]);
		}
		Ok(Self { inner: Arc::new(inner) })
	}

	/// Counts what happened to a job.
	pub fn happened(&self, event: JobEvent) {
		self.inner.events.with_label_values(&[event.name()]).inc();
	}

	/// Counts what the watchtower made of so many jobs.
	pub fn watched(&self, event: WatchEvent, jobs: u64) {
		self.inner.watched.with_label_values(&[event.name()]).inc_by(jobs);
	}

	/// How a device was measured last.
	pub fn set_benchmark(&self, device: &str, benchmark: &BenchmarkStatus) {
		let values = [
			("window", benchmark.window.unwrap_or_default().into()),
			("size", benchmark.size.into()),
			("proven", benchmark.proven.into()),
			("score", saturated(benchmark.score.unwrap_or_default())),
		];
		for (of, value) in values {
			self.inner.benchmarks.with_label_values(&[device, of]).set(value);
		}
	}

	/// Counts what a job paid, in planck. (Prometheus counts in floating point: 16 digits.)
	pub fn earned(&self, planck: u128) {
		self.inner.earned.inc_by(planck as f64);
	}

	/// Notes how long a part of a job took.
	pub fn took(&self, step: Step, time: Duration) {
		self.inner.steps.with_label_values(&[step.name()]).observe(time.as_secs_f64());
	}

	/// How many jobs are open at a stage, one of [`JOB_STAGES`].
	pub fn set_jobs(&self, stage: &str, jobs: usize) {
		if JOB_STAGES.contains(&stage) {
			self.inner.jobs.with_label_values(&[stage]).set(saturated(jobs as u64));
		}
	}

	/// Active blocks until the next deadline; `None`: no duty is open.
	pub fn set_slack(&self, blocks: Option<i64>) {
		self.inner.slack.set(blocks.map_or(f64::INFINITY, |blocks| blocks as f64));
	}

	/// What the hot key holds, in planck, and how many more jobs that pays for.
	pub fn set_hot_key(&self, free: u128, jobs: u64) {
		self.inner.hot_key.set(free as f64);
		self.inner.paid_jobs.set(jobs as f64);
	}

	/// The state of a device, one of [`DEVICE_STATES`].
	pub fn set_device(&self, device: &str, state: &str) {
		for known in DEVICE_STATES {
			let gauge = self.inner.devices.with_label_values(&[device, known]);
			gauge.set(i64::from(known == state));
		}
	}

	/// Bytes of buffers on disk, and the most that there may be.
	pub fn set_store(&self, used: u64, quota: u64) {
		for (kind, bytes) in [("used", used), ("quota", quota)] {
			self.inner.store.with_label_values(&[kind]).set(saturated(bytes));
		}
	}

	/// The last finalised block, and how long it has been the last.
	pub fn set_chain(&self, height: u32, age: Duration) {
		self.inner.height.set(height.into());
		self.inner.age.set(age.as_secs_f64());
	}

	/// Whether, and by what, a device's energy is measured.
	pub fn set_meter(&self, device: &str, source: &str, works: bool) {
		let gauge = self.inner.energy.with_label_values(&[device, source]);
		gauge.set(f64::from(u8::from(works)));
	}

	/// Notes what a job took, in joules. Only measured energy is noted.
	pub fn consumed(&self, joules: f64) {
		self.inner.job_energy.observe(joules);
	}

	/// Everything, as Prometheus reads it.
	///
	/// # Errors
	///
	/// If a metric cannot be written as text.
	pub fn text(&self) -> Result<String, prometheus::Error> {
		TextEncoder::new().encode_to_string(&self.inner.registry.gather())
	}
}

fn saturated(number: u64) -> i64 {
	i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
