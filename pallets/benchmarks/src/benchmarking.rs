//! Benchmarks, of this pallet. What computing a workgroup again takes is measured by the pallet that does it.

use crate::{
	opens, Call, Chosen, ClaimOf, Claims, Config, Current, Ended, Measurements, NextWindow, Pallet,
	WindowOf,
};
use alloc::{string::ToString, vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get, UnfilteredDispatchable},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use mutirao_commitment::Opening;
use mutirao_machine_core::{
	bytecode::{
		Access, Binding, Buffer, Definition, Expression, Kernel, Parameter, Pass, Role, Term,
	},
	Program,
};
use mutirao_traits::{Checker, Clock, Scores};
use mutirao_types::{
	benchmark::{EndedWindow, Measurement, WindowStart},
	Benchmark, BufferId, OfferId, ProgramId, Transcript, Witness,
};
use sp_runtime::traits::Saturating;

/// What benchmarks need of the pallets around this one.
pub trait BenchmarkHelper<AccountId, BlockNumber> {
	/// Registers a program, if it is not there.
	fn register(code: Vec<u8>) -> ProgramId;

	/// Makes a provider with stake and an offer.
	fn offer() -> (AccountId, OfferId);

	/// A worker key of the provider: no other costs more to find.
	fn worker_key(provider: &AccountId) -> AccountId;

	/// Gives the last block this VRF output.
	fn give_vrf_output(output: [u8; 32]);

	/// Makes the VRF outputs of the blocks after this one known.
	fn give_outputs_after(block: BlockNumber);
}

/// Buffers of a transcript, at most.
const MOST_BUFFERS: u32 = 250;
/// Samples of a claim, at most.
const SAMPLES: u8 = 16;
/// Words of a workgroup's slice.
const SLICE: u32 = 4;
/// Steps of a workgroup.
const STEPS: u32 = 1_000;

/// A program with the shape of a benchmark whose so many passes write nothing but zeros.
fn program(passes: u32) -> Program {
	let seed = (0..8).map(|word| (alloc::format!("seed{word}"), 0, u32::MAX));
	let parameters = core::iter::once(("size".to_string(), 1, 1_000)).chain(seed);
	let slice = || Expression::constant(SLICE);
	let buffer = |number: u32| Buffer {
		name: alloc::format!("zeros{number}"),
		role: if number == 0 { Role::Output } else { Role::Intermediate },
		words: slice().join(Term::Mul, Expression::parameter(0)),
	};
	let pass = |number: u32| Pass {
		kernel: 0,
		bindings: vec![Binding::Write { buffer: number as u8, slice: slice() }],
		arguments: Vec::new(),
		workgroups: [Expression::parameter(0), Expression::constant(1), Expression::constant(1)],
		fuel: Expression::constant(STEPS),
	};
	Program::new(Definition {
		parameters: parameters.map(|(name, min, max)| Parameter { name, min, max }).collect(),
		buffers: (0..passes).map(buffer).collect(),
		kernels: vec![Kernel {
			workgroup_size: [16, 1, 1],
			registers: 1,
			slots: vec![Access::Write],
			code: Vec::new(),
			..Default::default()
		}],
		passes: (0..passes).map(pass).collect(),
	})
	.expect("the program is valid")
}

fn benchmark<T: Config>(passes: u32) -> Benchmark {
	Benchmark {
		program: T::BenchmarkHelper::register(program(passes).encode()),
		settings: BoundedVec::new(),
		interval: 1,
		window_blocks: 1,
		prove_blocks: T::Checker::draw_blocks().saturating_add(1),
		samples: SAMPLES,
	}
}

/// What workgroups of the first size write.
fn zeros() -> Vec<u8> {
	vec![0; 4 * SLICE as usize]
}

fn transcript(passes: u32) -> Transcript {
	Transcript::truncate_from(vec![BufferId::of(&zeros()); passes as usize])
}

/// Governance has chosen a benchmark of so many passes.
fn chosen<T: Config>(passes: u32) {
	let set = Call::<T>::set_benchmark { benchmark: Some(benchmark::<T>(passes)) };
	let origin = T::ManageOrigin::try_successful_origin().expect("somebody may");
	set.dispatch_bypass_filter(origin).expect("it is a benchmark");
}

/// A window in which devices compute. Enough others have ended.
fn open<T: Config>(passes: u32) -> WindowOf<T> {
	chosen::<T>(passes);
	let recent = T::RecentWindows::get();
	let old = |number| EndedWindow { number, offers: OfferId::MAX, ended_at: 0 };
	Ended::<T>::put(BoundedVec::truncate_from((0..recent).map(old).collect::<Vec<_>>()));
	NextWindow::<T>::put(recent);
	T::BenchmarkHelper::give_vrf_output([7; 32]);
	Pallet::<T>::advance(frame_system::Pallet::<T>::block_number());
	let mut window = Current::<T>::get().expect("every block opens one");
	window.start = Some(WindowStart { seed: [9; 32], at_ms: 0 });
	window.offers = OfferId::MAX;
	Current::<T>::put(window.clone());
	window
}

/// An offer that was measured in all windows that have ended.
fn measured<T: Config>() -> (T::AccountId, OfferId) {
	let (provider, offer) = T::BenchmarkHelper::offer();
	let old = |window| Measurement { window, steps_per_second: 1_000_000 };
	let all = (0..T::RecentWindows::get()).map(old).collect::<Vec<_>>();
	Measurements::<T>::insert(offer, BoundedVec::truncate_from(all));
	(provider, offer)
}

/// A provider has claimed the first size of so many passes for its offer, and since then this has
/// happened.
fn claimed<T: Config>(
	provider: T::AccountId,
	offer: OfferId,
	passes: u32,
	since: impl FnOnce(&mut ClaimOf<T>),
) {
	let call = Call::<T>::claim { offer, size: 1, transcript: transcript(passes) };
	call.dispatch_bypass_filter(RawOrigin::Signed(provider).into()).expect("it is in time");
	Claims::<T>::mutate(offer, |record| since(record.as_mut().expect("it was claimed")));
}

/// Blocks pass until what was claimed in this one is drawn.
fn draw<T: Config>() {
	let now = frame_system::Pallet::<T>::block_number();
	let later = now.saturating_add(T::Checker::draw_blocks().into()).saturating_add(1u32.into());
	frame_system::Pallet::<T>::set_block_number(later);
	T::BenchmarkHelper::give_outputs_after(now);
}

fn witness() -> Witness {
	let opening = Opening { chunks: vec![0], bytes: zeros(), siblings: Vec::new() };
	Witness { reads: Vec::new(), slices: vec![opening] }
}

#[benchmarks]
mod benches {
	use super::*;

	/// No window is open, and none is opened.
	#[benchmark]
	fn idle() {
		chosen::<T>(1);
		Chosen::<T>::mutate(|chosen| {
			if let Some(chosen) = chosen {
				chosen.interval = u32::MAX;
			}
		});
		let output = [7; 32];
		assert!(!opens(&output, u32::MAX));
		T::BenchmarkHelper::give_vrf_output(output);
		let now = frame_system::Pallet::<T>::block_number();
		#[block]
		{
			Pallet::<T>::advance(now);
		}
		assert!(Current::<T>::get().is_none());
	}

	#[benchmark]
	fn open_window() {
		chosen::<T>(1);
		T::BenchmarkHelper::give_vrf_output([7; 32]);
		let now = frame_system::Pallet::<T>::block_number();
		#[block]
		{
			Pallet::<T>::advance(now);
		}
		assert!(Current::<T>::get().is_some());
	}

	#[benchmark]
	fn start_window() {
		let mut window = open::<T>(1);
		window.start = None;
		// The clock stands still in benchmarks; the window does not know.
		let now: BlockNumberFor<T> = window
			.anchor
			.saturating_add(T::Checker::draw_blocks().into())
			.saturating_add(1u32.into());
		T::BenchmarkHelper::give_outputs_after(window.anchor);
		frame_system::Pallet::<T>::set_block_number(now);
		#[block]
		{
			Pallet::<T>::start(window);
		}
		assert!(Current::<T>::get().is_some_and(|window| window.start.is_some()));
	}

	#[benchmark]
	fn end_window() {
		let window = open::<T>(1);
		#[block]
		{
			Pallet::<T>::end(&window);
		}
		assert!(Current::<T>::get().is_none());
	}

	#[benchmark]
	fn set_benchmark() {
		chosen::<T>(1);
		let benchmark = benchmark::<T>(MOST_BUFFERS);
		let origin = T::ManageOrigin::try_successful_origin().expect("somebody may");

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, Some(benchmark.clone()));

		assert_eq!(Chosen::<T>::get(), Some(benchmark));
	}

	#[benchmark]
	fn claim(b: Linear<1, MOST_BUFFERS>) {
		let (provider, offer) = measured::<T>();
		open::<T>(b);

		#[extrinsic_call]
		_(RawOrigin::Signed(provider), offer, 1, transcript(b));

		assert!(Claims::<T>::contains_key(offer));
	}

	/// The last proof of a claim, which gives the offer another score.
	#[benchmark]
	fn prove() {
		let (provider, offer) = measured::<T>();
		let mut window = open::<T>(1);
		claimed::<T>(provider.clone(), offer, 1, |record| record.proven = u16::MAX >> 1);
		draw::<T>();
		window.prove_until = T::Clock::now().saturating_add(1_000);
		Current::<T>::put(window);
		let key = T::BenchmarkHelper::worker_key(&provider);

		#[extrinsic_call]
		_(RawOrigin::Signed(key), offer, SAMPLES - 1, STEPS.into(), witness());

		assert!(!Claims::<T>::contains_key(offer));
	}

	/// A claim is lost, the longest there can be, and the offer has another score. This also bounds what
	/// withdrawing an offer does here.
	#[benchmark]
	fn conclude() {
		let (provider, offer) = measured::<T>();
		open::<T>(MOST_BUFFERS);
		claimed::<T>(provider, offer, MOST_BUFFERS, |record| record.refuted = true);
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), offer);

		assert!(!Claims::<T>::contains_key(offer));
		assert_eq!(T::Scores::score(offer).map(|score| score.steps_per_second), Some(0));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
