//! Whoever has work done: its chain, its key, its files.

use std::path::{Path, PathBuf};

use mutirao_client::{
	keys::Keypair,
	terms::JobTerms,
	types::{BufferId, JobId},
	AccountId, Chain,
};
use mutirao_data::store::{Store, Stored};

use super::{
	kernel::Kernel,
	plane::Plane,
	record::{Record, Records},
	track::{catch_up, complete, name_transcript, Standing},
};
use crate::{
	exit::{chain, failed, Failure},
	output::{news, Format},
	show,
};

/// Bytes of one job's buffers, at most.
const QUOTA: u64 = 1 << 40;

/// A buyer at work.
pub(crate) struct Buyer<'a, C> {
	pub(crate) chain: &'a C,
	pub(crate) key: &'a Keypair,
	pub(crate) genesis: [u8; 32],
	pub(crate) chain_name: String,
	pub(crate) terms: JobTerms,
	/// The tool's own folder.
	pub(crate) data: PathBuf,
	pub(crate) plane: Plane,
	pub(crate) format: Format,
}

impl<C: Chain> Buyer<'_, C> {
	/// Says what happens now.
	pub(crate) fn say(&self, stage: &str, text: impl AsRef<str>) {
		news(self.format, stage, text.as_ref());
	}

	/// What is remembered of jobs.
	pub(crate) fn records(&self) -> Records {
		Records::new(&self.data, &self.genesis)
	}

	/// The buffers of a job.
	pub(crate) fn store(&self, job: JobId) -> anyhow::Result<Store> {
		store(&self.data, &self.genesis, job)
	}

	/// The record of a job of this machine.
	pub(crate) fn record(&self, job: JobId) -> anyhow::Result<Record> {
		self.records().load(job)?.ok_or_else(|| {
			let message = format!(
				"this machine did not post job {job} on {}: `mutirao job show {job}` tells what the chain \
				 knows",
				self.chain_name
			);
			failed(Failure::NotFound, message)
		})
	}

	/// A job's record, with all that the chain tells now, and its program.
	pub(crate) async fn known(&self, job: JobId) -> anyhow::Result<(Record, Kernel)> {
		let (mut record, kernel) = self.find(job).await?;
		self.refresh(&mut record, &kernel).await?;
		Ok((record, kernel))
	}

	/// Takes over what the chain tells of a job now; where it stands.
	pub(crate) async fn refresh(
		&self,
		record: &mut Record,
		kernel: &Kernel,
	) -> anyhow::Result<Standing> {
		// The state first: then all events that led to it are among those that are read.
		let standing = Standing::of(self.chain, record.job).await.map_err(chain)?;
		catch_up(self.chain, record).await.map_err(chain)?;
		complete(self.chain, record, &standing).await.map_err(chain)?;
		name_transcript(record, kernel);
		Ok(standing)
	}

	/// Where a provider's data plane answers.
	pub(crate) async fn endpoint(&self, provider: &AccountId) -> anyhow::Result<String> {
		let found = self.chain.provider(*provider).await.map_err(chain)?;
		let endpoint = found.map(|found| String::from_utf8_lossy(&found.endpoint).into_owned());
		endpoint.filter(|url| !url.is_empty()).ok_or_else(|| {
			let message = format!("provider {} names no data plane", show::address(provider));
			failed(Failure::Unavailable, message)
		})
	}

	/// Registers a program that is not on the chain; the fee.
	pub(crate) async fn register(&self, kernel: &Kernel) -> anyhow::Result<u128> {
		if self.chain.program(kernel.id).await.map_err(chain)?.is_some() {
			return Ok(0);
		}
		let text = format!(
			"registering {} ({} bytes): a deposit is held until it is removed",
			kernel.name,
			kernel.code.len()
		);
		self.say("registering", text);
		let call = mutirao_client::pallets::ProgramsCall::Register { code: kernel.code.clone() };
		Ok(self.chain.submit(call.into()).await.map_err(chain)?.fee)
	}

	/// A job's inputs, from its store.
	pub(crate) fn inputs(&self, store: &Store, record: &Record) -> anyhow::Result<Vec<Stored>> {
		let input = |buffer: &super::record::Buffer| {
			let missing = || {
				let message = format!(
					"input {} of job {} is no longer in {}",
					buffer.name,
					record.job,
					self.data.display()
				);
				failed(Failure::Unavailable, message)
			};
			let id: BufferId = buffer.id().ok_or_else(missing)?;
			store.get(&id)?.ok_or_else(missing)
		};
		record.inputs.iter().map(input).collect()
	}
}

/// The buffers of a job, in a folder of their own.
pub(crate) fn store(data: &Path, genesis: &[u8; 32], job: JobId) -> anyhow::Result<Store> {
	let folder = data.join("buffers").join(hex::encode(&genesis[..8])).join(job.to_string());
	crate::keystore::make_private(&folder)?;
	Ok(Store::open(folder, QUOTA)?)
}
