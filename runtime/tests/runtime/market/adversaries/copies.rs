//! Two providers, two jobs, one transcript.

use super::{
	money::{moved, Money, Terms},
	programs::{relay, workgroup, Rows},
	stages::{challenge, settle_when_due, workgroups},
};
use crate::{
	chain::DispatchOutcome,
	market::world::{World, OTHER_PROVIDER, PROVIDER, STAKE},
};
use frame_support::assert_ok;
use mutirao_machine_prover::Computed;
use mutirao_types::{JobId, RefundReason, Verdict, Workgroup};
use sp_keyring::Sr25519Keyring;

const GROUPS: u32 = 12;
const SAMPLES: u8 = 4;

/// A job of each provider's, with the same inputs, attested in one block with the same root.
#[track_caller]
fn attested_by_both(world: &mut World, work: &Computed) -> [JobId; 2] {
	let [mine, other] = [(); 2].map(|()| world.post(work));
	assert_ok!(world.accept(mine));
	let offer = world.other_offer;
	world.chain.ok(OTHER_PROVIDER, pallet_jobs::Call::accept { job: other, offer });
	let attest = |world: &mut World, by, job| {
		let transcript = work.transcript();
		world.chain.sign(by, pallet_attestations::Call::attest { job, transcript })
	};
	let calls = vec![attest(world, PROVIDER, mine), attest(world, OTHER_PROVIDER, other)];
	assert_eq!(world.chain.next_block(calls), [Ok(()), Ok(())]);
	[mine, other]
}

fn open(
	world: &mut World,
	by: Sr25519Keyring,
	job: JobId,
	sample: u8,
	(work, drawn): (&Computed, Workgroup),
) -> (DispatchOutcome, Money) {
	let (witness, steps) = work.witness(drawn).unwrap();
	let call = pallet_attestations::Call::open { job, sample, steps, witness };
	moved(world, |world| world.chain.call(by, call))
}

#[test]
fn each_is_drawn_for_itself_and_paid_by_its_own_terms() {
	let mut world = relay(GROUPS);
	let work = Rows::new(GROUPS, 0).computed(&world);
	let [mine, other] = attested_by_both(&mut world, &work);
	assert_ne!(workgroups(&mut world, mine), workgroups(&mut world, other));
	let terms = [mine, other].map(|job| Terms::of(&mut world, job));
	for (by, job) in [(PROVIDER, mine), (OTHER_PROVIDER, other)] {
		for (sample, drawn) in (0..).zip(workgroups(&mut world, job)) {
			let opened = open(&mut world, by, job, sample, (&work, drawn));
			assert_eq!(opened, (Ok(()), Money::default()));
		}
	}
	let end = settle_when_due(&mut world, mine);
	assert_eq!(end, (Verdict::Settled, terms[0].settled()));
	let end = settle_when_due(&mut world, other);
	assert_eq!(end, (Verdict::Settled, terms[1].settled().by_other_provider()));
	world.check();
}

/// One witness proves the lie of both; each loses its own collateral.
#[test]
fn a_lie_that_was_copied_costs_whoever_attested_it() {
	let mut world = relay(GROUPS);
	let wrong = workgroup(1, 7);
	let work = Rows::new(GROUPS, 0).lie(wrong).computed(&world);
	let is_missed = |world: &mut World, job| !workgroups(world, job).contains(&wrong);
	let jobs = (0..20).find_map(|_| {
		let jobs = attested_by_both(&mut world, &work);
		jobs.into_iter().all(|job| is_missed(&mut world, job)).then_some(jobs)
	});
	let [mine, other] = jobs.expect("a draw that misses one of 36");
	for (by, job) in [(PROVIDER, mine), (OTHER_PROVIDER, other)] {
		for (sample, drawn) in (0..).zip(workgroups(&mut world, job)) {
			assert_ok!(open(&mut world, by, job, sample, (&work, drawn)).0);
		}
	}
	let terms = [mine, other].map(|job| Terms::of(&mut world, job));
	assert!(terms[0].collateral() < terms[1].collateral());
	let upheld = challenge(&mut world, mine, wrong, &work);
	assert_eq!(upheld, (Ok(()), terms[0].challenged()));
	assert_eq!(world.stake(OTHER_PROVIDER), STAKE, "it has not been proven of that one yet");
	let upheld = challenge(&mut world, other, wrong, &work);
	assert_eq!(upheld, (Ok(()), terms[1].challenged().by_other_provider()));
	assert_eq!(world.stake(PROVIDER), STAKE - terms[0].collateral());
	assert_eq!(world.stake(OTHER_PROVIDER), STAKE - terms[1].collateral());
	world.check();
}

/// Who copies a transcript from the chain has no bytes but those that the other one has opened there.
#[test]
fn a_copied_transcript_cannot_be_opened_with_what_the_first_has_shown() {
	let mut world = relay(GROUPS);
	let work = Rows::new(GROUPS, 0).computed(&world);
	let [mine, copied] = attested_by_both(&mut world, &work);
	let terms = Terms::of(&mut world, copied);
	let shown = workgroups(&mut world, mine);
	for (sample, drawn) in (0..).zip(&shown) {
		assert_ok!(open(&mut world, PROVIDER, mine, sample, (&work, *drawn)).0);
	}
	let wanted = workgroups(&mut world, copied);
	assert_eq!(wanted.len(), usize::from(SAMPLES));
	let seen: Vec<_> = (0..).zip(&wanted).filter(|(_, one)| shown.contains(one)).collect();
	assert!(seen.len() < wanted.len(), "the draws are not the same");
	let opened = seen.len() as i128;
	for (sample, drawn) in seen {
		assert_ok!(open(&mut world, OTHER_PROVIDER, copied, sample, (&work, *drawn)).0);
	}
	// What it has seen is not what it is asked for.
	let missing = wanted.iter().position(|one| !shown.contains(one)).unwrap();
	let wrong = open(&mut world, OTHER_PROVIDER, copied, missing as u8, (&work, shown[0]));
	assert!(wrong.0.is_err());
	assert_eq!(wrong.1, Money::default());
	let missed = Verdict::Refunded(RefundReason::OpeningMissed);
	let end = settle_when_due(&mut world, copied);
	assert_eq!(end, (missed, terms.lied(opened).by_other_provider()));
	assert_eq!(world.stake(PROVIDER), STAKE);
	world.check();
}
