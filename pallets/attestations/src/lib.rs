//! Proof of compute: transcripts, draws, openings, challenges, demands.
//!
//! # Terms
//!
//! - **transcript**: the names (BLAKE3 hash, length) of all buffers that a job's passes wrote.
//! - **anchor**: the block in which the transcript was attested. The seed is the hash of the VRF outputs
//!   of the [`Config::DrawBlocks`] blocks after it, the job and the transcript's root.
//! - **sample**: a workgroup that the seed draws, with probability proportional to declared steps.
//! - **opening**: the chunks that a workgroup reads, and those that hold its committed slice, each
//!   proven against the buffers' names.
//! - **witness**: all openings of one workgroup.
//! - **demand**: a request to show one chunk of a buffer, paid for in advance.
//!
//! # Story
//!
//! 1. Block 100: Pia attests the transcript of Bia's job.
//! 2. Block 109: the eight blocks' randomness is there. Four workgroups are drawn. Pia's worker opens
//!    them; the runtime computes each again from the bytes that it read, and finds the committed ones.
//! 3. The window is open. Caio has the outputs and finds workgroup 7 wrong. He challenges it with one
//!    transaction: the runtime agrees, Pia's collateral is slashed, Bia is refunded, Caio rewarded.
//!
//! # What an opening can show
//!
//! | the runtime computes | drawn workgroup | challenged workgroup |
//! |---|---|---|
//! | the committed slice | opened | the challenge failed; its fee is spent |
//! | another slice | the provider lied | the provider lied |
//! | a fault, from inputs alone | the program is at fault | void |
//! | a fault, from buffers that passes wrote | the program is at fault, unless a challenge shows by the end of the window that what it read is wrong | void |
//! | nothing, a chunk is missing | void | void |
//!
//! # Money
//!
//! A correct opening is free for the provider: the job's audit fee pays for it, however the job ends. A
//! challenge pays its fee; one that is upheld is free and earns its part of the slash. A demand's deposit
//! goes to the provider when it is answered, and back when not.
//!
//! # Costs
//!
//! Callers say how many steps a re-execution may take and pay for them; what was not used is returned.
//! [`Config::MaxWorkgroupSteps`] bounds them, so that one opening fits into a quarter of a block. One
//! entry of the ring of VRF outputs is written in each block.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod asset;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod draw;
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
pub use pallet::*;
pub use types::{AttestationOf, BalanceOf, Computed, DemandOf, RingEntry};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Contains},
	};
	use frame_system::pallet_prelude::*;
	use mutirao_commitment::Opening;
	use mutirao_traits::{Clock, Code, Jobs};
	use mutirao_types::{
		ActiveBlock, ActiveBlocks, FaultKind, JobBuffer, JobId, Sample, SlashReport, Steps,
		Transcript, Witness, Workgroup,
	};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// What demands are paid in.
		type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's reasons to hold money.
		type RuntimeHoldReason: From<HoldReason>;

		/// Jobs and their verdicts.
		type Jobs: Jobs<Self::AccountId, BalanceOf<Self>>;

		/// Programs' bytecode.
		type Programs: Code;

		/// Pairs of a provider and a key that may open in its name: calls through a proxy pallet are not
		/// free, and whoever must open must not need money for it.
		type WorkerKeys: Contains<(Self::AccountId, Self::AccountId)>;

		/// Time as deadlines count it.
		type Clock: Clock;

		/// The VRF output of the last block's author.
		type LastVrf: Get<Option<[u8; 32]>>;

		/// Blocks whose VRF outputs make a seed: an author knows its own in advance, so never one.
		#[pallet::constant]
		type DrawBlocks: Get<u32>;

		/// Blocks whose VRF outputs are remembered.
		#[pallet::constant]
		type RingBlocks: Get<u32>;

		/// How long a provider has to open the drawn workgroups, the draw included.
		#[pallet::constant]
		type OpenBlocks: Get<ActiveBlocks>;

		/// How long a provider has to answer a demand.
		#[pallet::constant]
		type SupplyBlocks: Get<ActiveBlocks>;

		/// How long the window stays open at least after a demanded chunk was shown, so that it can be
		/// used in a challenge.
		#[pallet::constant]
		type GraceBlocks: Get<ActiveBlocks>;

		/// Demands to a job that wait for an answer, at most. Its buyer may have as many more, so that
		/// a provider that demands of itself cannot keep the buyer from demanding.
		#[pallet::constant]
		type MaxDemands: Get<u8>;

		/// What a demand pays in advance, at least what an account must have.
		#[pallet::constant]
		type DemandDeposit: Get<BalanceOf<Self>>;

		/// Steps of a workgroup that can be re-executed, at most.
		#[pallet::constant]
		type MaxWorkgroupSteps: Get<Steps>;

		/// Measured weights.
		type WeightInfo: WeightInfo;

		/// What is around this pallet, made for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// Why money is on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A demand that was not answered yet.
		#[codec(index = 0)]
		Demand,
	}

	/// The VRF outputs of recent blocks, by height modulo the ring's length: keys of our own making.
	#[pallet::storage]
	pub type Ring<T: Config> =
		StorageMap<_, Twox64Concat, u32, RingEntry<BlockNumberFor<T>>, OptionQuery>;

	/// What was attested for each job that is not settled.
	#[pallet::storage]
	pub type Attestations<T: Config> =
		StorageMap<_, Twox64Concat, JobId, AttestationOf<T>, OptionQuery>;

	/// Demands that were not answered yet. Anybody chooses buffer and chunk, so that key is hashed.
	#[pallet::storage]
	pub type Demands<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		JobId,
		Blake2_128Concat,
		(JobBuffer, u32),
		DemandOf<T>,
		OptionQuery,
	>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A provider committed to a job's results.
		Attested {
			/// The job.
			job: JobId,
			/// The transcript's root.
			root: [u8; 32],
			/// Every buffer that the passes wrote.
			transcript: Transcript,
			/// Workgroups are drawn from the blocks after this one.
			anchor: BlockNumberFor<T>,
		},
		/// Workgroups are drawn anew: the randomness was forgotten before they were opened.
		Redrawn {
			/// The job.
			job: JobId,
			/// Workgroups are drawn from the blocks after this one.
			anchor: BlockNumberFor<T>,
		},
		/// A drawn workgroup was re-executed: its committed slice is right.
		Opened {
			/// The job.
			job: JobId,
			/// Which sample, from 0.
			sample: u8,
			/// Which workgroup it is.
			workgroup: Workgroup,
			/// Steps that it took.
			steps: Steps,
		},
		/// A drawn workgroup was re-executed: its committed slice is wrong.
		OpeningWrong {
			/// The job.
			job: JobId,
			/// Which workgroup.
			workgroup: Workgroup,
			/// What it cost the provider.
			slash: SlashReport<BalanceOf<T>>,
		},
		/// A workgroup was re-executed: the program does what it may not do.
		FaultFound {
			/// The job.
			job: JobId,
			/// Which workgroup.
			workgroup: Workgroup,
			/// What it does.
			fault: FaultKind,
			/// Whether it follows from the inputs alone. If not, the contest window decides.
			from_inputs: bool,
		},
		/// A challenger was right.
		ChallengeUpheld {
			/// The job.
			job: JobId,
			/// Which workgroup is wrong.
			workgroup: Workgroup,
			/// Who proved it.
			challenger: T::AccountId,
			/// What it cost the provider.
			slash: SlashReport<BalanceOf<T>>,
		},
		/// A challenger was wrong, and paid for the re-execution.
		ChallengeFailed {
			/// The job.
			job: JobId,
			/// Which workgroup is right.
			workgroup: Workgroup,
			/// Who challenged it.
			challenger: T::AccountId,
		},
		/// Somebody wants to see a chunk.
		Demanded {
			/// The job.
			job: JobId,
			/// Of which buffer.
			buffer: JobBuffer,
			/// Which chunk.
			chunk: u32,
			/// Who.
			by: T::AccountId,
			/// The last moment to show it.
			until: ActiveBlock,
		},
		/// A demanded chunk was shown.
		Supplied {
			/// The job.
			job: JobId,
			/// Of which buffer.
			buffer: JobBuffer,
			/// Which chunk.
			chunk: u32,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No job that has not ended has this number.
		NoSuchJob,
		/// Only the job's provider may do this, and its worker key if it is an opening.
		NotProvider,
		/// The job was attested already.
		AlreadyAttested,
		/// The job is not attested.
		NotAttested,
		/// The job's contest window is not open.
		NotContestable,
		/// The job's deadline has passed.
		TooLate,
		/// The transcript has more or fewer buffers than the program's passes write.
		WrongTranscriptLength,
		/// A buffer of the transcript has another length than the program gives it.
		WrongBufferLength,
		/// The blocks from which workgroups are drawn have not all been made.
		DrawNotReady,
		/// The randomness of the draw was forgotten: call `redraw`.
		RandomnessForgotten,
		/// The randomness of the draw is still there.
		RandomnessRemembered,
		/// The job has fewer samples.
		NoSuchSample,
		/// The sample was opened already.
		AlreadyOpened,
		/// The pass does not exist.
		NoSuchPass,
		/// The pass has fewer workgroups.
		NoSuchWorkgroup,
		/// The witness has an opening for too many or too few of the pass's buffers.
		WrongNumberOfOpenings,
		/// An opening does not prove its chunks.
		OpeningDoesNotVerify,
		/// The opened chunks are not those that hold the workgroup's slice.
		WrongSliceChunks,
		/// The witness has more chunks than a workgroup may read.
		TooManyChunks,
		/// A proof of a fault shows no committed slices.
		SlicesNotWanted,
		/// The witness lacks a chunk that the workgroup reads.
		ChunkMissing,
		/// The workgroup may take more steps than were paid for, or than can be re-executed.
		TooManySteps,
		/// Before the transcript is attested only passes that read nothing but inputs can be checked.
		ReadsWrittenBuffers,
		/// The program does nothing wrong in this workgroup.
		NoFault,
		/// The program is at fault in this workgroup, so its slice is neither right nor wrong.
		ProgramFaults,
		/// The job has no such buffer, or the buffer no such chunk.
		NoSuchChunk,
		/// The chunk was demanded already.
		AlreadyDemanded,
		/// As many demands to the job wait for an answer as may; only its buyer may have more.
		TooManyDemands,
		/// The chunk was not demanded.
		NotDemanded,
		/// The opening shows another chunk than the demanded one.
		WrongChunk,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::remember_last_vrf(now);
			T::WeightInfo::remember_last_vrf()
		}

		fn integrity_test() {
			let (draw, ring) = (T::DrawBlocks::get(), T::RingBlocks::get());
			assert!(draw >= 1, "a draw needs randomness");
			assert!(
				ring > draw.saturating_add(T::OpenBlocks::get()),
				"the ring must outlast the time to open"
			);
			assert!(T::OpenBlocks::get() > draw, "there must be time to open after the draw");
			let demands = T::MaxDemands::get();
			assert!(
				demands >= 1 && demands.checked_mul(2).is_some(),
				"demands are counted in a byte"
			);
			assert!(T::SupplyBlocks::get() >= 1, "there must be time to answer");
			let least = <T::Currency as fungible::Inspect<_>>::minimum_balance();
			assert!(T::DemandDeposit::get() >= least, "any provider must be able to receive it");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What was attested for a job that is not settled.
		pub fn attestation(job: JobId) -> Option<AttestationOf<T>> {
			Attestations::<T>::get(job)
		}

		/// The workgroups that are drawn for a job, once they are: what its provider has to open.
		pub fn samples(job: JobId) -> Option<alloc::vec::Vec<Sample>> {
			Self::do_samples(job).ok()
		}

		/// A demand that was not answered yet.
		pub fn pending_demand(job: JobId, buffer: JobBuffer, chunk: u32) -> Option<DemandOf<T>> {
			Demands::<T>::get(job, (buffer, chunk))
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Commits to a job's results: the names of all buffers that its passes wrote.
		///
		/// Only by its provider, in time. Is charged for the largest program; what this one did not take
		/// is returned. Emits [`Event::Attested`].
		#[pallet::call_index(0)]
		#[pallet::weight(Pallet::<T>::attest_weight())]
		pub fn attest(
			origin: OriginFor<T>,
			job: JobId,
			transcript: Transcript,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_attest(who, job, transcript)
		}

		/// Draws a job's workgroups anew, because the chain forgot the randomness before they were
		/// opened: it stood still for long.
		///
		/// By anybody, before the deadline, which stood still with the chain: nobody gets another draw by
		/// waiting. Costs no fee when it succeeds. Emits [`Event::Redrawn`].
		#[pallet::call_index(1)]
		pub fn redraw(origin: OriginFor<T>, job: JobId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_redraw(job)?;
			Ok(Pays::No.into())
		}

		/// Opens a drawn workgroup: the runtime computes it again and compares.
		///
		/// Only by the job's provider or its worker key. `steps` is what the pass declares for a workgroup.
		/// A correct opening costs no fee; one that does not verify changes nothing and pays. Emits
		/// [`Event::Opened`], [`Event::OpeningWrong`] or [`Event::FaultFound`].
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::reexecution_weight(T::WeightInfo::open(), witness, *steps))]
		pub fn open(
			origin: OriginFor<T>,
			job: JobId,
			sample: u8,
			#[pallet::compact] steps: Steps,
			witness: Witness,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_open(who, job, sample, steps, witness)
		}

		/// Claims that the committed slice of a workgroup is wrong: the runtime computes it again and
		/// compares.
		///
		/// By anybody, while the contest window is open. `steps` is what the pass declares for a
		/// workgroup. If the claim is right, the provider is slashed, the buyer refunded, and the
		/// caller gets its part and pays no fee. If not, the fee is spent. Emits
		/// [`Event::ChallengeUpheld`] or [`Event::ChallengeFailed`].
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::reexecution_weight(T::WeightInfo::challenge(), witness, *steps))]
		pub fn challenge(
			origin: OriginFor<T>,
			job: JobId,
			workgroup: Workgroup,
			#[pallet::compact] steps: Steps,
			witness: Witness,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_challenge(who, job, workgroup, steps, witness)
		}

		/// Shows that the program does in some workgroup what it may not do, from the job's inputs
		/// alone.
		///
		/// By anybody, before the audit has passed. Costs no fee when it succeeds. Emits
		/// [`Event::FaultFound`].
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::reexecution_weight(T::WeightInfo::open(), witness, *steps))]
		pub fn prove_fault(
			origin: OriginFor<T>,
			job: JobId,
			workgroup: Workgroup,
			#[pallet::compact] steps: Steps,
			witness: Witness,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_prove_fault(job, workgroup, steps, witness)
		}

		/// Asks to see one chunk of a job's buffer, while its contest window is open.
		///
		/// A deposit goes on hold: the provider's when it answers, the caller's again when it does not,
		/// and then the provider has lost. Emits [`Event::Demanded`].
		#[pallet::call_index(5)]
		pub fn demand(
			origin: OriginFor<T>,
			job: JobId,
			buffer: JobBuffer,
			chunk: u32,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_demand(who, job, buffer, chunk)
		}

		/// Shows a demanded chunk.
		///
		/// By anybody; the demand's deposit goes to the provider. Costs no fee when it succeeds. Emits
		/// [`Event::Supplied`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::supply(opening.siblings.len() as u32))]
		pub fn supply(
			origin: OriginFor<T>,
			job: JobId,
			buffer: JobBuffer,
			opening: Opening,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_supply(job, buffer, opening)?;
			Ok(Pays::No.into())
		}
	}
}
