//! `mutirao job submit`.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use mutirao_client::types::{BufferId, OfferId};
use mutirao_machine_core::bytecode::Role;

use super::{report::conclude, session::SessionArgs};
use crate::{
	commands::kernel::inputs::{Assignment, JobArgs},
	exit::{failed, Failure},
	job::{
		check::CheckArgs,
		contest::ContestArgs,
		kernel::Kernel,
		place::Wishes,
		plane::{PlaneArgs, SourceArgs},
		request::{TermsArgs, Work},
		save,
		wanted::WantedArgs,
	},
	output::{print, Format},
};

/// Arguments of `submit`.
#[derive(Args)]
pub(crate) struct Submit {
	/// A kernel of the catalogue, a registered program's hash, a kernel's folder or a program's file.
	kernel: String,
	#[command(flatten)]
	job: JobArgs,
	#[command(flatten)]
	wanted: WantedArgs,
	/// This offer and no other.
	#[arg(long, conflicts_with = "open")]
	offer: Option<OfferId>,
	/// Whoever fits and accepts first.
	#[arg(long)]
	open: bool,
	#[command(flatten)]
	terms: TermsArgs,
	#[command(flatten)]
	check: CheckArgs,
	#[command(flatten)]
	contest: ContestArgs,
	/// Go on to the end: fetch, check, write outputs and receipt.
	#[arg(long)]
	wait: bool,
	/// Stop waiting after so many seconds; `job watch` goes on.
	#[arg(long, value_name = "SECONDS")]
	patience: Option<u64>,
	/// A folder for the outputs, one raw file each.
	#[arg(long, value_name = "FOLDER")]
	to: Option<PathBuf>,
	/// An output, as NAME=FILE: PNG, .npy, .txt or raw, by the file's name, or with a format before it:
	/// i32:FILE.
	#[arg(long = "save", value_name = "NAME=FILE")]
	saves: Vec<Assignment>,
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

impl Submit {
	/// Has the work done.
	pub(crate) async fn run(self: Box<Self>, format: Format) -> anyhow::Result<()> {
		let session = self.session.open().await?;
		let buyer = self.session.buyer(&session, &self.plane, &self.source.sources, format)?;
		let kernel = Kernel::find(buyer.chain, &self.kernel).await?;
		let parameters = self.job.parameters(&kernel.program)?;
		let inputs = self.job.inputs(&kernel.program, &parameters)?;
		check_lengths(&kernel, &parameters, &inputs)?;
		let outputs: Vec<_> =
			kernel.with_role(Role::Output).into_iter().map(|(_, name)| name).collect();
		let given: Vec<_> =
			self.saves.iter().map(|save| (save.name.clone(), save.value.clone())).collect();
		let wishes = Wishes {
			requirements: self.wanted.requirements(),
			max_price: self.wanted.max_price,
			offer: self.offer,
			open: self.open,
			samples: self.terms.audits,
			times: self.terms.times(),
			save: save::plan(&outputs, &given, self.to.as_deref())?,
			full: self.check.full,
		};
		save::check(&wishes.save, &kernel, &parameters)?;
		let ids = inputs.iter().map(|input| BufferId::of(input)).collect();
		let work = Work { kernel: kernel.clone(), parameters, inputs: ids };
		let working = async {
			let mut record =
				buyer.place(&session.client, &work, &inputs, &wishes, self.wait).await?;
			if self.wait {
				let patience = self.patience.map(Duration::from_secs);
				buyer.finish(&mut record, &kernel, &self.check, &self.contest, patience).await?;
			}
			anyhow::Ok(record)
		};
		let record = buyer.unless_stopped(working, tokio::signal::ctrl_c()).await?;
		match self.wait {
			true => conclude(&buyer, &record, self.receipt.as_deref(), format),
			false => Ok(print(format, &record, |record| {
				format!("job {job}: go on with `mutirao job watch {job}`", job = record.job)
			})?),
		}
	}
}

fn check_lengths(kernel: &Kernel, parameters: &[u32], inputs: &[Vec<u8>]) -> anyhow::Result<()> {
	let summary = kernel.summary(parameters)?;
	for ((index, name), bytes) in kernel.with_role(Role::Input).into_iter().zip(inputs) {
		let (wanted, found) = (4 * u64::from(summary.buffer_words[index]), bytes.len() as u64);
		if wanted != found {
			let message =
				format!("input `{name}` has {found} bytes; for these parameters it has {wanted}");
			return Err(failed(Failure::Input, message));
		}
	}
	Ok(())
}
