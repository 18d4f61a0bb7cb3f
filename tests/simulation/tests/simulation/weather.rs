//! What befalls the chain, the line and the worker's machine.

use crate::schedule::Simulation;
use mutirao_client::BlockNumber;
use mutirao_runtime::{Jobs, RuntimeOrigin, SafeMode};
use mutirao_types::JobState;
use mutirao_worker::fault::{hook, POINTS};

/// The longest time for which no node answers, the worker's node does not follow, or the worker's
/// machine is off: less than half of the time in which the worker sends again whatever is missing.
const LONGEST_TROUBLE: BlockNumber = 8;
/// In some schedules no node answers for so long, once: for more than half of the time to open.
const LONG_LOSS: std::ops::RangeInclusive<BlockNumber> = 30..=60;
/// Most safe modes are shorter than any stage of a job; some are longer than all of them.
const SAFE_MODE: std::ops::Range<BlockNumber> = 3..60;
const LONG_SAFE_MODE: std::ops::Range<BlockNumber> = 100..400;
/// From one of these to the next, at least.
const CALM: BlockNumber = 30;
/// From one kill at a fault point to the next, at least.
const BETWEEN_KILLS: BlockNumber = 10;
/// More blocks than the chain remembers randomness of.
const LONG_STOP: BlockNumber = 530;

/// For a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trouble {
	NoNodeAnswers,
	NodeDoesNotFollow,
	MachineIsOff,
}

impl Simulation {
	/// What goes wrong from now on, and what does not any more.
	pub(crate) async fn change_weather(&mut self) {
		let number = self.number();
		if self.trouble.is_some_and(|(_, until)| number >= until) {
			self.end_trouble();
		}
		if self.safe_mode_until.is_some_and(|until| number >= until) {
			self.leave_safe_mode();
		}
		match self.random.u8(0..100) {
			0..6 if self.trouble.is_none() && number >= self.calm_until => {
				self.begin_trouble(number).await;
			}
			6..8 if self.safe_mode_until.is_none() => {
				let blocks = match self.random.u8(0..16) {
					0 => self.random.u32(LONG_SAFE_MODE),
					_ => self.random.u32(SAFE_MODE),
				};
				self.enter_safe_mode();
				self.safe_mode_until = Some(number + blocks);
			}
			8..20 if number >= self.next_kill => self.arm(number),
			20..35 if self.may_stop_long => self.stop_long(),
			_ => {}
		}
	}

	async fn begin_trouble(&mut self, number: BlockNumber) {
		let kinds = [Trouble::NoNodeAnswers, Trouble::NodeDoesNotFollow, Trouble::MachineIsOff];
		let kind = kinds[self.random.usize(..kinds.len())];
		let mut blocks = self.random.u32(1..=LONGEST_TROUBLE);
		if kind == Trouble::NoNodeAnswers && self.may_be_lost {
			self.may_be_lost = false;
			self.losses += 1;
			blocks = self.random.u32(LONG_LOSS);
		}
		self.trouble = Some((kind, number + blocks));
		self.network(|network| network.note(format!("{kind:?}, for {blocks} blocks")));
		match kind {
			Trouble::NoNodeAnswers => self.account.ends().line.is_down = true,
			Trouble::NodeDoesNotFollow => self.network(|network| network.set_following(false)),
			Trouble::MachineIsOff => self.kill(blocks).await,
		}
	}

	pub(crate) fn end_trouble(&mut self) {
		let Some((kind, _)) = self.trouble.take() else { return };
		self.account.ends().line.is_down = false;
		self.network(|network| {
			network.set_following(true);
			network.note(format!("no more: {kind:?}"));
		});
		self.calm_until = self.number() + CALM;
	}

	fn enter_safe_mode(&mut self) {
		self.safe_modes += 1;
		self.network(|network| {
			network.note("safe mode");
			let entered = network.chain.run(|| SafeMode::force_enter(RuntimeOrigin::root()));
			entered.expect("root may");
		});
	}

	pub(crate) fn leave_safe_mode(&mut self) {
		if self.safe_mode_until.take().is_some() {
			self.network(|network| {
				network.note("safe mode is over");
				let left = network.chain.run(|| SafeMode::force_exit(RuntimeOrigin::root()));
				left.expect("root may");
			});
		}
	}

	/// A stop in which the chain forgets the randomness of what was attested before.
	fn stop_long(&mut self) {
		let jobs = self.jobs.clone();
		let is_attested =
			|job| Jobs::job(job).is_some_and(|job| matches!(job.state, JobState::Attested { .. }));
		let attested = self
			.network(|network| network.chain.run(|| jobs.iter().any(|(job, _)| is_attested(*job))));
		if !attested || self.safe_mode_until.is_some() {
			return;
		}
		self.may_stop_long = false;
		self.long_stops += 1;
		self.enter_safe_mode();
		self.safe_mode_until = Some(0);
		self.network(|network| (0..LONG_STOP).for_each(|_| network.block(1)));
		self.leave_safe_mode();
	}

	/// Has the worker killed at some point.
	fn arm(&mut self, number: BlockNumber) {
		let point = POINTS[self.random.usize(..POINTS.len())];
		hook::set(Some(point), self.random.usize(0..3));
		self.network(|network| network.note(format!("to be killed at {point}")));
		self.next_kill = number + BETWEEN_KILLS;
	}

	/// Kills the worker where it stands.
	pub(crate) async fn kill(&mut self, blocks: BlockNumber) {
		self.running = None;
		// A process that is killed has nothing left.
		for _ in 0..10 {
			tokio::task::yield_now().await;
		}
		hook::set(None, 0);
		self.kills += 1;
		let number = self.number();
		self.down_until = number + blocks;
		self.next_kill = number + BETWEEN_KILLS;
		self.network(|network| network.note("the worker is killed"));
	}
}
