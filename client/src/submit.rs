//! Connecting, submitting, and following a transaction to finality.

use crate::{api, Config, Error};
use std::time::{Duration, Instant};
use subxt::{
	transactions::{Payload, TransactionStatus},
	utils::{AccountId32, H256},
	OnlineClient,
};
use subxt_signer::sr25519::Keypair;

/// A connection to one node.
#[derive(Clone)]
pub struct Client {
	chain: OnlineClient<Config>,
}

/// What became of a transaction that was finalised.
#[derive(Clone, Debug)]
pub struct Receipt {
	/// The transaction's hash.
	pub transaction: H256,
	/// The hash of the block that holds it.
	pub block: H256,
	/// That block's height.
	pub block_number: u64,
	/// What it cost, in planck.
	pub fee: u128,
	/// From submission to inclusion in a best block.
	pub included_after: Duration,
	/// From submission to finality.
	pub finalized_after: Duration,
}

impl Client {
	/// Connects to a node, such as `ws://127.0.0.1:9944`.
	///
	/// Unencrypted addresses are accepted: an own node on the same machine is the usual case.
	///
	/// # Errors
	///
	/// [`Error::Connect`] when nobody answers there.
	pub async fn connect(url: &str) -> Result<Self, Error> {
		let chain = OnlineClient::from_insecure_url(url)
			.await
			.map_err(|e| Error::Connect { url: url.into(), source: Box::new(e.into()) })?;
		Ok(Self { chain })
	}

	/// The connection itself, for what this client does not wrap.
	pub fn chain(&self) -> &OnlineClient<Config> {
		&self.chain
	}

	/// The spendable balance of an account, in planck; 0 if it does not exist.
	///
	/// # Errors
	///
	/// [`Error::Query`] when the node cannot answer.
	pub async fn free_balance(&self, account: &AccountId32) -> Result<u128, Error> {
		let at = self.chain.at_current_block().await.map_err(query)?;
		let address = api::storage().system().account();
		let info = at
			.storage()
			.entry(address)
			.map_err(query)?
			.try_fetch((*account,))
			.await
			.map_err(query)?;
		match info {
			Some(info) => Ok(info.decode().map_err(query)?.data.free),
			None => Ok(0),
		}
	}

	/// Sends `planck` from the signer to another account, and waits until that is final.
	///
	/// # Errors
	///
	/// [`Error::Transaction`] when the node or the runtime refuses.
	pub async fn transfer(
		&self,
		from: &Keypair,
		to: AccountId32,
		planck: u128,
	) -> Result<Receipt, Error> {
		let call = api::transactions().balances().transfer_keep_alive(to.into(), planck);
		self.submit(&call, from).await
	}

	/// Signs a call, submits it, and waits until it is final.
	///
	/// # Errors
	///
	/// [`Error::Transaction`] when the node refuses it or the runtime fails it.
	pub async fn submit(&self, call: &impl Payload, signer: &Keypair) -> Result<Receipt, Error> {
		let at = self.chain.at_current_block().await.map_err(query)?;
		let start = Instant::now();
		let mut progress = at
			.transactions()
			.sign_and_submit_then_watch_default(call, signer)
			.await
			.map_err(transaction)?;
		let mut included_after = None;
		while let Some(status) = progress.next().await {
			match status.map_err(transaction)? {
				TransactionStatus::InBestBlock(_) => {
					included_after.get_or_insert_with(|| start.elapsed());
				}
				TransactionStatus::InFinalizedBlock(block) => {
					let finalized_after = start.elapsed();
					let events = block.wait_for_success().await.map_err(transaction)?;
					let at_block = block.at().await.map_err(query)?;
					let fee = events
						.find_first::<api::transaction_payment::events::TransactionFeePaid>()
						.transpose()
						.map_err(query)?
						.map_or(0, |paid| paid.actual_fee);
					return Ok(Receipt {
						transaction: block.extrinsic_hash(),
						block: block.block_hash(),
						block_number: at_block.block_number(),
						fee,
						included_after: included_after.unwrap_or(finalized_after),
						finalized_after,
					});
				}
				TransactionStatus::Error { message }
				| TransactionStatus::Invalid { message }
				| TransactionStatus::Dropped { message } => return Err(Error::Rejected(message)),
				_ => {}
			}
		}
		Err(Error::Rejected("the node stopped reporting before the transaction was final".into()))
	}
}

fn query(error: impl Into<subxt::Error>) -> Error {
	Error::Query(Box::new(error.into()))
}

fn transaction(error: impl Into<subxt::Error>) -> Error {
	Error::Transaction(Box::new(error.into()))
}
