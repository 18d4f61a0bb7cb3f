//! Providers that leave, fail or stall, and a market that stands still across a deadline.

use super::{
	money::{moved, Money, Terms},
	programs::{relay, workgroup, Rows, Z},
	stages::{attested, challenge, open_all, running, settle_when_due, undetected},
};
use crate::market::world::{World, BUYER, CHALLENGER, OTHER_PROVIDER, PROVIDER, STAKE, TIMES};
use frame_support::{assert_ok, traits::fungible::Inspect};
use mutirao_machine_prover::Computed;
use mutirao_runtime::{
	constants::market::{DEMAND_DEPOSIT, OPEN_BLOCKS, SUPPLY_BLOCKS, UNBONDING_BLOCKS},
	Balances, Jobs, Runtime, RuntimeCall,
};
use mutirao_types::{JobBuffer, JobId, RefundReason, Verdict, Workgroup};
use sp_keyring::Sr25519Keyring;

const GROUPS: u32 = 4;
const WRONG: Workgroup = workgroup(1, 1);

fn lie(world: &World) -> Computed {
	Rows::new(GROUPS, 0).lie(WRONG).computed(world)
}

fn honest(world: &World) -> Computed {
	Rows::new(GROUPS, 0).computed(world)
}

/// The provider takes out what it has left, when it may.
fn withdraw_all(world: &mut World, left: u128) {
	let free_at = world.chain.run(Jobs::now) + UNBONDING_BLOCKS;
	let offer = world.offer;
	world.chain.ok(PROVIDER, pallet_providers::Call::withdraw_offer { offer });
	world.chain.run(|| pallet_jobs::ActiveBlocksPassed::<Runtime>::put(free_at));
	assert_eq!(world.stake(PROVIDER), left);
	let free = |world: &mut World| world.chain.run(|| Balances::balance(&PROVIDER.to_account_id()));
	let before = free(world);
	let withdraw = pallet_providers::Call::withdraw {};
	let gone = moved(world, |world| world.chain.call(PROVIDER, withdraw));
	assert_eq!(gone, (Ok(()), Money::default()), "it was its own all along");
	let fee = world.fee_paid(PROVIDER);
	assert_eq!(free(world), before + left - fee);
	assert_eq!(world.stake(PROVIDER), 0);
}

#[test]
fn a_verdict_against_a_provider_that_leaves_takes_its_collateral() {
	let mut world = relay(GROUPS);
	let work = lie(&world);
	// The first draw that there is, so that no other job is open.
	let job = attested(&mut world, &work, 1);
	let terms = Terms::of(&mut world, job);
	world.chain.ok(PROVIDER, pallet_providers::Call::leave {});
	let drawn = super::stages::workgroups(&mut world, job)[0];
	let (outcome, opened) = super::stages::open(&mut world, job, 0, &work, drawn);
	assert_ok!(outcome);
	if drawn == WRONG {
		assert_eq!(opened, terms.lied(0));
	} else {
		assert_eq!(opened, Money::default());
		assert_eq!(challenge(&mut world, job, WRONG, &work), (Ok(()), terms.challenged()));
	}
	withdraw_all(&mut world, STAKE - terms.collateral());
	world.check();
}

#[test]
fn a_provider_that_leaves_is_paid_for_what_it_finishes_and_slashed_for_what_it_does_not() {
	let mut world = relay(GROUPS);
	let work = honest(&world);
	let (done, late) = (running(&mut world, &work, 2), running(&mut world, &work, 2));
	let terms = [done, late].map(|job| Terms::of(&mut world, job));
	world.chain.ok(PROVIDER, pallet_providers::Call::leave {});
	assert_ok!(world.attest(done, &work));
	open_all(&mut world, done, &work);
	assert_eq!(settle_when_due(&mut world, done), (Verdict::Settled, terms[0].settled()));
	let lost = Verdict::Refunded(RefundReason::Late);
	assert_eq!(settle_when_due(&mut world, late), (lost, terms[1].failed()));
	let penalty = -terms[1].failed().provider as u128;
	withdraw_all(&mut world, STAKE - penalty);
	world.check();
}

#[test]
fn giving_up_costs_as_much_as_being_late_and_before_acceptance_nothing_is_lost() {
	let mut world = relay(GROUPS);
	let work = honest(&world);
	let job = running(&mut world, &work, 2);
	let terms = Terms::of(&mut world, job);
	let give_up = pallet_jobs::Call::give_up { job };
	let gave_up = moved(&mut world, |world| world.chain.call(PROVIDER, give_up));
	assert_eq!(gave_up, (Ok(()), terms.failed()));
	assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::GivenUp));
	let job = world.post(&work);
	let cancel = pallet_jobs::Call::cancel { job };
	let cancelled = moved(&mut world, |world| world.chain.call(BUYER, cancel));
	assert_eq!(cancelled, (Ok(()), Money::default()));
	let job = world.post(&work);
	let expired = (Verdict::Refunded(RefundReason::Expired), Money::default());
	assert_eq!(settle_when_due(&mut world, job), expired);
	assert_eq!(world.escrow(BUYER), 0);
	world.check();
}

/// The market stands still for longer than a stage. Nobody can act, and nothing moves.
#[track_caller]
fn stand_still(world: &mut World, stage: u32, calls: Vec<(Sr25519Keyring, RuntimeCall)>) {
	world.chain.sudo(pallet_safe_mode::Call::force_enter {});
	let moment = world.chain.run(Jobs::now);
	let whole = Money::of(world).issuance;
	for _ in 0..stage + 2 {
		world.chain.next_block(Vec::new());
	}
	for (by, call) in calls {
		let filtered = moved(world, |world| world.chain.call(by, call));
		let error = frame_system::Error::<Runtime>::CallFiltered;
		assert_eq!(filtered, (Err(error.into()), Money::default()));
	}
	assert_eq!(Money::of(world).issuance, whole);
	assert_eq!(world.chain.run(Jobs::now), moment);
	world.chain.sudo(pallet_safe_mode::Call::force_exit {});
}

fn settle(job: JobId) -> (Sr25519Keyring, RuntimeCall) {
	(CHALLENGER, pallet_jobs::Call::settle { job }.into())
}

#[test]
fn safe_mode_across_the_time_to_accept() {
	for in_time in [true, false] {
		let mut world = relay(GROUPS);
		let work = honest(&world);
		let job = world.post(&work);
		let offer = world.offer;
		let accept = pallet_jobs::Call::accept { job, offer }.into();
		stand_still(&mut world, TIMES.accept_within, vec![settle(job), (PROVIDER, accept)]);
		if in_time {
			world.until_last_block_of_stage(job);
			assert_ok!(world.accept(job));
		} else {
			let end = (Verdict::Refunded(RefundReason::Expired), Money::default());
			assert_eq!(settle_when_due(&mut world, job), end);
		}
		world.check();
	}
}

#[test]
fn safe_mode_across_the_time_to_attest() {
	for in_time in [true, false] {
		let mut world = relay(GROUPS);
		let work = honest(&world);
		let job = running(&mut world, &work, 2);
		let terms = Terms::of(&mut world, job);
		let transcript = work.transcript();
		let attest = pallet_attestations::Call::attest { job, transcript }.into();
		stand_still(&mut world, TIMES.attest_within, vec![settle(job), (PROVIDER, attest)]);
		if in_time {
			world.until_last_block_of_stage(job);
			assert_ok!(world.attest(job, &work));
			open_all(&mut world, job, &work);
			assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
		} else {
			let end = (Verdict::Refunded(RefundReason::Late), terms.failed());
			assert_eq!(settle_when_due(&mut world, job), end);
		}
		world.check();
	}
}

#[test]
fn safe_mode_across_the_time_to_open() {
	for in_time in [true, false] {
		let mut world = relay(GROUPS);
		let work = honest(&world);
		let job = attested(&mut world, &work, 1);
		let terms = Terms::of(&mut world, job);
		let drawn = super::stages::workgroups(&mut world, job)[0];
		let (witness, steps) = work.witness(drawn).unwrap();
		let open = pallet_attestations::Call::open { job, sample: 0, steps, witness }.into();
		stand_still(&mut world, OPEN_BLOCKS, vec![settle(job), (PROVIDER, open)]);
		if in_time {
			world.until_last_block_of_stage(job);
			open_all(&mut world, job, &work);
			assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
		} else {
			let end = (Verdict::Refunded(RefundReason::OpeningMissed), terms.lied(0));
			assert_eq!(settle_when_due(&mut world, job), end);
		}
		world.check();
	}
}

/// A lie does not slip through a window that nobody could use.
#[test]
fn safe_mode_across_the_window() {
	for in_time in [true, false] {
		let mut world = relay(GROUPS);
		let work = lie(&world);
		let job = undetected(&mut world, &work, 2, &[WRONG]);
		let terms = Terms::of(&mut world, job);
		let (witness, steps) = work.witness(WRONG).unwrap();
		let proof =
			pallet_attestations::Call::challenge { job, workgroup: WRONG, steps, witness }.into();
		stand_still(&mut world, TIMES.contest_for, vec![settle(job), (CHALLENGER, proof)]);
		if in_time {
			world.until_last_block_of_stage(job);
			assert_eq!(challenge(&mut world, job, WRONG, &work), (Ok(()), terms.challenged()));
		} else {
			assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
		}
		world.check();
	}
}

#[test]
fn safe_mode_across_the_time_to_supply() {
	for in_time in [true, false] {
		let mut world = relay(GROUPS);
		let work = honest(&world);
		let job = undetected(&mut world, &work, 2, &[]);
		let terms = Terms::of(&mut world, job);
		let buffer = JobBuffer::Written(1);
		let demand = pallet_attestations::Call::demand { job, buffer, chunk: 0 };
		world.chain.ok(OTHER_PROVIDER, demand);
		let lost_after = world.chain.run(Jobs::now) + SUPPLY_BLOCKS;
		let opening = work.open(Z, &[0]).unwrap();
		let supply = RuntimeCall::from(pallet_attestations::Call::supply { job, buffer, opening });
		stand_still(&mut world, SUPPLY_BLOCKS, vec![settle(job), (PROVIDER, supply.clone())]);
		if in_time {
			world.until(lost_after - 1);
			let (outcome, paid) = moved(&mut world, |world| world.chain.call(PROVIDER, supply));
			assert_ok!(outcome);
			let deposit = DEMAND_DEPOSIT as i128;
			let answer = Money { provider: deposit, other_provider: -deposit, ..Money::default() };
			assert_eq!(paid, answer);
			assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
		} else {
			world.until(lost_after + 1);
			let end = (Verdict::Refunded(RefundReason::DemandUnanswered), terms.unanswered());
			assert_eq!(settle_when_due(&mut world, job), end);
		}
		world.check();
	}
}
