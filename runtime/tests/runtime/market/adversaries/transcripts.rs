//! Transcripts that are not of what the provider has, or hands out.

use super::{
	money::{moved, Money, Terms},
	programs::{relay, workgroup, Rows, Z},
	stages::{attested, challenge, running, settle_when_due, undetected, workgroups},
	ProofError,
};
use crate::market::world::{World, BUYER, CHALLENGER, PROVIDER, STAKE};
use frame_support::{assert_ok, traits::fungible::InspectHold};
use mutirao_machine_prover::Computed;
use mutirao_runtime::{
	constants::market::{DEMAND_DEPOSIT, SUPPLY_BLOCKS},
	Balance, Balances, RuntimeHoldReason,
};
use mutirao_types::{JobBuffer, RefundReason, Transcript, Verdict};

const LATER: JobBuffer = JobBuffer::Written(1);

fn attest(world: &mut World, job: u64, transcript: Transcript) -> (Result<(), ()>, Money) {
	let call = pallet_attestations::Call::attest { job, transcript };
	let (outcome, moved) = moved(world, |world| world.chain.call(PROVIDER, call));
	(outcome.map_err(drop), moved)
}

/// What the challenger has on hold for demands.
fn demanded(world: &mut World) -> Balance {
	let reason = RuntimeHoldReason::Attestations(pallet_attestations::HoldReason::Demand);
	world.chain.run(|| Balances::balance_on_hold(&reason, &CHALLENGER.to_account_id()))
}

#[test]
fn a_transcript_of_another_shape_is_no_transcript() {
	let mut world = relay(6);
	let work = Rows::new(6, 0).computed(&world);
	let job = running(&mut world, &work, 2);
	let right = work.transcript();
	let spoil: [fn(&mut Transcript); 4] = [
		|names| assert!(names.pop().is_some()),
		|names| {
			let first = names[0];
			assert!(names.try_push(first).is_ok());
		},
		|names| names[1].bytes -= 4,
		|names| names[0].bytes += 4,
	];
	for spoil in spoil {
		let mut transcript = right.clone();
		spoil(&mut transcript);
		assert_eq!(attest(&mut world, job, transcript), (Err(()), Money::default()));
		assert!(world.fee_paid(PROVIDER) > 0);
	}
	assert_eq!(attest(&mut world, job, right), (Ok(()), Money::default()));
	world.check();
}

/// The output is right and was handed out; what was attested is another name. Nothing can be opened.
#[test]
fn right_output_under_a_wrong_name_cannot_be_opened_and_costs_the_collateral() {
	let spoil: [fn(&mut Transcript); 3] = [
		|names| names[1].hash[0] ^= 1,
		|names| (names[0], names[1]) = (names[1], names[0]),
		|names| (names[0].hash, names[1].hash) = ([0; 32], [1; 32]),
	];
	for spoil in spoil {
		let mut world = relay(6);
		let work = Rows::new(6, 0).computed(&world);
		let job = running(&mut world, &work, 4);
		let terms = Terms::of(&mut world, job);
		let mut transcript = work.transcript();
		spoil(&mut transcript);
		assert_eq!(attest(&mut world, job, transcript), (Ok(()), Money::default()));
		let mut refused = 0;
		for (sample, drawn) in (0..).zip(workgroups(&mut world, job)) {
			let (witness, steps) = work.witness(drawn).unwrap();
			let (outcome, moved) =
				moved(&mut world, |world| world.open(job, sample, witness, steps));
			assert_eq!(moved, Money::default());
			if let Err(error) = outcome {
				assert_eq!(error, ProofError::OpeningDoesNotVerify.into());
				assert!(world.fee_paid(PROVIDER) > 0);
				refused += 1;
			}
		}
		assert!(refused > 0);
		let missed = Verdict::Refunded(RefundReason::OpeningMissed);
		assert_eq!(settle_when_due(&mut world, job), (missed, terms.lied(4 - refused)));
		assert_eq!(world.stake(PROVIDER), STAKE - terms.collateral());
		world.check();
	}
}

/// The buyer was given right bytes, so nobody else has those that were attested. The provider must show
/// them, and they are its undoing.
#[test]
fn bytes_that_were_attested_and_not_handed_out_are_demanded() {
	let mut world = relay(12);
	let wrong = workgroup(1, 11);
	let honest = Rows::new(12, 0).computed(&world);
	let lie = Rows::new(12, 0).lie(wrong).computed(&world);
	let job = undetected(&mut world, &lie, 2, &[wrong]);
	let terms = Terms::of(&mut world, job);

	// What the buyer has says nothing about what was attested.
	let (outcome, nothing) = challenge(&mut world, job, wrong, &honest);
	assert_eq!(outcome, Err(ProofError::OpeningDoesNotVerify.into()));
	assert_eq!(nothing, Money::default());

	// The slice's last chunk.
	let chunks = lie.witness(wrong).unwrap().0.slices[0].chunks.clone();
	assert_eq!(chunks, [2]);
	let demand = pallet_attestations::Call::demand { job, buffer: LATER, chunk: 2 };
	let asked = moved(&mut world, |world| world.chain.call(CHALLENGER, demand));
	assert_eq!(asked, (Ok(()), Money::default()), "the deposit is on hold");
	let opening = honest.open(Z, &chunks).unwrap();
	let other = pallet_attestations::Call::supply { job, buffer: LATER, opening };
	let refused = moved(&mut world, |world| world.chain.call(PROVIDER, other));
	assert_eq!(refused, (Err(ProofError::OpeningDoesNotVerify.into()), Money::default()));
	let opening = lie.open(Z, &chunks).unwrap();
	let supply = pallet_attestations::Call::supply { job, buffer: LATER, opening: opening.clone() };
	let (outcome, paid) = moved(&mut world, |world| world.chain.call(PROVIDER, supply));
	assert_ok!(outcome);
	let deposit = DEMAND_DEPOSIT as i128;
	let answer = Money { provider: deposit, challenger: -deposit, ..Money::default() };
	assert_eq!(paid, answer);

	// With the inputs of the pass, and what was shown.
	let (mut witness, steps) = honest.witness(wrong).unwrap();
	witness.slices = vec![opening];
	let upheld = super::stages::challenge_with(&mut world, job, wrong, witness, steps);
	assert_eq!(upheld, (Ok(()), terms.challenged()));
	assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::ChallengeUpheld));
	world.check();
}

#[test]
fn an_unanswered_demand_costs_the_collateral_and_an_answered_one_nothing() {
	for answered in [true, false] {
		let mut world = relay(6);
		let work: Computed = Rows::new(6, 0).computed(&world);
		let job = undetected(&mut world, &work, 2, &[]);
		let terms = Terms::of(&mut world, job);
		let demand = pallet_attestations::Call::demand { job, buffer: LATER, chunk: 0 };
		let asked = moved(&mut world, |world| world.chain.call(CHALLENGER, demand));
		assert_eq!(asked, (Ok(()), Money::default()));
		assert_eq!(demanded(&mut world), DEMAND_DEPOSIT);
		if answered {
			let opening = work.open(Z, &[0]).unwrap();
			let supply = pallet_attestations::Call::supply { job, buffer: LATER, opening };
			let (outcome, paid) = moved(&mut world, |world| world.chain.call(PROVIDER, supply));
			assert_ok!(outcome);
			let deposit = DEMAND_DEPOSIT as i128;
			let answer = Money { provider: deposit, challenger: -deposit, ..Money::default() };
			assert_eq!(paid, answer);
			assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
		} else {
			let until = world.live(job).state.until();
			world.until(until + 1);
			let pending = pallet_jobs::Error::<mutirao_runtime::Runtime>::ContestPending;
			assert_eq!(world.settle(job), Err(pending.into()));
			world.until(until + SUPPLY_BLOCKS + 1);
			let lost = Verdict::Refunded(RefundReason::DemandUnanswered);
			assert_eq!(settle_when_due(&mut world, job), (lost, terms.unanswered()));
			assert_eq!(demanded(&mut world), 0, "nobody answered, so it is the challenger's again");
		}
		assert_eq!((world.escrow(BUYER), world.earmarked(PROVIDER)), (0, 0));
		world.check();
	}
}

#[test]
fn what_was_attested_cannot_be_attested_anew() {
	let mut world = relay(3);
	let lie = Rows::new(3, 0).lie(workgroup(1, 0)).computed(&world);
	let honest = Rows::new(3, 0).computed(&world);
	let job = attested(&mut world, &lie, 2);
	assert_eq!(attest(&mut world, job, honest.transcript()), (Err(()), Money::default()));
	world.check();
}
