//! `mutirao job challenge`.

use clap::Args;
use mutirao_client::types::{JobId, Workgroup};
use mutirao_data::store::Stored;

use super::session::SessionArgs;
use crate::{
	exit::{chain, failed, Failure},
	job::{check::CheckArgs, plane::PlaneArgs, track::catch_up},
	output::{print, Format},
};

/// Arguments of `challenge`.
#[derive(Args)]
pub(crate) struct Challenge {
	/// The job's number.
	job: JobId,
	/// The pass of the workgroup to challenge; without it, the first wrong one is looked for.
	#[arg(long, requires = "workgroup", conflicts_with_all = ["full", "check", "gpu"])]
	pass: Option<u16>,
	/// The workgroup's number in its pass.
	#[arg(long, requires = "pass")]
	workgroup: Option<u32>,
	#[command(flatten)]
	check: CheckArgs,
	#[command(flatten)]
	plane: PlaneArgs,
	#[command(flatten)]
	session: SessionArgs,
}

impl Challenge {
	/// Challenges a workgroup.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let session = self.session.open().await?;
		let buyer = self.session.buyer(&session, &self.plane, &[], format)?;
		let (mut record, kernel) = buyer.known(self.job).await?;
		let store = buyer.store(self.job)?;
		buyer.fetch(&record, &store).await?;
		let workgroup = match (self.pass, self.workgroup) {
			(Some(pass), Some(number)) => Workgroup { pass, number },
			_ => {
				let found = buyer.verify(&record, &kernel, &store, &self.check).await?;
				record.check = Some(found.clone());
				buyer.records().save(&record)?;
				let Some((pass, number)) = found.wrong else {
					let message = "nothing wrong was found: look at all of it with --full";
					return Err(failed(Failure::NotFound, message));
				};
				Workgroup { pass, number }
			}
		};
		let buffers = buyer.buffers(&record, &kernel, &store)?;
		let buffers = buffers.iter().map(Stored::bytes).map(<[u8]>::to_vec).collect();
		let challenge = buyer.challenge(&mut record, &kernel, buffers, workgroup);
		let upheld = challenge.await?;
		catch_up(buyer.chain, &mut record).await.map_err(chain)?;
		buyer.records().save(&record)?;
		let done = serde_json::json!({
			"job": self.job,
			"pass": workgroup.pass,
			"workgroup": workgroup.number,
			"upheld": upheld,
		});
		Ok(print(format, &done, |_| match upheld {
			true => "upheld: the provider lied, and pays".into(),
			false => "failed: the provider was right".into(),
		})?)
	}
}
