//! Benchmark windows.

use crate::{configs::DrawBlocks, AccountId, Benchmarks, BlockNumber, Jobs, Providers, Runtime};
use frame_support::traits::Get;
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

/// `None`: there is no such offer. Nothing is kept of one that was.
pub(crate) fn measurements(offer: OfferId) -> Option<MeasurementsInfo<AccountId, BlockNumber>> {
	let provider = Providers::offer(offer)?.provider;
	Some(MeasurementsInfo {
		score: Benchmarks::score(offer),
		measurements: Benchmarks::measurements(offer),
		seed: seed(offer, &provider),
		claim: claim(offer),
		lost: lost(offer),
	})
}

fn seed(offer: OfferId, provider: &AccountId) -> Option<[u8; 32]> {
	let window = Benchmarks::window().filter(|window| offer < window.offers)?;
	Some(offer_seed(&window.start?.seed, provider, offer))
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
	anchor.saturating_add(DrawBlocks::get()).saturating_add(1)
}
