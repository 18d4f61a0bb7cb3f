//! `mutirao job fetch`.

use std::path::PathBuf;

use clap::Args;
use mutirao_client::types::JobId;

use super::session::SessionArgs;
use crate::{
	commands::kernel::inputs::Assignment,
	exit::{failed, Failure},
	job::{check::CheckArgs, plane::PlaneArgs, save},
	output::{print, Format},
	show,
};

/// Arguments of `fetch`.
#[derive(Args)]
pub(crate) struct Fetch {
	/// The job's number.
	job: JobId,
	/// A folder for the outputs, one raw file each.
	#[arg(long, value_name = "FOLDER")]
	to: Option<PathBuf>,
	/// An output, as NAME=FILE; see `job submit`.
	#[arg(long = "save", value_name = "NAME=FILE")]
	saves: Vec<Assignment>,
	#[command(flatten)]
	check: CheckArgs,
	#[command(flatten)]
	plane: PlaneArgs,
	#[command(flatten)]
	session: SessionArgs,
}

impl Fetch {
	/// Fetches, checks and writes the outputs of a job that was attested.
	pub(crate) async fn run(self, format: Format) -> anyhow::Result<()> {
		let session = self.session.open_for(self.job).await?;
		let buyer = self.session.buyer(&session, &self.plane, &[], format)?;
		let (mut record, kernel) = buyer.known(self.job).await?;
		if record.transcript.is_empty() {
			let message = format!("nothing was attested for job {} (or it was not seen)", self.job);
			return Err(failed(Failure::Unfinished, message));
		}
		let given: Vec<_> = self.saves.iter().map(|s| (s.name.clone(), s.value.clone())).collect();
		if self.to.is_some() || !given.is_empty() {
			record.save = save::plan(&record.outputs, &given, self.to.as_deref())?;
			save::check(&record.save, &kernel, &record.values())?;
		}
		let store = buyer.store(self.job)?;
		buyer.fetch(&record, &store).await?;
		record.check = Some(buyer.verify(&record, &kernel, &store, &self.check).await?);
		buyer.records().save(&record)?;
		let written = save::write(&record, &store)?;
		print(format, &written.outputs, |outputs| {
			let line = |output: &crate::job::receipt::Output| {
				let place = output.file.as_deref().unwrap_or("not saved: give --to FOLDER");
				format!("{}: {}, {place}\n", output.name, show::bytes(output.bytes))
			};
			outputs.iter().map(line).collect()
		})?;
		match record.check.as_ref().is_some_and(|check| check.right) {
			true => written.all(&record),
			false => {
				let message = format!(
					"the result is wrong: do not use it, and `mutirao job challenge {}`",
					self.job
				);
				Err(failed(Failure::Wrong, message))
			}
		}
	}
}
