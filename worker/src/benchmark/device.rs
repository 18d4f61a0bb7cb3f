//! What the loop of an offer does with its device: measuring its rate, and computing claims.

use std::time::Duration;

use mutirao_client::Chain;
use mutirao_machine_core::Program;
use mutirao_types::{benchmark::Window, ActiveBlock, Benchmark, OfferId};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
	calibrate, claim_of_size,
	compute::Plan,
	offer::{owner, Bench, Held},
	size_for, BenchmarkError, Rate,
};
use crate::gpu::{Lease, Progress, Task};

/// The chain's block time.
pub(super) const BLOCK: Duration = Duration::from_secs(3);
/// Blocks of a window that are not for computing: what is read is final, two or three blocks behind
/// the best block, and the claim must be included.
const OVERHEAD_BLOCKS: u32 = 4;
/// The first size with which a device's rate is measured.
const FIRST_SIZE: u32 = 16;
/// The most time that a calibration run may take.
const CALIBRATION_LIMIT: Duration = Duration::from_secs(120);

impl<C: Chain> Bench<C> {
	/// Takes the device, once what runs on it has ended.
	pub(super) async fn lease(&self, device: &str, held: &mut Held) -> Result<(), BenchmarkError> {
		if held.lease.is_none() {
			held.lease = Some(self.pool.acquire(device).await?);
		}
		Ok(())
	}

	/// The benchmark's program, fetched once.
	pub(super) async fn program(
		&self,
		benchmark: &Benchmark,
		held: &mut Held,
	) -> Result<Program, BenchmarkError> {
		if let Some((id, program)) = &held.program {
			if *id == benchmark.program {
				return Ok(program.clone());
			}
		}
		let code = self.chain.program_code(benchmark.program).await?;
		let code = code.ok_or_else(|| BenchmarkError::Program("it is not registered".into()))?;
		let program =
			Program::decode(&code).map_err(|error| BenchmarkError::Program(error.to_string()))?;
		held.program = Some((benchmark.program, program.clone()));
		// Another program has another rate.
		held.rate = None;
		Ok(program)
	}

	/// Measures how fast the device is, when nothing else is to be done and it is not known yet.
	pub(super) async fn calibrate(
		&self,
		device: &str,
		held: &mut Held,
		cancel: &CancellationToken,
	) -> Result<(), BenchmarkError> {
		let Some(benchmark) = self.chain.benchmark().await? else { return Ok(()) };
		let program = self.program(&benchmark, held).await?;
		if held.rate.is_none() {
			let lease = self.pool.acquire(device).await?;
			held.rate = Some(self.rate(&lease, &program, &benchmark, cancel).await?);
		}
		Ok(())
	}

	/// The device's rate, by runs with a seed of zeros.
	async fn rate(
		&self,
		lease: &Lease,
		program: &Program,
		benchmark: &Benchmark,
		cancel: &CancellationToken,
	) -> Result<Rate, BenchmarkError> {
		let most = most(program);
		let mut size = FIRST_SIZE.min(most);
		loop {
			let started = Instant::now();
			let task = Task {
				code: program.encode(),
				parameters: benchmark.parameters(size, &[0; 32]).into_inner(),
				inputs: Vec::new(),
				folder: self.folder.join("calibration"),
				name: "benchmark calibration".into(),
				limit: CALIBRATION_LIMIT,
			};
			let progress = watch::Sender::new(Progress::default());
			let finished = lease.run(task, progress, cancel.clone()).await?;
			match calibrate(size, started.elapsed(), finished.times.gpu, most) {
				Ok(rate) => {
					tracing::info!(size, "benchmark: {:.1} a second", rate.size_per_second);
					return Ok(rate);
				}
				Err(larger) => size = larger,
			}
		}
	}

	/// Computes as much as the rest of the window allows.
	pub(super) async fn compute(
		&self,
		offer: OfferId,
		window: &Window<u32>,
		now: ActiveBlock,
		held: &mut Held,
		cancel: &CancellationToken,
	) -> Result<(), BenchmarkError> {
		let started = Instant::now();
		let program = self.program(&window.benchmark, held).await?;
		let rate = match (held.rate, &held.lease) {
			(Some(rate), _) => rate,
			(None, Some(lease)) => self.rate(lease, &program, &window.benchmark, cancel).await?,
			(None, None) => return Ok(()),
		};
		held.rate = Some(rate);
		let blocks = window.claim_until.saturating_sub(now).saturating_sub(OVERHEAD_BLOCKS);
		let time = (BLOCK * blocks).saturating_sub(started.elapsed());
		let size = size_for(rate, time, most(&program));
		self.compute_size(offer, window, size, time + BLOCK * OVERHEAD_BLOCKS, held, cancel).await
	}

	pub(super) async fn compute_size(
		&self,
		offer: OfferId,
		window: &Window<u32>,
		size: u32,
		limit: Duration,
		held: &mut Held,
		cancel: &CancellationToken,
	) -> Result<(), BenchmarkError> {
		let program = self.program(&window.benchmark, held).await?;
		let Some(parameters) = self.chain.benchmark_parameters(offer, size).await? else {
			return Ok(());
		};
		let Some(lease) = &held.lease else { return Ok(()) };
		tracing::info!(offer, window = window.number, size, "benchmark: computing");
		let plan = Plan {
			program: &program,
			window: window.number,
			parameters: parameters.into_inner(),
			limit,
		};
		let folder = self.folder.join(offer.to_string());
		let made = claim_of_size(lease, &self.store, &folder, &owner(offer), plan, cancel).await;
		if let Err(BenchmarkError::Wrong(what)) = &made {
			self.pool.quarantine(&lease.info().name, what);
		}
		let claimable = made?;
		self.records.put(offer, &claimable.record)?;
		held.claimable = Some(claimable);
		Ok(())
	}
}

/// The greatest size that a benchmark's program takes.
fn most(program: &Program) -> u32 {
	program.definition().parameters.first().map_or(1, |size| size.max)
}
