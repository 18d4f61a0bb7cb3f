//! How the job loop stands, for whoever watches it.

use mutirao_client::BlockNumber;
use mutirao_types::{ActiveBlock, JobId, OfferId};
use serde::Serialize;

use super::Earnings;
use crate::funds::Funds;

/// The loop after its last round.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Status {
	/// The last finalised block that it looked at.
	pub block: BlockNumber,
	/// The clock of deadlines there.
	pub now: ActiveBlock,
	/// Whether it takes new jobs.
	pub accepting: bool,
	/// Whether the chain stands still: calls wait until it goes on.
	pub stands_still: bool,
	/// The jobs that it has, by number.
	pub jobs: Vec<JobStatus>,
	/// How the money for fees stands; `None` before the first round.
	pub funds: Option<Funds>,
	/// Open jobs that it does not take, and why.
	pub refused: Vec<(JobId, String)>,
	/// What it earned.
	pub earnings: Earnings,
}

/// A job of the loop.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JobStatus {
	/// The job.
	pub job: JobId,
	/// The offer that it is on.
	pub offer: OfferId,
	/// What is done or waited for, such as `Compute`.
	pub step: String,
	/// The last moment to do what is owed; `None` if nothing is.
	pub until: Option<ActiveBlock>,
	/// How far the device is, from 0 to 1, while it computes.
	pub progress: Option<f32>,
	/// What went wrong last.
	pub error: Option<String>,
}
