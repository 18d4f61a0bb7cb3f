//! Whoever has work done: its chain, its key, its files.

use std::{
	future::Future,
	io,
	path::{Path, PathBuf},
	sync::{Mutex, PoisonError},
};

use mutirao_client::{
	keys::Keypair,
	money,
	terms::JobTerms,
	types::{BufferId, JobId},
	AccountId, Balance, Call, Chain, Error, Included,
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
	/// The job that it has posted and not withdrawn.
	pub(crate) posted: Mutex<Option<JobId>>,
}

impl<C: Chain> Buyer<'_, C> {
	/// Says what happens now.
	pub(crate) fn say(&self, stage: &str, text: impl AsRef<str>) {
		news(self.format, stage, text.as_ref());
	}

	/// Notes which of its jobs is on the chain.
	pub(crate) fn note_posted(&self, job: Option<JobId>) {
		*self.posted.lock().unwrap_or_else(PoisonError::into_inner) = job;
	}

	/// Works to the end, or until the user has enough: then the error says what goes on without them.
	pub(crate) async fn unless_stopped<T>(
		&self,
		working: impl Future<Output = anyhow::Result<T>>,
		enough: impl Future<Output = io::Result<()>>,
	) -> anyhow::Result<T> {
		tokio::select! {
			ended = working => return ended,
			stopped = enough => stopped?,
		}
		let message = match *self.posted.lock().unwrap_or_else(PoisonError::into_inner) {
			Some(job) => format!(
				"stopped; job {job} goes on: follow it with `mutirao job watch {job}`, or withdraw it with \
				 `mutirao job cancel {job}` while nobody has accepted it"
			),
			None => {
				"stopped; no job is known to be posted, but one may be on its way: `mutirao job list` tells"
					.into()
			}
		};
		Err(failed(Failure::Unfinished, message))
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
		self.catch_up(record).await?;
		complete(self.chain, record, &standing).await.map_err(chain)?;
		name_transcript(record, kernel);
		Ok(standing)
	}

	/// Reads what final blocks tell of a job since the last time.
	pub(crate) async fn catch_up(&self, record: &mut Record) -> anyhow::Result<()> {
		let deposit = self.terms.demand_deposit;
		catch_up(self.chain, record, deposit).await.map_err(chain)
	}

	/// Makes a call for a job. Its fee is the job's, be it refused or not.
	pub(crate) async fn call(
		&self,
		record: &mut Record,
		call: impl Into<Call>,
	) -> Result<Included, Error> {
		let made = self.chain.submit(call.into()).await;
		record.pay(made.as_ref().map_or_else(Error::fee, |included| included.fee));
		made
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
	pub(crate) async fn register(&self, kernel: &Kernel) -> anyhow::Result<Balance> {
		if self.chain.program(kernel.id).await.map_err(chain)?.is_some() {
			return Ok(0);
		}
		let text = format!(
			"registering {} ({} bytes): {} are on hold until `mutirao program remove`",
			kernel.name,
			kernel.code.len(),
			money::display(kernel.deposit(&self.terms))
		);
		self.say("registering", text);
		Ok(kernel.register(self.chain).await.map_err(chain)?.fee)
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
