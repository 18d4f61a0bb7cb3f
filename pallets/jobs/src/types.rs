//! What is stored of jobs.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::fungible;
use mutirao_types::{Deal, FinishedJob, Job, JobRequest};
use scale_info::TypeInfo;

type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

/// Money.
pub type BalanceOf<T> =
	<<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// Money taken that must go somewhere.
pub type CreditOf<T> = fungible::Credit<AccountIdOf<T>, <T as Config>::Currency>;
/// [`JobRequest`] of a runtime.
pub type RequestOf<T> = JobRequest<BalanceOf<T>>;
/// [`Job`] of a runtime.
pub type JobOf<T> = Job<AccountIdOf<T>, BalanceOf<T>>;
/// [`Deal`] of a runtime.
pub type DealOf<T> = Deal<AccountIdOf<T>, BalanceOf<T>>;

macro_rules! stored {
	($(#[$meta:meta])* pub struct $($rest:tt)*) => {
		#[derive(
			Clone,
			Debug,
			Eq,
			PartialEq,
			Encode,
			Decode,
			DecodeWithMemTracking,
			MaxEncodedLen,
			TypeInfo,
		)]
		$(#[$meta])*
		pub struct $($rest)*
	};
}

stored! {
	/// A job that has not ended, and the deposit for its place.
	pub struct JobRecord<Job, Ticket> {
		/// The job.
		pub job: Job,
		/// The deposit.
		pub ticket: Ticket,
	}
}

stored! {
	/// A job that has ended, and the deposit for its place.
	pub struct FinishedRecord<Job, Ticket> {
		/// The job.
		pub job: Job,
		/// The deposit.
		pub ticket: Ticket,
	}
}

stored! {
	/// Where a job's escrow went.
	#[derive(Copy, Default)]
	pub struct Payout<Balance> {
		/// To the provider.
		pub provider: Balance,
		/// To the treasury: the protocol's fee, and the audit fee for what the chain has checked.
		pub treasury: Balance,
		/// Back to the buyer.
		pub buyer: Balance,
	}
}

stored! {
	/// Sums over all jobs that ever were.
	#[derive(Copy, Default)]
	pub struct Totals {
		/// Jobs posted.
		pub posted: u64,
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

/// [`JobRecord`] of a runtime.
pub type JobRecordOf<T> = JobRecord<JobOf<T>, <T as Config>::Rent>;
/// [`FinishedRecord`] of a runtime.
pub type FinishedRecordOf<T> =
	FinishedRecord<FinishedJob<AccountIdOf<T>, BalanceOf<T>>, <T as Config>::Rent>;
