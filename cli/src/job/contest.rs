//! Proving to the chain that a workgroup is wrong, and asking for bytes that are withheld.

use clap::Args;
use mutirao_client::{
	money,
	pallets::{AttestationsCall, AttestationsEvent},
	types::{JobBuffer, Workgroup},
	Chain, Event,
};
use mutirao_machine_prover::Computed;

use super::{buyer::Buyer, kernel::Kernel, record::Record};
use crate::exit::{chain, failed, Failure};

/// Whether lies are contested.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ContestArgs {
	/// Do not prove a lie to the chain, nor demand results that are withheld. Either costs fees, and a
	/// demand that is answered 0.01 MUT; without them a liar is paid.
	#[arg(long = "no-challenge", action = clap::ArgAction::SetFalse)]
	pub(crate) challenge: bool,
}

impl<C: Chain> Buyer<'_, C> {
	/// Challenges a workgroup; whether the chain agreed. `buffers`: all of the program's, as committed.
	pub(crate) async fn challenge(
		&self,
		record: &mut Record,
		kernel: &Kernel,
		buffers: Vec<Vec<u8>>,
		workgroup: Workgroup,
	) -> anyhow::Result<bool> {
		let (program, parameters) = (kernel.program.clone(), record.values());
		let computed = Computed::from_buffers(program, &parameters, buffers);
		let computed = computed.map_err(|error| failed(Failure::Other, error))?;
		let (witness, steps) =
			computed.witness(workgroup).map_err(|error| failed(Failure::Other, error))?;
		self.say(
			"challenging",
			format!(
				"challenging pass {}, workgroup {}: the chain computes it again. The only bond is the \
				 transaction's fee, which is lost if the provider was right",
				workgroup.pass, workgroup.number
			),
		);
		let job = record.job;
		let challenge = AttestationsCall::Challenge { job, workgroup, steps, witness };
		let included = self.call(record, challenge).await.map_err(chain)?;
		let upheld = included.events.iter().any(|event| {
			matches!(event, Event::Attestations(AttestationsEvent::ChallengeUpheld { .. }))
		});
		let text = match upheld {
			true => "the chain agrees: the provider loses its collateral, the price comes back",
			false => "the chain disagrees: the provider was right",
		};
		self.say("challenged", text);
		Ok(upheld)
	}

	/// Demands the first chunk of a written buffer, so that a provider that withholds it answers for
	/// that. A demand that was made before is fine.
	pub(crate) async fn demand(&self, record: &mut Record, buffer: usize) -> anyhow::Result<()> {
		let Ok(index) = u8::try_from(buffer) else { return Ok(()) };
		let deposit = self.terms.demand_deposit;
		let text = format!(
			"the provider does not serve its results: demanding a chunk on the chain, for {} in advance, \
			 which are the provider's if it shows the chunk",
			money::display(deposit)
		);
		self.say("demanding", text);
		let (job, buffer) = (record.job, JobBuffer::Written(index));
		match self.call(record, AttestationsCall::Demand { job, buffer, chunk: 0 }).await {
			Ok(included) => {
				for event in &included.events {
					if let Event::Attestations(event) = event {
						record.note_demand(event, deposit);
					}
				}
			}
			Err(error) if error.pallet_error() == Some(("Attestations", "AlreadyDemanded")) => {}
			Err(error) => return Err(chain(error)),
		}
		self.records().save(record)
	}
}
