//! One job's whole life, with every balance to the planck (docs/protocol/economics.md).

use super::world::{
	price, World, BUYER, CHALLENGER, OTHER_PROVIDER, PRICE_CAP, PROVIDER, SAMPLES, STAKE,
};
use frame_support::traits::fungible::Inspect;
use mutirao_runtime::{
	configs::AuditPrice, constants::market::HISTORY_BLOCKS, Balances, Jobs, Runtime,
};
use mutirao_types::{JobState, Verdict};
use sp_runtime::traits::Convert;

#[test]
fn a_job_is_posted_accepted_attested_audited_and_settled() {
	let mut world = World::new();
	let work = world.work(1);
	let steps = work.summary().declared_steps;
	let largest = work.summary().passes.iter().map(|pass| pass.fuel).max().unwrap();
	let audit_fee = AuditPrice::convert(largest) * u128::from(SAMPLES);
	let price = price(steps);
	assert!(price < PRICE_CAP && audit_fee > 0);

	// Posted: price cap, audit fee and rent are on hold; nobody lost anything but the fee.
	let before = world.chain.total(BUYER);
	let job = world.post(&work);
	let fee = world.fee_paid(BUYER);
	assert!(fee > 0);
	assert_eq!(world.chain.total(BUYER), before - fee);
	assert_eq!(world.escrow(BUYER), PRICE_CAP + audit_fee);
	world.check();

	// Accepted: the price is fixed, the rest is free, collateral is earmarked.
	world.accept(job).expect("accepted");
	assert_eq!(world.escrow(BUYER), price + audit_fee);
	assert_eq!(world.earmarked(PROVIDER), 2 * price);
	assert_eq!(world.stake(PROVIDER), STAKE);
	world.check();

	// Attested, drawn, opened: correct openings are free.
	world.attest(job, &work).expect("attested");
	world.check();
	let provider = world.chain.total(PROVIDER);
	for outcome in world.open_all(job, &work) {
		outcome.expect("opened");
		world.check();
	}
	assert_eq!(world.chain.total(PROVIDER), provider, "a correct opening costs nothing");
	assert!(matches!(world.live(job).state, JobState::Contestable { .. }));

	// Settled, by a stranger, for free.
	world.until_last_block_of_stage(job);
	world.chain.next_block(Vec::new());
	let (buyer, stranger, treasury) =
		(world.chain.total(BUYER), world.chain.total(CHALLENGER), world.chain.treasury());
	let issuance = world.chain.issuance();
	world.settle(job).expect("settled");
	let protocol_fee = price * 2 / 100;
	assert_eq!(world.verdict(job), Verdict::Settled);
	assert_eq!(world.chain.total(PROVIDER), provider + price - protocol_fee);
	assert_eq!(world.chain.total(BUYER), buyer - price - audit_fee);
	assert_eq!(world.chain.treasury(), treasury + protocol_fee + audit_fee);
	assert_eq!(world.chain.total(CHALLENGER), stranger, "settling costs nothing");
	assert_eq!(world.chain.issuance(), issuance);
	assert_eq!((world.escrow(BUYER), world.earmarked(PROVIDER)), (0, 0));
	world.check();

	// Pruned: the rent is free, nothing is left but events.
	let free = |world: &mut World| world.chain.run(|| Balances::balance(&BUYER.to_account_id()));
	let (held, ended) = (free(&mut world), world.chain.run(Jobs::now));
	let prune = || pallet_jobs::Call::prune { job };
	world.chain.run(|| pallet_jobs::ActiveBlocksPassed::<Runtime>::put(ended + HISTORY_BLOCKS - 1));
	assert!(world.chain.call(OTHER_PROVIDER, prune()).is_err(), "it is still to be remembered");
	world.chain.ok(OTHER_PROVIDER, prune());
	assert!(free(&mut world) > held, "the deposit is free again");
	world.check();
}

#[test]
fn every_kernel_of_the_catalogue_can_be_bought_and_proven() {
	for kernel in mutirao_kernels::KERNELS {
		let mut world = World::with(kernel.name, kernel.examples[0]);
		let work = world.work(7);
		let job = world.contestable(&work);
		let until = world.live(job).state.until();
		world.until(until + 1);
		world.settle(job).unwrap_or_else(|error| panic!("{}: {error:?}", kernel.name));
		assert_eq!(world.verdict(job), Verdict::Settled, "{}", kernel.name);
		world.check();
	}
}
