//! Benchmarks.

use crate::{samples, Call, Code, Config, Pallet, Programs};
use frame_benchmarking::v2::*;
use frame_support::traits::{Consideration, Footprint, Get};
use frame_system::RawOrigin;
use mutirao_machine_core::bytecode::limits::MAX_PROGRAM_BYTES;
use mutirao_types::{program::Parameters, ProgramId};

/// A program of as many passes as there may be, and hardly any code, is no longer.
const LEAST_BYTES: u32 = 24 * 1_024;
const MOST_BYTES: u32 = MAX_PROGRAM_BYTES as u32;

fn funded<T: Config>(code: &Code) -> T::AccountId {
	let caller = whitelisted_caller();
	T::Rent::ensure_successful(&caller, Footprint::from_parts(2, 2 * code.len()));
	caller
}

/// Registers the program that is costliest to quote, and gives parameters that fit it.
pub(crate) fn costly_program<T: Config>() -> (ProgramId, Parameters) {
	let code = samples::sized(0, T::MaxTerms::get() as usize);
	let depositor = funded::<T>(&code);
	let program = blake3::hash(&code).into();
	if !Programs::<T>::contains_key(program) {
		Pallet::<T>::do_register(depositor, code).expect("the sample is a program");
	}
	(program, Parameters::truncate_from(alloc::vec![1]))
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn register(b: Linear<LEAST_BYTES, MOST_BYTES>) {
		let code = samples::sized(b as usize, T::MaxTerms::get() as usize);
		let caller = funded::<T>(&code);
		let program: ProgramId = blake3::hash(&code).into();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), code);

		assert!(Programs::<T>::contains_key(program));
	}

	/// The most that the barrier check can take, whatever the length.
	#[benchmark]
	fn barrier_check() {
		let code = Code::truncate_from(samples::entangled());
		let caller = funded::<T>(&code);
		let result;
		#[block]
		{
			result = Pallet::<T>::do_register(caller, code);
		}
		assert!(result.is_err());
	}

	#[benchmark]
	fn remove() {
		let (program, _) = costly_program::<T>();
		let depositor = Programs::<T>::get(program).expect("was registered").depositor;

		#[extrinsic_call]
		_(RawOrigin::Signed(depositor), program);

		assert!(!Programs::<T>::contains_key(program));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
