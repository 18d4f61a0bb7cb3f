//! The loop of one offer.

use std::{path::PathBuf, sync::Arc, time::Duration};

use mutirao_client::Chain;
use mutirao_data::store::Store;
use mutirao_machine_core::Program;
use mutirao_types::{
	benchmark::Window, ActiveBlock, Benchmark, OfferId, ProgramId, Transcript, Workgroup,
};
use serde::Serialize;
use tokio::{
	sync::watch,
	task::spawn_blocking,
	time::{sleep, Instant},
};
use tokio_util::sync::CancellationToken;

use super::{
	calibrate, claim_of_size, compute::Plan, decide, refusals::Refusals, size_for, BenchmarkError,
	Claimable, Rate, Records, Step, View,
};
use crate::gpu::{Lease, Pool, Progress, Task};

/// How often the chain is asked what is to be done. Blocks come every three seconds.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the loop rests after an error.
const REST: Duration = Duration::from_secs(5);
/// The chain's block time.
const BLOCK: Duration = Duration::from_secs(3);
/// Blocks of a window that are not for computing: what is read is final, two or three blocks behind
/// the best block, and the claim must be included.
const OVERHEAD_BLOCKS: u32 = 4;
/// The first size with which a device's rate is measured.
const FIRST_SIZE: u32 = 16;
/// The most time that a calibration run may take.
const CALIBRATION_LIMIT: Duration = Duration::from_secs(120);

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
struct Held {
	lease: Option<Lease>,
	claimable: Option<Claimable>,
	program: Option<(ProgramId, Program)>,
	rate: Option<Rate>,
	refusals: Refusals,
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

	/// Takes the device, once what runs on it has ended.
	async fn lease(&self, device: &str, held: &mut Held) -> Result<(), BenchmarkError> {
		if held.lease.is_none() {
			held.lease = Some(self.pool.acquire(device).await?);
		}
		Ok(())
	}

	/// The benchmark's program, fetched once.
	async fn program(
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
	async fn calibrate(
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
	async fn compute(
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

	async fn compute_size(
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
	async fn call(
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

/// The greatest size that a benchmark's program takes.
fn most(program: &Program) -> u32 {
	program.definition().parameters.first().map_or(1, |size| size.max)
}

/// In whose name the store keeps an offer's claim.
fn owner(offer: OfferId) -> String {
	format!("benchmark of offer {offer}")
}
