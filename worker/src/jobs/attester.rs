//! Committing to results, and showing that a program is at fault.

use std::time::Instant;

use mutirao_client::{
	pallets::{AttestationsCall, JobsCall},
	Chain, DispatchError, Error,
};
use mutirao_machine_prover::{Bytes, Computed};
use mutirao_types::{JobState, OfferId};

use crate::{
	chain::{Outcome, SubmitError},
	fault,
};

use super::{
	record::{Record, What},
	shared::{blocking, Shared},
	ActError,
};

/// What the pallet says of a proof that proves no fault, whenever it is shown.
const NO_PROOF: [&str; 10] = [
	"NoFault",
	"NoSuchPass",
	"NoSuchWorkgroup",
	"WrongNumberOfOpenings",
	"OpeningDoesNotVerify",
	"SlicesNotWanted",
	"TooManyChunks",
	"ChunkMissing",
	"TooManySteps",
	"ReadsWrittenBuffers",
];

impl<C: Chain> Shared<C> {
	/// Takes a job. Its record is in the journal, and its inputs are in the store.
	pub(super) async fn accept(&self, record: &Record) -> Result<(), ActError> {
		let job = record.job;
		if !self.has(record.request.inputs.iter().copied()) {
			return Err(ActError::Inputs("they were here, and are not any more".into()));
		}
		fault::point("before-accept");
		let call = JobsCall::Accept { job, offer: record.offer };
		let is_open = |state: &State| matches!(state, JobState::Open { .. });
		let due = || self.state_is(job, is_open);
		let taken = self.call(job, What::Accept, call.into(), due).await;
		if let Err(ActError::Submit(error @ SubmitError::Refused { .. })) = &taken {
			self.note_refused(job, error.to_string());
		}
		taken?;
		fault::point("after-accept");
		Ok(())
	}

	/// Commits to a job's results.
	pub(super) async fn attest(&self, record: &Record) -> Result<(), ActError> {
		let Some(results) = &record.computed else { return Ok(()) };
		let (job, offer) = (record.job, record.offer);
		fault::point("before-attest");
		let call = AttestationsCall::Attest { job, transcript: results.transcript() };
		let due = || self.state_is(job, move |state| is_running(state, offer));
		let began = Instant::now();
		let outcome = self.call(job, What::Attest, call.into(), due).await?;
		if matches!(outcome, Outcome::Done(_)) {
			let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
			self.parts.journal.change(job, |record| record.times.attest = took)?;
		}
		fault::point("after-attest");
		Ok(())
	}

	/// Shows the workgroup in which the program is at fault.
	pub(super) async fn prove_fault(&self, record: &Record) -> Result<(), ActError> {
		let Some(found) = record.fault else { return Ok(()) };
		let (job, offer, workgroup) = (record.job, record.offer, found.workgroup);
		let planned = self.plan(record).await?;
		let inputs: Result<Vec<_>, _> =
			record.request.inputs.iter().map(|input| self.stored(input)).collect();
		let (inputs, parameters) = (inputs?, record.request.parameters.clone());
		let (witness, steps) = blocking(move || {
			let mut given = Vec::with_capacity(inputs.len());
			for input in inputs {
				let outboard = input.outboard()?.clone();
				given.push((Box::new(input) as Bytes, outboard));
			}
			let program = planned.checked.program.clone();
			let computed = Computed::from_inputs(program, &parameters, given)?;
			Ok(computed.fault_witness(workgroup)?)
		})
		.await?;
		fault::point("before-prove-fault");
		let call = AttestationsCall::ProveFault { job, workgroup, steps, witness };
		let before_audit = move |state: &State| {
			let attested = matches!(state, JobState::Attested { .. }) && is_ours(state, offer);
			attested || is_running(state, offer)
		};
		let proven =
			self.call(job, What::ProveFault, call.into(), || self.state_is(job, before_audit));
		if let Err(error) = proven.await {
			return self.cannot_prove(record, error).await;
		}
		fault::point("after-prove-fault");
		Ok(())
	}

	/// The chain's word counts: what it does not take for a fault is none that can be proven. Any other
	/// refusal may pass, and the proof is tried again.
	async fn cannot_prove(&self, record: &Record, error: ActError) -> Result<(), ActError> {
		if matches!(&error, ActError::Submit(SubmitError::Refused { error, .. }) if denies_fault(error))
		{
			self.parts.journal.change(record.job, |record| {
				if let Some(fault) = &mut record.fault {
					fault.provable = false;
				}
				if record.computed.is_none() {
					record.hopeless = Some(format!("its program is at fault here, but {error}"));
				}
			})?;
		}
		Err(error)
	}

	/// Hands a job back.
	pub(super) async fn give_up(&self, record: &Record, reason: &str) -> Result<(), ActError> {
		let (job, offer) = (record.job, record.offer);
		tracing::error!(job, "the job is given up: {reason}");
		fault::point("before-give-up");
		let due = || self.state_is(job, move |state| is_running(state, offer));
		self.call(job, What::GiveUp, JobsCall::GiveUp { job }.into(), due).await?;
		fault::point("after-give-up");
		Ok(())
	}

	/// Whether a job is live, and its state is such.
	pub(super) async fn state_is(
		&self,
		job: u64,
		is: impl Fn(&State) -> bool + Send,
	) -> Result<bool, Error> {
		let found = self.parts.chain.job(job).await?;
		Ok(found.is_some_and(|job| is(&job.state)))
	}
}

/// Whether the chain says that there is no fault, or that this is no proof of one: it will say so again.
fn denies_fault(error: &DispatchError) -> bool {
	matches!(error, DispatchError::Pallet { pallet, name, .. }
		if pallet == "Attestations" && NO_PROOF.contains(&name.as_str()))
}

pub(super) type State = JobState<mutirao_client::AccountId, mutirao_client::Balance>;

/// Whether a job is on this offer.
pub(super) fn is_ours(state: &State, offer: OfferId) -> bool {
	state.deal().is_some_and(|deal| deal.offer == offer)
}

fn is_running(state: &State, offer: OfferId) -> bool {
	matches!(state, JobState::Running { .. }) && is_ours(state, offer)
}
