//! How devices are measured, and what was measured of an offer.

use crate::answer;
use alloc::vec::Vec;
use mutirao_types::{
	benchmark::{Claim, EndedWindow, Measurement, Window},
	ActiveBlock, Benchmark, Sample, Score, WindowId,
};

answer! {
	/// What is measured, and when.
	pub struct BenchmarkInfo<BlockNumber> {
		/// What governance chose for windows to come. `None`: there will be none.
		pub chosen: Option<Benchmark>,
		/// The present window.
		pub window: Option<WindowInfo<BlockNumber>>,
		/// The last windows that ended and were not void, oldest first.
		pub ended: Vec<EndedWindow>,
	}
}

answer! {
	/// The present window, and what follows from it.
	pub struct WindowInfo<BlockNumber> {
		/// The window as it stands, with the benchmark that it was opened with.
		pub window: Window<BlockNumber>,
		/// The first block at which its seed is known, unless it is void.
		pub seeded_at: BlockNumber,
		/// How far it has come.
		pub stage: WindowStage,
	}
}

answer! {
	/// How far a window has come.
	#[derive(Copy)]
	pub enum WindowStage {
		/// Nobody can compute yet.
		#[codec(index = 0)]
		WaitingForSeed,
		/// Devices compute, and providers claim.
		#[codec(index = 1)]
		Computing,
		/// Claims are closed, and drawn workgroups are proven.
		#[codec(index = 2)]
		Proving,
	}
}

answer! {
	/// What was measured of an offer.
	pub struct MeasurementsInfo<AccountId, BlockNumber> {
		/// The score that it would have if it were concluded now.
		pub score: Option<Score>,
		/// What was proven in recent windows, oldest first.
		pub measurements: Vec<Measurement>,
		/// The seed among its parameters in the present window. `None`: there is no window, it has no
		/// seed yet, or the offer takes no part in it.
		pub seed: Option<[u8; 32]>,
		/// Its claim in the present window. `None`: there is none, or all of it was proven.
		pub claim: Option<ClaimInfo<AccountId, BlockNumber>>,
		/// The window of a claim that is lost, and costs its provider a penalty when somebody concludes
		/// it.
		pub lost: Option<WindowId>,
	}
}

answer! {
	/// A claim in the present window, and what follows from it.
	pub struct ClaimInfo<AccountId, BlockNumber> {
		/// What was claimed.
		pub claim: Claim<AccountId, BlockNumber>,
		/// The transcript's root.
		pub root: [u8; 32],
		/// The first block at which the drawn workgroups are known.
		pub drawn_at: BlockNumber,
		/// Workgroups that are drawn.
		pub sample_count: u8,
		/// The drawn workgroups. `None`: not known yet.
		pub samples: Option<Vec<Sample>>,
		/// The last moment to prove them.
		pub prove_until: ActiveBlock,
	}
}
