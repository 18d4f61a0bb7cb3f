//! What a provider commits to, and what is drawn, opened, demanded.

use crate::{wire, ActiveBlock, BufferId, FaultKind};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode};
use mutirao_commitment::Opening;
use scale_info::TypeInfo;

/// Buffers that a program's passes write, at most: the kernel machine's own limit.
pub const MAX_TRANSCRIPT: u32 = 256;

/// Every buffer that a job's passes wrote, in the order of passes and, in a pass, of its slots.
pub type Transcript = BoundedVec<BufferId, ConstU32<MAX_TRANSCRIPT>>;

/// The transcript's root: the BLAKE3 hash of its buffers, 40 bytes each (hash, then length,
/// little-endian).
pub fn transcript_root(transcript: &[BufferId]) -> [u8; 32] {
	let bytes: Vec<u8> = transcript.iter().flat_map(Encode::encode).collect();
	BufferId::of(&bytes).hash
}

wire! {
	/// One workgroup of one pass.
	#[derive(Copy)]
	pub struct Workgroup {
		/// The pass's index.
		pub pass: u16,
		/// The workgroup's number.
		pub number: u32,
	}
}

wire! {
	/// A buffer of a job.
	#[derive(Copy)]
	pub enum JobBuffer {
		/// An input, by its place among the inputs.
		#[codec(index = 0)]
		Input(u8),
		/// A buffer that a pass wrote, by its place in the transcript.
		#[codec(index = 1)]
		Written(u8),
	}
}

/// What it takes to re-execute one workgroup, and the bytes that the provider committed to for it.
#[derive(Clone, Debug, Default, Eq, PartialEq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Witness {
	/// For each buffer that the pass reads, by slot: the chunks that the workgroup reads. `None`
	/// where it reads nothing.
	pub reads: Vec<Option<Opening>>,
	/// For each buffer that the pass writes, by slot: the chunks that hold the workgroup's slice.
	pub slices: Vec<Opening>,
}

wire! {
	/// A drawn workgroup of a job, for lists.
	#[derive(Copy)]
	pub struct Sample {
		/// Which.
		pub workgroup: Workgroup,
		/// Whether it was opened, and was right.
		pub opened: bool,
	}
}

wire! {
	/// A provider's commitment to a job's results.
	pub struct Attestation<BlockNumber> {
		/// Every buffer that the passes wrote.
		pub transcript: Transcript,
		/// Workgroups are drawn from the randomness of the blocks after this one.
		pub anchor: BlockNumber,
		/// Workgroups that are drawn.
		pub samples: u8,
		/// One bit for each of them that was opened.
		pub opened: u16,
		/// What a drawn workgroup showed the program to do wrong, if what it read is right.
		pub fault: Option<FaultKind>,
		/// The last moment to demand a chunk: the end of the contest window, once it is open.
		pub demand_until: ActiveBlock,
		/// Demands that were not answered yet.
		pub demands: u8,
	}
}

wire! {
	/// A demand to show a chunk.
	pub struct Demand<AccountId, Balance> {
		/// Who wants to see it.
		pub by: AccountId,
		/// What it paid in advance; the provider's, once it answers.
		pub deposit: Balance,
		/// The last moment to answer.
		pub until: ActiveBlock,
	}
}
