//! Which jobs are taken: a pure function of a job, an offer, a device and what is free.

mod conditions;

use mutirao_client::{AccountId, Balance};
use mutirao_data::store::Room;
use mutirao_types::{
	units::price_of, ActiveBlock, ActiveBlocks, Job, Offer, OfferId, Permill, Provider,
};

use crate::gpu::DeviceInfo;

use self::conditions::{ensure_fits, ensure_offer_takes_jobs, ensure_requirements, is_for};
use super::Refusal;

/// A block, in seconds.
pub(super) const BLOCK_SECONDS: f64 = 3.0;
/// Blocks before the deadline that are left for calls to become final, twice.
pub(super) const RESERVE: ActiveBlocks = 20;
/// What a device is taken to do if nobody measured it, in steps per second. Slow, so that only small jobs
/// are taken.
pub const UNMEASURED: u64 = 1_000_000;
/// How many times as long a step may take as one of `gemm_i8`, which is what a device's speed is measured
/// with: unless the settings say otherwise. The slowest kernel of the catalogue takes 3.7 times as long
/// (docs/performance.md).
pub const SLOWEST: f64 = 4.0;
/// Collateral of a job, in prices of the job.
const COLLATERAL_FACTOR: Balance = 2;
/// The same at least, in audit fees of the job.
const LEAST_COLLATERAL: Balance = 4;
/// What a job costs that is late or given up: this part of its collateral.
const FAILURE_SHARE: Balance = 4;
/// Of so many jobs one is taken to fail, where costs are reckoned.
const FAILURES: Balance = 100;
/// The treasury's part of a price: one fiftieth.
const PROTOCOL_SHARE: Balance = 50;
const JOULES_PER_KWH: f64 = 3_600_000.0;

/// Which jobs are taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
	/// Whether any is.
	pub accept: bool,
	/// The least that must be left of a price on average, in planck; 0: whatever pays for its energy is
	/// taken.
	pub minimum_profit: Balance,
	/// What energy costs, in planck for a kWh, if it is to be counted.
	pub energy_price: Option<Balance>,
	/// The longest time that a job may compute, in seconds.
	pub max_job_seconds: u64,
	/// How many times the expected time must fit before the deadline; at least 1.
	pub margin: f64,
	/// How many times as long the slowest kernels take as the one that devices are measured with; at
	/// least 1. Deadlines are reckoned with it, since nobody knows which kind a program is.
	pub slowest: f64,
	/// The longest contest window: for so long the disk holds the job's buffers.
	pub max_contest: ActiveBlocks,
}

impl Default for Policy {
	fn default() -> Self {
		Self {
			accept: true,
			minimum_profit: 0,
			energy_price: None,
			max_job_seconds: 3_600,
			margin: 1.5,
			slowest: SLOWEST,
			// Two days.
			max_contest: 57_600,
		}
	}
}

/// What a job is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
	/// The job.
	pub job: &'a Job<AccountId, Balance>,
	/// What it takes of a device and of the store.
	pub needs: &'a Needs,
	/// The clock of deadlines.
	pub now: ActiveBlock,
	/// The offer's number.
	pub offer_id: OfferId,
	/// The offer, as it stands.
	pub offer: &'a Offer<AccountId, Balance>,
	/// We, as we stand.
	pub provider: &'a Provider<Balance>,
	/// The expected share of obligations that we keep.
	pub reputation: Permill,
	/// The device behind the offer.
	pub device: &'a DeviceInfo,
	/// What the store has for the job, less what jobs that were taken before are still to write.
	pub room: Room,
	/// What the device has to compute before, in seconds of an expected kernel.
	pub backlog: f64,
	/// For how long something else keeps the device first, in seconds.
	pub reserved: f64,
}

/// What a job takes of a device and of the store.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Needs {
	/// Its longest buffer, in bytes.
	pub longest_buffer: u64,
	/// What its buffers take on a device at once, at most, in bytes.
	pub memory: u64,
	/// The most iterations that an invocation may make over all its loops; 0 if there are none.
	pub iterations: u64,
	/// What its results take in the store, with their trees, in bytes.
	pub writes: u64,
}

/// What a job that is taken comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
	/// Whether the buyer chose our offer.
	pub directed: bool,
	/// What it pays, in planck.
	pub price: Balance,
	/// What answers for it, in planck.
	pub collateral: Balance,
	/// What is left of the price on average, in planck: after the protocol's fee, energy, and what one job
	/// in a hundred loses that is late or given up.
	pub profit: Balance,
	/// How long it computes, in seconds.
	pub seconds: f64,
}

impl Terms {
	/// What jobs are put in order by: those that a buyer meant for us, then what earns most in a second.
	pub fn rank(&self) -> (bool, f64) {
		(self.directed, self.profit as f64 / self.seconds.max(0.001))
	}
}

/// How long a device takes for so many steps, in seconds.
pub(super) fn seconds(steps: u64, device: &DeviceInfo) -> f64 {
	let speed = device.steps_per_second.unwrap_or(UNMEASURED).max(1);
	steps as f64 / speed as f64
}

/// What answers for a job.
pub(super) fn collateral(price: Balance, audit_fee: Balance) -> Balance {
	let least = audit_fee.saturating_mul(LEAST_COLLATERAL);
	price.saturating_mul(COLLATERAL_FACTOR).max(least)
}

/// Seconds in blocks, rounded up.
pub(super) fn blocks(seconds: f64) -> ActiveBlocks {
	// A float that is too large becomes the largest number.
	(seconds / BLOCK_SECONDS).ceil() as ActiveBlocks
}

impl Policy {
	/// Whether a job is taken on an offer.
	///
	/// # Errors
	///
	/// Why not.
	pub fn judge(&self, facts: &Facts<'_>) -> Result<Terms, Refusal> {
		if !self.accept {
			return Err(Refusal::NotAccepting);
		}
		let directed = is_for(facts)?;
		ensure_offer_takes_jobs(facts)?;
		ensure_requirements(facts)?;
		ensure_fits(facts)?;
		let (price, collateral) = price_and_collateral(facts)?;
		let seconds = seconds(facts.job.declared_steps, facts.device);
		self.ensure_times(facts, seconds)?;
		let profit = self.profit(facts, price, collateral, seconds)?;
		Ok(Terms { directed, price, collateral, profit, seconds })
	}

	fn ensure_times(&self, facts: &Facts<'_>, seconds: f64) -> Result<(), Refusal> {
		if seconds > self.max_job_seconds as f64 {
			let most = self.max_job_seconds;
			return Err(Refusal::TooLong { seconds: whole(seconds), most });
		}
		let times = facts.job.request.times;
		let computing = (seconds + facts.backlog) * self.slowest.max(1.0);
		let needed = computing * self.margin.max(1.0) + facts.reserved;
		let left = times.attest_within.saturating_sub(RESERVE);
		if blocks(needed) > left {
			let needed = blocks(needed).saturating_add(RESERVE);
			return Err(Refusal::DeadlineTooClose { needed, given: times.attest_within });
		}
		if times.contest_for > self.max_contest {
			let (window, most) = (times.contest_for, self.max_contest);
			return Err(Refusal::WindowTooLong { window, most });
		}
		Ok(())
	}

	fn profit(
		&self,
		facts: &Facts<'_>,
		price: Balance,
		collateral: Balance,
		seconds: f64,
	) -> Result<Balance, Refusal> {
		let joules = seconds * f64::from(facts.offer.device.watts);
		let energy = self.energy_price.unwrap_or(0) as f64 * joules / JOULES_PER_KWH;
		let costs = (price / PROTOCOL_SHARE).saturating_add(energy.ceil() as Balance);
		// A job of a small price with a large audit fee has more at stake than it pays.
		let failing = collateral.div_ceil(FAILURE_SHARE).div_ceil(FAILURES);
		let left = price.checked_sub(costs).map(|left| left.saturating_sub(failing));
		match left {
			Some(profit) if profit >= self.minimum_profit => Ok(profit),
			left => {
				let (profit, least) = (left.unwrap_or(0), self.minimum_profit);
				Err(Refusal::TooLittleProfit { profit, least })
			}
		}
	}
}

fn whole(seconds: f64) -> u64 {
	seconds.ceil() as u64
}

fn price_and_collateral(facts: &Facts<'_>) -> Result<(Balance, Balance), Refusal> {
	let Facts { job, offer, provider, .. } = facts;
	let price = price_of(job.declared_steps, offer.terms.price_per_gigastep);
	let price = price.unwrap_or(Balance::MAX).max(offer.terms.minimum_price);
	if price > job.request.price_cap {
		return Err(Refusal::PriceAboveCap { price, cap: job.request.price_cap });
	}
	let collateral = collateral(price, job.audit_fee);
	if collateral > offer.terms.maximum_price.saturating_mul(COLLATERAL_FACTOR) {
		return Err(Refusal::PriceAboveMaximum { maximum: offer.terms.maximum_price });
	}
	let free = provider.stake.saturating_sub(provider.earmarked);
	if collateral > free {
		return Err(Refusal::StakeTooSmall { needed: collateral, free });
	}
	Ok((price, collateral))
}

#[cfg(test)]
mod tests;
