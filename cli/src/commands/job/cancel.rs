//! `mutirao job cancel`.

use clap::Args;
use mutirao_client::{pallets::JobsExt, types::JobId};

use super::session::SessionArgs;
use crate::{
	exit::chain,
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
		let session = self.session.open().await?;
		let buyer = self.session.buyer(&session, &PlaneArgs::default(), &[], format)?;
		let included = buyer.chain.cancel(self.job).await.map_err(chain)?;
		if let Some(mut record) = buyer.records().load(self.job)? {
			record.pay(included.fee);
			crate::job::track::catch_up(buyer.chain, &mut record).await.map_err(chain)?;
			buyer.records().save(&record)?;
		}
		let done = serde_json::json!({
			"job": self.job,
			"verdict": "refunded: cancelled",
			"block": included.block_number,
		});
		Ok(print(format, &done, |_| format!("job {} is withdrawn; its price came back", self.job))?)
	}
}
