//! Attestations, openings, challenges, demands.

use super::answer;
use crate::{
	view::{View, ViewShape},
	AccountId, Balance, BlockNumber, Call, Error, Included, OnChain, Submit,
};
use codec::{Decode, Encode};
use mutirao_commitment::Opening;
use mutirao_types::{
	ActiveBlock, Attestation, Demand, FaultKind, JobBuffer, JobId, Sample, SlashReport, Steps,
	Transcript, Witness, Workgroup,
};

const ATTESTATION: View<(JobId,), Option<Attestation<BlockNumber>>> =
	View::new("Attestations", "attestation");
const SAMPLES: View<(JobId,), Option<Vec<Sample>>> = View::new("Attestations", "samples");
const PENDING_DEMAND: View<(JobId, JobBuffer, u32), Option<Demand<AccountId, Balance>>> =
	View::new("Attestations", "pending_demand");

/// What the view functions that are asked here must be like.
pub(super) fn views() -> Vec<ViewShape> {
	vec![ATTESTATION.shape(), SAMPLES.shape(), PENDING_DEMAND.shape()]
}

/// Calls of the pallet Attestations. Its documentation is in the pallet.
#[derive(Clone, Debug, Eq, PartialEq, Encode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
pub enum AttestationsCall {
	/// Commits to a job's results.
	#[codec(index = 0)]
	Attest {
		/// The job.
		job: JobId,
		/// All buffers that its passes wrote.
		transcript: Transcript,
	},
	/// Draws a job's workgroups anew.
	#[codec(index = 1)]
	Redraw {
		/// The job.
		job: JobId,
	},
	/// Opens a drawn workgroup.
	#[codec(index = 2)]
	Open {
		/// The job.
		job: JobId,
		/// Which sample, from 0.
		sample: u8,
		/// Steps that its pass declares for a workgroup.
		#[codec(compact)]
		steps: Steps,
		/// What it takes to compute it again.
		witness: Witness,
	},
	/// Claims that the committed slice of a workgroup is wrong.
	#[codec(index = 3)]
	Challenge {
		/// The job.
		job: JobId,
		/// Which workgroup.
		workgroup: Workgroup,
		/// Steps that its pass declares for a workgroup.
		#[codec(compact)]
		steps: Steps,
		/// What it takes to compute it again.
		witness: Witness,
	},
	/// Shows that the program does in some workgroup what it may not do.
	#[codec(index = 4)]
	ProveFault {
		/// The job.
		job: JobId,
		/// Which workgroup.
		workgroup: Workgroup,
		/// Steps that its pass declares for a workgroup.
		#[codec(compact)]
		steps: Steps,
		/// What it reads; no slices.
		witness: Witness,
	},
	/// Asks to see one chunk of a job's buffer.
	#[codec(index = 5)]
	Demand {
		/// The job.
		job: JobId,
		/// Which buffer.
		buffer: JobBuffer,
		/// Which chunk.
		chunk: u32,
	},
	/// Shows a demanded chunk.
	#[codec(index = 6)]
	Supply {
		/// The job.
		job: JobId,
		/// Which buffer.
		buffer: JobBuffer,
		/// The chunk and its proof.
		opening: Opening,
	},
}

impl AttestationsCall {
	/// The call's name on the chain.
	pub fn name(&self) -> &'static str {
		match self {
			Self::Attest { .. } => "attest",
			Self::Redraw { .. } => "redraw",
			Self::Open { .. } => "open",
			Self::Challenge { .. } => "challenge",
			Self::ProveFault { .. } => "prove_fault",
			Self::Demand { .. } => "demand",
			Self::Supply { .. } => "supply",
		}
	}
}

impl From<AttestationsCall> for Call {
	fn from(call: AttestationsCall) -> Self {
		Self::Attestations(call)
	}
}

/// Events of the pallet Attestations.
#[derive(Clone, Debug, Eq, PartialEq, Decode)]
#[cfg_attr(test, derive(scale_info::TypeInfo))]
#[allow(missing_docs)] // Each field is documented with the event, in the pallet.
pub enum AttestationsEvent {
	/// A provider committed to a job's results.
	#[codec(index = 0)]
	Attested { job: JobId, root: [u8; 32], transcript: Transcript, anchor: BlockNumber },
	/// Workgroups are drawn anew.
	#[codec(index = 1)]
	Redrawn { job: JobId, anchor: BlockNumber },
	/// A drawn workgroup was re-executed: its committed slice is right.
	#[codec(index = 2)]
	Opened { job: JobId, sample: u8, workgroup: Workgroup, steps: Steps },
	/// A drawn workgroup was re-executed: its committed slice is wrong.
	#[codec(index = 3)]
	OpeningWrong { job: JobId, workgroup: Workgroup, slash: SlashReport<Balance> },
	/// A workgroup was re-executed: the program does what it may not do.
	#[codec(index = 4)]
	FaultFound { job: JobId, workgroup: Workgroup, fault: FaultKind, from_inputs: bool },
	/// A challenger was right.
	#[codec(index = 5)]
	ChallengeUpheld {
		job: JobId,
		workgroup: Workgroup,
		challenger: AccountId,
		slash: SlashReport<Balance>,
	},
	/// A challenger was wrong, and paid for the re-execution.
	#[codec(index = 6)]
	ChallengeFailed { job: JobId, workgroup: Workgroup, challenger: AccountId },
	/// Somebody wants to see a chunk.
	#[codec(index = 7)]
	Demanded { job: JobId, buffer: JobBuffer, chunk: u32, by: AccountId, until: ActiveBlock },
	/// A demanded chunk was shown.
	#[codec(index = 8)]
	Supplied { job: JobId, buffer: JobBuffer, chunk: u32 },
}

/// Attestations of a chain.
pub trait AttestationsExt: Sync {
	/// What was attested for a job that is not settled.
	fn attestation(&self, job: JobId) -> answer!(Option<Attestation<BlockNumber>>);

	/// The workgroups that are drawn for a job; `None` until they are.
	fn samples(&self, job: JobId) -> answer!(Option<Vec<Sample>>);

	/// A demand that was not answered yet.
	fn pending_demand(
		&self,
		job: JobId,
		buffer: JobBuffer,
		chunk: u32,
	) -> answer!(Option<Demand<AccountId, Balance>>);

	/// Commits to the results of a job that the account runs.
	fn attest(&self, job: JobId, transcript: Transcript) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(AttestationsCall::Attest { job, transcript }.into())
	}

	/// Draws a job's workgroups anew, because the chain forgot its randomness.
	fn redraw(&self, job: JobId) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(AttestationsCall::Redraw { job }.into())
	}

	/// Opens a drawn workgroup of a job that the account runs.
	fn open(&self, job: JobId, sample: u8, steps: Steps, witness: Witness) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(AttestationsCall::Open { job, sample, steps, witness }.into())
	}

	/// Claims that a workgroup's committed slice is wrong. Whether it is, the events tell.
	fn challenge(
		&self,
		job: JobId,
		workgroup: Workgroup,
		steps: Steps,
		witness: Witness,
	) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(AttestationsCall::Challenge { job, workgroup, steps, witness }.into())
	}

	/// Shows that the program is at fault in some workgroup.
	fn prove_fault(
		&self,
		job: JobId,
		workgroup: Workgroup,
		steps: Steps,
		witness: Witness,
	) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(AttestationsCall::ProveFault { job, workgroup, steps, witness }.into())
	}

	/// Asks to see one chunk of a job's buffer.
	fn demand(&self, job: JobId, buffer: JobBuffer, chunk: u32) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(AttestationsCall::Demand { job, buffer, chunk }.into())
	}

	/// Shows a demanded chunk.
	fn supply(&self, job: JobId, buffer: JobBuffer, opening: Opening) -> answer!(Included)
	where
		Self: Submit,
	{
		self.submit(AttestationsCall::Supply { job, buffer, opening }.into())
	}
}

impl<T: OnChain + Sync> AttestationsExt for T {
	async fn attestation(&self, job: JobId) -> Result<Option<Attestation<BlockNumber>>, Error> {
		self.client().view(&ATTESTATION, (job,)).await
	}

	async fn samples(&self, job: JobId) -> Result<Option<Vec<Sample>>, Error> {
		self.client().view(&SAMPLES, (job,)).await
	}

	async fn pending_demand(
		&self,
		job: JobId,
		buffer: JobBuffer,
		chunk: u32,
	) -> Result<Option<Demand<AccountId, Balance>>, Error> {
		self.client().view(&PENDING_DEMAND, (job, buffer, chunk)).await
	}
}
