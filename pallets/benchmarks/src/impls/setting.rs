//! What is measured.

use crate::{Chosen, Config, Error, Event, Pallet};
use frame_support::ensure;
use mutirao_traits::{Checker, Programs};
use mutirao_types::{Benchmark, Quote};
use sp_runtime::{DispatchError, DispatchResult};

/// Samples of a claim, at most: they are counted in bits.
const MAX_SAMPLES: u8 = 16;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_benchmark(benchmark: Option<Benchmark>) -> DispatchResult {
		if let Some(benchmark) = &benchmark {
			Self::ensure_benchmark(benchmark)?;
			T::Programs::acquire(&benchmark.program)?;
		}
		let old = Chosen::<T>::get();
		Chosen::<T>::set(benchmark.clone());
		if let Some(old) = old {
			T::Programs::release(&old.program);
		}
		Self::deposit_event(Event::BenchmarkSet { benchmark });
		Ok(())
	}

	fn ensure_benchmark(benchmark: &Benchmark) -> DispatchResult {
		let Benchmark { interval, window_blocks, prove_blocks, samples, .. } = *benchmark;
		let can_be_drawn = prove_blocks > T::Checker::draw_blocks();
		let is_remembered = window_blocks
			.checked_add(prove_blocks)
			.is_some_and(|blocks| blocks < T::Checker::ring_blocks());
		ensure!(
			interval >= 1
				&& window_blocks >= 1
				&& can_be_drawn
				&& is_remembered
				&& (1..=MAX_SAMPLES).contains(&samples),
			Error::<T>::BenchmarkOutOfRange
		);
		let (least, more) = (Self::quote(benchmark, 1)?, Self::quote(benchmark, 2)?);
		ensure!(
			least.input_bytes.is_empty()
				&& least.declared_steps < more.declared_steps
				&& more.workgroup_steps <= T::Checker::max_workgroup_steps(),
			Error::<T>::NotABenchmark
		);
		Ok(())
	}

	/// What the program asks for with parameters of this size. The seed changes nothing.
	pub(crate) fn quote(benchmark: &Benchmark, size: u32) -> Result<Quote, DispatchError> {
		T::Programs::quote(&benchmark.program, &benchmark.parameters(size, &[0; 32]))
	}
}
