//! What is left to do when a job is over, or cannot go on.

use std::fs;

use mutirao_client::Chain;
use mutirao_data::store::StoreError;
use mutirao_types::{ActiveBlock, Verdict};

use crate::fault;

use super::{
	policy::collateral,
	record::{Ended, Record},
	shared::{blocking, Shared},
	ActError, Parts,
};

impl<C: Chain> Shared<C> {
	/// Counts it among a job's failures if the store had no room for its results: computing them again
	/// takes no less. No device is to blame. What became of computing is given back.
	pub(super) fn count_full(
		&self,
		record: &Record,
		outcome: Result<(), ActError>,
	) -> Result<(), ActError> {
		let full = match &outcome {
			Err(ActError::Store(
				full @ (StoreError::Full { .. } | StoreError::DiskFull { .. }),
			)) => full,
			_ => return outcome,
		};
		let Parts { store, journal, limits, .. } = &self.parts;
		store.repin(&record.owner(), &record.request.inputs)?;
		journal.change(record.job, |record| {
			record.failures = record.failures.saturating_add(1);
			if record.failures >= limits.attempts {
				let failures = record.failures;
				record.hopeless = Some(format!("it failed {failures} times, at last: {full}"));
			}
		})?;
		outcome
	}

	/// Remembers how a job ended, and counts what it earned.
	pub(super) async fn conclude(
		&self,
		record: &Record,
		verdict: Verdict,
		at: ActiveBlock,
	) -> Result<(), ActError> {
		let job = record.job;
		match verdict {
			Verdict::Settled => tracing::info!(job, price = record.price, "the job is settled"),
			other => tracing::warn!(job, "the job ended otherwise: {other:?}"),
		}
		let finished = self.parts.chain.finished_job(job).await?;
		let deal = finished.and_then(|finished| finished.deal);
		// Pruned, or never ours: without audit fees, collateral is what a job of this price has at least.
		let collateral = deal.map_or(collateral(record.price, 0), |deal| deal.collateral);
		fault::point("before-conclude");
		let ended = Record { ended: Some(Ended { verdict, at }), ..record.clone() };
		self.parts
			.journal
			.conclude(&ended, |earnings| earnings.count(&ended, collateral, verdict))?;
		fault::point("after-conclude");
		Ok(())
	}

	/// Throws away all that is kept for a job.
	pub(super) async fn forget(&self, record: &Record) -> Result<(), ActError> {
		fault::point("before-forget");
		self.forget_failed(record.job);
		let folder = self.parts.folder.join(record.owner());
		let (store, owner) = (self.parts.store.clone(), record.owner());
		blocking(move || {
			store.unpin(&owner)?;
			// Usually it is empty or not there.
			if let Err(error) = fs::remove_dir_all(&folder) {
				if error.kind() != std::io::ErrorKind::NotFound {
					tracing::warn!("{} cannot be removed: {error}", folder.display());
				}
			}
			Ok(())
		})
		.await?;
		self.parts.journal.remove(record.job)?;
		fault::point("after-forget");
		Ok(())
	}
}
