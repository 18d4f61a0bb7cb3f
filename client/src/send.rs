//! Getting a signed transaction into a node's pool.

use crate::{
	client::At, connection::Link, nonce::Pending, AccountId, Client, Config, Error, SubmitOptions,
};
use std::time::Duration;
use subxt::{
	client::OnlineClientAtBlockImpl,
	config::DefaultExtrinsicParamsBuilder,
	transactions::{
		Payload, Signer, SubmittableTransaction, TransactionProgress, TransactionStatus,
	},
	utils::H256,
	Metadata,
};
use tokio::time::timeout;

/// How long a node may take to validate a transaction.
const VALIDATE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a transaction is signed anew because its number was not the account's next.
const ATTEMPTS: usize = 4;

type Here = OnlineClientAtBlockImpl<Config>;
/// What a node tells of a transaction.
pub(crate) type Status = TransactionStatus<Config, Here>;

/// A signed transaction.
pub(crate) struct Transaction {
	/// Its hash.
	pub(crate) hash: H256,
	/// Who signed it.
	pub(crate) account: AccountId,
	/// Its bytes: sent again, they cannot take effect twice.
	pub(crate) bytes: Vec<u8>,
	/// For as long as it is followed, whoever changes the node sends it again.
	_pending: Pending,
	/// The block from which its life counts.
	pub(crate) born: u64,
	/// Blocks after that one, in one of which it must be included.
	pub(crate) life: u64,
}

/// What the node that has a transaction tells.
pub(crate) struct News {
	first: Option<Status>,
	progress: TransactionProgress<Config, Here>,
}

impl News {
	/// What it tells next; `None` when it tells nothing more, or not in time.
	pub(crate) async fn next(&mut self, within: Duration) -> Option<Status> {
		if let Some(status) = self.first.take() {
			return Some(status);
		}
		match timeout(within, self.progress.next()).await {
			Ok(Some(Ok(status))) => Some(status),
			_ => None,
		}
	}
}

/// Sends a transaction's bytes once more. A pool that has them, or a chain that is past them, refuses:
/// either is well.
pub(crate) async fn send_again(link: &Link, at: &At, bytes: Vec<u8>) {
	let transaction = at.transactions().from_bytes(bytes);
	let hash = transaction.hash();
	match timeout(VALIDATE_TIMEOUT, transaction.submit()).await {
		Ok(Ok(_)) => log::info!("sent {hash:?} again, to {}", link.url),
		Ok(Err(error)) => log::debug!("{} did not take {hash:?}: {error}", link.url),
		Err(_) => log::debug!("{} did not answer in time", link.url),
	}
}

/// How an attempt to send ended.
enum Attempt {
	/// The node has it.
	Taken(News),
	/// The line broke when it may have been sent already.
	Unknown,
	/// The node does not want it.
	Refused(String),
}

impl Client {
	/// Signs a call with the account's next number, and sends it. Without news, it is not known whether
	/// a node has it.
	///
	/// # Errors
	///
	/// [`Error::Rejected`] when the node refuses it; those of reads; [`Error::Build`].
	pub(crate) async fn send<P: Payload<CallData: Sync> + Send + Sync>(
		&self,
		build: impl Fn(&Metadata) -> Result<P, Error> + Send + Sync,
		signer: &(impl Signer<Config> + Sync),
		options: SubmitOptions,
	) -> Result<(Transaction, Option<News>), Error> {
		let account = signer.account_id();
		let mut reason = String::new();
		for _ in 0..ATTEMPTS {
			let mut turn = self.nonces().turn(&account).await;
			let (link, at) = self.latest("the last finalised block").await?;
			for bytes in turn.left_behind() {
				send_again(&link, &at, bytes).await;
			}
			let nonce = turn.nonce(next_number(&link, &account)).await?;
			let call = build(at.metadata_ref())?;
			let life = options.life();
			let parameters = DefaultExtrinsicParamsBuilder::new()
				.nonce(nonce)
				.tip(options.tip)
				.mortal_from_unchecked(life, at.block_number(), at.block_hash())
				.build();
			let signed = at
				.transactions()
				.create_signable_offline(&call, parameters)
				.and_then(|mut signable| signable.sign(signer))
				.map_err(Error::build)?;
			let transaction = Transaction {
				hash: signed.hash(),
				account,
				bytes: signed.encoded().to_vec(),
				_pending: turn.pending(nonce, signed.encoded().to_vec()),
				born: at.block_number(),
				life,
			};
			match attempt(&link, &signed).await {
				Attempt::Taken(news) => {
					turn.used();
					return Ok((transaction, Some(news)));
				}
				Attempt::Unknown => return Ok((transaction, None)),
				Attempt::Refused(why) if is_about_its_number(&why) => reason = why,
				Attempt::Refused(why) => return Err(Error::Rejected(why)),
			}
		}
		Err(Error::Rejected(reason))
	}
}

/// The number of an account's next transaction, those in the pool counted.
async fn next_number(link: &Link, account: &AccountId) -> Result<u64, Error> {
	let methods = link.methods();
	let asking = methods.system_account_next_index(account);
	let late = |_| Error::Timeout { what: "an account's nonce", after: VALIDATE_TIMEOUT };
	timeout(VALIDATE_TIMEOUT, asking).await.map_err(late)?.map_err(Error::query)
}

async fn attempt(link: &Link, signed: &SubmittableTransaction<Config, Here>) -> Attempt {
	let mut progress = match timeout(VALIDATE_TIMEOUT, signed.submit_and_watch()).await {
		Ok(Ok(progress)) => progress,
		Ok(Err(error)) if link.is_alive().await => return refused(error.to_string()),
		_ => return Attempt::Unknown,
	};
	match timeout(VALIDATE_TIMEOUT, progress.next()).await {
		Ok(Some(Ok(
			TransactionStatus::Invalid { message }
			| TransactionStatus::Dropped { message }
			| TransactionStatus::Error { message },
		))) => refused(message),
		Ok(Some(Ok(status))) => Attempt::Taken(News { first: Some(status), progress }),
		_ => Attempt::Unknown,
	}
}

fn refused(why: String) -> Attempt {
	// The pool has these very bytes: somebody sent them before, which is as good.
	match why.to_lowercase().contains("already imported") {
		true => Attempt::Unknown,
		false => Attempt::Refused(why),
	}
}

/// Whether a node refuses a transaction because the account's next number is another one.
fn is_about_its_number(why: &str) -> bool {
	let why = why.to_lowercase();
	["outdated", "stale", "valid in the future", "priority of the transaction is too low"]
		.iter()
		.any(|words| why.contains(words))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_wrong_number_is_told_from_other_refusals() {
		for why in [
			"Invalid transaction: Transaction is outdated",
			"Invalid transaction: Transaction will be valid in the future",
			"The priority of the transaction is too low (pool 5 > current 3)",
		] {
			assert!(is_about_its_number(why), "{why}");
		}
		for why in [
			"Invalid transaction: Inability to pay some fees (e.g. account balance too low)",
			"Invalid transaction: Transaction would exhaust the block limits",
		] {
			assert!(!is_about_its_number(why), "{why}");
		}
	}
}
