//! Edges: withdrawn offers, leaving providers, two accepts, the last planck, full batches.

use super::world::{
	price, World, BUYER, CHALLENGER, OTHER_PROVIDER, PRICE_CAP, PROVIDER, SAMPLES, STAKE,
};
use codec::Encode;
use frame_support::{assert_ok, dispatch::GetDispatchInfo, traits::fungible::Inspect};
use mutirao_runtime::{
	configs::{AuditPrice, RuntimeBlockWeights, StoragePrice},
	constants::{
		currency::{EXISTENTIAL_DEPOSIT, MUT},
		market::{MAX_BATCH, MINIMUM_STAKE},
	},
	Balances, Jobs, Runtime, RuntimeCall, TransactionPayment,
};
use mutirao_types::{RefundReason, Target, Verdict};
use sp_runtime::traits::Convert;

type JobsError = pallet_jobs::Error<Runtime>;
type ProvidersError = pallet_providers::Error<Runtime>;

#[test]
fn an_offer_withdrawn_between_post_and_accept_cannot_take_the_job() {
	let mut world = World::new();
	let work = world.work(1);
	let mut request = world.request(&work);
	request.target = Target::Offer(world.offer);
	let job = world.post_request(request);
	let offer = world.offer;
	world.chain.ok(PROVIDER, pallet_providers::Call::withdraw_offer { offer });
	assert_eq!(world.accept(job), Err(ProvidersError::NoSuchOffer.into()));
	// The buyer need not wait.
	world.chain.ok(BUYER, pallet_jobs::Call::cancel { job });
	assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::Cancelled));
	world.check();
}

#[test]
fn of_two_accepts_in_one_block_the_first_has_the_job() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	let (offer, other) = (world.offer, world.other_offer);
	let first = world.chain.sign(OTHER_PROVIDER, pallet_jobs::Call::accept { job, offer: other });
	let second = world.chain.sign(PROVIDER, pallet_jobs::Call::accept { job, offer });
	let outcomes = world.chain.next_block(vec![first, second]);
	assert_eq!(outcomes, [Ok(()), Err(JobsError::NotOpen.into())]);
	assert_eq!(world.earmarked(PROVIDER), 0);
	assert_eq!(world.earmarked(OTHER_PROVIDER), 4 * price(work.summary().declared_steps));
	world.check();
}

#[test]
fn a_provider_that_leaves_finishes_its_jobs_first() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	assert_ok!(world.accept(job));
	world.chain.ok(PROVIDER, pallet_providers::Call::leave {});
	let late = world.post(&work);
	assert_eq!(world.accept(late), Err(ProvidersError::IsLeaving.into()));
	// Past the unbonding period the job is still open, so the stake is not free.
	let free_at = world.chain.run(Jobs::now) + mutirao_runtime::constants::market::UNBONDING_BLOCKS;
	world.chain.run(|| pallet_jobs::ActiveBlocksPassed::<Runtime>::put(free_at));
	let withdraw = || RuntimeCall::from(pallet_providers::Call::withdraw {});
	assert_eq!(world.chain.call(PROVIDER, withdraw()), Err(ProvidersError::JobsOpen.into()));
	assert_ok!(world.settle(job));
	assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::Late));
	let offer = world.offer;
	assert_eq!(world.chain.call(PROVIDER, withdraw()), Err(ProvidersError::OffersRemain.into()));
	world.chain.ok(PROVIDER, pallet_providers::Call::withdraw_offer { offer });
	world.chain.ok(PROVIDER, withdraw());
	assert_eq!(world.stake(PROVIDER), 0);
	world.check();
}

#[test]
fn a_job_can_be_posted_with_the_last_planck_and_not_with_one_less() {
	for short in [0, 1] {
		let mut world = World::new();
		let work = world.work(1);
		let request = world.request(&work);
		let call = RuntimeCall::from(pallet_jobs::Call::post { request });
		let largest = work.summary().passes.iter().map(|pass| pass.fuel).max().unwrap();
		let audit_fee = AuditPrice::convert(largest) * u128::from(SAMPLES);
		let written = work.summary().written().count() as u32;
		let rent = StoragePrice::convert(Jobs::footprint(written));
		// Leave the buyer what the job takes, the fee, and what an account must keep.
		let signed = world.chain.sign(BUYER, call.clone());
		let length = signed.encoded_size() as u32;
		let fee = world.chain.run(|| TransactionPayment::query_info(signed, length).partial_fee);
		let keep = PRICE_CAP + audit_fee + rent + EXISTENTIAL_DEPOSIT + fee - short;
		let give = world.chain.run(|| Balances::balance(&BUYER.to_account_id())) - keep;
		world.chain.run(|| {
			use frame_support::traits::{fungible::Mutate, tokens::Preservation};
			let (from, to) = (BUYER.to_account_id(), CHALLENGER.to_account_id());
			Balances::transfer(&from, &to, give, Preservation::Preserve).unwrap();
		});
		let outcome = world.chain.call(BUYER, call);
		assert_eq!(outcome.is_ok(), short == 0, "{short} short: {outcome:?}");
		world.check();
	}
}

#[test]
fn a_batch_is_posted_whole_or_not_at_all_and_fits_into_a_block() {
	let mut world = World::new();
	let work = world.work(1);
	let requests = vec![world.request(&work); MAX_BATCH as usize];
	let mut broken = requests.clone();
	broken[7].samples = 0;
	let call = |requests: Vec<_>| {
		RuntimeCall::from(pallet_jobs::Call::post_batch { requests: requests.try_into().unwrap() })
	};
	assert_eq!(world.chain.call(BUYER, call(broken)), Err(JobsError::SamplesOutOfRange.into()));
	assert_eq!(world.escrow(BUYER), 0);
	let weight = call(requests.clone()).get_dispatch_info().call_weight;
	assert!(weight.all_lt(RuntimeBlockWeights::get().max_block));
	world.chain.ok(BUYER, call(requests));
	let posted = world.chain.run(|| pallet_jobs::Jobs::<Runtime>::iter_keys().count());
	assert_eq!(posted, MAX_BATCH as usize);
	world.check();
}

#[test]
fn stake_below_the_minimum_takes_no_jobs() {
	let mut world = World::new();
	let call = |stake| super::world::register(stake);
	assert_eq!(
		world.chain.call(CHALLENGER, call(MINIMUM_STAKE - 1)),
		Err(ProvidersError::StakeTooSmall.into())
	);
	assert_ok!(world.chain.call(CHALLENGER, call(MINIMUM_STAKE)));
	assert_eq!(world.stake(CHALLENGER), MINIMUM_STAKE);
}

#[test]
fn a_job_that_the_stake_does_not_cover_is_not_accepted() {
	let mut world = World::new();
	let work = world.work(1);
	let offer = world.offer;
	let terms = |price| mutirao_types::OfferTerms {
		price_per_gigastep: 0,
		minimum_price: price,
		maximum_price: STAKE,
		capacity: 8,
		expires: 10_000,
	};
	let change = |price| pallet_providers::Call::change_offer { offer, terms: terms(price) };
	let mut request = world.request(&work);
	request.price_cap = STAKE;
	let job = world.post_request(request);
	world.chain.ok(PROVIDER, change(STAKE / 2 + 1));
	assert_eq!(world.accept(job), Err(ProvidersError::StakeNotFree.into()));
	world.chain.ok(PROVIDER, change(STAKE / 2));
	assert_ok!(world.accept(job));
	assert_eq!(world.earmarked(PROVIDER), STAKE);
	world.chain.ok(PROVIDER, pallet_providers::Call::add_stake { amount: MUT });
	world.check();
}
