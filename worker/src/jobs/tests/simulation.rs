//! Random schedules against a worker that is honest: reads fail, calls are lost before or after they
//! took effect, the process is killed anywhere, blocks come while it works or while it is down, rounds
//! are left out or made twice. No schedule costs it stake, and nothing takes effect twice.

use std::collections::BTreeSet;

use fastrand::Rng;
use mutirao_client::pallets::{AttestationsExt, JobsExt};
use mutirao_types::{JobBuffer, JobId, JobRequest, JobStateKind, RefundReason, Times, Verdict};

use crate::fault::{hook, POINTS};

use super::{
	super::{What, Worker},
	support::{gone, Flaky, Market},
};

const SEEDS: u64 = 200;
/// More than any schedule needs.
const MOST_TURNS: usize = 1_500;

struct Schedule {
	market: Market,
	random: Rng,
	worker: Option<Worker<Flaky>>,
	jobs: Vec<JobId>,
	to_post: usize,
	demanded: BTreeSet<(JobId, u32)>,
	kills: usize,
}

impl Schedule {
	async fn new(seed: u64) -> Self {
		let market = Market::new().await;
		let mut random = Rng::with_seed(seed);
		market.provider.break_by(seed, random.u32(0..40), random.u32(0..60), random.u32(0..60));
		let worker = Some(market.worker());
		let to_post = random.usize(1..4);
		let demanded = BTreeSet::new();
		Self { market, random, worker, jobs: Vec::new(), to_post, demanded, kills: 0 }
	}

	/// One thing that happens.
	async fn turn(&mut self) {
		match self.random.u8(0..100) {
			0..5 if self.to_post > 0 => self.post().await,
			5..8 => self.kill().await,
			8..12 => self.arm(),
			12..20 => self.demand().await,
			20..45 => self.market.chain.advance(self.random.u32(1..4)),
			_ => self.work().await,
		}
	}

	async fn post(&mut self) {
		self.to_post -= 1;
		let accept_within = self.random.u32(30..120);
		let times =
			Times { accept_within, attest_within: 150, contest_for: self.random.u32(10..60) };
		let samples = self.random.u8(1..3);
		let request = JobRequest { times, samples, ..self.market.request() };
		self.jobs.push(self.market.post_as(request).await);
	}

	/// Kills the process where it stands.
	async fn kill(&mut self) {
		hook::set(None, 0);
		self.worker = None;
		gone().await;
		self.kills += 1;
		self.market.chain.advance(self.random.u32(0..8));
	}

	/// Lets it be killed at some point.
	fn arm(&mut self) {
		let point = POINTS[self.random.usize(..POINTS.len())];
		hook::set(Some(point), self.random.usize(0..3));
	}

	async fn demand(&mut self) {
		for job in self.jobs.clone() {
			let state = self.market.buyer.job(job).await.unwrap().map(|job| job.state.kind());
			let which = self.random.u32(0..2);
			if state == Some(JobStateKind::Contestable) && self.demanded.insert((job, which)) {
				let buffer = if which == 0 { JobBuffer::Written(0) } else { JobBuffer::Input(0) };
				// Past the window it is refused.
				let _ = self.market.buyer.demand(job, buffer, 0).await;
			}
		}
	}

	/// Some rounds, and most of what they start.
	async fn work(&mut self) {
		let market = &self.market;
		let worker = self.worker.get_or_insert_with(|| market.worker());
		let mut dead = false;
		for _ in 0..self.random.u8(1..4) {
			dead |= worker.round().await.is_err() || hook::stopped();
			// Sometimes blocks pass while something is under way.
			while !dead && !worker.is_idle() && self.random.u8(0..10) > 0 {
				dead |= worker.landed().await.is_err() || hook::stopped();
			}
		}
		if dead {
			self.kill().await;
		}
	}

	async fn is_over(&self) -> bool {
		for job in &self.jobs {
			if self.market.verdict(*job).await.is_none() {
				return false;
			}
		}
		self.to_post == 0
	}

	/// Ends what nobody took in time.
	async fn expire(&self) {
		let now = self.market.buyer.now().await.unwrap();
		for job in &self.jobs {
			let Some(found) = self.market.buyer.job(*job).await.unwrap() else { continue };
			if found.state.deal().is_none() && found.state.until() < now {
				self.market.buyer.settle(*job).await.unwrap();
			}
		}
	}
}

async fn simulate(seed: u64) -> (usize, usize) {
	let mut schedule = Schedule::new(seed).await;
	let mut turns = 0;
	while !schedule.is_over().await {
		schedule.turn().await;
		schedule.expire().await;
		turns += 1;
		assert!(turns < MOST_TURNS, "seed {seed}: {:?} do not end", schedule.jobs);
	}
	hook::set(None, 0);
	let mut settled = 0;
	for job in &schedule.jobs {
		let verdict = schedule.market.verdict(*job).await;
		match verdict {
			Some(Verdict::Settled) => settled += 1,
			Some(Verdict::Refunded(RefundReason::Expired)) => {}
			other => panic!("seed {seed}: job {job} ended with {other:?}"),
		}
	}
	let seen = schedule.market.provider.seen();
	for one in &seen {
		let again = seen
			.iter()
			.filter(|other| (other.job, other.what, &other.error) == (one.job, one.what, &None));
		assert!(again.count() <= 1, "seed {seed}: {one:?} took effect twice");
		let expected = matches!(one.what, What::Accept | What::Settle);
		assert!(one.error.is_none() || expected, "seed {seed}: {one:?}");
	}
	(settled, schedule.kills)
}

#[tokio::test]
async fn no_schedule_costs_an_honest_worker_its_stake() {
	let (mut settled, mut kills) = (0, 0);
	for seed in 0..SEEDS {
		let (more, killed) = simulate(seed).await;
		settled += more;
		kills += killed;
	}
	assert!(settled > SEEDS as usize, "most jobs were done: {settled}");
	assert!(kills > SEEDS as usize, "many were killed: {kills}");
}
