//! Constants of the market that buyers reckon with.

use crate::{Client, Error};
use codec::{Decode, MaxEncodedLen};
use mutirao_types::{ActiveBlocks, BufferId, Job, JobId, Permill};
use subxt::Metadata;

/// Bytes whose deposit is `Multisig.DepositFactor`: one account's name.
const FACTOR_BYTES: u128 = 32;
/// Bytes whose deposit, with that of one entry, is `Multisig.DepositBase`.
const BASE_BYTES: u128 = 88;
/// Entries that a job takes in the chain's storage: itself, one in each of three lists, its attestation.
const JOB_ENTRIES: u32 = 5;
/// Lists whose entries have an account's and a job's names as their key.
const JOB_KEYS: usize = 3;

/// What the chain says of all jobs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct JobTerms {
	/// The least that a job may offer, in planck (`Jobs.MinimumPriceCap`).
	pub minimum_price_cap: u128,
	/// The protocol's part of a settled job's price (`Jobs.ProtocolFee`), rounded down.
	pub protocol_fee: Permill,
	/// What a demand pays in advance, in planck (`Attestations.DemandDeposit`): the provider's once it
	/// is answered.
	pub demand_deposit: u128,
	/// How long a finished job is remembered before anybody may prune it (`Jobs.HistoryBlocks`).
	pub history_blocks: ActiveBlocks,
	/// What an entry in the chain's storage puts on hold, its bytes apart, in planck.
	pub entry_deposit: u128,
	/// What a byte there puts on hold, in planck.
	pub byte_deposit: u128,
}

impl JobTerms {
	/// Reads them from a description of the chain.
	///
	/// # Errors
	///
	/// [`Error::Decode`] when it has none, or others.
	pub fn of(metadata: &Metadata) -> Result<Self, Error> {
		// The chain has one price of storage. It names it nowhere but in what multisigs pay.
		let base: u128 = constant(metadata, "Multisig", "DepositBase")?;
		let factor: u128 = constant(metadata, "Multisig", "DepositFactor")?;
		let byte_deposit = factor / FACTOR_BYTES;
		Ok(Self {
			minimum_price_cap: constant(metadata, "Jobs", "MinimumPriceCap")?,
			protocol_fee: constant(metadata, "Jobs", "ProtocolFee")?,
			demand_deposit: constant(metadata, "Attestations", "DemandDeposit")?,
			history_blocks: constant(metadata, "Jobs", "HistoryBlocks")?,
			entry_deposit: base.saturating_sub(byte_deposit.saturating_mul(BASE_BYTES)),
			byte_deposit,
		})
	}

	/// What so much place in the chain's storage puts on hold, in planck.
	pub fn deposit(&self, entries: u32, bytes: usize) -> u128 {
		let bytes = self.byte_deposit.saturating_mul(bytes as u128);
		self.entry_deposit.saturating_mul(entries.into()).saturating_add(bytes)
	}

	/// What the record of a job puts on hold until it is pruned, in planck, if its passes write so many
	/// buffers.
	pub fn job_deposit(&self, written_buffers: usize) -> u128 {
		let key = <[u8; 32]>::max_encoded_len() + JobId::max_encoded_len();
		// With the deposit itself, which is kept beside the job.
		let record = Job::<[u8; 32], u128>::max_encoded_len() + u128::max_encoded_len();
		let names = BufferId::max_encoded_len().saturating_mul(written_buffers);
		self.deposit(JOB_ENTRIES, names.saturating_add(record + JOB_KEYS * key))
	}
}

impl Client {
	/// The chain's terms of jobs, as they are now.
	///
	/// # Errors
	///
	/// [`Error::Decode`]; those of reads.
	pub async fn job_terms(&self) -> Result<JobTerms, Error> {
		let (_, at) = self.latest("the market's constants").await?;
		JobTerms::of(at.metadata_ref())
	}
}

fn constant<T: Decode>(metadata: &Metadata, pallet: &str, name: &str) -> Result<T, Error> {
	let what = format!("{pallet}.{name}");
	let found = metadata.pallet_by_name(pallet).and_then(|pallet| pallet.constant_by_name(name));
	let Some(found) = found else {
		return Err(Error::Decode { what, reason: "the chain does not have it".into() });
	};
	crate::scale::decode(&what, found.value())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{known_metadata, test::changed_metadata};

	#[test]
	fn the_known_chain_has_them() {
		let terms = JobTerms::of(&known_metadata().unwrap()).unwrap();
		assert!(terms.minimum_price_cap > 0 && !terms.protocol_fee.is_zero(), "{terms:?}");
		assert!(terms.demand_deposit > 0, "{terms:?}");
		assert!(terms.history_blocks > 0, "{terms:?}");
	}

	/// As the runtime's `deposit` has it: 20 mMUT an entry, 100 µMUT a byte.
	#[test]
	fn deposits_are_what_the_runtime_asks_for() {
		let terms = JobTerms::of(&known_metadata().unwrap()).unwrap();
		assert_eq!((terms.entry_deposit, terms.byte_deposit), (20_000_000_000, 100_000_000));
		assert_eq!(terms.deposit(2, 950), 135_000_000_000);
		let one = terms.job_deposit(1);
		assert_eq!(terms.job_deposit(3) - one, 2 * 40 * terms.byte_deposit, "hash and length");
		assert!((200_000_000_000..240_000_000_000).contains(&one), "{one}");
	}

	#[test]
	fn a_chain_without_a_market_has_none() {
		let error = JobTerms::of(&changed_metadata("", "")).unwrap_err().to_string();
		assert!(error.contains("Jobs.MinimumPriceCap"), "{error}");
	}
}
