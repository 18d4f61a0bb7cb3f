//! What is registered, and that the dashboard shows exactly that.

use std::{collections::BTreeSet, sync::Arc};

use tokio::{
	net::TcpListener,
	sync::{watch, Notify},
};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{cli::get, status::Status};

const DASHBOARD: &str = include_str!("../../../docs/operating/grafana-worker.json");

/// Names of metrics in a text, without what Prometheus appends for histograms.
fn names(text: &str) -> BTreeSet<String> {
	let parts = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
	let ours = parts.filter(|part| part.starts_with("mutirao_worker_"));
	let plain = |name: &str| {
		let ends = ["_bucket", "_sum", "_count"];
		let end = ends.iter().find_map(|end| name.strip_suffix(end));
		end.unwrap_or(name).to_owned()
	};
	ours.map(plain).collect()
}

fn metrics() -> Metrics {
	let metrics = Metrics::new().unwrap();
	// Devices are known once they are opened; all else is there from the start.
	metrics.set_device("A device", "idle");
	metrics.set_meter("A device", "unavailable", false);
	metrics.set_benchmark("A device", &BenchmarkStatus::default());
	metrics
}

#[test]
fn the_dashboard_shows_what_is_registered_and_nothing_else() {
	let registered = names(&metrics().text().unwrap());
	assert!(registered.len() >= 11, "{registered:?}");
	assert_eq!(names(DASHBOARD), registered);
	serde_json::from_str::<serde_json::Value>(DASHBOARD).expect("the dashboard is JSON");
}

#[test]
fn counters_begin_at_0_with_all_their_labels() {
	let text = Metrics::new().unwrap().text().unwrap();
	for event in JobEvent::ALL {
		let line = format!("mutirao_worker_job_events_total{{event=\"{}\"}} 0\n", event.name());
		assert!(text.contains(&line), "{line}");
	}
	for event in WatchEvent::ALL {
		let line = format!("mutirao_worker_watch_events_total{{event=\"{}\"}} 0\n", event.name());
		assert!(text.contains(&line), "{line}");
	}
	for step in Step::ALL {
		let line = format!("mutirao_worker_step_seconds_count{{step=\"{}\"}} 0\n", step.name());
		assert!(text.contains(&line), "{line}");
	}
	for line in [
		"earned_planck_total 0\n",
		"duty_slack_blocks inf\n",
		"jobs{stage=\"running\"} 0\n",
		"hot_key_jobs inf\n",
	] {
		assert!(text.contains(&format!("mutirao_worker_{line}")), "{line} is not in\n{text}");
	}
}

#[test]
fn a_device_is_in_one_state_at_a_time() {
	let metrics = metrics();
	metrics.set_device("A device", "quarantined");
	let text = metrics.text().unwrap();
	let state = |state: &str, value: u8| {
		format!("mutirao_worker_device_state{{device=\"A device\",state=\"{state}\"}} {value}\n")
	};
	for line in [state("quarantined", 1), state("idle", 0), state("busy", 0)] {
		assert!(text.contains(&line), "{line} is not in\n{text}");
	}
}

#[tokio::test]
async fn health_status_and_metrics_are_served_until_the_stop() {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap();
	let (sender, receiver) = watch::channel(Arc::new(Status::default()));
	let stop = CancellationToken::new();
	let wanted = Arc::new(Notify::new());
	let latest = Latest { status: receiver, wanted: wanted.clone() };
	let server = tokio::spawn(serve(listener, metrics(), latest, stop.clone()));
	assert!(get(address, "/metrics").await.unwrap().unwrap().contains("mutirao_worker_jobs"));
	let health = get(address, "/health").await.unwrap().unwrap();
	assert_eq!(health, r#"{"healthy":true,"problems":[],"warnings":[]}"#);
	let status = Status { height: 41, problems: vec!["no device".into()], ..Status::default() };
	let newest = status.clone();
	// The maker of the status, who makes one when it is asked for.
	let maker = tokio::spawn(async move {
		wanted.notified().await;
		sender.send(Arc::new(newest)).unwrap();
		sender
	});
	let read = get(address, "/status").await.unwrap().unwrap();
	let _sender = maker.await.unwrap();
	assert_eq!(serde_json::from_str::<Status>(&read).unwrap(), status);
	// 503: whoever asks is not told "healthy".
	get(address, "/health").await.unwrap_err();
	stop.cancel();
	server.await.unwrap().unwrap();
	assert_eq!(get(address, "/health").await.unwrap(), None, "nobody listens any more");
}
