//! Signing, sending, and following a transaction until a block holds it.

use crate::{
	api,
	pallets::JobsCall,
	send::{News, Transaction},
	AccountId, Balance, Call, Client, Config, Error, Receipt,
};
use std::time::{Duration, Instant};
use subxt::{
	transactions::{Payload, Signer, TransactionStatus, ValidationDetails},
	Metadata,
};
use tokio::time::timeout;

/// How long a transaction may be in a pool without news before we look for it ourselves.
const QUIET: Duration = Duration::from_secs(60);
/// Blocks for which a transaction may wait, at least and at most.
const LIFE: std::ops::RangeInclusive<u64> = 4..=4096;

/// Within how many blocks a call that takes a job must be included, at most. Until it is known what
/// became of it the job can be neither done nor left, and meanwhile others may take it.
pub const ACCEPT_LIFE: u64 = 16;

/// How far a transaction is followed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Until {
	/// Until a block holds it. That block may still be replaced by another one.
	InBlock,
	/// Until a block that holds it is final.
	#[default]
	Finalized,
}

/// How a transaction is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SubmitOptions {
	/// How far it is followed.
	pub until: Until,
	/// What the author of its block is given for preferring it, in planck.
	pub tip: Balance,
	/// Within how many blocks it must be included: 4 to 4096, rounded up to a power of two. No
	/// transaction lives for ever: what was lost must be known to be lost some day.
	pub life_blocks: u64,
}

impl Default for SubmitOptions {
	fn default() -> Self {
		Self { until: Until::default(), tip: 0, life_blocks: 64 }
	}
}

impl SubmitOptions {
	/// The same, as far as they suit a call.
	pub(crate) fn suited_to(self, call: &Call) -> Self {
		match call {
			Call::Jobs(JobsCall::Accept { .. }) => {
				Self { life_blocks: self.life_blocks.min(ACCEPT_LIFE), ..self }
			}
			_ => self,
		}
	}

	/// The life that a transaction gets.
	pub(crate) fn life(&self) -> u64 {
		self.life_blocks.clamp(*LIFE.start(), *LIFE.end()).next_power_of_two()
	}
}

impl Client {
	/// Sends `planck` from the signer to another account, and waits until that is final.
	///
	/// # Errors
	///
	/// As [`Self::submit`].
	pub async fn transfer(
		&self,
		from: &(impl Signer<Config> + Sync),
		to: AccountId,
		planck: Balance,
	) -> Result<Receipt, Error> {
		let call = api::transactions().balances().transfer_keep_alive(to.into(), planck);
		self.submit(&call, from).await
	}

	/// Signs a call, submits it, and waits until it is final.
	///
	/// # Errors
	///
	/// [`Error::Failed`] when the call failed, [`Error::Rejected`] when the node refused the transaction,
	/// [`Error::Expired`] when no block took it in time.
	pub async fn submit(
		&self,
		call: &(impl Payload<CallData: Sync> + Sync),
		signer: &(impl Signer<Config> + Sync),
	) -> Result<Receipt, Error> {
		self.submit_with(call, signer, SubmitOptions::default()).await
	}

	/// Signs a call, submits it, and follows it as far as the options say.
	///
	/// Any number may be submitted at once, for one account too: they take effect in the order in which
	/// they were signed. When the connection breaks, the transaction is looked for, and sent again only in
	/// the same bytes, which cannot take effect twice.
	///
	/// # Errors
	///
	/// As [`Self::submit`]; [`Error::Unclear`] when the chain stood still for long.
	pub async fn submit_with(
		&self,
		call: &(impl Payload<CallData: Sync> + Sync),
		signer: &(impl Signer<Config> + Sync),
		options: SubmitOptions,
	) -> Result<Receipt, Error> {
		self.submit_built(|_| Ok(Borrowed(call)), signer, options).await
	}

	/// The same for a call that depends on the chain's metadata.
	pub(crate) async fn submit_built<P: Payload<CallData: Sync> + Send + Sync>(
		&self,
		build: impl Fn(&Metadata) -> Result<P, Error> + Send + Sync,
		signer: &(impl Signer<Config> + Sync),
		options: SubmitOptions,
	) -> Result<Receipt, Error> {
		let start = Instant::now();
		let (transaction, news) = self.send(build, signer, options).await?;
		if let Some(news) = news {
			if let Some(receipt) = self.follow(&transaction, news, options.until, start).await? {
				return Ok(receipt);
			}
		}
		self.track(&transaction, start).await
	}

	/// Waits for what becomes of a transaction, as the node that took it tells. `None` when it tells
	/// nothing more.
	async fn follow(
		&self,
		transaction: &Transaction,
		mut news: News,
		until: Until,
		start: Instant,
	) -> Result<Option<Receipt>, Error> {
		let mut included_after = None;
		while let Some(status) = news.next(QUIET).await {
			let (block, is_final) = match status {
				TransactionStatus::InBestBlock(block) => (block, false),
				TransactionStatus::InFinalizedBlock(block) => (block, true),
				TransactionStatus::Invalid { message } if included_after.is_none() => {
					self.nonces().forget(&transaction.account).await;
					return Err(Error::Rejected(message));
				}
				// It left this node's pool, or the block that held it; another node may have it.
				TransactionStatus::Invalid { .. }
				| TransactionStatus::Error { .. }
				| TransactionStatus::Dropped { .. } => {
					self.nonces().forget(&transaction.account).await;
					break;
				}
				_ => continue,
			};
			let included = *included_after.get_or_insert_with(|| start.elapsed());
			if !is_final && until == Until::Finalized {
				continue;
			}
			let finalized = is_final.then(|| start.elapsed());
			let reading = async {
				let at = block.at().await.map_err(Error::query)?;
				let events = block.fetch_events().await.map_err(Error::query)?;
				Receipt::read(&at, events, included, finalized)
			};
			match timeout(QUIET, reading).await {
				Ok(Ok(receipt)) => return Ok(Some(receipt)),
				Ok(Err(error @ (Error::Failed { .. } | Error::Decode { .. }))) => {
					return Err(error)
				}
				// A block that was replaced meanwhile, or a broken connection.
				_ if is_final => break,
				_ => {}
			}
		}
		Ok(None)
	}
}

/// A call that somebody else owns.
struct Borrowed<'a, P>(&'a P);

impl<P: Payload> Payload for Borrowed<'_, P> {
	type CallData = P::CallData;

	fn pallet_name(&self) -> &str {
		self.0.pallet_name()
	}

	fn call_name(&self) -> &str {
		self.0.call_name()
	}

	fn call_data(&self) -> &P::CallData {
		self.0.call_data()
	}

	fn validation_details(&self) -> Option<ValidationDetails<'_>> {
		self.0.validation_details()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lives_are_powers_of_two_within_bounds() {
		let life = |life_blocks| SubmitOptions { life_blocks, ..Default::default() }.life();
		assert_eq!([0, 4, 5, 64, 100, u64::MAX].map(life), [4, 4, 8, 64, 128, 4096]);
	}

	#[test]
	fn a_call_that_takes_a_job_lives_for_a_short_time() {
		let life = |call: Call, life_blocks| {
			SubmitOptions { life_blocks, ..Default::default() }.suited_to(&call).life()
		};
		let accept = Call::from(JobsCall::Accept { job: 1, offer: 2 });
		assert_eq!((life(accept.clone(), 64), life(accept, 8)), (ACCEPT_LIFE, 8));
		assert_eq!(life(JobsCall::GiveUp { job: 1 }.into(), 64), 64);
	}
}
