//! Making metrics and registering them.

use prometheus::{Gauge, HistogramOpts, IntCounterVec, IntGaugeVec, Opts, Registry};

pub(super) fn name(name: &str) -> String {
	format!("mutirao_worker_{name}")
}

pub(super) fn added<C: prometheus::core::Collector + Clone + 'static>(
	registry: &Registry,
	collector: C,
) -> Result<C, prometheus::Error> {
	registry.register(Box::new(collector.clone()))?;
	Ok(collector)
}

pub(super) fn gauge(registry: &Registry, of: &str, help: &str) -> Result<Gauge, prometheus::Error> {
	added(registry, Gauge::new(name(of), help)?)
}

pub(super) fn gauges(
	registry: &Registry,
	of: &str,
	help: &str,
	labels: &[&str],
) -> Result<IntGaugeVec, prometheus::Error> {
	added(registry, IntGaugeVec::new(Opts::new(name(of), help), labels)?)
}

pub(super) fn counters(
	registry: &Registry,
	of: &str,
	help: &str,
) -> Result<IntCounterVec, prometheus::Error> {
	added(registry, IntCounterVec::new(Opts::new(name(of), help), &["event"])?)
}

/// From a millisecond to an hour.
pub(super) fn steps() -> HistogramOpts {
	let buckets = vec![
		0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_600.0,
	];
	HistogramOpts::new(name("step_seconds"), "What the time of jobs goes to.").buckets(buckets)
}

/// From a joule to a kilowatt-hour.
pub(super) fn joules() -> HistogramOpts {
	let buckets = vec![1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 3.6e6];
	HistogramOpts::new(name("job_energy_joules"), "Energy of jobs, where it is measured.")
		.buckets(buckets)
}
