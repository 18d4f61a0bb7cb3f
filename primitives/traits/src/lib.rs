//! What the market's pallets ask of one another. Pallets never name each other: the runtime joins
//! them by these traits (runtime/src/configs/market.rs).
//!
//! ```text
//!   attestations ──Jobs──▶ jobs ──Programs──▶ programs
//!        │                  │ ▲────Contest───── attestations
//!        │ ▲                └─Providers─▶ providers ◀──Scores, Penalties── benchmarks
//!        │ │                              providers ──────Withdrawals────▶ benchmarks
//!        │ └──────────────────Checker──────────────────────────────────────── benchmarks
//!        └─ all of them ask the Clock
//! ```

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::vec::Vec;

use mutirao_types::{
	ActiveBlock, ActiveBlocks, BufferId, Deal, FaultKind, Job, JobId, JobRequest, OfferId,
	ProgramId, Quote, RefundReason, Requirements, Score, SlashReport, Steps, Transcript, Witness,
	Workgroup,
};
use sp_runtime::{DispatchError, DispatchResult, Weight};

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
	/// collateral, which is no less than `least_collateral`, and a place on the device.
	///
	/// # Errors
	///
	/// Whatever it lacks: the offer, its state, capacity, a requirement, a price within the cap and
	/// the offer's maximum, or free stake.
	fn engage(
		provider: &AccountId,
		offer: OfferId,
		requirements: &Requirements,
		steps: Steps,
		price_cap: Balance,
		least_collateral: Balance,
	) -> Result<Deal<AccountId, Balance>, DispatchError>;

	/// Frees what [`Self::engage`] earmarked, and remembers how the provider behaved. Pauses the offer
	/// if jobs on it are broken often.
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

	/// An offer's score, if it has one. It counts until it expires.
	fn score(offer: OfferId) -> Option<Score>;

	/// Sets, or takes away, an offer's score. Nothing happens if the offer is gone.
	fn set_score(offer: OfferId, score: Option<Score>);

	/// The number of the next offer: all that were posted before have lower ones.
	fn next_offer() -> OfferId;
}

/// What is known of offers beside the pallet that keeps them.
pub trait Withdrawals {
	/// An offer is about to be withdrawn: everything that is known of it is forgotten.
	///
	/// # Errors
	///
	/// If it still has to answer for something.
	fn withdrawn(offer: OfferId) -> DispatchResult;

	/// The most that it takes.
	fn weight() -> Weight;
}

/// Nothing is known.
impl Withdrawals for () {
	fn withdrawn(_: OfferId) -> DispatchResult {
		Ok(())
	}

	fn weight() -> Weight {
		Weight::zero()
	}
}

/// Lies that concern no job, so that no collateral answers for them.
pub trait Penalties<AccountId, Balance> {
	/// Takes a penalty from the part of the provider's stake that answers for no job, or as much of
	/// it as is there, and remembers that the provider broke an obligation. Whoever reported it gets
	/// half, or `reward` if that is less; the rest is burned.
	fn penalise(
		provider: &AccountId,
		penalty: Balance,
		reporter: &AccountId,
		reward: Balance,
	) -> SlashReport<Balance>;
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

/// What the chain can compute again: a program with its parameters and inputs.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
	/// What is computed.
	pub program: &'a ProgramId,
	/// With which numbers.
	pub parameters: &'a [u32],
	/// On which bytes.
	pub inputs: &'a [BufferId],
}

impl<'a> Work<'a> {
	/// What a job asks for.
	pub fn of<Balance>(request: &'a JobRequest<Balance>) -> Self {
		Self { program: &request.program, parameters: &request.parameters, inputs: &request.inputs }
	}
}

/// What computing a workgroup again showed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Finding {
	/// The committed slice is right.
	Right,
	/// The committed slice is wrong.
	Wrong,
	/// The program does what it may not do, so the slice is neither.
	Fault(FaultKind),
}

/// A workgroup that was computed again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Check {
	/// What it showed.
	pub finding: Finding,
	/// What it took, with the base that was given.
	pub weight: Weight,
}

/// Draws workgroups of any work and computes them again, as is done for jobs.
pub trait Checker<BlockNumber> {
	/// Blocks after an anchor whose VRF outputs make a seed.
	fn draw_blocks() -> u32;

	/// Blocks whose VRF outputs are remembered.
	fn ring_blocks() -> u32;

	/// Steps of a workgroup that can be computed again, at most.
	fn max_workgroup_steps() -> Steps;

	/// The hash of the VRF outputs of the blocks after the anchor, what they are drawn for, and a root.
	/// A job's subject is its number, 8 bytes: others must have another length.
	///
	/// # Errors
	///
	/// If the blocks have not all been made, or are forgotten.
	fn seed(
		anchor: BlockNumber,
		subject: &[u8],
		root: &[u8; 32],
	) -> Result<[u8; 32], DispatchError>;

	/// The workgroups that a seed draws: each is drawn in proportion to the steps that it declares.
	///
	/// # Errors
	///
	/// If the parameters do not fit the program, or there is none.
	fn samples(seed: &[u8; 32], count: u8, work: Work<'_>)
		-> Result<Vec<Workgroup>, DispatchError>;

	/// Whether the transcript has as many buffers as the work writes, each as long.
	///
	/// # Errors
	///
	/// If not, or if the parameters do not fit the program, or there is none.
	fn ensure_fits(work: Work<'_>, transcript: &Transcript) -> DispatchResult;

	/// Computes a workgroup again from its witness, and compares with the slice that the transcript
	/// commits to. `steps` were paid for.
	///
	/// # Errors
	///
	/// If the witness proves nothing: it does not verify, or lacks something.
	fn check(
		work: Work<'_>,
		transcript: &Transcript,
		workgroup: Workgroup,
		steps: Steps,
		witness: &Witness,
		base: Weight,
	) -> Result<Check, DispatchError>;

	/// The most that [`Self::check`] takes, with a base.
	fn check_weight(base: Weight, witness: &Witness, steps: Steps) -> Weight;
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

	/// How many of the job's drawn workgroups the chain has computed again and let pass, which cost
	/// the provider no fee.
	fn opened(job: JobId) -> u8;

	/// The job has ended: forget it.
	fn closed(job: JobId);

	/// The most that all of these take together, when somebody has to be given back what it paid.
	fn weight() -> Weight;

	/// Makes an attestation of the largest kind, of which one drawn workgroup was opened, in
	/// benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_opened(job: JobId);
}

/// No contests.
impl Contest for () {
	fn standing(_: JobId) -> Standing {
		Standing::Clear
	}

	fn opened(_: JobId) -> u8 {
		0
	}

	fn closed(_: JobId) {}

	fn weight() -> Weight {
		Weight::zero()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_opened(_: JobId) {}
}
