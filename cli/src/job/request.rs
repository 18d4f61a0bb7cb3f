//! A job as it is posted.

use clap::Args;
use mutirao_client::{
	types::{
		buffer::JobBuffers, program::Parameters, BufferId, JobRequest, Requirements, Target, Times,
	},
	Balance,
};

use super::kernel::Kernel;
use crate::{
	exit::{failed, Failure},
	show::BLOCK_SECONDS,
};

/// How much is checked, and how long each stage may last.
#[derive(Args, Clone, Debug)]
pub(crate) struct TermsArgs {
	/// Workgroups that the chain draws and computes again.
	#[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
	pub(crate) audits: u8,
	/// Seconds in which an offer must take the job, before the next one is asked.
	#[arg(long, value_name = "SECONDS", default_value_t = 60)]
	accept_within: u32,
	/// Seconds from acceptance in which the provider must be done.
	#[arg(long, value_name = "SECONDS", default_value_t = 600)]
	timeout: u32,
	/// Seconds after the audit in which the result can be contested. Outputs are fetched and checked
	/// in this time, and the provider is paid after it.
	#[arg(long, value_name = "SECONDS", default_value_t = 60)]
	contest_for: u32,
}

impl TermsArgs {
	/// The spans in blocks.
	pub(crate) fn times(&self) -> Times {
		let blocks = |seconds: u32| seconds.div_ceil(BLOCK_SECONDS as u32).max(1);
		Times {
			accept_within: blocks(self.accept_within),
			attest_within: blocks(self.timeout),
			contest_for: blocks(self.contest_for).max(10),
		}
	}
}

/// What is computed, on what.
#[derive(Clone, Debug)]
pub(crate) struct Work {
	pub(crate) kernel: Kernel,
	pub(crate) parameters: Vec<u32>,
	pub(crate) inputs: Vec<BufferId>,
}

impl Work {
	/// The job as it is posted.
	pub(crate) fn request(
		&self,
		target: Target,
		requirements: Requirements,
		price_cap: Balance,
		samples: u8,
		times: Times,
	) -> anyhow::Result<JobRequest<Balance>> {
		let too_many = |what| failed(Failure::Input, format!("a job cannot have so many {what}"));
		let parameters = Parameters::try_from(self.parameters.clone());
		let inputs = JobBuffers::try_from(self.inputs.clone());
		Ok(JobRequest {
			program: self.kernel.id,
			parameters: parameters.map_err(|_| too_many("parameters"))?,
			inputs: inputs.map_err(|_| too_many("inputs"))?,
			target,
			requirements,
			price_cap,
			samples,
			times,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn seconds_become_whole_blocks_within_the_chains_bounds() {
		let terms = TermsArgs { audits: 4, accept_within: 0, timeout: 601, contest_for: 5 };
		let times = terms.times();
		assert_eq!((times.accept_within, times.attest_within, times.contest_for), (1, 201, 10));
	}
}
