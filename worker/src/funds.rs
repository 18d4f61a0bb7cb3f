//! What the hot key's money pays for.
//!
//! Each job takes two calls that cost fees: `accept` and `attest`. What it owes after that is free if it is
//! right; but the chain takes the fee in advance, and gives it back when the call has ended. So much must
//! be there, once: calls of one account are made one after the other.

use futures::future::BoxFuture;
use mutirao_client::{address, money, AccountId, Balance, Client, Error};
use serde::Serialize;

/// What the calls of a job are taken to cost until a fee was seen: about what they weigh
/// (docs/performance.md), and as much again, with a fee multiplier of 1.
pub const USUAL_FEES: JobFees = JobFees { accept: 2_000_000_000, attest: 4_000_000_000 };
/// What must be there at least for fees that are given back: more than settling a job, showing a chunk or
/// proving a benchmark's sample takes. 0.05 MUT.
const LEAST_ADVANCE: Balance = 50_000_000_000;
/// With money for fewer jobs than this, the provider is warned.
pub const FEW_JOBS: Balance = 50;
/// For so many jobs the provider is asked to send money.
const ENOUGH_JOBS: Balance = 200;
/// In whole parts of this: 0.01 MUT.
const ROUND: Balance = 10_000_000_000;
/// A seen fee that is lower counts by one part in so many: the next job may have more buffers.
const MEMORY: Balance = 8;

/// An account's money, in planck.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Money {
	/// What is not on hold.
	pub free: Balance,
	/// What must stay, so that the account exists.
	pub deposit: Balance,
}

/// The account that pays fees.
pub trait Purse: Send + Sync {
	/// Whose money it is.
	fn account(&self) -> AccountId;

	/// What it holds now.
	fn money(&self) -> BoxFuture<'_, Result<Money, Error>>;
}

/// The hot key's account on a chain.
pub struct HotKey {
	/// The chain.
	pub client: Client,
	/// The account.
	pub account: AccountId,
	/// The chain's existential deposit, in planck.
	pub deposit: Balance,
}

impl Purse for HotKey {
	fn account(&self) -> AccountId {
		self.account
	}

	fn money(&self) -> BoxFuture<'_, Result<Money, Error>> {
		Box::pin(async move {
			let free = self.client.free_balance(&self.account).await?;
			Ok(Money { free, deposit: self.deposit })
		})
	}
}

/// What the calls of a job cost, in planck.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct JobFees {
	/// To take it.
	pub accept: Balance,
	/// To commit to its results.
	pub attest: Balance,
}

impl JobFees {
	/// Both, in planck; at least 1.
	pub fn sum(&self) -> Balance {
		self.accept.saturating_add(self.attest).max(1)
	}
}

/// What to reckon with after a fee was seen: no less than it, and hardly less than before.
pub fn reckoned(before: Balance, seen: Balance) -> Balance {
	seen.max(before.saturating_sub(before.saturating_sub(seen) / MEMORY))
}

/// What opening a drawn workgroup of a job takes in advance at most, about, in planck: twice what the
/// buyer set aside for computing one of them again, as a witness travels with it.
pub fn opening_advance(audit_fee: Balance, samples: u8) -> Balance {
	let of_one = audit_fee.checked_div(Balance::from(samples.max(1))).unwrap_or(0);
	of_one.saturating_mul(2).max(1)
}

/// What jobs that were taken still need, in planck.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Owed {
	/// Fees of calls that are still to be made.
	pub fees: Balance,
	/// The largest fee that is taken in advance and given back.
	pub advance: Balance,
}

impl Owed {
	/// The same, and another job that needs these.
	pub fn and(self, fees: Balance, advance: Balance) -> Self {
		Self { fees: self.fees.saturating_add(fees), advance: self.advance.max(advance) }
	}

	/// All of it, in planck.
	pub fn sum(&self) -> Balance {
		self.fees.saturating_add(self.advance.max(LEAST_ADVANCE))
	}
}

/// How the hot key's money stands against what is owed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Funds {
	/// What there is.
	pub money: Money,
	/// What a job costs.
	pub fees: JobFees,
	/// What jobs that were taken still need.
	pub owed: Owed,
}

impl Funds {
	/// What is left for jobs that are not taken yet, in planck.
	fn left(&self) -> Balance {
		let Money { free, deposit } = self.money;
		free.saturating_sub(deposit).saturating_sub(self.owed.sum())
	}

	/// How many more jobs it pays for.
	pub fn jobs(&self) -> Balance {
		self.left() / self.fees.sum()
	}

	/// Counts a job with such an advance among those that were taken.
	pub fn take(&mut self, advance: Balance) {
		self.owed = self.owed.and(self.fees.sum(), advance);
	}

	/// What the account must hold to take a job with such an advance, and do what it owes, in planck.
	pub fn needed(&self, advance: Balance) -> Balance {
		self.owed.and(self.fees.sum(), advance).sum().saturating_add(self.money.deposit)
	}

	/// What to send, in planck, if it is short; `None`: there is enough for now.
	pub fn missing(&self) -> Option<Balance> {
		let enough = self.fees.sum().saturating_mul(ENOUGH_JOBS).saturating_add(self.owed.sum());
		let enough = enough.saturating_add(self.money.deposit);
		let missing = enough.saturating_sub(self.money.free).div_ceil(ROUND).saturating_mul(ROUND);
		(self.jobs() < FEW_JOBS).then_some(missing)
	}

	/// What to tell the provider, if it is short.
	pub fn warning(&self, account: &AccountId) -> Option<String> {
		let missing = money::display(self.missing()?);
		let free = money::display(self.money.free);
		let pays = match self.jobs() {
			0 => "it does not pay for another job, and none is taken".to_owned(),
			jobs => format!("it pays for {jobs} more jobs"),
		};
		let address = address::display(account);
		Some(format!("the hot key has {free}, and {pays}: send {missing} to {address}"))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn funds(free: Balance) -> Funds {
		let money = Money { free, deposit: 10 };
		Funds { money, fees: JobFees { accept: 20, attest: 80 }, owed: Owed::default() }
	}

	#[test]
	fn what_is_owed_and_must_stay_pays_for_no_other_job() {
		assert_eq!(funds(LEAST_ADVANCE + 10 + 299).jobs(), 2);
		assert_eq!(funds(LEAST_ADVANCE).jobs(), 0);
		let mut owing = funds(LEAST_ADVANCE + 10 + 300);
		owing.take(0);
		assert_eq!((owing.jobs(), owing.needed(0)), (2, LEAST_ADVANCE + 10 + 200));
		// Advances are given back before the next call: only the largest counts.
		owing.take(LEAST_ADVANCE + 50);
		owing.take(LEAST_ADVANCE + 40);
		assert_eq!(owing.owed, Owed { fees: 300, advance: LEAST_ADVANCE + 50 });
		assert_eq!((owing.jobs(), owing.needed(0)), (0, LEAST_ADVANCE + 50 + 10 + 400));
	}

	#[test]
	fn the_provider_is_told_how_much_to_send_and_where() {
		let account = AccountId::from([7; 32]);
		let enough = LEAST_ADVANCE + 10 + FEW_JOBS * 100;
		assert_eq!(funds(enough).warning(&account), None);
		let warning = funds(enough - 1).warning(&account).unwrap();
		assert!(warning.contains("it pays for 49 more jobs"), "{warning}");
		assert!(warning.ends_with(&address::display(&account)), "{warning}");
		let mut funded = funds(enough - 1);
		funded.money.free += funded.missing().unwrap();
		assert!(funded.jobs() >= ENOUGH_JOBS && funded.missing().is_none(), "{funded:?}");
		let none = funds(0).warning(&account).unwrap();
		assert!(none.contains("none is taken"), "{none}");
	}

	#[test]
	fn a_dearer_fee_counts_at_once_and_a_cheaper_one_slowly() {
		assert_eq!(reckoned(800, 900), 900);
		assert_eq!(reckoned(800, 0), 700);
		let settled = (0..100).fold(800, |before, _| reckoned(before, 400));
		assert!((400..410).contains(&settled), "{settled}");
	}

	#[test]
	fn an_opening_may_take_twice_its_part_of_the_audit_fee() {
		assert_eq!(opening_advance(400, 4), 200);
		assert_eq!((opening_advance(0, 0), opening_advance(7, 0)), (1, 14));
	}
}
