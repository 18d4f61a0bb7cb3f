//! What is left to do when a job is over.

use std::fs;

use mutirao_client::Chain;
use mutirao_types::{ActiveBlock, Verdict};

use crate::fault;

use super::{
	record::{Ended, Record},
	shared::{blocking, ActError, Shared},
};

impl<C: Chain> Shared<C> {
	/// Remembers how a job ended, and counts what it earned.
	pub(super) fn conclude(
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
		fault::point("before-conclude");
		let ended = Record { ended: Some(Ended { verdict, at }), ..record.clone() };
		self.parts.journal.conclude(&ended, |earnings| earnings.count(&ended, verdict))?;
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
