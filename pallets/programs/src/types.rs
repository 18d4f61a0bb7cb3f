//! What is stored of a program.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use mutirao_machine_core::bytecode::limits::MAX_PROGRAM_BYTES;
use scale_info::TypeInfo;

/// Bytecode, or a part of it: at most 64 KiB.
pub type Code = BoundedVec<u8, ConstU32<{ MAX_PROGRAM_BYTES as u32 }>>;

/// What is known of a program besides its bytes.
#[derive(
	Clone, Debug, Eq, PartialEq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ProgramRecord<AccountId, Ticket> {
	/// Who registered it.
	pub depositor: AccountId,
	/// The deposit.
	pub ticket: Ticket,
	/// Length of the bytecode.
	pub bytes: u32,
	/// Jobs that name it and are not settled.
	pub uses: u32,
}

/// [`ProgramRecord`] of a runtime.
pub type ProgramRecordOf<T> =
	ProgramRecord<<T as frame_system::Config>::AccountId, <T as Config>::Rent>;
