//! Jobs: escrow, and the way of a computation from post to verdict.
//!
//! # Terms
//!
//! - **escrow**: a buyer's money on hold for one job: the price cap, later the price, and the audit
//!   fee.
//! - **deal**: provider, offer, price and collateral, fixed when the job is accepted.
//! - **moment**: a number of active blocks. Time stands still in safe mode and while a migration runs.
//! - **in time**: at a moment no later than the stage's `until`.
//! - **verdict**: how a job ended, with a typed reason.
//!
//! # Story
//!
//! 1. Bia posts a job: a program, its inputs, at most 6 MUT, 4 audits. 6 MUT and the audit fee go on
//!    hold.
//! 2. Pia accepts on an offer that asks 5 MUT. 1 MUT returns to Bia at once; 10 MUT of Pia's stake are
//!    earmarked.
//! 3. Pia attests; the chain draws four workgroups; she opens them, and the runtime computes the same
//!    bytes.
//! 4. Nobody proves another workgroup wrong while the window is open. Anybody calls `settle`: Pia has
//!    4.9 MUT, the treasury 0.1 MUT and the audit fee.
//! 5. Months later anybody prunes the record, and Bia has the deposit for its place back.
//!
//! # States
//!
//! ```text
//!              accept              attested              audited               window passes
//!   Open ───────────────▶ Running ────────▶ Attested ──────────────▶ Contestable ─────────────▶ Settled
//!    │ cancel / nobody      │ late, given up  │ opening missed         │ challenge upheld,
//!    ▼                      ▼                 ▼ or wrong               ▼ demand unanswered
//!  Refunded              Refunded           Refunded                  Refunded
//!                           └── program fault proven ──┴─▶ Faulted ◀── drawn fault stands ┘
//! ```
//!
//! Each stage has its own deadline and its own loser; past the deadline anybody may `settle`.
//!
//! | stage | past its deadline | loser |
//! |---|---|---|
//! | Open | Refunded, expired | nobody |
//! | Running | Refunded, late | provider: part of its collateral |
//! | Attested | Refunded, opening missed | provider: its collateral |
//! | Contestable | Settled, unless a demand was not answered (provider: its collateral), or a drawn workgroup showed a fault (Faulted) | – |
//!
//! # Money
//!
//! | when | buyer | provider | treasury |
//! |---|---|---|---|
//! | post | cap + audit fee on hold | | |
//! | accept | cap − price freed | collateral earmarked | |
//! | Settled | – price − audit fee | + price − fee | + fee + audit fee |
//! | Refunded | – share, and its part of the slash | – penalty, if to blame | + share |
//! | Faulted | – a tenth of the price − share | + a tenth of the price | + share |
//!
//! The share is the audit fee's part for what the chain has computed again by then: each opened
//! workgroup of those drawn, and what showed the program at fault. Collateral is so large that a buyer
//! gets no less from a provider that lied than the whole audit fee (docs/protocol/economics.md).
//!
//! A fault that is found after the audit has passed changes nothing: the buyer has the results by
//! then, and pays for them (docs/adr/0004-faults-and-the-audit.md).
//!
//! # Invariants
//!
//! The sum of escrow of a buyer's jobs is its hold; each job is live or finished, never both; each
//! index agrees with its map; issuance changes only by what slashes burn.
//!
//! # Costs
//!
//! No per-block list of due jobs: one counter is written in each active block. `settle`, `cancel`,
//! `give_up` and `prune` cost nothing when they make progress.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod asset;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

pub use impls::clock::ActiveClock;
pub use pallet::*;
pub use types::{
	BalanceOf, CreditOf, DealOf, FinishedRecord, FinishedRecordOf, JobOf, JobRecord, JobRecordOf,
	Payout, RequestOf, Totals,
};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		dispatch::PostDispatchInfo,
		pallet_prelude::*,
		traits::{fungible, Consideration, Footprint, OnUnbalanced},
	};
	use frame_system::pallet_prelude::*;
	use mutirao_traits::{Contest, Programs, Providers, Standstill};
	use mutirao_types::{
		ActiveBlock, ActiveBlocks, FinishedJob, JobId, JobStateKind, OfferId, ProgramId,
		RefundReason, SlashReport, Steps, Verdict,
	};
	use sp_runtime::{traits::Convert, Percent, Permill};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// What jobs are paid in.
		type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::hold::Balanced<Self::AccountId, Balance: From<u64> + Into<u128>>;

		/// The runtime's reasons to hold money.
		type RuntimeHoldReason: From<HoldReason>;

		/// What is held for the place that a job takes until it is pruned.
		type Rent: Consideration<Self::AccountId, Footprint>;

		/// Registered programs.
		type Programs: Programs;

		/// Providers, their stake and their offers.
		type Providers: Providers<Self::AccountId, BalanceOf<Self>>;

		/// Challenges and demands.
		type Contest: Contest;

		/// When time stands still.
		type Standstill: Standstill;

		/// What the chain asks for drawing and re-executing one workgroup of so many steps.
		type AuditPrice: Convert<Steps, BalanceOf<Self>>;

		/// Where the protocol's fee and the audit fee go: the treasury.
		type OnFee: OnUnbalanced<CreditOf<Self>>;

		/// The protocol's part of the price.
		#[pallet::constant]
		type ProtocolFee: Get<Permill>;

		/// The provider's part of the price when the program turns out to be at fault before the audit.
		#[pallet::constant]
		type FaultShare: Get<Percent>;

		/// The part of its collateral that a provider loses when it does not do what it accepted to do.
		/// One that lied loses all of it.
		#[pallet::constant]
		type FailurePenalty: Get<Percent>;

		/// The least collateral of a job, in its audit fees. A buyer gets a quarter of it, at least,
		/// from a provider that lied: with 4 it is never worse off for what the chain has checked.
		#[pallet::constant]
		type LeastCollateral: Get<u32>;

		/// The least that a buyer may offer for a job.
		#[pallet::constant]
		type MinimumPriceCap: Get<BalanceOf<Self>>;

		/// Steps that one workgroup may declare, at most: the chain could not re-execute more.
		#[pallet::constant]
		type MaxWorkgroupSteps: Get<Steps>;

		/// Workgroups that are drawn for one job, at most.
		#[pallet::constant]
		type MaxSamples: Get<u8>;

		/// The longest time from posting to acceptance.
		#[pallet::constant]
		type MaxAcceptBlocks: Get<ActiveBlocks>;

		/// The longest time from acceptance to attestation.
		#[pallet::constant]
		type MaxAttestBlocks: Get<ActiveBlocks>;

		/// The shortest contest window: time to fetch the outputs and to prove a lie.
		#[pallet::constant]
		type MinContestBlocks: Get<ActiveBlocks>;

		/// The longest.
		#[pallet::constant]
		type MaxContestBlocks: Get<ActiveBlocks>;

		/// How long a finished job is remembered before anybody may prune it.
		#[pallet::constant]
		type HistoryBlocks: Get<ActiveBlocks>;

		/// Jobs in one batch, at most.
		#[pallet::constant]
		type MaxBatch: Get<u32>;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// Why money is on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The price of a job that has not ended, and its audit fee.
		#[codec(index = 0)]
		Escrow,
		/// The place that a job takes.
		#[codec(index = 1)]
		JobStorage,
	}

	/// How many blocks were active since genesis: the clock of all deadlines.
	#[pallet::storage]
	pub type ActiveBlocksPassed<T: Config> = StorageValue<_, ActiveBlock, ValueQuery>;

	/// The number of the next job.
	#[pallet::storage]
	pub type NextJob<T: Config> = StorageValue<_, JobId, ValueQuery>;

	/// Jobs that have not ended. We count the numbers ourselves.
	#[pallet::storage]
	pub type Jobs<T: Config> = StorageMap<_, Twox64Concat, JobId, JobRecordOf<T>, OptionQuery>;

	/// Jobs that have ended and were not pruned.
	#[pallet::storage]
	pub type History<T: Config> =
		StorageMap<_, Twox64Concat, JobId, FinishedRecordOf<T>, OptionQuery>;

	/// Each buyer's jobs, finished ones too. Accounts are chosen by users, so the key is hashed.
	#[pallet::storage]
	pub type JobsByBuyer<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, JobId, (), OptionQuery>;

	/// Each provider's jobs, finished ones too.
	#[pallet::storage]
	pub type JobsByProvider<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, JobId, (), OptionQuery>;

	/// Jobs by stage.
	#[pallet::storage]
	pub type JobsByState<T: Config> =
		StorageDoubleMap<_, Twox64Concat, JobStateKind, Twox64Concat, JobId, (), OptionQuery>;

	/// Sums over all jobs that ever were.
	#[pallet::storage]
	pub type AllTime<T: Config> = StorageValue<_, Totals, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A buyer asks for a computation; price cap and audit fee are on hold.
		Posted {
			/// The job.
			job: JobId,
			/// Who pays.
			buyer: T::AccountId,
			/// What is computed.
			program: ProgramId,
			/// Steps that the program declares for these parameters.
			declared_steps: Steps,
			/// The most that it may cost.
			price_cap: BalanceOf<T>,
			/// For the chain's own checking.
			audit_fee: BalanceOf<T>,
			/// The last moment to accept it.
			until: ActiveBlock,
		},
		/// A provider took a job; what the buyer offered beyond the price is free again.
		Accepted {
			/// The job.
			job: JobId,
			/// Who computes.
			provider: T::AccountId,
			/// On which offer.
			offer: OfferId,
			/// For how much.
			price: BalanceOf<T>,
			/// What of its stake answers for it.
			collateral: BalanceOf<T>,
			/// The last moment to attest.
			until: ActiveBlock,
		},
		/// The provider has committed to its results.
		Attested {
			/// The job.
			job: JobId,
			/// The last moment to open the drawn workgroups.
			until: ActiveBlock,
		},
		/// The drawn workgroups could not be known in time: they are drawn anew.
		Postponed {
			/// The job.
			job: JobId,
			/// The last moment to open them.
			until: ActiveBlock,
		},
		/// All drawn workgroups were right; anybody may prove another one wrong.
		Audited {
			/// The job.
			job: JobId,
			/// The last moment to do so.
			until: ActiveBlock,
		},
		/// A demanded chunk was shown: whoever asked for it has time to use it.
		WindowExtended {
			/// The job.
			job: JobId,
			/// The last moment to prove a workgroup wrong.
			until: ActiveBlock,
		},
		/// A job has ended.
		Finished {
			/// The job.
			job: JobId,
			/// How, and why.
			verdict: Verdict,
			/// What the provider, the treasury and the buyer got.
			payout: Payout<BalanceOf<T>>,
			/// What the provider paid, if it was to blame.
			slash: Option<SlashReport<BalanceOf<T>>>,
		},
		/// A finished job is no longer remembered; the deposit for its place is free.
		Pruned {
			/// The job.
			job: JobId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No job that has not ended has this number.
		NoSuchJob,
		/// No finished job has this number.
		NotFinished,
		/// The price cap is less than jobs must offer.
		PriceCapTooLow,
		/// Price cap and audit fee together are more than there can be money.
		PriceCapTooHigh,
		/// A workgroup declares more steps than the chain can re-execute: make workgroups smaller.
		WorkgroupTooLarge,
		/// Too few or too many workgroups to draw: 1 to 16.
		SamplesOutOfRange,
		/// A stage would last too short or too long.
		TimesOutOfRange,
		/// The program has more or fewer inputs than were named.
		WrongNumberOfInputs,
		/// An input is longer or shorter than the program needs with these parameters.
		WrongInputLength,
		/// Only the job's buyer may do this.
		NotBuyer,
		/// Only the job's provider may do this.
		NotProvider,
		/// The job is directed at another offer.
		NotTheOffer,
		/// The job was accepted already.
		NotOpen,
		/// The job is not running.
		NotRunning,
		/// The job is not attested, or was audited already.
		NotAttested,
		/// The job is open, or its audit has passed: a fault of its program changes nothing.
		NotBeforeAudit,
		/// The job's contest window is not open.
		NotContestable,
		/// Nobody has accepted the job.
		NotAccepted,
		/// The stage's deadline has passed.
		TooLate,
		/// The stage's deadline has not passed: nothing can be settled yet.
		DeadlineNotReached,
		/// Somebody still has to answer a demand, and is in time.
		ContestPending,
		/// The job is still to be remembered.
		TooEarlyToPrune,
		/// The program declares no step for these parameters: no workgroup could be drawn.
		DeclaresNoStep,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::tick();
			T::WeightInfo::tick()
		}

		fn integrity_test() {
			assert!(T::MaxSamples::get() >= 1, "a job without audits is not checked");
			assert!(T::MinContestBlocks::get() >= 1, "a lie needs time to be found");
			assert!(T::MinContestBlocks::get() <= T::MaxContestBlocks::get(), "no window fits");
			assert!(T::MaxAcceptBlocks::get() >= 1 && T::MaxAttestBlocks::get() >= 1);
			assert!(T::MaxBatch::get() >= 1, "a batch needs room for a job");
			assert!(T::LeastCollateral::get() >= 4, "a lie must not cost the buyer");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The clock of all deadlines: active blocks since genesis.
		pub fn now() -> ActiveBlock {
			ActiveBlocksPassed::<T>::get()
		}

		/// A job that has not ended.
		pub fn job(job: JobId) -> Option<JobOf<T>> {
			Jobs::<T>::get(job).map(|record| record.job)
		}

		/// A job that has ended and was not pruned.
		pub fn finished_job(job: JobId) -> Option<FinishedJob<T::AccountId, BalanceOf<T>>> {
			History::<T>::get(job).map(|record| record.job)
		}

		/// What a job would put on hold besides its price cap: the audit fee. `None` if the program
		/// is not there or the parameters do not fit it.
		pub fn audit_fee(request: RequestOf<T>) -> Option<BalanceOf<T>> {
			let quote = T::Programs::quote(&request.program, &request.parameters).ok()?;
			Some(Self::audit_fee_for(&quote, request.samples))
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Asks for a computation.
		///
		/// The price cap, the audit fee and a deposit for the job's place go on hold. Emits
		/// [`Event::Posted`]. Fails if the program, parameters, inputs, times or samples do not fit, or
		/// the money is not there.
		#[pallet::call_index(0)]
		pub fn post(origin: OriginFor<T>, request: RequestOf<T>) -> DispatchResult {
			let buyer = ensure_signed(origin)?;
			Self::do_post(buyer, request)
		}

		/// Asks for several computations: all of them, or none if one cannot be posted.
		///
		/// Otherwise as [`Self::post`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::post_batch(requests.len() as u32))]
		pub fn post_batch(
			origin: OriginFor<T>,
			requests: BoundedVec<RequestOf<T>, T::MaxBatch>,
		) -> DispatchResult {
			let buyer = ensure_signed(origin)?;
			requests.into_iter().try_for_each(|request| Self::do_post(buyer.clone(), request))
		}

		/// Withdraws a job that nobody has accepted. All its money is free again.
		///
		/// Only by its buyer. Costs no fee. Emits [`Event::Finished`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::settle())]
		pub fn cancel(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_cancel(who, job)?;
			Ok(Pays::No.into())
		}

		/// Takes a job on one of the caller's offers.
		///
		/// Fixes the price, frees the rest of the buyer's money, and earmarks collateral in the caller's
		/// stake. Fetch and check the inputs before. Emits [`Event::Accepted`]. Fails if the job was
		/// taken, is directed elsewhere or has expired, or the offer does not meet what it asks.
		#[pallet::call_index(3)]
		pub fn accept(origin: OriginFor<T>, job: JobId, offer: OfferId) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_accept(provider, job, offer)
		}

		/// Gives up a running job: the buyer need not wait for the deadline.
		///
		/// Only by its provider, which loses what it would lose for being late. Costs no fee. Emits
		/// [`Event::Finished`].
		#[pallet::call_index(4)]
		pub fn give_up(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_give_up(who, job)?;
			Ok(Pays::No.into())
		}

		/// Ends a job whose deadline has passed: pays the provider if all was well, refunds the buyer
		/// if not.
		///
		/// By anybody. Costs no fee when it ends the job. Emits [`Event::Finished`].
		#[pallet::call_index(5)]
		#[pallet::weight(Pallet::<T>::settle_weight().saturating_add(T::Contest::weight()))]
		pub fn settle(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let verdict = Self::do_settle(job)?;
			// Only then was anything open in the contest.
			let is_lost = verdict == Verdict::Refunded(RefundReason::DemandUnanswered);
			let actual_weight = (!is_lost).then(Self::settle_weight);
			Ok(PostDispatchInfo { actual_weight, pays_fee: Pays::No })
		}

		/// Forgets a job that ended long ago, and frees the deposit for its place. Its events remain.
		///
		/// By anybody. Costs no fee when it succeeds. Emits [`Event::Pruned`].
		#[pallet::call_index(6)]
		pub fn prune(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_prune(job)?;
			Ok(Pays::No.into())
		}
	}
}
