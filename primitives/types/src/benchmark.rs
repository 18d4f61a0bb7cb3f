//! Benchmark windows: how devices are measured.
//!
//! A benchmark program takes its parameters in this order: how much is computed, [`SEED_WORDS`] words of
//! seed, then its settings. It has no inputs.

use crate::{
	program::{Parameters, MAX_PARAMETERS},
	wire, ActiveBlock, ActiveBlocks, BufferId, OfferId, ProgramId, Steps, Transcript,
};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::Encode;

/// Windows are numbered in the order in which they are opened.
pub type WindowId = u32;

/// Words of seed among a benchmark program's parameters.
pub const SEED_WORDS: u32 = 8;

/// Settings of a benchmark program, at most.
pub const MAX_SETTINGS: u32 = MAX_PARAMETERS - 1 - SEED_WORDS;

wire! {
	/// How devices are measured.
	pub struct Benchmark {
		/// What they compute: a registered program.
		pub program: ProgramId,
		/// Its parameters after size and seed.
		pub settings: BoundedVec<u32, ConstU32<MAX_SETTINGS>>,
		/// A window opens in one of so many blocks on average, at least 1.
		pub interval: u32,
		/// How long devices compute, at least 1.
		pub window_blocks: ActiveBlocks,
		/// How long drawn workgroups can be proven after that.
		pub prove_blocks: ActiveBlocks,
		/// Workgroups that are drawn for a claim, 1 to 16.
		pub samples: u8,
	}
}

impl Benchmark {
	/// The program's parameters for a claim of this size.
	pub fn parameters(&self, size: u32, seed: &[u8; 32]) -> Parameters {
		let words = seed.chunks_exact(4).map(|word| {
			word.iter().rev().fold(0u32, |number, byte| number << 8 | u32::from(*byte))
		});
		let all = core::iter::once(size).chain(words).chain(self.settings.iter().copied());
		// As many as there may be: see `MAX_SETTINGS`.
		Parameters::truncate_from(all.collect::<Vec<_>>())
	}
}

/// The seed of an offer in a window: the BLAKE3 hash of the window's seed, the provider (its SCALE
/// encoding) and the offer (8 bytes, little-endian).
pub fn offer_seed<AccountId: Encode>(
	window_seed: &[u8; 32],
	provider: &AccountId,
	offer: OfferId,
) -> [u8; 32] {
	BufferId::of(&(b"mutirao benchmark", window_seed, provider, offer).encode()).hash
}

wire! {
	/// A window that is open, or in which claims are still being proven.
	pub struct Window<BlockNumber> {
		/// Its number.
		pub number: WindowId,
		/// What is measured, as it was set when the window was opened.
		pub benchmark: Benchmark,
		/// The block in which it was opened; its seed is made from the blocks after it.
		pub anchor: BlockNumber,
		/// The same, as deadlines count.
		pub opened_at: ActiveBlock,
		/// In time to claim.
		pub claim_until: ActiveBlock,
		/// In time to prove.
		pub prove_until: ActiveBlock,
		/// Offers with lower numbers take part.
		pub offers: OfferId,
		/// Its start, once there is a seed.
		pub start: Option<WindowStart>,
	}
}

wire! {
	/// From when on devices can compute.
	#[derive(Copy)]
	pub struct WindowStart {
		/// From which the offers' seeds follow.
		pub seed: [u8; 32],
		/// The timestamp of the block from which the seed could be known, in milliseconds.
		pub at_ms: u64,
	}
}

wire! {
	/// A window that has ended.
	#[derive(Copy)]
	pub struct EndedWindow {
		/// Its number.
		pub number: WindowId,
		/// Offers with lower numbers took part.
		pub offers: OfferId,
		/// When its proofs ended.
		pub ended_at: ActiveBlock,
	}
}

wire! {
	/// What a provider says that its device has computed in a window.
	pub struct Claim<AccountId, BlockNumber> {
		/// In which window.
		pub window: WindowId,
		/// Who says so.
		pub provider: AccountId,
		/// How much: the program's first parameter.
		pub size: u32,
		/// Steps that the program declares for this.
		pub steps: Steps,
		/// What this makes in a second of the window.
		pub steps_per_second: u64,
		/// Every buffer that the passes wrote.
		pub transcript: Transcript,
		/// Workgroups are drawn from the randomness of the blocks after this one.
		pub anchor: BlockNumber,
		/// One bit for each sample that was proven.
		pub proven: u16,
		/// Whether a drawn workgroup was shown to be wrong.
		pub refuted: bool,
	}
}

wire! {
	/// What was proven of an offer in a window.
	#[derive(Copy)]
	pub struct Measurement {
		/// In which window.
		pub window: WindowId,
		/// Steps in a second; 0 if a claim was refuted.
		pub steps_per_second: u64,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn benchmark(settings: Vec<u32>) -> Benchmark {
		Benchmark {
			program: [7; 32],
			settings: BoundedVec::truncate_from(settings),
			interval: 1,
			window_blocks: 1,
			prove_blocks: 1,
			samples: 1,
		}
	}

	#[test]
	fn parameters_are_size_then_seed_then_settings() {
		let seed: [u8; 32] = core::array::from_fn(|byte| byte as u8);
		let parameters = benchmark(alloc::vec![41, 42]).parameters(9, &seed);
		assert_eq!(parameters.len(), 11);
		assert_eq!((parameters[0], parameters[1], parameters[8]), (9, 0x0302_0100, 0x1f1e_1d1c));
		assert_eq!(parameters[9..], [41, 42]);
	}

	#[test]
	fn all_settings_fit() {
		let most = benchmark(alloc::vec![1; MAX_SETTINGS as usize + 1]);
		let parameters = most.parameters(1, &[0; 32]);
		assert_eq!(parameters.len(), MAX_PARAMETERS as usize);
	}

	#[test]
	fn seeds_differ_by_window_provider_and_offer() {
		let all = [
			offer_seed(&[1; 32], &1u64, 1),
			offer_seed(&[2; 32], &1u64, 1),
			offer_seed(&[1; 32], &2u64, 1),
			offer_seed(&[1; 32], &1u64, 2),
		];
		for (at, one) in all.iter().enumerate() {
			assert!(!all[..at].contains(one));
		}
	}
}
