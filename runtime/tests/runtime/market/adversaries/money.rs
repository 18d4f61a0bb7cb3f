//! What a block does to everybody's money, and what docs/protocol/economics.md says it does.

use crate::market::world::{World, BUYER, CHALLENGER, OTHER_PROVIDER, PROVIDER};
use mutirao_runtime::{Balance, RuntimeEvent, System};
use mutirao_types::JobId;
use sp_keyring::Sr25519Keyring;

/// The treasury's part of a transaction's fee; the author has the rest.
const TREASURY_FEE_PERCENT: i128 = 80;

/// Planck that everybody has, free or on hold, or has more than before.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Money {
	pub(super) provider: i128,
	pub(super) other_provider: i128,
	pub(super) buyer: i128,
	pub(super) challenger: i128,
	pub(super) treasury: i128,
	/// All that there is: what is burned is missing here.
	pub(super) issuance: i128,
}

impl Money {
	pub(super) fn of(world: &mut World) -> Self {
		let mut of = |who| world.chain.total(who) as i128;
		let (provider, other_provider) = (of(PROVIDER), of(OTHER_PROVIDER));
		let (buyer, challenger) = (of(BUYER), of(CHALLENGER));
		let treasury = world.chain.treasury() as i128;
		let issuance = world.chain.issuance() as i128;
		Self { provider, other_provider, buyer, challenger, treasury, issuance }
	}

	pub(super) fn since(self, before: Self) -> Self {
		Self {
			provider: self.provider - before.provider,
			other_provider: self.other_provider - before.other_provider,
			buyer: self.buyer - before.buyer,
			challenger: self.challenger - before.challenger,
			treasury: self.treasury - before.treasury,
			issuance: self.issuance - before.issuance,
		}
	}

	pub(super) fn plus(self, other: Self) -> Self {
		Self {
			provider: self.provider + other.provider,
			other_provider: self.other_provider + other.other_provider,
			buyer: self.buyer + other.buyer,
			challenger: self.challenger + other.challenger,
			treasury: self.treasury + other.treasury,
			issuance: self.issuance + other.issuance,
		}
	}

	pub(super) fn times(self, count: u32) -> Self {
		(0..count).fold(Self::default(), |sum, _| sum.plus(self))
	}

	/// The same, with the two providers' parts changed over.
	pub(super) fn by_other_provider(self) -> Self {
		Self { provider: self.other_provider, other_provider: self.provider, ..self }
	}

	fn account(&mut self, who: Sr25519Keyring) -> Option<&mut i128> {
		match who {
			PROVIDER => Some(&mut self.provider),
			OTHER_PROVIDER => Some(&mut self.other_provider),
			BUYER => Some(&mut self.buyer),
			CHALLENGER => Some(&mut self.challenger),
			_ => None,
		}
	}
}

/// What the one block that `act` makes moves, the fees of its transactions apart.
#[track_caller]
pub(super) fn moved<R>(world: &mut World, act: impl FnOnce(&mut World) -> R) -> (R, Money) {
	let (before, block) = (Money::of(world), world.chain.run(System::block_number));
	let result = act(world);
	assert_eq!(world.chain.run(System::block_number), block + 1, "fees are read off one block");
	let mut moved = Money::of(world).since(before);
	for event in world.chain.events() {
		let RuntimeEvent::TransactionPayment(
			pallet_transaction_payment::Event::TransactionFeePaid { who, actual_fee, .. },
		) = event
		else {
			continue;
		};
		let fee = actual_fee as i128;
		let party = [PROVIDER, OTHER_PROVIDER, BUYER, CHALLENGER]
			.into_iter()
			.find(|party| party.to_account_id() == who);
		if let Some(account) = party.and_then(|party| moved.account(party)) {
			*account += fee;
		}
		moved.treasury -= fee * TREASURY_FEE_PERCENT / 100;
	}
	(result, moved)
}

/// What a job's verdict is about: its price, its audit fee, and what its provider has at stake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
	price: i128,
	audit_fee: i128,
	collateral: i128,
	samples: i128,
}

impl Terms {
	/// Of an accepted job.
	#[track_caller]
	pub(super) fn of(world: &mut World, job: JobId) -> Self {
		let live = world.live(job);
		let deal = live.state.deal().expect("the job is accepted");
		let (price, audit_fee) = (deal.price as i128, live.audit_fee as i128);
		let collateral = (2 * price).max(4 * audit_fee);
		assert_eq!(deal.collateral as i128, collateral);
		Self { price, audit_fee, collateral, samples: live.request.samples.into() }
	}

	/// What the provider has at stake.
	pub(super) fn collateral(self) -> Balance {
		self.collateral as Balance
	}

	/// What the chain is paid for a re-execution.
	pub(super) fn share(self) -> i128 {
		assert_eq!(self.audit_fee % self.samples, 0);
		self.audit_fee / self.samples
	}

	pub(super) fn settled(self) -> Money {
		let protocol_fee = self.price * 2 / 100;
		Money {
			provider: self.price - protocol_fee,
			buyer: -self.price - self.audit_fee,
			treasury: protocol_fee + self.audit_fee,
			..Money::default()
		}
	}

	/// The program is at fault; `reexecutions` showed it, that of the fault itself among them.
	pub(super) fn faulted(self, reexecutions: i128) -> Money {
		let tenth = self.price / 10;
		let faulted = Money { provider: tenth, buyer: -tenth, ..Money::default() };
		faulted.plus(self.checked(reexecutions))
	}

	/// A lie without a challenger, or missed openings, after so many openings that were right.
	pub(super) fn lied(self, opened: i128) -> Money {
		slashed(self.collateral).plus(self.checked(opened))
	}

	/// An unanswered demand: everything was opened before.
	pub(super) fn unanswered(self) -> Money {
		self.lied(self.samples)
	}

	/// Late, or given up.
	pub(super) fn failed(self) -> Money {
		slashed((self.collateral * 25 + 99) / 100)
	}

	/// A lie that the challenger has proven: everything was opened before.
	pub(super) fn challenged(self) -> Money {
		let slashed = slashed(self.collateral);
		let challenger = slashed.buyer / 2;
		let shared = Money { buyer: slashed.buyer - challenger, challenger, ..slashed };
		shared.plus(self.checked(self.samples))
	}

	/// What the buyer pays for so many re-executions.
	fn checked(self, reexecutions: i128) -> Money {
		let fee = self.share() * reexecutions.min(self.samples);
		Money { buyer: -fee, treasury: fee, ..Money::default() }
	}
}

/// Half, rounded up, is burned; the buyer has the rest.
fn slashed(penalty: i128) -> Money {
	let buyer = penalty / 2;
	Money { provider: -penalty, buyer, issuance: buyer - penalty, ..Money::default() }
}
