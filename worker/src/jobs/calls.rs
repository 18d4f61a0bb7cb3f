//! Making a call about a job, and remembering that it is on its way.

use std::future::Future;

use mutirao_client::{BlockNumber, Call, Chain, Error};
use mutirao_types::JobId;

use crate::chain::{Outcome, SubmitError};

use super::{error::ActError, parts::Parts, shared::Shared, standstill::is_filtered, What};

impl<C: Chain> Shared<C> {
	/// Makes a call about a job of the journal, unless the chain says that it is not due, or stands still. That it is on
	/// its way is in the journal before it is sent, until its effect is seen or it is known to have none.
	pub(super) async fn call<D>(
		&self,
		job: JobId,
		what: What,
		call: Call,
		is_due: impl Fn() -> D + Send + Sync,
	) -> Result<Outcome, ActError>
	where
		D: Future<Output = Result<bool, Error>> + Send,
	{
		let Parts { chain, journal, limits, submitter, .. } = &self.parts;
		let note = |until| journal.change(job, |record| record.note_sent(what, until)).map(drop);
		let sending = |block: BlockNumber| note(block.saturating_add(limits.life_of(what)));
		let is_due = || {
			let asking = is_due();
			async move { Ok(!self.stands_still() && asking.await?) }
		};
		match submitter.send(chain, call, is_due, sending).await {
			Ok(Outcome::Done(included)) => {
				// Seen from this block on, or a re-org took it away.
				note(included.block_number)?;
				self.note_fee(what, included.fee)?;
				tracing::info!(job, block = included.block_number, "{what:?} took effect");
				Ok(Outcome::Done(included))
			}
			Ok(Outcome::NotDue) => {
				journal.change(job, |record| record.note_lost(what))?;
				Ok(Outcome::NotDue)
			}
			Err(error) => {
				if error.is_certain() {
					journal.change(job, |record| record.note_lost(what))?;
				}
				self.note_filtered(&error).await;
				Err(error.into())
			}
		}
	}

	/// Remembers that the chain takes no calls for as long as its clock shows what it shows now.
	async fn note_filtered(&self, error: &SubmitError) {
		if !matches!(error, SubmitError::Refused { error, .. } if is_filtered(error)) {
			return;
		}
		match self.parts.chain.now().await {
			Ok(now) => self.standstill().refused(now),
			// The clock itself tells, some blocks later.
			Err(error) => tracing::debug!("the clock cannot be read: {error}"),
		}
	}
}
