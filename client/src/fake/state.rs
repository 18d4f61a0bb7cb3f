//! What a fake chain keeps, and how a call changes it.

use crate::{
	pallets::ProgramRecord, AccountId, Balance, Block, BlockNumber, Call, DispatchError, Error,
	Event, Included,
};
use mutirao_types::{
	benchmark::{Claim, Measurement, Window},
	ActiveBlock, Attestation, Benchmark, Demand, FaultKind, FinishedJob, Job, JobBuffer, JobId,
	Offer, OfferId, ProgramId, Provider, Quote, Sample, WindowId, Workgroup,
};
use std::collections::BTreeMap;
use subxt::{utils::H256, ArcMetadata};

/// A pallet and its error.
pub(super) struct Refused(pub(super) &'static str, pub(super) &'static str);

#[derive(Clone)]
pub(super) struct Program {
	pub(super) record: ProgramRecord,
	pub(super) code: Vec<u8>,
	pub(super) quote: Option<Quote>,
}

#[derive(Clone)]
pub(super) struct Attested {
	pub(super) attestation: Attestation<BlockNumber>,
	pub(super) samples: Vec<Sample>,
}

/// What calls change; kept apart, so that a failed call's changes are dropped.
#[derive(Clone, Default)]
pub(super) struct Market {
	pub(super) programs: BTreeMap<ProgramId, Program>,
	/// What programs ask for, be they registered or not.
	pub(super) quotes: BTreeMap<ProgramId, Quote>,
	pub(super) providers: BTreeMap<AccountId, Provider<Balance>>,
	pub(super) offers: BTreeMap<OfferId, Offer<AccountId, Balance>>,
	pub(super) next_offer: OfferId,
	pub(super) jobs: BTreeMap<JobId, Job<AccountId, Balance>>,
	pub(super) finished: BTreeMap<JobId, FinishedJob<AccountId, Balance>>,
	pub(super) next_job: JobId,
	pub(super) attested: BTreeMap<JobId, Attested>,
	pub(super) demands: Vec<((JobId, JobBuffer, u32), Demand<AccountId, Balance>)>,
	pub(super) draws: BTreeMap<JobId, Vec<Workgroup>>,
	pub(super) lies: Vec<(JobId, Workgroup)>,
	pub(super) faults: Vec<(JobId, Workgroup, FaultKind)>,
	pub(super) benchmark: Option<Benchmark>,
	pub(super) window: Option<Window<BlockNumber>>,
	pub(super) next_window: WindowId,
	pub(super) claims: BTreeMap<OfferId, Claim<AccountId, BlockNumber>>,
	pub(super) measurements: BTreeMap<OfferId, Vec<Measurement>>,
	pub(super) false_claims: Vec<OfferId>,
	pub(super) now: ActiveBlock,
	pub(super) number: BlockNumber,
	/// Of the block in the making.
	pub(super) events: Vec<Event>,
}

pub(super) struct State {
	market: Market,
	pub(super) blocks: BTreeMap<BlockNumber, Block>,
	pub(super) next_call: Option<Error>,
	pub(super) next_read: Option<Error>,
	/// Made just before the next call.
	pub(super) overtaking: Option<(AccountId, Call)>,
	/// What each call costs.
	pub(super) fee: Balance,
	/// As in safe mode.
	pub(super) stands_still: bool,
	known: ArcMetadata,
}

impl std::ops::Deref for State {
	type Target = Market;

	fn deref(&self) -> &Market {
		&self.market
	}
}

impl std::ops::DerefMut for State {
	fn deref_mut(&mut self) -> &mut Market {
		&mut self.market
	}
}

impl State {
	pub(super) fn new(known: ArcMetadata) -> Self {
		let mut state = Self {
			market: Market::default(),
			blocks: BTreeMap::new(),
			next_call: None,
			next_read: None,
			overtaking: None,
			fee: 0,
			stands_still: false,
			known,
		};
		state.seal();
		state
	}

	/// A block without a call.
	pub(super) fn make_block(&mut self) {
		self.begin_block();
		self.seal();
	}

	fn begin_block(&mut self) {
		self.number = self.number.saturating_add(1);
		if !self.stands_still {
			self.now = self.now.saturating_add(1);
		}
	}

	/// Makes a block of one call.
	pub(super) fn submit(&mut self, who: AccountId, call: Call) -> Result<Included, Error> {
		if let Some(error) = self.next_call.take() {
			return Err(error);
		}
		if let Some((other, call)) = self.overtaking.take() {
			self.submit(other, call)?;
		}
		self.begin_block();
		let mut changed = self.market.clone();
		let outcome = match self.stands_still {
			true => Err(Refused("System", "CallFiltered")),
			false => changed.call(who, call),
		};
		if outcome.is_ok() {
			self.market = changed;
		}
		let (number, events, fee) = (self.number, self.events.clone(), self.fee);
		let block = self.seal();
		match outcome {
			Ok(()) => Ok(Included { transaction: block, block_number: number, fee, events }),
			Err(Refused(pallet, name)) => {
				let error = DispatchError::named(pallet, name, &self.known);
				Err(Error::Failed { error, transaction: block, block, fee })
			}
		}
	}

	/// Ends the block in the making; its hash, which is its number.
	fn seal(&mut self) -> H256 {
		let (number, events) = (self.number, std::mem::take(&mut self.events));
		let hash = H256::from_low_u64_be(number.into());
		self.blocks.insert(number, Block { number, hash, events });
		hash
	}
}

impl Market {
	pub(super) fn call(&mut self, who: AccountId, call: Call) -> Result<(), Refused> {
		match call {
			Call::Programs(call) => self.call_programs(who, call),
			Call::Providers(call) => self.call_providers(who, call),
			Call::Jobs(call) => self.call_jobs(who, call),
			Call::Attestations(call) => self.call_attestations(who, call),
			Call::Benchmarks(call) => self.call_benchmarks(who, call),
			Call::Batch(calls) => calls.into_iter().try_for_each(|call| self.call(who, call)),
			// Neither money nor proxies are kept.
			Call::Transfer { .. } | Call::AddProxy { .. } | Call::RemoveProxy { .. } => Ok(()),
		}
	}
}
