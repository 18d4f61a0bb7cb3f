//! Each stage's deadline: its last block in time, the first one late, and who loses.

use super::world::{price, World, BUYER, CHALLENGER, PROVIDER, STAKE};
use frame_support::assert_ok;
use mutirao_runtime::{constants::market::FAILURE_PENALTY_PERCENT, Runtime};
use mutirao_types::{RefundReason, Verdict};

type JobsError = pallet_jobs::Error<Runtime>;

#[test]
fn accept_is_in_time_in_the_last_block_and_late_in_the_next() {
	let mut world = World::new();
	let work = world.work(1);
	let (in_time, late) = (world.post(&work), world.post(&work));
	world.until_last_block_of_stage(in_time);
	assert_ok!(world.accept(in_time));
	// `late` was posted one block after.
	world.chain.next_block(Vec::new());
	assert_eq!(world.accept(late), Err(JobsError::TooLate.into()));
}

#[test]
fn nobody_accepts_and_the_buyer_has_everything_back() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	world.until_last_block_of_stage(job);
	assert_eq!(world.settle(job), Err(JobsError::DeadlineNotReached.into()));
	assert_ok!(world.settle(job));
	assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::Expired));
	assert_eq!(world.escrow(BUYER), 0);
	world.check();
}

#[test]
fn a_provider_that_attests_nothing_in_time_pays_half_the_price() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	assert_ok!(world.accept(job));
	let (price, buyer, issuance) =
		(price(work.summary().declared_steps), world.chain.total(BUYER), world.chain.issuance());
	world.until_last_block_of_stage(job);
	assert_eq!(world.settle(job), Err(JobsError::DeadlineNotReached.into()));
	assert_eq!(world.attest(job, &work), Err(JobsError::TooLate.into()));
	assert_ok!(world.settle(job));
	assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::Late));

	let penalty = 2 * price * u128::from(FAILURE_PENALTY_PERCENT) / 100;
	let slash = world.slash();
	assert_eq!((slash.burned, slash.to_buyer), (penalty - penalty / 2, penalty / 2));
	assert_eq!((slash.to_challenger, slash.shortfall), (0, 0));
	assert_eq!(world.stake(PROVIDER), STAKE - penalty);
	assert_eq!(world.chain.total(BUYER), buyer + slash.to_buyer);
	assert_eq!(world.chain.issuance(), issuance - slash.burned);
	world.check();
}

#[test]
fn a_provider_that_opens_nothing_in_time_loses_its_collateral() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	assert_ok!(world.accept(job));
	assert_ok!(world.attest(job, &work));
	let samples = world.samples(job);
	// All but the last one are opened.
	for (sample, drawn) in samples.iter().enumerate().skip(1) {
		let (witness, steps) = work.witness(drawn.workgroup).unwrap();
		assert_ok!(world.open(job, sample as u8, witness, steps));
	}
	world.until_last_block_of_stage(job);
	assert_eq!(world.settle(job), Err(JobsError::DeadlineNotReached.into()));
	let (witness, steps) = work.witness(samples[0].workgroup).unwrap();
	assert_eq!(
		world.open(job, 0, witness, steps),
		Err(pallet_attestations::Error::<Runtime>::TooLate.into())
	);
	assert_ok!(world.settle(job));
	assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::OpeningMissed));
	let collateral = 2 * price(work.summary().declared_steps);
	assert_eq!(world.stake(PROVIDER), STAKE - collateral);
	world.check();
}

#[test]
fn the_window_is_open_in_its_last_block_and_closed_in_the_next() {
	let mut world = World::new();
	let honest = world.work(1);
	let job = world.contestable(&honest);
	world.until_last_block_of_stage(job);
	assert_eq!(world.settle(job), Err(JobsError::DeadlineNotReached.into()));
	let workgroup = mutirao_types::Workgroup { pass: 0, number: 0 };
	assert_eq!(
		world.challenge(job, workgroup, &honest),
		Err(pallet_attestations::Error::<Runtime>::TooLate.into())
	);
	assert_ok!(world.settle(job));
	assert_eq!(world.verdict(job), Verdict::Settled);
}

#[test]
fn a_finished_job_cannot_be_settled_again() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	world.until_last_block_of_stage(job);
	world.chain.next_block(Vec::new());
	assert_ok!(world.settle(job));
	let before = world.chain.total(CHALLENGER);
	assert_eq!(world.settle(job), Err(JobsError::NoSuchJob.into()));
	assert!(world.chain.total(CHALLENGER) < before, "no progress, no free ride");
}

#[test]
fn time_stands_still_in_safe_mode() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	assert_ok!(world.accept(job));
	let until = world.live(job).state.until();
	world.chain.sudo(pallet_safe_mode::Call::force_enter {});
	let moment = world.chain.run(mutirao_runtime::Jobs::now);
	for _ in 0..60 {
		world.chain.next_block(Vec::new());
	}
	assert_eq!(world.chain.run(mutirao_runtime::Jobs::now), moment);
	world.chain.sudo(pallet_safe_mode::Call::force_exit {});
	world.until(until - 1);
	assert_ok!(world.attest(job, &work));
	world.check();
}
