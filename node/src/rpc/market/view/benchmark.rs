//! How devices are measured, and what was measured of an offer.

use super::{
	attestation::{opened_and_missing, SampleView},
	BufferView, Decimal, ScoreView,
};
use mutirao_market_api::{BenchmarkInfo, ClaimInfo, MeasurementsInfo, WindowInfo, WindowStage};
use mutirao_runtime::{AccountId, BlockNumber, Hash};
use mutirao_types::{
	benchmark::{EndedWindow, Measurement},
	ActiveBlock, ActiveBlocks, Benchmark, OfferId, WindowId,
};
use serde::Serialize;

/// What is measured, and when.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BenchmarkInfoView {
	at: Hash,
	/// What governance chose for windows to come; null: there will be none.
	chosen: Option<BenchmarkView>,
	window: Option<WindowView>,
	ended: Vec<EndedWindowView>,
}

impl BenchmarkInfoView {
	pub(crate) fn new(at: Hash, info: BenchmarkInfo<BlockNumber>) -> Self {
		Self {
			at,
			chosen: info.chosen.map(Into::into),
			window: info.window.map(Into::into),
			ended: info.ended.into_iter().map(Into::into).collect(),
		}
	}
}

/// How devices are measured.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BenchmarkView {
	program: Hash,
	settings: Vec<u32>,
	interval: u32,
	window_blocks: ActiveBlocks,
	prove_blocks: ActiveBlocks,
	samples: u8,
}

impl From<Benchmark> for BenchmarkView {
	fn from(benchmark: Benchmark) -> Self {
		Self {
			program: benchmark.program.into(),
			settings: benchmark.settings.into_inner(),
			interval: benchmark.interval,
			window_blocks: benchmark.window_blocks,
			prove_blocks: benchmark.prove_blocks,
			samples: benchmark.samples,
		}
	}
}

/// The present window.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WindowView {
	window: WindowId,
	/// What it was opened with.
	benchmark: BenchmarkView,
	stage: &'static str,
	/// Offers with lower numbers take part.
	offers: OfferId,
	anchor: BlockNumber,
	/// The first block at which the seed is known.
	seeded_at: BlockNumber,
	seed: Option<Hash>,
	opened_at: ActiveBlock,
	claim_until: ActiveBlock,
	prove_until: ActiveBlock,
}

impl From<WindowInfo<BlockNumber>> for WindowView {
	fn from(WindowInfo { window, seeded_at, stage }: WindowInfo<BlockNumber>) -> Self {
		Self {
			window: window.number,
			benchmark: window.benchmark.into(),
			stage: match stage {
				WindowStage::WaitingForSeed => "waitingForSeed",
				WindowStage::Computing => "computing",
				WindowStage::Proving => "proving",
			},
			offers: window.offers,
			anchor: window.anchor,
			seeded_at,
			seed: window.start.map(|start| start.seed.into()),
			opened_at: window.opened_at,
			claim_until: window.claim_until,
			prove_until: window.prove_until,
		}
	}
}

/// A window that has ended.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EndedWindowView {
	window: WindowId,
	/// Offers with lower numbers took part.
	offers: OfferId,
	ended_at: ActiveBlock,
}

impl From<EndedWindow> for EndedWindowView {
	fn from(EndedWindow { number, offers, ended_at }: EndedWindow) -> Self {
		Self { window: number, offers, ended_at }
	}
}

/// What was measured of an offer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MeasurementsView {
	offer: OfferId,
	/// As it would be if the offer were concluded now.
	score: Option<ScoreView>,
	/// Oldest first.
	measurements: Vec<MeasurementView>,
	/// The seed among the offer's parameters in the present window.
	seed: Option<Hash>,
	claim: Option<ClaimView>,
	/// The window of a claim that was not proven, for anybody to conclude.
	lost: Option<WindowId>,
}

impl MeasurementsView {
	pub(crate) fn new(offer: OfferId, info: MeasurementsInfo<AccountId, BlockNumber>) -> Self {
		Self {
			offer,
			score: info.score.map(Into::into),
			measurements: info.measurements.into_iter().map(Into::into).collect(),
			seed: info.seed.map(Into::into),
			claim: info.claim.map(Into::into),
			lost: info.lost,
		}
	}
}

/// What was proven in a window.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MeasurementView {
	window: WindowId,
	steps_per_second: Decimal,
}

impl From<Measurement> for MeasurementView {
	fn from(Measurement { window, steps_per_second }: Measurement) -> Self {
		Self { window, steps_per_second: steps_per_second.into() }
	}
}

/// A claim in the present window.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimView {
	window: WindowId,
	provider: AccountId,
	size: u32,
	steps: Decimal,
	steps_per_second: Decimal,
	root: Hash,
	transcript: Vec<BufferView>,
	anchor: BlockNumber,
	/// The first block at which the samples are known.
	drawn_at: BlockNumber,
	/// How many workgroups are drawn.
	sample_count: u8,
	/// Those that were proven, by their number, from 0.
	opened: Vec<u8>,
	/// Those that are still to be proven.
	due: Vec<u8>,
	/// The last moment to prove them.
	prove_until: ActiveBlock,
	/// The drawn workgroups; null: not known yet.
	samples: Option<Vec<SampleView>>,
	/// Whether one of them was shown to be wrong. Then nothing is due.
	refuted: bool,
}

impl From<ClaimInfo<AccountId, BlockNumber>> for ClaimView {
	fn from(info: ClaimInfo<AccountId, BlockNumber>) -> Self {
		let ClaimInfo { claim, root, drawn_at, sample_count, samples, prove_until } = info;
		let (opened, missing) = opened_and_missing(claim.proven, sample_count);
		Self {
			window: claim.window,
			provider: claim.provider,
			size: claim.size,
			steps: claim.steps.into(),
			steps_per_second: claim.steps_per_second.into(),
			root: root.into(),
			transcript: claim.transcript.into_iter().map(Into::into).collect(),
			anchor: claim.anchor,
			drawn_at,
			sample_count,
			opened,
			due: if claim.refuted { Vec::new() } else { missing },
			prove_until,
			samples: samples.map(|samples| samples.into_iter().map(Into::into).collect()),
			refuted: claim.refuted,
		}
	}
}
