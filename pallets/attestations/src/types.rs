//! What is stored of attestations.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::fungible;
use frame_system::pallet_prelude::BlockNumberFor;
use mutirao_types::{Attestation, Demand, FaultKind, Steps};
use scale_info::TypeInfo;

/// Money.
pub type BalanceOf<T> =
	<<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// [`Attestation`] of a runtime.
pub type AttestationOf<T> = Attestation<BlockNumberFor<T>>;
/// [`Demand`] of a runtime.
pub type DemandOf<T> = Demand<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

/// The VRF output of one block.
#[derive(
	Clone,
	Copy,
	Debug,
	Eq,
	PartialEq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct RingEntry<BlockNumber> {
	/// Which block.
	pub block: BlockNumber,
	/// What its author's VRF gave.
	pub output: [u8; 32],
}

/// What re-executing a workgroup showed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Computed {
	/// The committed slice.
	Same,
	/// Another one.
	Different,
	/// The program does what it may not do.
	Fault(FaultKind),
}

/// A re-execution: what it showed, and what it took.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reexecution {
	pub(crate) computed: Computed,
	/// Steps that were taken.
	pub(crate) steps: Steps,
	/// Length of the program's code.
	pub(crate) code_bytes: u32,
	/// Whether the pass reads nothing but inputs.
	pub(crate) from_inputs: bool,
}
