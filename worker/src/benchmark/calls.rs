//! The calls of an offer's loop: claiming, proving, and concluding what was lost.

use std::sync::Arc;

use mutirao_client::Chain;
use mutirao_types::{benchmark::Window, OfferId, Transcript, Workgroup};
use tokio::{sync::watch, task::spawn_blocking};

use super::{
	offer::{Bench, Held, Measured},
	BenchmarkError, Claimable, Step, View,
};

impl<C: Chain> Bench<C> {
	/// The bytes of the claim that is on record.
	async fn claimable<'a>(
		&self,
		offer: OfferId,
		window: Option<Window<u32>>,
		held: &'a mut Held,
	) -> Result<Option<&'a Claimable>, BenchmarkError> {
		let (Some(record), Some(window)) = (self.records.get(offer), window) else {
			return Ok(None);
		};
		let same = held.claimable.as_ref().is_some_and(|held| held.record == record);
		if !same {
			let program = self.program(&window.benchmark, held).await?;
			held.claimable = Claimable::restore(&self.store, &program, record)?;
			if held.claimable.is_none() {
				// The next look computes it again.
				self.records.remove(offer)?;
			}
		}
		Ok(held.claimable.as_ref())
	}

	/// Makes a call, unless the chain refused one so lately, or so often, that this one must wait.
	pub(super) async fn call(
		&self,
		offer: OfferId,
		step: Step,
		view: &View,
		held: &mut Held,
		measured: &watch::Sender<Measured>,
	) -> Result<(), BenchmarkError> {
		let window = view.window.as_ref().map(|window| window.number);
		if !held.refusals.allow(window, self.chain.finalized_number().await?) {
			return Ok(());
		}
		let outcome = match step {
			Step::Claim => self.claim(offer, view.window.clone(), held).await,
			Step::Prove { sample } => {
				let proven = self.prove(offer, sample, view, held).await;
				if proven.is_ok() {
					measured.send_modify(|measured| measured.proven += 1);
				}
				proven
			}
			Step::Conclude => self.conclude(offer).await,
			_ => return Ok(()),
		};
		held.refusals.note(window, self.chain.finalized_number().await?, &outcome);
		outcome
	}

	async fn conclude(&self, offer: OfferId) -> Result<(), BenchmarkError> {
		self.chain.conclude(offer).await?;
		tracing::error!(offer, "benchmark: a claim was not proven in time, and is lost");
		Ok(())
	}

	async fn claim(
		&self,
		offer: OfferId,
		window: Option<Window<u32>>,
		held: &mut Held,
	) -> Result<(), BenchmarkError> {
		let Some(claimable) = self.claimable(offer, window, held).await? else { return Ok(()) };
		let transcript: Transcript = claimable.computed.transcript();
		let (window, size) = (claimable.record.window, claimable.record.size);
		self.chain.claim(offer, size, transcript).await?;
		tracing::info!(offer, window, size, "benchmark: claimed");
		Ok(())
	}

	async fn prove(
		&self,
		offer: OfferId,
		sample: u8,
		view: &View,
		held: &mut Held,
	) -> Result<(), BenchmarkError> {
		let drawn = view.samples.iter().flatten().nth(usize::from(sample));
		let Some(workgroup) = drawn.map(|drawn| drawn.workgroup) else { return Ok(()) };
		let Some(claimable) = self.claimable(offer, view.window.clone(), held).await? else {
			return Ok(());
		};
		let (witness, steps) = witness(&claimable.computed, workgroup).await?;
		self.chain.prove(offer, sample, steps, witness).await?;
		tracing::info!(offer, sample, workgroup = workgroup.number, "benchmark: proven");
		Ok(())
	}
}

async fn witness(
	computed: &Arc<mutirao_machine_prover::Computed>,
	workgroup: Workgroup,
) -> Result<(mutirao_types::Witness, u64), BenchmarkError> {
	let computed = computed.clone();
	let building = spawn_blocking(move || computed.witness(workgroup));
	Ok(building.await.map_err(|_| BenchmarkError::Interrupted)??)
}
