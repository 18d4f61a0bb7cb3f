//! Benchmark windows of a fake chain. A test opens them, and says which claims are false.

use super::{
	jobs::AUDIT_PRICE,
	state::{Market, Refused},
	FakeAccount, FakeChain,
};
use crate::{
	pallets::{BenchmarksCall, BenchmarksEvent, BenchmarksExt},
	AccountId, Balance, BlockNumber, Error, Event,
};
use mutirao_types::{
	benchmark::{offer_seed, Claim, Measurement, Window, WindowStart},
	program::Parameters,
	ActiveBlocks, Benchmark, OfferId, Sample, Score, SlashReport, Steps, Transcript, WindowId,
	Workgroup,
};

/// Blocks from a claim to the draw.
const DRAW: BlockNumber = 2;
/// How long a score counts.
const SCORE: ActiveBlocks = 1_000;

fn refuse<T>(error: &'static str) -> Result<T, Refused> {
	Err(Refused("Benchmarks", error))
}

impl FakeChain {
	/// Opens a window, whose seed is known at once. The one before it, if there was one, is over.
	pub fn open_window(&self, benchmark: Benchmark, seed: [u8; 32]) {
		let mut state = self.state();
		let (number, now) = (state.next_window, state.now);
		state.next_window = number.saturating_add(1);
		let claim_until = now.saturating_add(benchmark.window_blocks);
		let window = Window {
			number,
			anchor: state.number,
			opened_at: now,
			claim_until,
			prove_until: claim_until.saturating_add(benchmark.prove_blocks),
			offers: state.next_offer,
			start: Some(WindowStart { seed, at_ms: 0 }),
			benchmark: benchmark.clone(),
		};
		let prove_until = window.prove_until;
		let offers = window.offers;
		state.benchmark = Some(benchmark);
		state.window = Some(window);
		let events = [
			BenchmarksEvent::WindowOpened { window: number, offers, claim_until, prove_until },
			BenchmarksEvent::WindowStarted { window: number, seed },
		];
		state.events.extend(events.map(Event::Benchmarks));
		state.make_block();
	}

	/// Makes every claim of an offer false: no workgroup of it is right.
	pub fn plant_false_claims(&self, offer: OfferId) {
		self.state().false_claims.push(offer);
	}
}

impl Market {
	pub(super) fn call_benchmarks(
		&mut self,
		who: AccountId,
		call: BenchmarksCall,
	) -> Result<(), Refused> {
		match call {
			BenchmarksCall::SetBenchmark { benchmark } => {
				self.benchmark = benchmark.clone();
				self.happened(BenchmarksEvent::BenchmarkSet { benchmark });
				Ok(())
			}
			BenchmarksCall::Claim { offer, size, transcript } => {
				self.claim(who, offer, size, transcript)
			}
			BenchmarksCall::Prove { offer, sample, steps, .. } => {
				self.prove(who, offer, sample, steps)
			}
			BenchmarksCall::Conclude { offer } => self.conclude(who, offer),
		}
	}

	fn happened(&mut self, event: BenchmarksEvent) {
		self.events.push(Event::Benchmarks(event));
	}

	fn claim(
		&mut self,
		who: AccountId,
		offer: OfferId,
		size: u32,
		transcript: Transcript,
	) -> Result<(), Refused> {
		let Some(window) = self.window.clone() else { return refuse("NoWindow") };
		match self.offers.get(&offer) {
			None => return refuse("NoSuchOffer"),
			Some(found) if found.provider != who => return refuse("NotOwnOffer"),
			Some(_) if offer >= window.offers => return refuse("NotInWindow"),
			Some(_) if window.claim_until < self.now => return refuse("TooLate"),
			Some(_) => {}
		}
		let measured = self.measurements.get(&offer).and_then(|all| all.last());
		if measured.is_some_and(|last| last.window == window.number) {
			return refuse("AlreadyClaimed");
		}
		match self.claims.get(&offer) {
			Some(claim) if claim.window == window.number => return refuse("AlreadyClaimed"),
			Some(_) => return refuse("ClaimNotConcluded"),
			None => {}
		}
		let (steps_per_second, anchor) = (u64::from(size), self.number);
		let fee = fee(&window.benchmark);
		let claim = Claim {
			window: window.number,
			provider: who,
			size,
			steps: size.into(),
			steps_per_second,
			transcript: transcript.clone(),
			anchor,
			proven: 0,
			refuted: false,
		};
		self.claims.insert(offer, claim);
		let window = window.number;
		self.happened(BenchmarksEvent::Claimed {
			offer,
			window,
			size,
			steps_per_second,
			transcript,
			anchor,
			fee,
		});
		Ok(())
	}

	fn prove(
		&mut self,
		who: AccountId,
		offer: OfferId,
		sample: u8,
		_: Steps,
	) -> Result<(), Refused> {
		let (now, number) = (self.now, self.number);
		let (Some(window), Some(claim)) = (self.window.clone(), self.claims.get_mut(&offer)) else {
			return refuse("NoClaim");
		};
		let bit = 1u16.checked_shl(sample.into()).unwrap_or(0);
		let refused = match claim {
			_ if claim.window != window.number => Some("NoClaim"),
			_ if claim.provider != who => Some("NotOwnOffer"),
			_ if claim.refuted => Some("ClaimRefuted"),
			_ if window.prove_until < now => Some("TooLate"),
			_ if sample >= window.benchmark.samples => Some("NoSuchSample"),
			_ if claim.proven & bit != 0 => Some("AlreadyProven"),
			_ => None,
		};
		if let Some(error) = refused {
			return refuse(error);
		}
		if number <= claim.anchor.saturating_add(DRAW) {
			return Err(Refused("Attestations", "DrawNotReady"));
		}
		let workgroup = drawn(sample);
		if self.false_claims.contains(&offer) {
			claim.refuted = true;
			self.happened(BenchmarksEvent::Refuted { offer, workgroup });
			return Ok(());
		}
		claim.proven |= bit;
		let all = claim.proven.count_ones() == u32::from(window.benchmark.samples);
		let steps_per_second = claim.steps_per_second;
		self.happened(BenchmarksEvent::Proven { offer, sample, workgroup });
		if all {
			self.claims.remove(&offer);
			let window = window.number;
			self.happened(BenchmarksEvent::Measured { offer, window, steps_per_second });
			self.measure(offer, Measurement { window, steps_per_second });
		}
		Ok(())
	}

	/// An offer is about to be withdrawn.
	pub(super) fn ensure_no_claim(&mut self, offer: OfferId) -> Result<(), Refused> {
		let present = self.present_window();
		match self.claims.get(&offer) {
			Some(claim) if claim.refuted || Some(claim.window) != present => {
				refuse("ClaimNotConcluded")
			}
			Some(_) => refuse("ClaimNotEnded"),
			None => {
				self.measurements.remove(&offer);
				Ok(())
			}
		}
	}

	fn present_window(&self) -> Option<WindowId> {
		let present = self.window.as_ref().filter(|window| window.prove_until >= self.now);
		present.map(|window| window.number)
	}

	fn conclude(&mut self, reporter: AccountId, offer: OfferId) -> Result<(), Refused> {
		let present = self.present_window();
		let over = self.claims.get(&offer).is_some_and(|claim| Some(claim.window) != present);
		let Some(claim) = over.then(|| self.claims.remove(&offer)).flatten() else {
			return refuse("NothingToConclude");
		};
		let (window, provider) = (claim.window, claim.provider);
		let penalty = SlashReport::default();
		self.happened(BenchmarksEvent::ClaimLost { offer, window, provider, reporter, penalty });
		self.measure(offer, Measurement { window, steps_per_second: 0 });
		Ok(())
	}

	/// Adds a measurement; the lowest is the score.
	fn measure(&mut self, offer: OfferId, measurement: Measurement) {
		let all = self.measurements.entry(offer).or_default();
		all.push(measurement);
		let lowest = all.iter().map(|one| one.steps_per_second).min().unwrap_or_default();
		let score = Score { steps_per_second: lowest, expires: self.now.saturating_add(SCORE) };
		if let Some(offer) = self.offers.get_mut(&offer) {
			offer.score = Some(score);
		}
	}
}

/// What a claim pays for its proofs.
fn fee(benchmark: &Benchmark) -> Balance {
	AUDIT_PRICE.saturating_mul(benchmark.samples.into())
}

/// The workgroup that is drawn for a sample.
fn drawn(sample: u8) -> Workgroup {
	Workgroup { pass: 0, number: sample.into() }
}

impl BenchmarksExt for FakeAccount {
	async fn benchmark(&self) -> Result<Option<Benchmark>, Error> {
		self.read(|state| state.benchmark.clone())
	}

	async fn benchmark_window(&self) -> Result<Option<Window<BlockNumber>>, Error> {
		self.read(|state| {
			let window = state.window.as_ref()?;
			(window.prove_until >= state.now).then(|| window.clone())
		})
	}

	async fn benchmark_parameters(
		&self,
		offer: OfferId,
		size: u32,
	) -> Result<Option<Parameters>, Error> {
		self.read(|state| {
			let (window, posted) = (state.window.as_ref()?, state.offers.get(&offer)?);
			let seed = offer_seed(&window.start?.seed, &posted.provider, offer);
			Some(window.benchmark.parameters(size, &seed))
		})
	}

	async fn claim_of(
		&self,
		offer: OfferId,
	) -> Result<Option<Claim<AccountId, BlockNumber>>, Error> {
		self.read(|state| state.claims.get(&offer).cloned())
	}

	async fn claim_samples(&self, offer: OfferId) -> Result<Option<Vec<Sample>>, Error> {
		self.read(|state| {
			let (window, claim) = (state.window.as_ref()?, state.claims.get(&offer)?);
			let sample = |sample: u8| Sample {
				workgroup: drawn(sample),
				opened: claim.proven.checked_shr(sample.into()).unwrap_or(0) & 1 == 1,
			};
			let ready = state.number >= claim.anchor.saturating_add(DRAW);
			ready.then(|| (0..window.benchmark.samples).map(sample).collect())
		})
	}

	async fn claim_fee(&self, _: u32) -> Result<Option<Balance>, Error> {
		self.read(|state| Some(fee(&state.window.as_ref()?.benchmark)))
	}

	async fn measurements(&self, offer: OfferId) -> Result<Vec<Measurement>, Error> {
		self.read(|state| state.measurements.get(&offer).cloned().unwrap_or_default())
	}

	async fn score(&self, offer: OfferId) -> Result<Option<Score>, Error> {
		self.read(|state| state.offers.get(&offer)?.score)
	}
}
