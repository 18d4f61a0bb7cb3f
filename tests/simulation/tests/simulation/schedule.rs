//! What happens, block after block: to the chain, to the line, to the worker, in the market.

use crate::{
	account::HotAccount,
	line::{Chances, Line},
	market::{Market, Work, KINDS, PROVIDER},
	network::Network,
	provider::{Disk, Running},
	weather::Trouble,
};
use fastrand::Rng;
use mutirao_client::BlockNumber;
use mutirao_runtime::Jobs;
use mutirao_types::JobId;
use mutirao_worker::fault::hook;
use std::collections::BTreeSet;

/// The longest time in which a killed worker starts again.
const LONGEST_RESTART: BlockNumber = 3;

/// How a schedule is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Weather {
	/// Nothing goes wrong.
	Calm,
	/// Anything may.
	Rough,
}

/// A chain, a worker, and all that befalls them.
pub(crate) struct Simulation {
	pub(crate) seed: u64,
	pub(crate) account: HotAccount,
	pub(crate) disk: Disk,
	pub(crate) works: Vec<Work>,
	/// Jobs that were posted, and which work each is.
	pub(crate) jobs: Vec<(JobId, usize)>,
	pub(crate) kills: usize,
	pub(crate) long_stops: usize,
	/// Times that no node answered for long.
	pub(crate) losses: usize,
	pub(crate) safe_modes: usize,
	pub(crate) running: Option<Running>,
	pub(crate) weather: Weather,
	pub(crate) random: Rng,
	pub(crate) to_post: usize,
	pub(crate) demanded: BTreeSet<(JobId, bool)>,
	pub(crate) trouble: Option<(Trouble, BlockNumber)>,
	pub(crate) calm_until: BlockNumber,
	pub(crate) safe_mode_until: Option<BlockNumber>,
	pub(crate) down_until: BlockNumber,
	pub(crate) next_kill: BlockNumber,
	pub(crate) may_stop_long: bool,
	pub(crate) may_be_lost: bool,
}

impl Simulation {
	/// The schedule of a seed.
	pub(crate) fn new(seed: u64, weather: Weather) -> Self {
		let mut random = Rng::with_seed(seed);
		let Market { chain, works } = Market::new(random.usize(..KINDS));
		let network = Network::new(chain);
		let number = network.number();
		let rough = weather == Weather::Rough;
		let mut chance = |most| if rough { random.u32(0..most) } else { 0 };
		let chances = Chances { reads: chance(40), slow_reads: chance(10), calls: chance(400) };
		let account = HotAccount::new(PROVIDER, network, Line::new(seed, chances));
		hook::set(None, 0);
		Self {
			seed,
			disk: Disk::new(&works, seed),
			account,
			works,
			jobs: Vec::new(),
			kills: 0,
			long_stops: 0,
			losses: 0,
			safe_modes: 0,
			running: None,
			weather,
			to_post: random.usize(1..4),
			demanded: BTreeSet::new(),
			trouble: None,
			calm_until: number,
			safe_mode_until: None,
			down_until: number,
			next_kill: number,
			may_stop_long: rough && random.u8(0..16) == 0,
			may_be_lost: rough && random.u8(0..3) == 0,
			random,
		}
	}

	/// About a block's time.
	pub(crate) async fn tick(&mut self) {
		self.pass_time();
		if self.weather == Weather::Rough {
			self.change_weather().await;
		}
		if self.safe_mode_until.is_none() {
			self.post();
			self.demand();
			self.expire();
		}
		self.work().await;
	}

	/// Whether all that was to be asked for was asked for, and has ended.
	pub(crate) fn is_over(&mut self) -> bool {
		let jobs = self.jobs.clone();
		let live = self.network(|network| {
			network.chain.run(|| jobs.iter().any(|(job, _)| Jobs::job(*job).is_some()))
		});
		self.to_post == 0 && !live
	}

	/// The storm passes.
	pub(crate) async fn calm_down(&mut self) {
		hook::set(None, 0);
		self.end_trouble();
		self.leave_safe_mode();
		self.account.ends().line.mend();
		self.weather = Weather::Calm;
	}

	pub(crate) fn network<R>(&self, f: impl FnOnce(&mut Network) -> R) -> R {
		f(&mut self.account.ends().network)
	}

	pub(crate) fn number(&self) -> BlockNumber {
		self.network(|network| network.number())
	}

	fn pass_time(&mut self) {
		let slots = match self.random.u8(0..100) {
			_ if self.weather == Weather::Calm => 1,
			// No block for a minute, or for an hour: the wall clock jumps, deadlines do not.
			0 => self.random.u64(100..1_200),
			1..4 => self.random.u64(2..20),
			_ => 1,
		};
		self.network(|network| {
			if slots > 1 {
				network.note(format!("no block for {slots} slots"));
			}
			network.block(slots);
		});
	}

	/// Some rounds, and most of what they start.
	async fn work(&mut self) {
		if self.number() < self.down_until {
			return;
		}
		let (disk, account) = (&self.disk, &self.account);
		let running = self.running.get_or_insert_with(|| disk.start(account));
		// In some schedules it must find demands without having seen the blocks.
		if !self.seed.is_multiple_of(4) {
			running.watch();
		}
		let worker = &mut running.worker;
		let mut died = None;
		for _ in 0..self.random.u8(1..4) {
			died = died.or(worker.round().await.err());
			// Sometimes blocks pass while something is under way.
			while died.is_none() && !worker.is_idle() && self.random.u8(0..10) > 0 {
				died = worker.landed().await.err();
			}
		}
		if hook::stopped() {
			let blocks = self.random.u32(0..=LONGEST_RESTART);
			self.kill(blocks).await;
		} else if let Some(error) = died {
			panic!("the worker stopped by itself: {error}");
		}
	}
}

impl Drop for Simulation {
	fn drop(&mut self) {
		// Of a schedule that is run alone, people want to see what happened.
		let is_alone = std::env::var("SIMULATION_SEEDS").is_ok_and(|count| count == "1");
		if std::thread::panicking() || is_alone {
			let log = self.network(|network| network.log.join("\n"));
			eprintln!(
				"{log}\nThat was seed {}: `scripts/simulate 1 {0}` runs it again.",
				self.seed
			);
		}
	}
}
