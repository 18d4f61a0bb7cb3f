//! Challengers who lie, and challengers who meet.

use super::{
	money::{moved, Money, Terms},
	programs::{relay, workgroup, Rows},
	stages::{challenge, challenge_with, settle_when_due, undetected},
	ProofError,
};
use crate::market::world::{World, CHALLENGER, OTHER_PROVIDER, PROVIDER, STAKE};
use mutirao_machine_prover::Computed;
use mutirao_runtime::{RuntimeCall, UncheckedExtrinsic};
use mutirao_types::{RefundReason, Verdict, Workgroup};
use sp_keyring::Sr25519Keyring;

const GROUPS: u32 = 4;
const WRONG: Workgroup = workgroup(1, 1);

fn signed(
	world: &mut World,
	by: Sr25519Keyring,
	job: u64,
	workgroup: Workgroup,
	work: &Computed,
) -> UncheckedExtrinsic {
	let (witness, steps) = work.witness(workgroup).unwrap();
	let call = pallet_attestations::Call::challenge { job, workgroup, steps, witness };
	world.chain.sign(by, RuntimeCall::from(call))
}

#[test]
fn a_challenger_that_is_wrong_pays_each_time_and_the_job_settles() {
	let mut world = relay(GROUPS);
	let work = Rows::new(GROUPS, 0).computed(&world);
	let job = undetected(&mut world, &work, 2, &[]);
	let terms = Terms::of(&mut world, job);
	let state = world.live(job);
	for number in 0..GROUPS {
		for pass in [0, 1] {
			let wrong = challenge(&mut world, job, workgroup(pass, number), &work);
			assert_eq!(wrong, (Ok(()), Money::default()));
			assert!(world.fee_paid(CHALLENGER) > 0, "the chain computed for it");
			assert_eq!(world.live(job), state);
		}
	}
	assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
	world.check();
}

/// Its own version of what should have been read or written is not what was attested.
#[test]
fn a_challenger_that_makes_up_bytes_pays_for_nothing() {
	let mut world = relay(GROUPS);
	let honest = Rows::new(GROUPS, 0).computed(&world);
	let job = undetected(&mut world, &honest, 2, &[]);
	let terms = Terms::of(&mut world, job);
	for at in [workgroup(0, 1), WRONG] {
		let made_up = Rows::new(GROUPS, 0).lie(at).computed(&world);
		let (outcome, nothing) = challenge(&mut world, job, at, &made_up);
		assert_eq!(outcome, Err(ProofError::OpeningDoesNotVerify.into()));
		assert_eq!(nothing, Money::default());
		assert!(world.fee_paid(CHALLENGER) > 0);
	}
	for (at, error) in [
		(workgroup(2, 0), ProofError::NoSuchPass),
		(workgroup(0, GROUPS), ProofError::NoSuchWorkgroup),
	] {
		let (witness, steps) = honest.witness(workgroup(0, 0)).unwrap();
		let nowhere = challenge_with(&mut world, job, at, witness, steps);
		assert_eq!(nowhere, (Err(error.into()), Money::default()));
	}
	// It says that the workgroup takes less than it declares, to pay less.
	let (witness, steps) = honest.witness(WRONG).unwrap();
	let cheap = challenge_with(&mut world, job, WRONG, witness, steps - 1);
	assert_eq!(cheap, (Err(ProofError::TooManySteps.into()), Money::default()));
	assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
	world.check();
}

#[test]
fn of_two_challengers_in_one_block_the_first_is_rewarded_and_the_second_pays() {
	for (first, second) in [(CHALLENGER, OTHER_PROVIDER), (OTHER_PROVIDER, CHALLENGER)] {
		let mut world = relay(GROUPS);
		let work = Rows::new(GROUPS, 0).lie(WRONG).computed(&world);
		let job = undetected(&mut world, &work, 2, &[WRONG]);
		let terms = Terms::of(&mut world, job);
		let calls = [first, second].map(|by| signed(&mut world, by, job, WRONG, &work));
		let (outcomes, moved) = moved(&mut world, |world| world.chain.next_block(calls.into()));
		assert_eq!(outcomes, [Ok(()), Err(ProofError::NoSuchJob.into())]);
		let mut expected = terms.challenged();
		if first == OTHER_PROVIDER {
			std::mem::swap(&mut expected.challenger, &mut expected.other_provider);
		}
		assert_eq!(moved, expected);
		assert_eq!(world.fee_paid(first), 0);
		assert!(world.fee_paid(second) > 0, "it came too late");
		assert_eq!(world.stake(PROVIDER), STAKE - terms.collateral(), "once");
		world.check();
	}
}

#[test]
fn a_wrong_challenge_does_not_stand_before_a_right_one_in_the_same_block() {
	let mut world = relay(GROUPS);
	let work = Rows::new(GROUPS, 0).lie(WRONG).computed(&world);
	let job = undetected(&mut world, &work, 2, &[WRONG]);
	let terms = Terms::of(&mut world, job);
	let wrong = signed(&mut world, OTHER_PROVIDER, job, workgroup(0, 0), &work);
	let right = signed(&mut world, CHALLENGER, job, WRONG, &work);
	let (outcomes, moved) = moved(&mut world, |world| world.chain.next_block(vec![wrong, right]));
	assert_eq!((outcomes, moved), (vec![Ok(()), Ok(())], terms.challenged()));
	assert!(world.fee_paid(OTHER_PROVIDER) > 0);
	assert_eq!(world.fee_paid(CHALLENGER), 0);
	assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::ChallengeUpheld));
	world.check();
}

/// Two lies in one job are one collateral: the first proof takes it.
#[test]
fn challengers_who_find_different_lies_in_one_block_share_nothing() {
	let mut world = relay(GROUPS);
	let also = workgroup(0, 3);
	let work = Rows::new(GROUPS, 0).lie(also).lie(WRONG).computed(&world);
	let job = undetected(&mut world, &work, 2, &[WRONG, also]);
	let terms = Terms::of(&mut world, job);
	let first = signed(&mut world, CHALLENGER, job, also, &work);
	let second = signed(&mut world, OTHER_PROVIDER, job, WRONG, &work);
	let (outcomes, moved) = moved(&mut world, |world| world.chain.next_block(vec![first, second]));
	assert_eq!(outcomes, [Ok(()), Err(ProofError::NoSuchJob.into())]);
	assert_eq!(moved, terms.challenged());
	world.check();
}

#[test]
fn a_challenge_is_in_time_in_the_windows_last_block_and_late_in_the_next() {
	for late in [false, true] {
		let mut world = relay(GROUPS);
		let work = Rows::new(GROUPS, 0).lie(WRONG).computed(&world);
		let job = undetected(&mut world, &work, 2, &[WRONG]);
		let terms = Terms::of(&mut world, job);
		world.until_last_block_of_stage(job);
		if late {
			world.chain.next_block(Vec::new());
			let void = challenge(&mut world, job, WRONG, &work);
			assert_eq!(void, (Err(ProofError::TooLate.into()), Money::default()));
			assert!(world.fee_paid(CHALLENGER) > 0);
			assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
		} else {
			assert_eq!(challenge(&mut world, job, WRONG, &work), (Ok(()), terms.challenged()));
		}
		world.check();
	}
}
