//! Jobs: what a buyer asks for, and how far it has come.

use crate::{
	buffer::JobBuffers, program::Parameters, wire, ActiveBlock, ActiveBlocks, OfferId, ProgramId,
	Requirements, Steps, Verdict,
};

/// Jobs are numbered in the order in which they are posted.
pub type JobId = u64;

wire! {
	/// Who may accept a job.
	#[derive(Copy)]
	pub enum Target {
		/// Any provider whose offer meets the requirements.
		#[codec(index = 0)]
		Anyone,
		/// The provider of this offer, on this offer.
		#[codec(index = 1)]
		Offer(OfferId),
	}
}

wire! {
	/// How long each stage of a job may last.
	#[derive(Copy)]
	pub struct Times {
		/// From posting to acceptance.
		pub accept_within: ActiveBlocks,
		/// From acceptance to attestation.
		pub attest_within: ActiveBlocks,
		/// The contest window: from the last drawn opening to settlement.
		pub contest_for: ActiveBlocks,
	}
}

wire! {
	/// What a buyer asks for.
	pub struct JobRequest<Balance> {
		/// What is computed.
		pub program: ProgramId,
		/// With which numbers.
		pub parameters: Parameters,
		/// On which bytes.
		pub inputs: JobBuffers,
		/// Who may accept it.
		pub target: Target,
		/// What is asked of device and provider.
		pub requirements: Requirements,
		/// The most that it may cost, in planck, the audit fee apart.
		pub price_cap: Balance,
		/// Workgroups that the chain draws and re-executes, 1 to 16.
		pub samples: u8,
		/// How long each stage may last.
		pub times: Times,
	}
}

wire! {
	/// What provider and buyer agreed on when the job was accepted.
	pub struct Deal<AccountId, Balance> {
		/// Who computes.
		pub provider: AccountId,
		/// On which offer.
		pub offer: OfferId,
		/// What it is paid, the protocol's fee included.
		pub price: Balance,
		/// The part of its stake that answers for this job.
		pub collateral: Balance,
	}
}

wire! {
	/// How far a job has come, and until when this stage may last. `until` is the last moment that is
	/// still in time.
	pub enum JobState<AccountId, Balance> {
		/// Nobody has accepted it.
		#[codec(index = 0)]
		Open {
			/// In time to accept.
			until: ActiveBlock,
		},
		/// A provider computes.
		#[codec(index = 1)]
		Running {
			/// The agreement.
			deal: Deal<AccountId, Balance>,
			/// In time to attest.
			until: ActiveBlock,
		},
		/// The provider has committed to its results; the drawn workgroups are to be opened.
		#[codec(index = 2)]
		Attested {
			/// The agreement.
			deal: Deal<AccountId, Balance>,
			/// In time to open.
			until: ActiveBlock,
		},
		/// All drawn workgroups were right; anybody may prove another one wrong.
		#[codec(index = 3)]
		Contestable {
			/// The agreement.
			deal: Deal<AccountId, Balance>,
			/// In time to challenge.
			until: ActiveBlock,
		},
	}
}

wire! {
	/// A job's stage, for lists.
	#[derive(Copy)]
	pub enum JobStateKind {
		/// [`JobState::Open`].
		#[codec(index = 0)]
		Open,
		/// [`JobState::Running`].
		#[codec(index = 1)]
		Running,
		/// [`JobState::Attested`].
		#[codec(index = 2)]
		Attested,
		/// [`JobState::Contestable`].
		#[codec(index = 3)]
		Contestable,
		/// Ended: kept as a [`FinishedJob`].
		#[codec(index = 4)]
		Finished,
	}
}

impl<AccountId, Balance> JobState<AccountId, Balance> {
	/// The last moment that is still in time.
	pub fn until(&self) -> ActiveBlock {
		match self {
			Self::Open { until }
			| Self::Running { until, .. }
			| Self::Attested { until, .. }
			| Self::Contestable { until, .. } => *until,
		}
	}

	/// The agreement, once there is one.
	pub fn deal(&self) -> Option<&Deal<AccountId, Balance>> {
		match self {
			Self::Open { .. } => None,
			Self::Running { deal, .. }
			| Self::Attested { deal, .. }
			| Self::Contestable { deal, .. } => Some(deal),
		}
	}

	/// The stage.
	pub fn kind(&self) -> JobStateKind {
		match self {
			Self::Open { .. } => JobStateKind::Open,
			Self::Running { .. } => JobStateKind::Running,
			Self::Attested { .. } => JobStateKind::Attested,
			Self::Contestable { .. } => JobStateKind::Contestable,
		}
	}
}

wire! {
	/// A job that has not ended.
	pub struct Job<AccountId, Balance> {
		/// Who pays.
		pub buyer: AccountId,
		/// What is asked for.
		pub request: JobRequest<Balance>,
		/// Steps that the program declares for these parameters.
		pub declared_steps: Steps,
		/// What the buyer pays for the chain's own checking.
		pub audit_fee: Balance,
		/// When it was posted.
		pub posted_at: ActiveBlock,
		/// How far it has come.
		pub state: JobState<AccountId, Balance>,
	}
}

wire! {
	/// What is remembered of a job that has ended, until it is pruned.
	pub struct FinishedJob<AccountId, Balance> {
		/// Who paid, or got its money back.
		pub buyer: AccountId,
		/// The agreement, if there was one.
		pub deal: Option<Deal<AccountId, Balance>>,
		/// What was computed.
		pub program: ProgramId,
		/// How it ended.
		pub verdict: Verdict,
		/// When.
		pub ended_at: ActiveBlock,
	}
}
