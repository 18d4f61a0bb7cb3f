//! Providers: stake, offers, scores, reputation.
//!
//! # Terms
//!
//! - **stake**: a provider's money on hold, from which its lies are paid.
//! - **collateral**: the part of the stake that answers for one running job. The sum of them is
//!   **earmarked**, and is never more than the stake.
//! - **offer**: a standing ask for one device; its **score** is what the chain measured, not what the
//!   provider says. Its maximum price bounds what one job may earmark, whoever accepts it in the
//!   provider's name. Some broken jobs within a short time pause it.
//! - **reputation**: a decayed Beta estimate of kept obligations, changed only by verdicts.
//!
//! # Story
//!
//! 1. Monday: Pia puts 100 MUT of stake on hold, publishes where her worker answers, and posts an
//!    offer for her GPU.
//! 2. She accepts a job for 5 MUT: 10 MUT of her stake are earmarked for it.
//! 3. Tuesday: the job is settled, the 10 MUT are free again, her reputation rises.
//! 4. Wednesday: she withdraws her offer and leaves. Her stake stays on hold for the unbonding period.
//! 5. A week later she withdraws it.
//!
//! # States
//!
//! ```text
//!   register          leave                 withdraw
//!  ──────────▶ Active ───────▶ Leaving ───────────────▶ gone
//!                               (after the unbonding period, with no open job and no offer)
//! ```
//!
//! # Money
//!
//! | who | what | until |
//! |---|---|---|
//! | provider | stake, [`HoldReason::Stake`] | withdrawn, or slashed |
//! | provider | rent of each offer | the offer is withdrawn |
//!
//! A slash takes min(stake, penalty): half is burned, the rest goes to the buyer and, if somebody
//! proved a lie, half of it to the challenger. What was due and not there is reported.
//!
//! # Invariants
//!
//! The hold equals the recorded stake; earmarked ≤ stake; offers' running jobs add up to the
//! provider's open jobs; the index of offers agrees with the offers.

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

pub use pallet::*;
pub use types::{BalanceOf, CreditOf, OfferOf, OfferRecord, OfferRecordOf, ProviderOf, TermsOf};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Consideration, Footprint},
	};
	use frame_system::pallet_prelude::*;
	use mutirao_traits::{Clock, Withdrawals};
	use mutirao_types::{
		ActiveBlock, ActiveBlocks, Device, Endpoint, OfferId, Permill, Score, SlashReport,
	};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// What stake is paid in.
		type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ fungible::hold::Balanced<Self::AccountId, Balance: Into<u128> + From<u64>>;

		/// The runtime's reasons to hold money.
		type RuntimeHoldReason: From<HoldReason>;

		/// What is held for the place that an offer takes.
		type Rent: Consideration<Self::AccountId, Footprint>;

		/// Time as deadlines count it.
		type Clock: Clock;

		/// Who else knows of offers, and may object when one is withdrawn.
		type Withdrawals: Withdrawals;

		/// The least stake with which a provider may register and take jobs.
		#[pallet::constant]
		type MinimumStake: Get<BalanceOf<Self>>;

		/// Collateral is this many times a job's price, or the least that the job asks for, if that is
		/// more.
		#[pallet::constant]
		type CollateralFactor: Get<u32>;

		/// How long stake stays on hold after its provider began to leave.
		#[pallet::constant]
		type UnbondingBlocks: Get<ActiveBlocks>;

		/// How far ahead an offer's expiry may lie.
		#[pallet::constant]
		type MaxOfferBlocks: Get<ActiveBlocks>;

		/// Offers of one provider, at most.
		#[pallet::constant]
		type MaxOffers: Get<u32>;

		/// An offer is paused when so many jobs on it, at least 1, were broken within
		/// [`Config::FailurePeriod`].
		#[pallet::constant]
		type FailuresToPause: Get<u32>;

		/// How long a broken job counts towards its offer's pause.
		#[pallet::constant]
		type FailurePeriod: Get<ActiveBlocks>;

		/// In this time an obligation, kept or broken, loses half its weight.
		#[pallet::constant]
		type ReputationHalfLife: Get<ActiveBlocks>;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// Why money is on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A provider's stake: its lies are paid from it.
		#[codec(index = 0)]
		Stake,
		/// The place that an offer takes.
		#[codec(index = 1)]
		OfferStorage,
	}

	/// Providers by account. Accounts are chosen by users, so the key is hashed.
	#[pallet::storage]
	pub type Providers<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, ProviderOf<T>, OptionQuery>;

	/// Offers by number. We count the numbers ourselves.
	#[pallet::storage]
	pub type Offers<T: Config> =
		StorageMap<_, Twox64Concat, OfferId, OfferRecordOf<T>, OptionQuery>;

	/// Each provider's offers.
	#[pallet::storage]
	pub type OffersByProvider<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, OfferId, (), OptionQuery>;

	/// The number of the next offer.
	#[pallet::storage]
	pub type NextOffer<T: Config> = StorageValue<_, OfferId, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account became a provider.
		Registered {
			/// The account.
			provider: T::AccountId,
			/// Its stake, now on hold.
			stake: BalanceOf<T>,
			/// Where its data plane answers.
			endpoint: Endpoint,
		},
		/// A provider added to its stake.
		StakeAdded {
			/// The provider.
			provider: T::AccountId,
			/// What was added.
			added: BalanceOf<T>,
			/// All of it.
			stake: BalanceOf<T>,
		},
		/// A provider's data plane answers elsewhere.
		EndpointSet {
			/// The provider.
			provider: T::AccountId,
			/// Where.
			endpoint: Endpoint,
		},
		/// A provider takes no new jobs and wants its stake back.
		Leaving {
			/// The provider.
			provider: T::AccountId,
			/// When it can have it, if no job is open then.
			free_at: ActiveBlock,
		},
		/// A provider has its stake back and is gone.
		Left {
			/// The account.
			provider: T::AccountId,
			/// What it got back.
			stake: BalanceOf<T>,
		},
		/// A device is offered.
		OfferPosted {
			/// The offer.
			offer: OfferId,
			/// Whose.
			provider: T::AccountId,
			/// The device.
			device: Device,
			/// What is asked.
			terms: TermsOf<T>,
		},
		/// An offer has other terms. Running jobs keep theirs.
		OfferChanged {
			/// The offer.
			offer: OfferId,
			/// What is asked now.
			terms: TermsOf<T>,
		},
		/// An offer takes no jobs until its provider resumes it: the provider paused it, or several jobs on
		/// it were broken.
		OfferPaused {
			/// The offer.
			offer: OfferId,
		},
		/// An offer takes jobs again.
		OfferResumed {
			/// The offer.
			offer: OfferId,
		},
		/// An offer is gone.
		OfferWithdrawn {
			/// The offer.
			offer: OfferId,
		},
		/// The chain measured a device, or its score was taken away.
		ScoreSet {
			/// The offer.
			offer: OfferId,
			/// The score.
			score: Option<Score>,
		},
		/// A provider paid for a broken obligation.
		Slashed {
			/// The provider.
			provider: T::AccountId,
			/// What was due.
			penalty: BalanceOf<T>,
			/// Where what was there went.
			report: SlashReport<BalanceOf<T>>,
		},
		/// A verdict changed a provider's reputation.
		ReputationChanged {
			/// The provider.
			provider: T::AccountId,
			/// The expected share of obligations that it keeps.
			estimate: Permill,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is a provider already.
		AlreadyRegistered,
		/// The account is no provider: register first.
		NotRegistered,
		/// The stake is less than providers must have.
		StakeTooSmall,
		/// The endpoint is not the address of a data plane: give `http://` or `https://`, a host, and
		/// no spaces.
		MalformedEndpoint,
		/// The provider is leaving.
		IsLeaving,
		/// The provider is not leaving: `leave` first.
		NotLeaving,
		/// The unbonding period has not passed.
		StillBonded,
		/// A job of the provider, or one on this offer, has not ended.
		JobsOpen,
		/// Offers remain: withdraw them first.
		OffersRemain,
		/// The provider has as many offers as it may have.
		TooManyOffers,
		/// No offer has this number.
		NoSuchOffer,
		/// The offer is another provider's.
		NotOwnOffer,
		/// The region is not spelt as ISO 3166 does: two letters, and up to three more characters.
		MalformedRegion,
		/// A device's text is not UTF-8, or empty.
		MalformedLabel,
		/// An offer needs room for at least one job.
		NoCapacity,
		/// The offer's maximum price is less than its minimum price: it could take no job.
		MaximumPriceTooLow,
		/// The expiry has passed, or lies too far ahead.
		ExpiryOutOfRange,
		/// The offer takes no jobs: it is paused.
		OfferPaused,
		/// The offer takes no jobs: it has expired.
		OfferExpired,
		/// The device runs as many jobs as it may.
		DeviceBusy,
		/// The device has not been measured to be as fast as the job asks, or its score has expired.
		ScoreTooLow,
		/// The device has less memory than the job asks.
		MemoryTooSmall,
		/// The device stands elsewhere than the job asks.
		WrongRegion,
		/// The provider's reputation is less than the job asks.
		ReputationTooLow,
		/// The offer's price for this job exceeds what the buyer pays.
		PriceAboveCap,
		/// The job costs more than the offer's maximum price, or needs more collateral than such a job
		/// would: raise the maximum price first.
		PriceAboveMaximum,
		/// The provider's stake does not cover one more job: add stake, or wait until others end.
		StakeNotFree,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::CollateralFactor::get() >= 1,
				"a job without collateral costs a liar nothing"
			);
			assert!(T::ReputationHalfLife::get() >= 1, "reputation needs a half-life");
			assert!(T::MaxOffers::get() >= 1, "a provider needs an offer");
			assert!(T::FailuresToPause::get() >= 1, "an offer must not start paused");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A provider, with its reputation as it weighs now.
		pub fn provider(provider: T::AccountId) -> Option<ProviderOf<T>> {
			let mut record = Providers::<T>::get(provider)?;
			record.reputation =
				record.reputation.decayed(T::Clock::now(), T::ReputationHalfLife::get());
			Some(record)
		}

		/// An offer.
		pub fn offer(offer: OfferId) -> Option<OfferOf<T>> {
			Offers::<T>::get(offer).map(|record| record.offer)
		}

		/// The expected share of obligations that a provider keeps, as it stands now.
		pub fn reputation(provider: T::AccountId) -> Option<Permill> {
			let record = Providers::<T>::get(provider)?;
			Some(record.reputation.estimate(T::Clock::now(), T::ReputationHalfLife::get()))
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Makes the caller a provider: puts `stake` on hold and publishes where its data plane answers.
		///
		/// Emits [`Event::Registered`]. Fails if the caller is a provider, the stake is too small or
		/// not there, or the endpoint is malformed.
		#[pallet::call_index(0)]
		pub fn register(
			origin: OriginFor<T>,
			#[pallet::compact] stake: BalanceOf<T>,
			endpoint: Endpoint,
		) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_register(provider, stake, endpoint)
		}

		/// Puts more of the caller's money on hold as stake.
		///
		/// Emits [`Event::StakeAdded`]. Fails if the caller is no provider, or is leaving.
		#[pallet::call_index(1)]
		pub fn add_stake(
			origin: OriginFor<T>,
			#[pallet::compact] amount: BalanceOf<T>,
		) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_add_stake(provider, amount)
		}

		/// Publishes another address of the caller's data plane.
		///
		/// Emits [`Event::EndpointSet`].
		#[pallet::call_index(2)]
		pub fn set_endpoint(origin: OriginFor<T>, endpoint: Endpoint) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_set_endpoint(provider, endpoint)
		}

		/// Begins to leave: the caller takes no new jobs, and can have its stake after the unbonding
		/// period.
		///
		/// Running jobs go on as agreed. Emits [`Event::Leaving`].
		#[pallet::call_index(3)]
		pub fn leave(origin: OriginFor<T>) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_leave(provider)
		}

		/// Frees all of the caller's stake and forgets the provider.
		///
		/// Emits [`Event::Left`]. Fails before the unbonding period has passed, while a job is open,
		/// and while offers remain.
		#[pallet::call_index(4)]
		pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_withdraw(provider)
		}

		/// Offers a device.
		///
		/// A deposit for its place is held until the offer is withdrawn. Emits
		/// [`Event::OfferPosted`].
		#[pallet::call_index(5)]
		pub fn post_offer(
			origin: OriginFor<T>,
			device: Device,
			terms: TermsOf<T>,
		) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_post_offer(provider, device, terms)
		}

		/// Changes what the caller asks for a device. Running jobs keep their price.
		///
		/// The device stays: its score belongs to it. Emits [`Event::OfferChanged`].
		#[pallet::call_index(6)]
		pub fn change_offer(
			origin: OriginFor<T>,
			offer: OfferId,
			terms: TermsOf<T>,
		) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_change_offer(provider, offer, terms)
		}

		/// Takes no more jobs on an offer until it is resumed. Emits [`Event::OfferPaused`].
		#[pallet::call_index(7)]
		pub fn pause_offer(origin: OriginFor<T>, offer: OfferId) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_pause_offer(provider, offer)
		}

		/// Takes jobs on a paused offer again, and forgets what was broken on it. Emits
		/// [`Event::OfferResumed`].
		#[pallet::call_index(8)]
		pub fn resume_offer(origin: OriginFor<T>, offer: OfferId) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_resume_offer(provider, offer)
		}

		/// Withdraws an offer on which no job runs, and frees its deposit. Emits
		/// [`Event::OfferWithdrawn`].
		///
		/// Fails while the offer has a claim to answer for, of a benchmark window.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::withdraw_offer().saturating_add(T::Withdrawals::weight()))]
		pub fn withdraw_offer(origin: OriginFor<T>, offer: OfferId) -> DispatchResult {
			let provider = ensure_signed(origin)?;
			Self::do_withdraw_offer(provider, offer)
		}
	}
}
