//! The loop of one offer.

use std::{path::PathBuf, sync::Arc, time::Duration};

use mutirao_client::Chain;
use mutirao_data::store::Store;
use mutirao_machine_core::Program;
use mutirao_types::{OfferId, ProgramId};
use serde::Serialize;
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
	decide, device::BLOCK, refusals::Refusals, BenchmarkError, Claimable, Rate, Records, Step, View,
};
use crate::gpu::{Lease, Pool};

/// How often the chain is asked what is to be done. Blocks come every three seconds.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the loop rests after an error.
const REST: Duration = Duration::from_secs(5);
/// What is known of an offer's measuring, for status and metrics.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measured {
	/// The window that was answered last.
	pub window: Option<u32>,
	/// How much was claimed in it.
	pub size: u32,
	/// Samples that were proven in it.
	pub proven: u32,
	/// Steps per second that the chain counts for the offer.
	pub score: Option<u64>,
}

/// Answers windows for the offers of one provider.
pub struct Bench<C> {
	/// The chain, as the provider's hot key sees it.
	pub chain: C,
	/// The devices.
	pub pool: Arc<Pool>,
	/// Where claims' bytes are kept.
	pub store: Store,
	/// What is kept of claims.
	pub records: Records,
	/// Where devices write. Each offer has a folder in it.
	pub folder: PathBuf,
}

/// What the loop of an offer has in memory. All of it can be made anew.
#[derive(Default)]
pub(super) struct Held {
	pub(super) lease: Option<Lease>,
	pub(super) claimable: Option<Claimable>,
	pub(super) program: Option<(ProgramId, Program)>,
	pub(super) rate: Option<Rate>,
	pub(super) refusals: Refusals,
}

impl<C: Chain> Bench<C> {
	/// Answers windows for an offer until it is cancelled. Other errors than those that say that the
	/// chain is not understood are logged, and the loop goes on.
	///
	/// # Errors
	///
	/// Those that [`BenchmarkError::is_fatal`] names.
	pub async fn run(
		&self,
		offer: OfferId,
		device: &str,
		measured: &watch::Sender<Measured>,
		cancel: &CancellationToken,
	) -> Result<(), BenchmarkError> {
		let mut held = Held::default();
		while !cancel.is_cancelled() {
			let rest = match self.turn(offer, device, &mut held, measured, cancel).await {
				Ok(()) => LOOK_EVERY,
				Err(error) if error.is_fatal() => return Err(error),
				Err(error) => {
					tracing::warn!(offer, device, "benchmark: {error}");
					held.lease = None;
					REST
				}
			};
			tokio::select! {
				() = cancel.cancelled() => {}
				() = sleep(rest) => {}
			}
		}
		Ok(())
	}

	async fn turn(
		&self,
		offer: OfferId,
		device: &str,
		held: &mut Held,
		measured: &watch::Sender<Measured>,
		cancel: &CancellationToken,
	) -> Result<(), BenchmarkError> {
		let view = self.view(offer).await?;
		let record = self.records.get(offer);
		match decide(offer, &view, record.as_ref()) {
			Step::Wait => {
				held.lease = None;
				self.calibrate(device, held, cancel).await?;
			}
			Step::Reserve => self.lease(device, held).await?,
			Step::Compute => {
				let Some(window) = view.window else { return Ok(()) };
				self.lease(device, held).await?;
				self.compute(offer, &window, view.now, held, cancel).await?;
			}
			Step::Recompute { size } => {
				let Some(window) = view.window else { return Ok(()) };
				self.lease(device, held).await?;
				let limit = BLOCK * window.prove_until.saturating_sub(view.now);
				self.compute_size(offer, &window, size, limit, held, cancel).await?;
				held.lease = None;
			}
			step @ (Step::Claim | Step::Prove { .. } | Step::Conclude) => {
				held.lease = None;
				self.call(offer, step, &view, held, measured).await?;
			}
			Step::Forget => {
				held.claimable = None;
				self.store.unpin(&owner(offer))?;
				self.records.remove(offer)?;
			}
		}
		let score = self.chain.score(offer).await?.map(|score| score.steps_per_second);
		let claim = held.claimable.as_ref().map(|claimable| &claimable.record);
		measured.send_if_modified(|measured| {
			let mut now = Measured { score, ..measured.clone() };
			if let Some(claim) = claim.filter(|claim| measured.window != Some(claim.window)) {
				now = Measured { window: Some(claim.window), size: claim.size, proven: 0, score };
			}
			let changed = *measured != now;
			*measured = now;
			changed
		});
		Ok(())
	}

	/// An offer and the present window, as the chain has them.
	async fn view(&self, offer: OfferId) -> Result<View, BenchmarkError> {
		let window = self.chain.benchmark_window().await?;
		let claim = self.chain.claim_of(offer).await?;
		let Some(window) = window else { return Ok(View { claim, ..View::default() }) };
		let samples = match &claim {
			Some(_) => self.chain.claim_samples(offer).await?,
			None => None,
		};
		let measurements = self.chain.measurements(offer).await?;
		let is_measured = measurements.iter().any(|one| one.window == window.number);
		let now = self.chain.now().await?;
		Ok(View { window: Some(window), claim, samples, is_measured, now })
	}
}

/// In whose name the store keeps an offer's claim.
pub(super) fn owner(offer: OfferId) -> String {
	format!("benchmark of offer {offer}")
}
