//! Benchmarks.

use crate::{
	ActiveBlocksPassed, BalanceOf, Call, Config, History, Jobs, NextJob, Pallet, RequestOf,
};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Balanced, Inspect},
	Consideration, Get,
};
use frame_system::RawOrigin;
use mutirao_traits::{Contest, Jobs as _, Programs, Providers};
use mutirao_types::{
	buffer::JobBuffers, BufferId, JobId, JobState, OfferId, Target, Times, Verdict,
};
use sp_runtime::traits::Saturating;

fn fund<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) {
	let credit = T::Currency::issue(amount.saturating_add(T::Currency::minimum_balance()));
	assert!(T::Currency::resolve(who, credit).is_ok(), "an account takes what it needs to live");
}

/// A buyer with money for so many jobs.
fn buyer<T: Config>(jobs: u32) -> T::AccountId {
	let buyer = account("buyer", 0, 0);
	for _ in 0..jobs {
		let request = request::<T>(Target::Anyone);
		let quote = T::Programs::quote(&request.program, &request.parameters);
		let written = quote.expect("the program fits").written_buffers;
		T::Rent::ensure_successful(&buyer, Pallet::<T>::footprint(written));
		let fee = Pallet::<T>::audit_fee(request.clone()).expect("the program has a price");
		fund::<T>(&buyer, request.price_cap.saturating_add(fee));
	}
	buyer
}

/// Asks for the program that is costliest to quote.
fn request<T: Config>(target: Target) -> RequestOf<T> {
	let (program, parameters) = T::Programs::benchmark_program();
	let quote = T::Programs::quote(&program, &parameters).expect("the program fits");
	let input = |bytes: &u64| BufferId { hash: [7; 32], bytes: *bytes };
	let inputs = quote.input_bytes.iter().map(input).collect::<Vec<_>>();
	RequestOf::<T> {
		program,
		parameters,
		inputs: JobBuffers::truncate_from(inputs),
		target,
		requirements: Default::default(),
		// More than any offer in benchmarks asks.
		price_cap: T::MinimumPriceCap::get().saturating_mul(BalanceOf::<T>::from(1_000_000u64)),
		samples: T::MaxSamples::get(),
		times: Times {
			accept_within: T::MaxAcceptBlocks::get(),
			attest_within: T::MaxAttestBlocks::get(),
			contest_for: T::MaxContestBlocks::get(),
		},
	}
}

fn provider<T: Config>() -> (T::AccountId, OfferId) {
	let provider = account("provider", 0, 0);
	let offer = T::Providers::benchmark_offer(&provider);
	(provider, offer)
}

fn open<T: Config>(offer: OfferId) -> JobId {
	let id = NextJob::<T>::get();
	let request = request::<T>(Target::Offer(offer));
	Pallet::<T>::do_post(buyer::<T>(1), request).expect("the buyer has the money");
	id
}

fn running<T: Config>() -> (T::AccountId, JobId) {
	let (provider, offer) = provider::<T>();
	let id = open::<T>(offer);
	Pallet::<T>::do_accept(provider.clone(), id, offer).expect("the offer takes any job");
	(provider, id)
}

fn contestable<T: Config>() -> JobId {
	let (provider, id) = running::<T>();
	Pallet::<T>::attested(id, &provider, 1).expect("it runs");
	Pallet::<T>::audited(id).expect("it is attested");
	id
}

/// Lets so much time pass, and one block more.
fn pass<T: Config>(blocks: u32) {
	ActiveBlocksPassed::<T>::mutate(|passed| *passed += blocks + 1);
}

fn ended_as<T: Config>(id: JobId) -> Option<Verdict> {
	History::<T>::get(id).map(|record| record.job.verdict)
}

#[benchmarks]
mod benches {
	use super::*;
	use mutirao_types::RefundReason;

	#[benchmark]
	fn tick() {
		#[block]
		{
			Pallet::<T>::tick();
		}
		assert_eq!(Pallet::<T>::now(), 1);
	}

	#[benchmark]
	fn post() {
		let buyer = buyer::<T>(1);
		let request = request::<T>(Target::Anyone);

		#[extrinsic_call]
		_(RawOrigin::Signed(buyer), request);

		assert_eq!(NextJob::<T>::get(), 1);
	}

	#[benchmark]
	fn post_batch(n: Linear<1, { T::MaxBatch::get() }>) {
		let buyer = buyer::<T>(n);
		let requests = alloc::vec![request::<T>(Target::Anyone); n as usize];
		let requests = requests.try_into().expect("no more than a batch");

		#[extrinsic_call]
		_(RawOrigin::Signed(buyer), requests);

		assert_eq!(NextJob::<T>::get(), u64::from(n));
	}

	#[benchmark]
	fn accept() {
		let (provider, offer) = provider::<T>();
		let id = open::<T>(offer);

		#[extrinsic_call]
		_(RawOrigin::Signed(provider), id, offer);

		let state = Pallet::<T>::job(id).expect("it is live").state;
		assert!(matches!(state, JobState::Running { .. }));
	}

	/// The costliest refund: it slashes, and pays the treasury for what was opened. [`settle`] is the
	/// payment.
	#[benchmark]
	fn give_up() {
		let (provider, id) = running::<T>();
		Pallet::<T>::attested(id, &provider, 1).expect("it runs");
		T::Contest::benchmark_opened(id);
		pass::<T>(1);

		#[block]
		{
			Pallet::<T>::do_settle(id).expect("its time has passed");
		}

		assert_eq!(ended_as::<T>(id), Some(Verdict::Refunded(RefundReason::OpeningMissed)));
	}

	#[benchmark]
	fn settle() {
		let id = contestable::<T>();
		pass::<T>(T::MaxContestBlocks::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		assert_eq!(ended_as::<T>(id), Some(Verdict::Settled));
	}

	#[benchmark]
	fn prune() {
		let id = contestable::<T>();
		pass::<T>(T::MaxContestBlocks::get());
		Pallet::<T>::do_settle(id).expect("its time has passed");
		pass::<T>(T::HistoryBlocks::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		assert!(ended_as::<T>(id).is_none() && !Jobs::<T>::contains_key(id));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
