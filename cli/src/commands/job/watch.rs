//! `mutirao job watch`.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use mutirao_client::{types::JobId, AccountId};

use super::{report::conclude, session::SessionArgs};
use crate::{
	exit::{failed, Failure},
	job::{
		check::CheckArgs,
		contest::ContestArgs,
		plane::{PlaneArgs, SourceArgs},
	},
	output::Format,
	show,
};

/// Arguments of `watch`.
#[derive(Args)]
pub(crate) struct Watch {
	/// The job's number.
	job: JobId,
	#[command(flatten)]
	check: CheckArgs,
	#[command(flatten)]
	contest: ContestArgs,
	/// Stop waiting after so many seconds.
	#[arg(long, value_name = "SECONDS")]
	patience: Option<u64>,
	/// Where the receipt goes; without it, into the tool's own folder.
	#[arg(long, value_name = "FILE")]
	receipt: Option<PathBuf>,
	#[command(flatten)]
	plane: PlaneArgs,
	#[command(flatten)]
	source: SourceArgs,
	#[command(flatten)]
	session: SessionArgs,
}

impl Watch {
	/// Goes on where `submit` stopped.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let session = self.session.open_for(self.job).await?;
		let buyer = self.session.buyer(&session, &self.plane, &self.source.sources, format)?;
		let (mut record, kernel) = buyer.find(self.job).await?;
		while let Some(next) = record.replaced_by {
			buyer.say("replaced", format!("job {} was posted again as job {next}", record.job));
			record = buyer.record(next)?;
		}
		if show::parse_account(&record.buyer) != Ok(AccountId::from(session.public_key())) {
			let message = format!(
				"job {} is not yours but {}'s: look at it with `job show`, `job fetch`, `job challenge`",
				record.job, record.buyer
			);
			return Err(failed(Failure::Key, message));
		}
		// As it was submitted.
		let check = CheckArgs { full: self.check.full || record.full, ..self.check };
		buyer.bring_inputs(&session.client, &record).await?;
		let patience = self.patience.map(Duration::from_secs);
		buyer.finish(&mut record, &kernel, &check, &self.contest, patience).await?;
		conclude(&buyer, &record, self.receipt.as_deref(), format)
	}
}
