//! What our devices and our store have to do already, before any job that is taken now.

use std::{
	collections::{BTreeSet, HashMap},
	sync::PoisonError,
};

use mutirao_client::{Chain, Error};
use mutirao_types::{JobId, OfferId};

use crate::benchmark;

use super::{
	plan::Plan,
	policy::{seconds, BLOCK_SECONDS},
	shared::Shared,
	view::{Moment, Stage},
};

/// What is promised already.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
	/// What each offer's device has to compute, in seconds of an expected kernel.
	pub(super) backlog: HashMap<OfferId, f64>,
	/// For how long each offer's device is kept for a benchmark window, in seconds from now.
	pub(super) reserved: HashMap<OfferId, f64>,
	/// What jobs that were taken are still to write into the store, in bytes.
	pub(super) writes: u64,
}

impl Load {
	/// Counts a job that is about to be taken.
	pub(super) fn add(&mut self, offer: OfferId, seconds: f64, writes: u64) {
		*self.backlog.entry(offer).or_default() += seconds;
		self.writes = self.writes.saturating_add(writes);
	}
}

impl<C: Chain> Shared<C> {
	/// What was promised when the last round ended.
	pub(super) fn load(&self) -> Load {
		self.load.lock().unwrap_or_else(PoisonError::into_inner).clone()
	}

	/// Remembers what is promised.
	pub(super) fn set_load(&self, load: Load) {
		*self.load.lock().unwrap_or_else(PoisonError::into_inner) = load;
	}
}

/// What each job of ours will write, in bytes: found once, and kept while it is to be computed.
#[derive(Debug, Default)]
pub(super) struct Loads {
	writes: HashMap<JobId, u64>,
}

impl Loads {
	/// What is promised at this moment.
	///
	/// # Errors
	///
	/// Those of reads.
	pub(super) async fn now<C: Chain>(
		&mut self,
		shared: &Shared<C>,
		plans: &[Plan],
		moment: Moment,
	) -> Result<Load, Error> {
		let reserved = reserved(shared, moment).await?;
		let mut load = Load { reserved, ..Load::default() };
		let mut waiting = BTreeSet::new();
		for plan in plans.iter().filter(|plan| is_to_be_computed(plan)) {
			let record = &plan.record;
			waiting.insert(record.job);
			let own = shared.parts.serving.iter().find(|one| one.offer == record.offer);
			let seconds = own.map_or(0.0, |own| seconds(record.declared_steps, &own.device));
			load.add(record.offer, seconds, self.writes_of(shared, plan).await?);
		}
		self.writes.retain(|job, _| waiting.contains(job));
		Ok(load)
	}

	async fn writes_of<C: Chain>(&mut self, shared: &Shared<C>, plan: &Plan) -> Result<u64, Error> {
		let job = plan.record.job;
		if let Some(known) = self.writes.get(&job) {
			return Ok(*known);
		}
		let planned = shared.programs.plan(&shared.parts.chain, &plan.record.request).await?;
		// What is not understood is not computed.
		let writes = planned.map_or(0, |planned| planned.needs.writes);
		self.writes.insert(job, writes);
		Ok(writes)
	}
}

/// Whether a job of ours will still have a device, and write.
fn is_to_be_computed(plan: &Plan) -> bool {
	let record = &plan.record;
	record.computed.is_none()
		&& record.fault.is_none()
		&& record.hopeless.is_none()
		&& matches!(plan.view.stage, Stage::Open { .. } | Stage::Running { .. })
}

/// How long a benchmark window keeps each device. From its opening to the claim nothing else runs there.
async fn reserved<C: Chain>(
	shared: &Shared<C>,
	moment: Moment,
) -> Result<HashMap<OfferId, f64>, Error> {
	let chain = &shared.parts.chain;
	let mut reserved = HashMap::new();
	let Some(window) = chain.benchmark_window().await? else { return Ok(reserved) };
	if moment.now > window.claim_until {
		return Ok(reserved);
	}
	let left = window.claim_until.saturating_sub(moment.now).saturating_add(1);
	for offer in shared.parts.serving.iter().map(|serving| serving.offer) {
		let measurements = chain.measurements(offer).await?;
		// A lost one is concluded, and then this window is answered.
		let claim = chain.claim_of(offer).await?.filter(|claim| claim.window == window.number);
		let view = benchmark::View {
			claim,
			samples: None,
			is_measured: measurements.iter().any(|one| one.window == window.number),
			now: moment.now,
			window: Some(window.clone()),
		};
		// What the benchmark has kept does not matter: until the claim is there, it may be computing.
		let step = benchmark::decide(offer, &view, None);
		if matches!(step, benchmark::Step::Reserve | benchmark::Step::Compute) {
			reserved.insert(offer, f64::from(left) * BLOCK_SECONDS);
		}
	}
	Ok(reserved)
}
