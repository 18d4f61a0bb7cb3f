//! The chain, its pool of transactions, and forks that do not last. A block is final once it is here:
//! what is not final is in forks, and nowhere else.

use crate::{
	chain::{sign_now, Chain},
	wire,
};
use frame_system::{EventRecord, Phase};
use mutirao_client::{Block, BlockNumber, Error, Included};
use mutirao_runtime::{AccountId, Runtime, RuntimeCall, RuntimeEvent, System, UncheckedExtrinsic};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{ApplyExtrinsicResult, DispatchError};
use subxt::ArcMetadata;

/// For so many blocks a transaction waits in the pool, as the client has it.
const LIFE: BlockNumber = 64;

/// A call that somebody has signed.
#[derive(Clone)]
pub(crate) struct Signed {
	pub(crate) signer: Sr25519Keyring,
	pub(crate) call: RuntimeCall,
	/// For the log.
	pub(crate) name: String,
}

struct Waiting {
	signed: Signed,
	/// The block that takes it.
	from: BlockNumber,
}

type Outcome = Result<Included, DispatchError>;
type Record = EventRecord<RuntimeEvent, mutirao_runtime::Hash>;

/// The chain as one network has it.
pub(crate) struct Network {
	pub(crate) chain: Chain,
	/// The same some blocks ago, while the worker's node does not follow.
	behind: Option<(Chain, BlockNumber)>,
	pool: Vec<Waiting>,
	blocks: Vec<Block>,
	metadata: ArcMetadata,
	/// What happened, a line each.
	pub(crate) log: Vec<String>,
	/// Forks that were abandoned.
	pub(crate) forks: usize,
}

impl Network {
	/// Goes on from a chain's last block.
	pub(crate) fn new(mut chain: Chain) -> Self {
		let number = chain.run(System::block_number);
		let block = |number| Block { number, hash: wire::hash_of(number), events: Vec::new() };
		Self {
			chain,
			behind: None,
			pool: Vec::new(),
			blocks: (0..=number).map(block).collect(),
			metadata: mutirao_client::known_metadata().expect("the metadata is readable"),
			log: Vec::new(),
			forks: 0,
		}
	}

	/// The height of the last block.
	pub(crate) fn number(&self) -> BlockNumber {
		self.blocks.last().expect("there is a first block").number
	}

	/// Remembers that something happened.
	pub(crate) fn note(&mut self, what: impl std::fmt::Display) {
		let number = self.number();
		self.log.push(format!("{number:>5} {what}"));
	}

	/// Reads state, as the worker's node has it.
	pub(crate) fn read<R>(&mut self, read: impl FnOnce() -> R) -> R {
		match &mut self.behind {
			Some((chain, _)) => chain.run(read),
			None => self.chain.run(read),
		}
	}

	/// The last block that the worker's node has.
	pub(crate) fn seen_number(&self) -> BlockNumber {
		self.behind.as_ref().map_or(self.number(), |(_, number)| *number)
	}

	/// A block that the worker's node has.
	pub(crate) fn seen_block(&self, number: BlockNumber) -> Option<Block> {
		self.blocks.get(number as usize).filter(|_| number <= self.seen_number()).cloned()
	}

	/// All blocks.
	pub(crate) fn blocks(&self) -> &[Block] {
		&self.blocks
	}

	/// The worker's node follows no more, or follows again.
	pub(crate) fn set_following(&mut self, follows: bool) {
		let number = self.number();
		self.behind = (!follows).then(|| (self.chain.fork(), number));
	}

	/// A call that the block at this height takes, or a later one.
	pub(crate) fn wait(&mut self, signed: Signed, from: BlockNumber) {
		self.pool.push(Waiting { signed, from });
	}

	/// A block `slots` after the last one, with what waits for it.
	pub(crate) fn block(&mut self, slots: u64) {
		self.block_with(slots, None);
	}

	/// The next block that has room for this call; what became of it.
	pub(crate) fn include(&mut self, signed: Signed) -> Result<Included, Error> {
		loop {
			if let Some(outcome) = self.block_with(1, Some(&signed)) {
				return self.answer(outcome);
			}
		}
	}

	/// The same in a block that is not to stay.
	pub(crate) fn include_in_fork(&mut self, signed: &Signed) -> Result<Included, Error> {
		self.forks += 1;
		let mut fork = self.chain.fork();
		loop {
			let (_, outcomes) = make_block(&mut fork, 1, std::slice::from_ref(signed));
			if let Some(outcome) = outcomes.into_iter().flatten().next() {
				return self.answer(outcome);
			}
		}
	}

	/// What a client says of an outcome.
	fn answer(&self, outcome: Outcome) -> Result<Included, Error> {
		outcome.map_err(|error| wire::error(error, self.number(), &self.metadata))
	}

	/// A block with this call, if there is room for it, and with what waits.
	fn block_with(&mut self, slots: u64, first: Option<&Signed>) -> Option<Outcome> {
		let next = self.number() + 1;
		let mut calls: Vec<Signed> = first.into_iter().cloned().collect();
		for waiting in std::mem::take(&mut self.pool) {
			match waiting {
				one if one.from > next => self.pool.push(one),
				one if one.from + LIFE < next => {
					self.note(format!("{} is too old for any block", one.signed.name));
				}
				one => calls.push(one.signed),
			}
		}
		let (block, outcomes) = make_block(&mut self.chain, slots, &calls);
		self.chain.commit();
		self.blocks.push(block);
		let mut of_first = None;
		for (at, (call, outcome)) in calls.into_iter().zip(outcomes).enumerate() {
			let is_first = at == 0 && first.is_some();
			match &outcome {
				Some(Ok(_)) => self.note(format!("{} took effect", call.name)),
				Some(Err(error)) => {
					let error = wire::error(*error, next, &self.metadata);
					self.note(format!("{}: {error}", call.name));
				}
				None => {
					self.note(format!("{}: no room in the block", call.name));
					if !is_first {
						self.wait(call, next + 1);
					}
				}
			}
			if is_first {
				of_first = outcome;
			}
		}
		of_first
	}
}

/// Makes a block. What becomes of each call; `None` if there was no room.
fn make_block(chain: &mut Chain, slots: u64, calls: &[Signed]) -> (Block, Vec<Option<Outcome>>) {
	let extrinsics = chain.run(|| sign_all(calls));
	let applied = chain.block_of(slots, extrinsics);
	let (number, records) = chain.run(|| (System::block_number(), System::events()));
	// The first extrinsic is the timestamp.
	let mut index = 0;
	let outcome_of = |applied: ApplyExtrinsicResult| {
		let dispatched = applied.ok()?;
		index += 1;
		Some(dispatched.and_then(|()| receipt(number, index, &records)))
	};
	let outcomes = applied.into_iter().map(outcome_of).collect();
	let events = records.iter().filter_map(|record| wire::event(&record.event)).collect();
	(Block { number, hash: wire::hash_of(number), events }, outcomes)
}

/// What a transaction did, by its place in the block.
fn receipt(number: BlockNumber, index: u32, records: &[Record]) -> Outcome {
	let transaction = wire::hash_of(number);
	let mut included = Included { transaction, block_number: number, fee: 0, events: Vec::new() };
	let phase = Phase::ApplyExtrinsic(index);
	for record in records.iter().filter(|record| record.phase == phase) {
		match &record.event {
			// What the proxy's call gave, only this tells.
			RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => (*result)?,
			RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
			) => included.fee = *actual_fee,
			other => included.events.extend(wire::event(other)),
		}
	}
	Ok(included)
}

/// Signs calls so that one block can take all of them: each account's numbers go up.
fn sign_all(calls: &[Signed]) -> Vec<UncheckedExtrinsic> {
	let mut signed = Vec::new();
	for one in calls {
		signed.push(sign_now(one.signer, one.call.clone(), 0));
		frame_system::Pallet::<Runtime>::inc_account_nonce(one.signer.to_account_id());
	}
	for one in calls {
		let account: AccountId = one.signer.to_account_id();
		frame_system::Account::<Runtime>::mutate(account, |account| account.nonce -= 1);
	}
	signed
}
