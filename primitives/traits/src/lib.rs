//! What the market's pallets ask of one another. Pallets never name each other: the runtime joins
//! them by these traits (runtime/src/configs/market.rs).
//!
//! ```text
//!   attestations ──Jobs──▶ jobs ──Programs──▶ programs
//!        │                  │ ▲────Contest───── attestations
//!        │                  └─Providers─▶ providers ◀──Scores── attestations
//!        └─ all of them ask the Clock
//! ```

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::vec::Vec;

use mutirao_types::{
	ActiveBlock, ActiveBlocks, Deal, FaultKind, Job, JobId, OfferId, ProgramId, Quote,
	RefundReason, Requirements, Score, SlashReport, Steps,
};
use sp_runtime::{DispatchError, DispatchResult};

/// Time as deadlines count it.
pub trait Clock {
	/// Blocks that were active since genesis.
	fn now() -> ActiveBlock;
}

/// Whether time stands still: safe mode, or a migration that takes many blocks.
pub trait Standstill {
	/// Whether it does in this block.
	fn stands_still() -> bool;
}

impl Standstill for () {
	fn stands_still() -> bool {
		false
	}
}

/// Registered programs.
pub trait Programs {
	/// What a program asks for with these parameters.
	///
	/// # Errors
	///
	/// If there is no such program, or the parameters do not fit it.
	fn quote(program: &ProgramId, parameters: &[u32]) -> Result<Quote, DispatchError>;

	/// Notes that one more job needs the program, which cannot be removed until
	/// [`Self::release`].
	///
	/// # Errors
	///
	/// If there is no such program.
	fn acquire(program: &ProgramId) -> DispatchResult;

	/// Takes one [`Self::acquire`] back.
	fn release(program: &ProgramId);

	/// Makes a program that can be asked about in benchmarks, the costliest kind to quote.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_program() -> (ProgramId, mutirao_types::program::Parameters);
}

/// Programs' bytes, for the kernel machine to decode.
pub trait Code {
	/// The whole program, if it is there.
	fn code(program: &ProgramId) -> Option<Vec<u8>>;

	/// The program without its code, if it is there.
	fn outline(program: &ProgramId) -> Option<Vec<u8>>;
}

/// How a provider behaved in a job that ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Conduct {
	/// It kept its obligation.
	Kept,
	/// It broke it.
	Broken,
	/// The job ended for no fault of its own.
	Blameless,
}

/// Providers, their stake and their offers.
pub trait Providers<AccountId, Balance> {
	/// Whether this provider may take a job of so many steps on this offer. If so, earmarks its
	/// collateral and a place on the device.
	///
	/// # Errors
	///
	/// Whatever it lacks: the offer, its state, capacity, a requirement, a price within the cap,
	/// or free stake.
	fn engage(
		provider: &AccountId,
		offer: OfferId,
		requirements: &Requirements,
		steps: Steps,
		price_cap: Balance,
	) -> Result<Deal<AccountId, Balance>, DispatchError>;

	/// Frees what [`Self::engage`] earmarked, and remembers how the provider behaved.
	fn release(deal: &Deal<AccountId, Balance>, conduct: Conduct);

	/// Takes a penalty from the provider's stake, or as much of it as is there: half is burned, the
	/// rest is split between the buyer and, if somebody proved a lie, the challenger.
	fn slash(
		provider: &AccountId,
		penalty: Balance,
		buyer: &AccountId,
		challenger: Option<&AccountId>,
	) -> SlashReport<Balance>;

	/// Makes a provider with an active offer that takes any job, in benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_offer(provider: &AccountId) -> OfferId;
}

/// Measured speeds. Only the pallet that measures them calls this.
pub trait Scores<AccountId> {
	/// Whose an offer is, if it exists.
	fn provider_of(offer: OfferId) -> Option<AccountId>;

	/// Sets, or takes away, an offer's score. Nothing happens if the offer is gone.
	fn set_score(offer: OfferId, score: Option<Score>);
}

/// Jobs, as the pallet that checks the work sees them.
pub trait Jobs<AccountId, Balance> {
	/// A job that has not ended.
	fn job(job: JobId) -> Option<Job<AccountId, Balance>>;

	/// The provider has committed to its results: `Running` becomes `Attested`, for at most `within`.
	///
	/// # Errors
	///
	/// If it is not this provider's running job, or too late.
	fn attested(job: JobId, provider: &AccountId, within: ActiveBlocks) -> DispatchResult;

	/// The drawn workgroups cannot be known yet: the stage starts anew, for at most `within`.
	///
	/// # Errors
	///
	/// If the job is not attested.
	fn postponed(job: JobId, within: ActiveBlocks) -> DispatchResult;

	/// All drawn workgroups were right: `Attested` becomes `Contestable`.
	///
	/// # Errors
	///
	/// If the job is not attested, or too late.
	fn audited(job: JobId) -> DispatchResult;

	/// Something new was shown: the contest window stays open for at least so long from now.
	///
	/// # Errors
	///
	/// If the job is not contestable.
	fn extended(job: JobId, at_least: ActiveBlocks) -> DispatchResult;

	/// The provider failed or lied: the buyer is refunded and the provider slashed.
	///
	/// # Errors
	///
	/// If there is no such job, or nobody has accepted it.
	fn refunded(
		job: JobId,
		reason: RefundReason,
		challenger: Option<&AccountId>,
	) -> Result<SlashReport<Balance>, DispatchError>;

	/// The program is at fault.
	///
	/// # Errors
	///
	/// If there is no such job, nobody has accepted it, or its audit has passed: the buyer has the
	/// results then, and pays for them.
	fn faulted(job: JobId, fault: FaultKind) -> DispatchResult;
}

/// Where a job's contest stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
	/// Nothing is open.
	Clear,
	/// Somebody still has to show something, and is in time.
	Pending,
	/// It was not shown in time: the provider has lost.
	Lost(RefundReason),
	/// A drawn workgroup showed the program at fault, and nobody proved wrong what it had read.
	Faulted(FaultKind),
}

/// Contests, as the pallet that pays sees them.
pub trait Contest {
	/// Where a job's contest stands.
	fn standing(job: JobId) -> Standing;

	/// The job has ended: forget it.
	fn closed(job: JobId);
}

/// No contests.
impl Contest for () {
	fn standing(_: JobId) -> Standing {
		Standing::Clear
	}

	fn closed(_: JobId) {}
}
