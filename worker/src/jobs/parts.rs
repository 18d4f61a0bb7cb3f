//! What the job loop is made of.

use std::{path::PathBuf, sync::Arc, time::Duration};

use mutirao_client::BlockNumber;
use mutirao_data::store::Store;
use mutirao_types::{ActiveBlocks, OfferId};

use crate::{
	chain::Submitter,
	funds::Purse,
	gpu::{DeviceInfo, Pool, SelfCheck},
};

use super::{
	inputs::{Inputs, Sources},
	Journal, Policy, What,
};

/// An offer on the chain and the device behind it.
#[derive(Clone, Debug)]
pub struct Serving {
	/// The offer.
	pub offer: OfferId,
	/// The device, by which name the pool knows it.
	pub device: DeviceInfo,
}

/// How the loop goes about its work.
#[derive(Clone, Debug)]
pub struct Limits {
	/// How long results are served after their job's end, in active blocks. A day.
	pub keep: ActiveBlocks,
	/// How long a call that was sent may still be included: the `life_blocks` of the account's
	/// [`mutirao_client::SubmitOptions`], and a few.
	pub life: BlockNumber,
	/// The same for a call that takes a job: [`mutirao_client::ACCEPT_LIFE`], and a few.
	pub accept_life: BlockNumber,
	/// Jobs whose inputs are fetched at a time; of one buyer half as many, at least one.
	pub fetches: usize,
	/// Calls of one job that are sent at a time.
	pub calls: usize,
	/// Times that a job is computed, on whatever device, before it is given up.
	pub attempts: u8,
	/// How thoroughly results are checked before they are attested.
	pub check: SelfCheck,
	/// How long a graceful stop waits for calls that are on their way.
	pub stop: Duration,
}

impl Default for Limits {
	fn default() -> Self {
		Self {
			keep: 28_800,
			life: 72,
			accept_life: 24,
			fetches: 4,
			calls: 4,
			attempts: 3,
			check: SelfCheck::default(),
			stop: Duration::from_secs(30),
		}
	}
}

impl Limits {
	/// How long such a call may still be included once it was sent, in blocks.
	pub(super) fn life_of(&self, what: What) -> BlockNumber {
		match what {
			What::Accept => self.life.min(self.accept_life),
			_ => self.life,
		}
	}
}

/// What the job loop is made of.
pub struct Parts<C> {
	/// The provider's account on the chain.
	pub chain: C,
	/// The account that pays for its calls.
	pub purse: Arc<dyn Purse>,
	/// The buffers.
	pub store: Store,
	/// What survives.
	pub journal: Arc<Journal>,
	/// The devices.
	pub pool: Pool,
	/// The offers that this worker serves.
	pub serving: Vec<Serving>,
	/// Devices without an offer, on which a job is computed if its own device fails.
	pub spare: Vec<DeviceInfo>,
	/// Which jobs are taken.
	pub policy: Policy,
	/// How it goes about its work.
	pub limits: Limits,
	/// Sends calls.
	pub submitter: Submitter,
	/// The folder for work in progress.
	pub folder: PathBuf,
	/// Where inputs come from.
	pub inputs: Arc<dyn Inputs>,
	/// Where buyers said that inputs can be fetched.
	pub sources: Arc<Sources>,
}
