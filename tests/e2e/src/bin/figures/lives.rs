//! When jobs reached their stages, and what the chain did for them, as its blocks tell.

use anyhow::{bail, Context, Result};
use codec::{Compact, Decode};
use mutirao_client::{
	pallets::JobsEvent,
	types::{JobId, Verdict},
	BlockNumber, Blocks as _, Client, Event,
};
use std::collections::{BTreeMap, BTreeSet};
use subxt::events::Phase;

/// A block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
	/// Its height.
	pub(crate) block: BlockNumber,
	/// Its time, in milliseconds since 1970.
	pub(crate) milliseconds: u64,
}

impl Moment {
	/// Blocks and seconds from here to `later`.
	pub(crate) fn until(self, later: Self) -> (f64, f64) {
		let milliseconds = later.milliseconds as f64 - self.milliseconds as f64;
		(f64::from(later.block) - f64::from(self.block), milliseconds / 1e3)
	}
}

/// Stages of a job, in their order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Stage {
	/// It is on the chain.
	Posted,
	/// A provider took it.
	Accepted,
	/// The provider committed to its results.
	Attested,
	/// All drawn workgroups were right.
	Audited,
	/// The provider was paid.
	Settled,
}

/// All jobs of a chain.
#[derive(Default)]
pub(crate) struct Lives {
	jobs: BTreeMap<JobId, BTreeMap<Stage, Moment>>,
	/// What the extrinsics that did something to a job were charged, in picoseconds of a reference
	/// machine.
	weight: u64,
	next: BlockNumber,
}

impl Lives {
	/// Reads the blocks that became final since the last time.
	///
	/// # Errors
	///
	/// If a job ended otherwise than settled, or the chain cannot be read.
	pub(crate) async fn catch_up(&mut self, client: &Client) -> Result<()> {
		let head = client.finalized_number().await?;
		while self.next <= head {
			self.read(client, self.next).await?;
			self.next += 1;
		}
		Ok(())
	}

	async fn read(&mut self, client: &Client, block: BlockNumber) -> Result<()> {
		let at = client.chain().at_block(u64::from(block)).await?;
		let query = subxt::dynamic::storage::<(), u64>("Timestamp", "Now");
		let milliseconds = match block {
			// Genesis has no time, and no jobs.
			0 => 0,
			_ => at.storage().entry(query)?.fetch(()).await?.decode()?,
		};
		let now = Moment { block, milliseconds };
		let (mut ours, mut weights) = (BTreeSet::new(), BTreeMap::new());
		for event in at.events().fetch().await?.iter() {
			let event = event?;
			let Phase::ApplyExtrinsic(extrinsic) = event.phase() else { continue };
			match (event.pallet_name(), event.event_name()) {
				("Jobs" | "Attestations", _) => {
					ours.insert(extrinsic);
				}
				("System", "ExtrinsicSuccess") => {
					// It begins with the weight: time, then bytes of proof.
					let Compact(time) = Compact::<u64>::decode(&mut event.field_bytes())?;
					weights.insert(extrinsic, time);
				}
				_ => {}
			}
		}
		self.weight += ours.iter().filter_map(|extrinsic| weights.get(extrinsic)).sum::<u64>();
		for event in client.block(block).await?.events {
			if let Event::Jobs(event) = event {
				self.note(&event, now)?;
			}
		}
		Ok(())
	}

	fn note(&mut self, event: &JobsEvent, now: Moment) -> Result<()> {
		let (job, stage) = match event {
			JobsEvent::Posted { job, .. } => (*job, Stage::Posted),
			JobsEvent::Accepted { job, .. } => (*job, Stage::Accepted),
			JobsEvent::Attested { job, .. } => (*job, Stage::Attested),
			JobsEvent::Audited { job, .. } => (*job, Stage::Audited),
			JobsEvent::Finished { job, verdict: Verdict::Settled, .. } => (*job, Stage::Settled),
			JobsEvent::Finished { job, verdict, .. } => bail!("job {job} ended {verdict:?}"),
			_ => return Ok(()),
		};
		self.jobs.entry(job).or_default().insert(stage, now);
		Ok(())
	}

	/// How many jobs have reached a stage.
	pub(crate) fn reached(&self, stage: Stage) -> usize {
		self.jobs.values().filter(|life| life.contains_key(&stage)).count()
	}

	/// Blocks and seconds from one stage to another, of all jobs.
	///
	/// # Errors
	///
	/// If a job has not reached one of them.
	pub(crate) fn between(&self, from: Stage, to: Stage) -> Result<(Vec<f64>, Vec<f64>)> {
		let mut all = Vec::new();
		for (job, life) in &self.jobs {
			let at = |stage| life.get(&stage).with_context(|| format!("job {job}: no {stage:?}"));
			all.push(at(from)?.until(*at(to)?));
		}
		Ok(all.into_iter().unzip())
	}

	/// What the chain's work for a job was charged, in milliseconds of a reference machine: the mean.
	pub(crate) fn weight_milliseconds(&self) -> f64 {
		self.weight as f64 / 1e9 / self.jobs.len().max(1) as f64
	}
}
