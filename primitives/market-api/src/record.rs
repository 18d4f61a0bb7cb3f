//! Single things, with what follows from them and is not stored.

use crate::answer;
use alloc::{string::String, vec::Vec};
use mutirao_types::{
	ActiveBlock, Attestation, Demand, FinishedJob, Job, JobBuffer, JobId, Offer, OfferId, Permill,
	ProgramId, Provider, Sample,
};

answer! {
	/// An offer.
	pub struct OfferInfo<AccountId, Balance> {
		/// Its number.
		pub id: OfferId,
		/// The offer as it stands.
		pub offer: Offer<AccountId, Balance>,
		/// The expected share of obligations that its provider keeps.
		pub reputation: Permill,
		/// Whether it takes jobs now: it and its provider are active, it has not expired, and its
		/// device has room.
		pub available: bool,
	}
}

answer! {
	/// A provider.
	pub struct ProviderInfo<AccountId, Balance> {
		/// Its account.
		pub account: AccountId,
		/// The provider as it stands, its reputation as it weighs now.
		pub provider: Provider<Balance>,
		/// The expected share of obligations that it keeps.
		pub reputation: Permill,
	}
}

answer! {
	/// A job.
	pub struct JobInfo<AccountId, Balance> {
		/// Its number.
		pub id: JobId,
		/// What is known of it.
		pub record: JobRecord<AccountId, Balance>,
	}
}

answer! {
	/// What is known of a job.
	pub enum JobRecord<AccountId, Balance> {
		/// It has not ended.
		#[codec(index = 0)]
		Live(Job<AccountId, Balance>),
		/// It has ended and was not pruned.
		#[codec(index = 1)]
		Finished(FinishedJob<AccountId, Balance>),
	}
}

answer! {
	/// A registered program.
	pub struct ProgramInfo<AccountId> {
		/// Its name.
		pub id: ProgramId,
		/// Who registered it.
		pub depositor: AccountId,
		/// Length of its bytecode.
		pub bytes: u32,
		/// Jobs that name it and have not ended.
		pub uses: u32,
	}
}

answer! {
	/// A registered program and its interface.
	pub struct ProgramDetails<AccountId> {
		/// The program.
		pub info: ProgramInfo<AccountId>,
		/// The numbers that a job gives, in this order.
		pub parameters: Vec<ParameterInfo>,
		/// Every buffer, in the order in which the program declares them.
		pub buffers: Vec<BufferInfo>,
		/// How many passes it has.
		pub passes: u32,
	}
}

answer! {
	/// A number that a job gives.
	pub struct ParameterInfo {
		/// A name for people.
		pub name: String,
		/// The least value.
		pub min: u32,
		/// The greatest.
		pub max: u32,
	}
}

answer! {
	/// A buffer of a program.
	pub struct BufferInfo {
		/// A name for people.
		pub name: String,
		/// What it is for.
		pub role: BufferRole,
	}
}

answer! {
	/// What a buffer is for.
	#[derive(Copy)]
	pub enum BufferRole {
		/// The job gives it.
		#[codec(index = 0)]
		Input,
		/// A pass writes it, and later passes read it.
		#[codec(index = 1)]
		Intermediate,
		/// A pass writes it, and the buyer gets it.
		#[codec(index = 2)]
		Output,
	}
}

answer! {
	/// Sums over all jobs that ever were.
	#[derive(Copy)]
	pub struct Totals {
		/// The moment: active blocks since genesis, as deadlines count them.
		pub now: ActiveBlock,
		/// Offers ever posted.
		pub offers_posted: u64,
		/// Jobs ever posted.
		pub jobs_posted: u64,
		/// Jobs that ended settled.
		pub settled: u64,
		/// Jobs that ended refunded.
		pub refunded: u64,
		/// Jobs that ended with the program at fault.
		pub faulted: u64,
		/// Declared steps of settled jobs.
		pub settled_steps: u128,
		/// What providers were paid, in planck.
		pub paid: u128,
	}
}

answer! {
	/// An attestation, and what follows from it.
	pub struct AttestationInfo<AccountId, Balance, BlockNumber> {
		/// What was attested.
		pub attestation: Attestation<BlockNumber>,
		/// The transcript's root.
		pub root: [u8; 32],
		/// The first block at which the drawn workgroups are known.
		pub drawn_at: BlockNumber,
		/// The drawn workgroups. `None`: not known yet, or the randomness was forgotten.
		pub samples: Option<Vec<Sample>>,
		/// The last moment to open them. `None`: all were opened and right.
		pub open_until: Option<ActiveBlock>,
		/// Demands that wait for an answer.
		pub demands: Vec<DemandInfo<AccountId, Balance>>,
	}
}

answer! {
	/// A demand that waits for an answer.
	pub struct DemandInfo<AccountId, Balance> {
		/// Of which buffer.
		pub buffer: JobBuffer,
		/// Which chunk.
		pub chunk: u32,
		/// Whose it is, and until when.
		pub demand: Demand<AccountId, Balance>,
	}
}
