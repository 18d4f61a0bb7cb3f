//! Looking for a transaction when the node that took it tells nothing any more.

use crate::{
	send::{send_again, Transaction},
	Client, Error, Receipt,
};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How often new blocks are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the chain may stand still before we give up.
const LONGEST_WAIT: Duration = Duration::from_secs(1800);

impl Client {
	/// Looks for a transaction in each finalised block of its life. Over each new connection its bytes
	/// are sent again, because that node's pool may not have them.
	///
	/// # Errors
	///
	/// [`Error::Expired`] when it is certain that no block holds it; [`Error::Unclear`] when it is not
	/// known; [`Error::Failed`].
	pub(crate) async fn track(&self, sent: &Transaction, start: Instant) -> Result<Receipt, Error> {
		let give_up = Instant::now() + LONGEST_WAIT;
		let last = sent.born.saturating_add(sent.life);
		let mut next = sent.born.saturating_add(1);
		let mut sent_over = None;
		while Instant::now() < give_up {
			let (link, at) = match self.latest("the last finalised block").await {
				Ok(latest) => latest,
				Err(error) if error.is_retryable() => break,
				Err(error) => return Err(error),
			};
			let head = at.block_number();
			while next <= head.min(last) {
				match self.find(sent, next, start).await {
					Ok(Some(receipt)) => return Ok(receipt),
					Ok(None) => next = next.saturating_add(1),
					Err(error @ (Error::Failed { .. } | Error::Decode { .. })) => {
						return Err(error)
					}
					Err(error) => {
						log::debug!("looking for {:?} in block {next}: {error}", sent.hash);
						break;
					}
				}
			}
			if next > last {
				return Err(Error::Expired { transaction: sent.hash, blocks: sent.life });
			}
			if sent_over != Some(link.generation) {
				sent_over = Some(link.generation);
				send_again(&link, &at, sent.bytes.clone()).await;
			}
			sleep(LOOK_EVERY).await;
		}
		Err(Error::Unclear { transaction: sent.hash })
	}

	/// The transaction's receipt, if the finalised block at this height holds it.
	async fn find(
		&self,
		sent: &Transaction,
		number: u64,
		start: Instant,
	) -> Result<Option<Receipt>, Error> {
		let wanted = sent.hash;
		let read = self.read("a block", |link, _| async move {
			let at = link.chain.at_block(number).await.map_err(Error::query)?;
			let transactions = at.extrinsics().fetch().await.map_err(Error::query)?;
			let found = transactions.iter().filter_map(Result::ok).find(|t| t.hash() == wanted);
			let Some(found) = found else { return Ok(None) };
			let events = found.events().await.map_err(Error::query)?;
			let after = start.elapsed();
			Receipt::read(&at, events, after, Some(after)).map(Some)
		});
		read.await
	}
}
