//! A chain in memory, for tests of whatever is written against [`crate::Chain`].
//!
//! It keeps programs, providers, offers and jobs, and takes each of them the way that the pallets do,
//! money apart: nobody's balance is kept. It computes nothing either: a test says what a program asks for
//! ([`FakeChain::add_program`]), which workgroups are drawn, which of them are lies or faults. Calls that
//! the pallets refuse are refused with the pallets' errors. Each call makes a block, final at once.
//!
//! ```
//! use mutirao_client::{fake::FakeChain, pallets::ProvidersExt, Submit};
//! use mutirao_types::Endpoint;
//!
//! # async fn example() -> Result<(), mutirao_client::Error> {
//! let chain = FakeChain::new()?;
//! let pia = chain.account([1; 32]);
//! let error = pia.add_stake(5).await.unwrap_err();
//! assert_eq!(error.pallet_error(), Some(("Providers", "NotRegistered")));
//! pia.register_provider(5, Endpoint::default()).await?;
//! assert_eq!(pia.provider(pia.account()).await?.map(|pia| pia.stake), Some(5));
//! # Ok(())
//! # }
//! ```

mod attestations;
mod benchmarks;
mod jobs;
mod programs;
mod providers;
mod state;

use crate::{
	pallets::ProgramRecord, AccountId, Balance, Block, BlockNumber, Blocks, Call, Error, Included,
	Submit,
};
use mutirao_types::{ActiveBlocks, BufferId, FaultKind, JobId, ProgramId, Quote, Workgroup};
use state::{Program, State};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A chain in memory. Clones share it.
#[derive(Clone)]
pub struct FakeChain {
	state: Arc<Mutex<State>>,
}

/// An account of a [`FakeChain`]: reads, and calls in its own name.
#[derive(Clone)]
pub struct FakeAccount {
	chain: FakeChain,
	account: AccountId,
}

impl FakeChain {
	/// A chain with nothing on it.
	///
	/// # Errors
	///
	/// Those of [`crate::known_metadata`], which knows what errors mean.
	pub fn new() -> Result<Self, Error> {
		Ok(Self { state: Arc::new(Mutex::new(State::new(crate::known_metadata()?))) })
	}

	/// An account.
	pub fn account(&self, account: impl Into<AccountId>) -> FakeAccount {
		FakeAccount { chain: self.clone(), account: account.into() }
	}

	/// Registers a program that asks for this much, whatever the parameters; its name.
	pub fn add_program(&self, code: Vec<u8>, quote: Quote) -> ProgramId {
		let program = BufferId::of(&code).hash;
		let bytes = u32::try_from(code.len()).unwrap_or(u32::MAX);
		let record =
			ProgramRecord { depositor: AccountId::from([0; 32]), ticket: 0, bytes, uses: 0 };
		let mut state = self.state();
		state.programs.insert(program, Program { record, code, quote: Some(quote.clone()) });
		state.quotes.insert(program, quote);
		program
	}

	/// Says what a program asks for that was, or will be, registered by a call.
	pub fn set_quote(&self, program: ProgramId, quote: Quote) {
		let mut state = self.state();
		state.quotes.insert(program, quote.clone());
		if let Some(program) = state.programs.get_mut(&program) {
			program.quote = Some(quote);
		}
	}

	/// Says which workgroups are drawn for a job once it is attested. Unsaid: the first ones of pass 0.
	pub fn draw(&self, job: JobId, workgroups: Vec<Workgroup>) {
		self.state().draws.insert(job, workgroups);
	}

	/// Makes the committed slice of a workgroup wrong.
	pub fn plant_lie(&self, job: JobId, workgroup: Workgroup) {
		self.state().lies.push((job, workgroup));
	}

	/// Makes a workgroup's program do what it may not do.
	pub fn plant_fault(&self, job: JobId, workgroup: Workgroup, fault: FaultKind) {
		self.state().faults.push((job, workgroup, fault));
	}

	/// Makes so many blocks without a call.
	pub fn advance(&self, blocks: ActiveBlocks) {
		let mut state = self.state();
		for _ in 0..blocks {
			state.make_block();
		}
	}

	/// Whether the chain stands still from now on, as in safe mode: blocks are made, deadlines do not come
	/// nearer, and no call is taken.
	pub fn stand_still(&self, stands_still: bool) {
		self.state().stands_still = stands_still;
	}

	/// Lets the next submission, whoever makes it, fail with this error. It changes nothing.
	pub fn fail_next_call(&self, error: Error) {
		self.state().next_call = Some(error);
	}

	/// Lets the next read, whoever makes it, fail with this error.
	pub fn fail_next_read(&self, error: Error) {
		self.state().next_read = Some(error);
	}

	/// Lets somebody's call be made just before the next submission, whoever makes that; if this one fails,
	/// so does that one.
	pub fn overtake_next_call(&self, other: &FakeAccount, call: Call) {
		self.state().overtaking = Some((other.account, call));
	}

	/// Says what each call costs from now on, be it refused or not. Unsaid: nothing.
	pub fn set_fee(&self, fee: Balance) {
		self.state().fee = fee;
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl FakeAccount {
	fn read<T>(&self, read: impl FnOnce(&State) -> T) -> Result<T, Error> {
		let mut state = self.chain.state();
		match state.next_read.take() {
			Some(error) => Err(error),
			None => Ok(read(&state)),
		}
	}
}

impl Submit for FakeAccount {
	fn account(&self) -> AccountId {
		self.account
	}

	async fn submit(&self, call: Call) -> Result<Included, Error> {
		self.chain.state().submit(self.account, call)
	}
}

impl Blocks for FakeAccount {
	async fn finalized_number(&self) -> Result<BlockNumber, Error> {
		self.read(|state| state.number)
	}

	async fn block(&self, number: BlockNumber) -> Result<Block, Error> {
		let block = self.read(|state| state.blocks.get(&number).cloned())?;
		block.ok_or_else(|| Error::Decode {
			what: format!("block {number}"),
			reason: "the fake chain has not made it".into(),
		})
	}
}
