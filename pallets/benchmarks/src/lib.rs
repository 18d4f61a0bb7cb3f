//! Benchmark windows: how fast devices are, measured by all of them computing at once.
//!
//! # Terms
//!
//! - **benchmark**: a registered program, its settings, and how often and for how long it is run. Set by
//!   governance.
//! - **window**: the blocks in which every offer computes the benchmark, each from its own seed.
//! - **claim**: how much a provider says that its device has computed, and the transcript of it.
//! - **proof**: a drawn workgroup of a claim that the runtime computed again and found right.
//! - **measurement**: what was proven of an offer in a window; nothing proven is 0.
//! - **score**: the lowest of an offer's measurements in the last [`Config::RecentWindows`] windows in
//!   which it took part.
//!
//! # Story
//!
//! 1. Block 100: the VRF output of block 99 opens window 7. All offers that are posted take part.
//! 2. Block 109: eight more authors' outputs give the seed. Pia's worker stops serving jobs and computes.
//! 3. Block 126: it claims 5,000 chains, two blocks before the deadline.
//! 4. Block 135: the eight blocks after the claim's draw four of them. The worker proves them, for free.
//!    Pia's offer has a measurement, and a new score.
//! 5. Rui, who has one device and two offers, could claim only half for each. Zoe, who claimed more than
//!    she had computed, can prove three of four: anybody reports her once the window has ended, and has
//!    a small part of her penalty.
//!
//! # States
//!
//! ```text
//!           drawn by VRF         seed           claims end       proofs end
//!   no window ───────▶ opened ─────────▶ computing ───────▶ proving ────────▶ ended, and no window
//!                        └──── the chain stood still ────────┘──▶ void, as if it had not been
//!
//!          claim           all samples proven
//!   no claim ───▶ claimed ────────────────────▶ measured
//!                    │ one refuted, or the window ended
//!                    └──────────────────────────────────▶ lost: 0, and a penalty when concluded
//! ```
//!
//! # Money
//!
//! This pallet holds none. A claim pays for the proofs that it calls for, whatever becomes of it: samples ×
//! [`Config::AuditPrice`], to the treasury, as a job's audit fee. A lost claim costs its provider
//! [`Config::Penalty`], from the part of its stake that answers for no job. [`Config::Reward`] of it is the
//! reporter's, the rest is burned. A window without a claim costs only the score.
//!
//! # Invariants
//!
//! At most one window; ended windows are remembered in order; claims that are all proven are gone;
//! measurements are in the order of windows, one for each; nothing is kept of an offer that is gone, as it
//! cannot be withdrawn while it has a claim to answer for.
//!
//! # Costs
//!
//! The hook reads one or two values and walks no list. A claim pays its fee. A proof that is right is free,
//! as the claim paid for it, and there are at most 16 of them for a claim; `conclude` is free when it
//! changes something.

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

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use impls::opens;
pub use pallet::*;
pub use types::{BalanceOf, ClaimOf, CreditOf, WindowOf};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Contains, OnUnbalanced, Time},
	};
	use frame_system::pallet_prelude::*;
	use mutirao_traits::{Checker, Clock, Penalties, Programs, Scores};
	use mutirao_types::{
		benchmark::{EndedWindow, Measurement},
		program::Parameters,
		ActiveBlock, ActiveBlocks, Benchmark, OfferId, Sample, Score, SlashReport, Steps,
		Transcript, WindowId, Witness, Workgroup,
	};
	use sp_runtime::traits::Convert;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Who says what is measured, and when.
		type ManageOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// What claims are paid in.
		type Currency: fungible::Balanced<Self::AccountId, Balance: From<u64>>;

		/// What the chain asks for drawing and re-executing one workgroup of so many steps.
		type AuditPrice: Convert<Steps, BalanceOf<Self>>;

		/// Where it goes: the treasury.
		type OnFee: OnUnbalanced<CreditOf<Self>>;

		/// Draws and computes again.
		type Checker: Checker<BlockNumberFor<Self>>;

		/// Registered programs.
		type Programs: Programs;

		/// Offers and their scores.
		type Scores: Scores<Self::AccountId>;

		/// Pairs of a provider and a key that may prove in its name: calls through a proxy pallet are not
		/// free, and whoever must prove must not need money for it.
		type WorkerKeys: Contains<(Self::AccountId, Self::AccountId)>;

		/// What lies cost.
		type Penalties: Penalties<Self::AccountId, BalanceOf<Self>>;

		/// Time as deadlines count it.
		type Clock: Clock;

		/// Time as devices spend it, in milliseconds.
		type Time: Time<Moment = u64>;

		/// The VRF output of the last block's author.
		type LastVrf: Get<Option<[u8; 32]>>;

		/// Milliseconds from one block to the next.
		#[pallet::constant]
		type BlockMs: Get<u64>;

		/// Windows of which the lowest measurement counts.
		#[pallet::constant]
		type RecentWindows: Get<u32>;

		/// How long a score counts after the end of the last window that it is made of.
		#[pallet::constant]
		type ScoreBlocks: Get<ActiveBlocks>;

		/// What a claim costs that was not proven.
		#[pallet::constant]
		type Penalty: Get<BalanceOf<Self>>;

		/// What of it the reporter gets, at most, and never more than half. No more than a proof costs:
		/// whoever crowds proofs out of a window pays for more proofs than there are penalties.
		#[pallet::constant]
		type Reward: Get<BalanceOf<Self>>;

		/// Measured weights.
		type WeightInfo: WeightInfo;

		/// What is around this pallet, made for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId, BlockNumberFor<Self>>;
	}

	/// What will be measured in windows to come.
	#[pallet::storage]
	pub type Chosen<T: Config> = StorageValue<_, Benchmark, OptionQuery>;

	/// The number of the next window.
	#[pallet::storage]
	pub type NextWindow<T: Config> = StorageValue<_, WindowId, ValueQuery>;

	/// The window that is open, or in which claims are being proven.
	#[pallet::storage]
	pub type Current<T: Config> = StorageValue<_, WindowOf<T>, OptionQuery>;

	/// The last windows that ended and were not void, oldest first.
	#[pallet::storage]
	pub type Ended<T: Config> =
		StorageValue<_, BoundedVec<EndedWindow, T::RecentWindows>, ValueQuery>;

	/// Claims that were not proven, by offer. Offers' numbers are counted by the chain.
	#[pallet::storage]
	pub type Claims<T: Config> = StorageMap<_, Twox64Concat, OfferId, ClaimOf<T>, OptionQuery>;

	/// What was proven of offers in recent windows, oldest first.
	#[pallet::storage]
	pub type Measurements<T: Config> =
		StorageMap<_, Twox64Concat, OfferId, BoundedVec<Measurement, T::RecentWindows>, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Windows to come measure something else, or there will be none.
		BenchmarkSet {
			/// What they measure.
			benchmark: Option<Benchmark>,
		},
		/// A window was opened. Devices can compute once its seed is known.
		WindowOpened {
			/// Its number.
			window: WindowId,
			/// Offers with lower numbers take part.
			offers: OfferId,
			/// In time to claim.
			claim_until: ActiveBlock,
			/// In time to prove.
			prove_until: ActiveBlock,
		},
		/// A window has its seed.
		WindowStarted {
			/// Its number.
			window: WindowId,
			/// From which the offers' seeds follow.
			seed: [u8; 32],
		},
		/// A window has ended: what was not proven, is not.
		WindowEnded {
			/// Its number.
			window: WindowId,
		},
		/// A window measures nothing: the chain stood still.
		WindowVoided {
			/// Its number.
			window: WindowId,
		},
		/// A provider says how much its device has computed.
		Claimed {
			/// The offer.
			offer: OfferId,
			/// The window.
			window: WindowId,
			/// How much: the program's first parameter.
			size: u32,
			/// What this makes in a second of the window.
			steps_per_second: u64,
			/// Every buffer that the passes wrote.
			transcript: Transcript,
			/// Workgroups are drawn from the blocks after this one.
			anchor: BlockNumberFor<T>,
			/// What the provider paid for their proofs.
			fee: BalanceOf<T>,
		},
		/// A drawn workgroup of a claim was computed again: it is right.
		Proven {
			/// The offer.
			offer: OfferId,
			/// Which sample, from 0.
			sample: u8,
			/// Which workgroup it is.
			workgroup: Workgroup,
		},
		/// A drawn workgroup of a claim was computed again: it is wrong.
		Refuted {
			/// The offer.
			offer: OfferId,
			/// Which workgroup.
			workgroup: Workgroup,
		},
		/// All samples of a claim were proven.
		Measured {
			/// The offer.
			offer: OfferId,
			/// The window.
			window: WindowId,
			/// Steps in a second.
			steps_per_second: u64,
		},
		/// A claim was not proven.
		ClaimLost {
			/// The offer.
			offer: OfferId,
			/// The window.
			window: WindowId,
			/// Whose claim it was.
			provider: T::AccountId,
			/// Who reported it.
			reporter: T::AccountId,
			/// What it cost the provider; the reporter's part is the buyer's.
			penalty: SlashReport<BalanceOf<T>>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// Windows need an interval, blocks to compute in, more blocks to prove in than a draw takes, 1
		/// to 16 samples, and randomness that lasts until their end.
		BenchmarkOutOfRange,
		/// The program reads inputs, computes nothing more for a greater size, or has workgroups that
		/// cannot be computed again.
		NotABenchmark,
		/// No window is open, or its seed is not known.
		NoWindow,
		/// The deadline has passed.
		TooLate,
		/// The offer was posted after the window was opened.
		NotInWindow,
		/// No offer has this number.
		NoSuchOffer,
		/// The offer is another provider's.
		NotOwnOffer,
		/// The offer has a claim in this window.
		AlreadyClaimed,
		/// The offer has a claim that was refuted, or not proven in its window: `conclude` it first.
		ClaimNotConcluded,
		/// The offer has no claim that could be proven.
		NoClaim,
		/// The claim was refuted.
		ClaimRefuted,
		/// There are fewer samples.
		NoSuchSample,
		/// The sample was proven already.
		AlreadyProven,
		/// The benchmark does in this workgroup what a program may not do.
		ProgramFaults,
		/// Nothing changes.
		NothingToConclude,
		/// The offer's claim can still be proven: prove it, or wait until the window has ended.
		ClaimNotEnded,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::advance(now)
		}

		fn integrity_test() {
			assert!(T::RecentWindows::get() >= 1, "a score is made of a window");
			assert!(T::BlockMs::get() >= 1, "windows take time");
			assert!(T::ScoreBlocks::get() >= 1, "a score must count for a while");
			assert!(
				T::Reward::get() <= T::AuditPrice::convert(1),
				"crowding out an honest proof must not pay"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What will be measured in windows to come.
		pub fn benchmark() -> Option<Benchmark> {
			Chosen::<T>::get()
		}

		/// The window that is open, or in which claims are being proven.
		pub fn window() -> Option<WindowOf<T>> {
			Current::<T>::get()
		}

		/// The parameters with which an offer computes so much in the present window, once it has a seed.
		pub fn parameters(offer: OfferId, size: u32) -> Option<Parameters> {
			let provider = T::Scores::provider_of(offer)?;
			Self::parameters_of(&Current::<T>::get()?, &provider, offer, size).ok()
		}

		/// What a claim of so much costs in the present window, besides its transaction. `None`: there is
		/// no window, or the program does not take this size.
		pub fn claim_fee(size: u32) -> Option<BalanceOf<T>> {
			let benchmark = Current::<T>::get()?.benchmark;
			let quote = Self::quote(&benchmark, size).ok()?;
			Some(Self::fee(&quote, benchmark.samples))
		}

		/// An offer's claim, if it was not proven.
		pub fn claim_of(offer: OfferId) -> Option<ClaimOf<T>> {
			Claims::<T>::get(offer)
		}

		/// The workgroups that are drawn for an offer's claim, once they are: what its provider has to
		/// prove.
		pub fn samples(offer: OfferId) -> Option<Vec<Sample>> {
			Self::do_samples(offer).ok()
		}

		/// What was proven of an offer in recent windows, oldest first.
		pub fn measurements(offer: OfferId) -> Vec<Measurement> {
			Measurements::<T>::get(offer).into_inner()
		}

		/// The score that an offer has, or would have if it were concluded now.
		pub fn score(offer: OfferId) -> Option<Score> {
			Self::score_of(offer).or_else(|| T::Scores::score(offer))
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Sets what is measured in windows to come, or that there be none. A window that is open goes on
		/// as it began.
		///
		/// Only by [`Config::ManageOrigin`]. Emits [`Event::BenchmarkSet`].
		#[pallet::call_index(0)]
		pub fn set_benchmark(origin: OriginFor<T>, benchmark: Option<Benchmark>) -> DispatchResult {
			T::ManageOrigin::ensure_origin(origin)?;
			Self::do_set_benchmark(benchmark)
		}

		/// Says how much an offer's device has computed in the window, and commits to it: the names of
		/// all buffers that the passes wrote.
		///
		/// Only by the offer's provider, in time, once in a window. The provider pays the treasury for all
		/// proofs to come, see `claim_fee`. Emits [`Event::Claimed`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::claim(transcript.len() as u32))]
		pub fn claim(
			origin: OriginFor<T>,
			offer: OfferId,
			size: u32,
			transcript: Transcript,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(who, offer, size, transcript)
		}

		/// Proves a drawn workgroup of a claim: the runtime computes it again and compares.
		///
		/// Only by the claim's provider or its worker key, in time. `steps` is what the pass declares for a
		/// workgroup. A right one costs no fee; one that does not verify changes nothing and pays. Emits
		/// [`Event::Proven`] or [`Event::Refuted`], and [`Event::Measured`] after the last one.
		#[pallet::call_index(2)]
		#[pallet::weight(T::Checker::check_weight(T::WeightInfo::prove(), witness, *steps))]
		pub fn prove(
			origin: OriginFor<T>,
			offer: OfferId,
			sample: u8,
			#[pallet::compact] steps: Steps,
			witness: Witness,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_prove(who, offer, sample, steps, witness)
		}

		/// Draws the conclusions of windows that have ended for an offer: a claim that was not proven is
		/// lost, and a window without a measurement counts as 0.
		///
		/// By anybody. Costs no fee when it changes something. Emits [`Event::ClaimLost`] if there was
		/// such a claim: [`Config::Reward`] is the caller's.
		#[pallet::call_index(3)]
		pub fn conclude(origin: OriginFor<T>, offer: OfferId) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_conclude(who, offer)?;
			Ok(Pays::No.into())
		}
	}
}
