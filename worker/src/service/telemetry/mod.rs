//! The status of a running worker, and the metrics that follow from it.

mod count;
mod problems;

use std::{
	collections::HashMap,
	sync::Arc,
	time::{Duration, Instant},
};

use mutirao_client::{AccountId, Client};
use mutirao_data::store::Store;
use mutirao_types::{JobId, OfferId};
use tokio::{
	sync::{
		watch::{channel, Receiver, Sender},
		Notify,
	},
	time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{
	benchmark::Measured,
	config::{Config, Device},
	energy::Meter,
	gpu::{Pool, State},
	jobs::{self, Earnings, Journal, Times},
	metrics::{Latest, Metrics},
	status::{gather, BenchmarkStatus, RefusedJob, Status, StoreStatus, WatchStatus},
	watch,
};

use self::problems::problems;
use super::parts::Parts;

/// How often the status is made: two blocks.
const EVERY: Duration = Duration::from_secs(6);
/// Refused jobs that are listed.
const MOST_REFUSED: usize = 100;

/// Makes the status.
pub(super) struct Telemetry {
	provider: AccountId,
	hot_key: AccountId,
	client: Client,
	devices: Vec<Device>,
	meters: Vec<Option<(String, Meter)>>,
	journal: Arc<Journal>,
	store: Store,
	pool: Pool,
	metrics: Metrics,
	loops: Loops,
	sender: Sender<Arc<Status>>,
	wanted: Arc<Notify>,
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
		(provider, hot_key): (AccountId, AccountId),
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
			hot_key,
			client,
			devices: config.device.clone(),
			meters: parts.meters.clone(),
			journal: parts.journal.clone(),
			store: parts.store.clone(),
			pool: parts.pool.clone(),
			metrics,
			loops,
			sender,
			wanted: Arc::default(),
		}
	}

	pub(super) fn latest(&self) -> Latest {
		Latest { status: self.sender.subscribe(), wanted: self.wanted.clone() }
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
				() = self.wanted.notified() => {}
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
				status.warnings.clear();
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
		if let Some(funds) = self.loops.jobs.borrow().funds {
			status.add_funds(&self.hot_key, &funds);
		}
		status.watch = self.loops.watch.as_ref().map(|seen| WatchStatus::from(*seen.borrow()));
		if self.loops.jobs.borrow().stands_still {
			let problem =
				"the chain stands still (safe mode or a migration): calls wait, and so do \
				deadlines";
			status.problems.push(problem.into());
		}
	}
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
