//! Benchmark windows.

use crate::{
	constants::market::DRAW_BLOCKS, AccountId, Benchmarks, BlockNumber, Jobs, Providers, Runtime,
};
use mutirao_market_api::{BenchmarkInfo, ClaimInfo, MeasurementsInfo, WindowInfo, WindowStage};
use mutirao_types::{
	benchmark::{offer_seed, Window},
	transcript_root, OfferId, WindowId,
};
use pallet_benchmarks::Ended;

pub(crate) fn benchmark() -> BenchmarkInfo<BlockNumber> {
	BenchmarkInfo {
		chosen: Benchmarks::benchmark(),
		window: Benchmarks::window().map(window_info),
		ended: Ended::<Runtime>::get().into_inner(),
	}
}

fn window_info(window: Window<BlockNumber>) -> WindowInfo<BlockNumber> {
	let stage = match window.start {
		None => WindowStage::WaitingForSeed,
		Some(_) if Jobs::now() <= window.claim_until => WindowStage::Computing,
		Some(_) => WindowStage::Proving,
	};
	WindowInfo { seeded_at: drawn_at(window.anchor), stage, window }
}

/// `None`: there is no such offer, and nothing is kept of one that was.
pub(crate) fn measurements(offer: OfferId) -> Option<MeasurementsInfo<AccountId, BlockNumber>> {
	let info = MeasurementsInfo {
		score: Benchmarks::score(offer),
		measurements: Benchmarks::measurements(offer),
		seed: seed(offer),
		claim: claim(offer),
		lost: lost(offer),
	};
	let is_kept = !info.measurements.is_empty() || info.claim.is_some() || info.lost.is_some();
	(is_kept || Providers::offer(offer).is_some()).then_some(info)
}

fn seed(offer: OfferId) -> Option<[u8; 32]> {
	let window = Benchmarks::window().filter(|window| offer < window.offers)?;
	let provider = Providers::offer(offer)?.provider;
	Some(offer_seed(&window.start?.seed, &provider, offer))
}

fn claim(offer: OfferId) -> Option<ClaimInfo<AccountId, BlockNumber>> {
	let claim = Benchmarks::claim_of(offer)?;
	let window = Benchmarks::window().filter(|window| window.number == claim.window)?;
	Some(ClaimInfo {
		root: transcript_root(&claim.transcript),
		drawn_at: drawn_at(claim.anchor),
		sample_count: window.benchmark.samples,
		samples: Benchmarks::samples(offer),
		prove_until: window.prove_until,
		claim,
	})
}

/// A claim that is left over from a void window, or from one that nobody remembers, is not lost.
fn lost(offer: OfferId) -> Option<WindowId> {
	let claim = Benchmarks::claim_of(offer)?;
	let has_ended = || Ended::<Runtime>::get().iter().any(|ended| ended.number == claim.window);
	(claim.refuted || has_ended()).then_some(claim.window)
}

/// The first block at which is known what is drawn after another one.
fn drawn_at(anchor: BlockNumber) -> BlockNumber {
	anchor.saturating_add(DRAW_BLOCKS).saturating_add(1)
}
