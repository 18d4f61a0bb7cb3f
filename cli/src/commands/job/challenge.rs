//! `mutirao job challenge`.

use clap::Args;
use mutirao_client::types::{JobId, Workgroup};
use mutirao_data::store::Stored;

use super::session::SessionArgs;
use crate::{
	exit::{failed, Failure},
	job::{check::CheckArgs, plane::PlaneArgs, record::Check},
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
		let session = self.session.open_for(self.job).await?;
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
					return Err(failed(Failure::NotFound, nothing_wrong(&found)));
				};
				Workgroup { pass, number }
			}
		};
		let buffers = buyer.buffers(&record, &kernel, &store)?;
		let buffers = buffers.iter().map(Stored::bytes).map(<[u8]>::to_vec).collect();
		let challenge = buyer.challenge(&mut record, &kernel, buffers, workgroup).await;
		// A call that was refused has cost its fee, too.
		buyer.records().save(&record)?;
		let upheld = challenge?;
		buyer.catch_up(&mut record).await?;
		buyer.records().save(&record)?;
		let done = serde_json::json!({
			"job": self.job,
			"pass": workgroup.pass,
			"workgroup": workgroup.number,
			"upheld": upheld,
		});
		print(format, &done, |_| match upheld {
			true => "upheld: the provider lied, and pays".into(),
			false => "failed: the provider was right".into(),
		})?;
		match upheld {
			true => Ok(()),
			false => Err(failed(Failure::NotFound, "the chain finds nothing wrong there")),
		}
	}
}

fn nothing_wrong(check: &Check) -> String {
	let Check { workgroups, of, .. } = check;
	match workgroups >= of {
		true => format!("nothing is wrong: all {of} workgroups were computed again"),
		false => format!(
			"nothing wrong was found in {workgroups} of {of} workgroups: look at all of them with --full"
		),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn whoever_has_looked_at_all_of_it_is_not_sent_to_look_again() {
		let check =
			|workgroups| Check { on: "vm".into(), workgroups, of: 9, right: true, wrong: None };
		assert!(nothing_wrong(&check(8)).contains("--full"));
		assert!(!nothing_wrong(&check(9)).contains("--full"));
	}
}
