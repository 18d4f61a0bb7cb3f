//! `mutirao job prune`.

use clap::Args;
use mutirao_client::types::JobId;

use super::session::SessionArgs;
use crate::{
	job::plane::PlaneArgs,
	output::{print, Format},
	show,
};

/// Arguments of `prune`.
#[derive(Args)]
pub(crate) struct Prune {
	/// The job's number.
	job: JobId,
	#[command(flatten)]
	session: SessionArgs,
}

impl Prune {
	/// Has the chain forget the job.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let session = self.session.open_for(self.job).await?;
		let buyer = self.session.buyer(&session, &PlaneArgs::default(), &[], format)?;
		let ended = buyer.prune(self.job).await?;
		let done = serde_json::json!({
			"job": self.job,
			"pruned": true,
			"deposit_of": show::address(&ended.buyer),
		});
		Ok(print(format, &done, |_| {
			let of = show::address(&ended.buyer);
			format!("job {} is forgotten; {of} has the deposit for its record back", self.job)
		})?)
	}
}
