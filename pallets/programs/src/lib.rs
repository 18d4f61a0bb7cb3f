//! Registered programs: bytecode that jobs name by its hash.
//!
//! # Terms
//!
//! - **program**: bytecode of the kernel machine, valid, stored whole; its name is the BLAKE3 hash of
//!   its bytes.
//! - **outline**: the program without its code, from which a job's sizes and price follow.
//! - **depositor**: who registered it, and pays for its place.
//! - **use**: a job that names the program and has not been settled.
//!
//! # Story
//!
//! 1. Ana compiles her kernel (`mutirao kernel build`) and registers its 900 bytes. The chain checks
//!    every rule of the machine, and holds a deposit for the place that the bytes take.
//! 2. Rui registers the same bytes: refused, they are there already; his jobs may name them.
//! 3. Jobs use the program. While one does, Ana cannot remove it.
//! 4. No job uses it any more: Ana removes it and has her deposit back.
//!
//! # Money
//!
//! One hold on the depositor, by size; released on removal.
//!
//! # Invariants
//!
//! Each program has code and an outline; the code's hash is its name; no other code or outline is
//! stored.
//!
//! # Costs
//!
//! Registering costs by size: decoding and validating are linear in it but for the barrier check,
//! which is bounded. A quote evaluates at most [`Config::MaxTerms`] terms.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
#[cfg(any(feature = "runtime-benchmarks", test))]
mod samples;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{Code, ProgramRecord, ProgramRecordOf};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::{Consideration, Footprint},
	};
	use frame_system::pallet_prelude::*;
	use mutirao_types::{program::Parameters, ProgramId, Quote};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// What is held for the place that a program takes.
		type Rent: Consideration<Self::AccountId, Footprint>;

		/// Terms of expressions that a quote evaluates, at most. A program with more is refused.
		#[pallet::constant]
		type MaxTerms: Get<u32>;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// Why money is on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the place that a program takes; its depositor has it back on removal.
		#[codec(index = 0)]
		Storage,
	}

	/// What is known of each program. Users choose the bytes that are hashed, so the key is hashed
	/// again.
	#[pallet::storage]
	pub type Programs<T: Config> =
		StorageMap<_, Blake2_128Concat, ProgramId, ProgramRecordOf<T>, OptionQuery>;

	/// The bytecode of each program, as it was registered. Read only when a workgroup is
	/// re-executed.
	#[pallet::storage]
	pub type Codes<T: Config> = StorageMap<_, Blake2_128Concat, ProgramId, Code, OptionQuery>;

	/// The encoded outline of each program; see machine/core.
	#[pallet::storage]
	pub type Outlines<T: Config> = StorageMap<_, Blake2_128Concat, ProgramId, Code, OptionQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A program can be named by jobs from now on.
		Registered {
			/// Its name: the BLAKE3 hash of its bytecode.
			program: ProgramId,
			/// Who pays for its place.
			depositor: T::AccountId,
			/// Length of its bytecode.
			bytes: u32,
		},
		/// A program is no longer stored; its deposit is free.
		Removed {
			/// Its name.
			program: ProgramId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The bytes are no program of the kernel machine: `mutirao kernel check` says where and why.
		NotAProgram,
		/// A program with these bytes is registered already; jobs may name it.
		AlreadyRegistered,
		/// The program has more inputs or more outputs than a job can name (16 of each).
		TooManyBuffers,
		/// The program's sizes take more terms to compute than the chain allows.
		TooManyTerms,
		/// No program has this name.
		NoSuchProgram,
		/// Only the account that registered the program can remove it.
		NotDepositor,
		/// A job that is not settled yet names the program.
		InUse,
		/// The parameters are too many, too few, out of their bounds, or make a size that is not
		/// allowed.
		ParametersDoNotFit,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What a program asks for with these parameters: steps, lengths of inputs and outputs. `None`
		/// if there is no such program or the parameters do not fit it.
		pub fn quote(program: ProgramId, parameters: Parameters) -> Option<Quote> {
			Self::do_quote(&program, &parameters).ok()
		}

		/// What is known of a program: who registered it, its size, how many jobs use it.
		pub fn program(program: ProgramId) -> Option<ProgramRecordOf<T>> {
			Programs::<T>::get(program)
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Registers a program, so that jobs can name it.
		///
		/// Anyone may. A deposit for its size is held on the caller until the program is removed.
		/// Emits [`Event::Registered`]. Fails if the bytes are no valid program, are registered
		/// already, ask for too much, or the deposit cannot be held.
		#[pallet::call_index(0)]
		#[pallet::weight(
			T::WeightInfo::register(code.len() as u32).saturating_add(T::WeightInfo::barrier_check())
		)]
		pub fn register(origin: OriginFor<T>, code: Code) -> DispatchResult {
			let depositor = ensure_signed(origin)?;
			Self::do_register(depositor, code)
		}

		/// Removes a program that no job uses, and frees its deposit.
		///
		/// Only by the account that registered it. Emits [`Event::Removed`].
		#[pallet::call_index(1)]
		pub fn remove(origin: OriginFor<T>, program: ProgramId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove(who, program)
		}
	}
}
