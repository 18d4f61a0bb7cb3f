//! `mutirao job cancel`.

use clap::Args;
use mutirao_client::{pallets::JobsCall, types::JobId, Submit as _};

use super::session::SessionArgs;
use crate::{
	exit::{chain, failed, Failure},
	job::plane::PlaneArgs,
	output::{print, Format},
};

/// Arguments of `cancel`.
#[derive(Args)]
pub(crate) struct Cancel {
	/// The job's number.
	job: JobId,
	#[command(flatten)]
	session: SessionArgs,
}

impl Cancel {
	/// Withdraws the job.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let session = self.session.open_for(self.job).await?;
		let buyer = self.session.buyer(&session, &PlaneArgs::default(), &[], format)?;
		let (call, job) = (JobsCall::Cancel { job: self.job }, self.job);
		let included = match buyer.records().load(job)? {
			None => buyer.chain.submit(call.into()).await,
			Some(mut record) => {
				let made = buyer.call(&mut record, call).await;
				buyer.catch_up(&mut record).await?;
				buyer.records().save(&record)?;
				made
			}
		};
		let included = included.map_err(|error| match error.pallet_error() {
			Some(("Jobs", "NotOpen")) => failed(
				Failure::Call,
				format!("job {job} was accepted before: go on with `mutirao job watch {job}`"),
			),
			_ => chain(error),
		})?;
		let done = serde_json::json!({
			"job": self.job,
			"verdict": "refunded: cancelled",
			"block": included.block_number,
		});
		Ok(print(format, &done, |_| format!("job {} is withdrawn; its price came back", self.job))?)
	}
}
