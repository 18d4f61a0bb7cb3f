//! Wrong results, found by the draw or by somebody who looks.

use super::{
	money::{moved, Money, Terms},
	programs::{relay, slice, workgroup, Rows},
	stages::{attested, challenge, drawn, open, open_all, settle_when_due, undetected, workgroups},
};
use crate::market::world::{World, BUYER, CHALLENGER, PROVIDER, STAKE};
use frame_support::assert_ok;
use mutirao_types::{RefundReason, Verdict, Workgroup};

const UPHELD: Verdict = Verdict::Refunded(RefundReason::ChallengeUpheld);
const WRONG: Verdict = Verdict::Refunded(RefundReason::OpeningWrong);

#[test]
fn whoever_skips_the_work_is_drawn_whatever_is_drawn() {
	let mut world = relay(6);
	let mut rows = Rows::new(6, 0);
	for number in 0..6 {
		let word = slice(number).start;
		(rows.y[word], rows.z[word]) = (7, 7);
	}
	let work = rows.computed(&world);
	let job = attested(&mut world, &work, 1);
	let terms = Terms::of(&mut world, job);
	let wrong = workgroups(&mut world, job)[0];
	let (outcome, moved) = open(&mut world, job, 0, &work, wrong);
	assert_ok!(outcome);
	assert_eq!(moved, terms.lied(0));
	assert!(world.fee_paid(PROVIDER) > 0, "only a right opening is free");
	assert_eq!(world.verdict(job), WRONG);
	assert_eq!(world.stake(PROVIDER), STAKE - terms.collateral());
	assert_eq!((world.escrow(BUYER), world.earmarked(PROVIDER)), (0, 0));
	world.check();
}

#[test]
fn a_lie_in_one_workgroup_that_is_drawn_costs_the_collateral() {
	for wrong in [workgroup(0, 2), workgroup(1, 0)] {
		let mut world = relay(3);
		let work = Rows::new(3, 0).lie(wrong).computed(&world);
		let job = drawn(&mut world, &work, 2, |drawn| drawn[1] == wrong && drawn[0] != wrong);
		let terms = Terms::of(&mut world, job);
		let right = workgroups(&mut world, job)[0];
		assert_eq!(open(&mut world, job, 0, &work, right), (Ok(()), Money::default()));
		assert_eq!(open(&mut world, job, 1, &work, wrong), (Ok(()), terms.lied(1)));
		assert_eq!(world.verdict(job), WRONG);
		world.check();
	}
}

#[test]
fn a_lie_in_one_of_n_workgroups_always_falls_with_one_challenge() {
	for groups in [2, 5, 17] {
		let mut world = relay(groups);
		let mut lost = 0;
		for pass in [0, 1] {
			for number in [0, groups / 2, groups - 1] {
				let wrong = workgroup(pass, number);
				let work = Rows::new(groups, 0).lie(wrong).computed(&world);
				world.resume();
				let job = undetected(&mut world, &work, 2, &[wrong]);
				let terms = Terms::of(&mut world, job);
				let upheld = challenge(&mut world, job, wrong, &work);
				assert_eq!(upheld, (Ok(()), terms.challenged()), "{wrong:?} of {groups}");
				assert_eq!(world.fee_paid(CHALLENGER), 0, "who is right pays no fee");
				assert_eq!(world.verdict(job), UPHELD);
				lost += terms.collateral();
				assert_eq!(world.stake(PROVIDER), STAKE - lost);
			}
		}
		world.check();
	}
}

/// What follows from a lie is no lie: the later pass is opened freely and challenged in vain.
#[test]
fn a_lie_about_an_early_pass_alone_is_found_where_it_was_told() {
	let mut world = relay(4);
	let wrong = workgroup(0, 1);
	let work = Rows::new(4, 0).lie(wrong).computed(&world);
	let misses = |drawn: &[Workgroup]| drawn.contains(&workgroup(1, 1)) && !drawn.contains(&wrong);
	let job = drawn(&mut world, &work, 2, misses);
	let terms = Terms::of(&mut world, job);
	open_all(&mut world, job, &work);
	for reader in [workgroup(1, 0), workgroup(1, 1)] {
		assert_eq!(challenge(&mut world, job, reader, &work), (Ok(()), Money::default()));
		assert!(world.fee_paid(CHALLENGER) > 0);
	}
	assert_eq!(challenge(&mut world, job, wrong, &work), (Ok(()), terms.challenged()));
	assert_eq!(world.verdict(job), UPHELD);
	world.check();
}

/// What the draw does not find and nobody looks for is paid (docs/protocol/attestation.md).
#[test]
fn a_lie_that_nobody_looks_for_is_paid() {
	let mut world = relay(4);
	let wrong = workgroup(1, 2);
	let work = Rows::new(4, 0).lie(wrong).computed(&world);
	let job = undetected(&mut world, &work, 1, &[wrong]);
	let terms = Terms::of(&mut world, job);
	assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
	world.check();
}

#[test]
fn provider_buyer_and_challenger_in_league_lose_what_is_burned_and_what_was_opened() {
	let mut world = relay(4);
	let wrong = workgroup(1, 2);
	let work = Rows::new(4, 0).lie(wrong).computed(&world);
	let job = undetected(&mut world, &work, 1, &[wrong]);
	let terms = Terms::of(&mut world, job);
	let (outcome, moved) = challenge(&mut world, job, wrong, &work);
	assert_ok!(outcome);
	let burned = terms.collateral().div_ceil(2) as i128;
	let opened = terms.share();
	assert_eq!(moved.provider + moved.buyer + moved.challenger, -burned - opened);
	assert_eq!(moved.treasury, opened);
	assert_eq!(moved.issuance, -burned);
	world.check();
}

/// Nobody needs another account: the provider and the buyer may challenge themselves.
#[test]
fn who_challenges_a_deal_of_its_own_has_the_challengers_part() {
	for by in [PROVIDER, BUYER] {
		let mut world = relay(4);
		let at = workgroup(1, 2);
		let work = Rows::new(4, 0).lie(at).computed(&world);
		let job = undetected(&mut world, &work, 1, &[at]);
		let terms = Terms::of(&mut world, job);
		let (witness, steps) = work.witness(at).unwrap();
		let call = pallet_attestations::Call::challenge { job, workgroup: at, steps, witness };
		let (outcome, moved) = moved(&mut world, |world| world.chain.call(by, call));
		assert_ok!(outcome);
		let mut expected = terms.challenged();
		let reward = std::mem::take(&mut expected.challenger);
		match by {
			PROVIDER => expected.provider += reward,
			_ => expected.buyer += reward,
		}
		assert_eq!(moved, expected);
		assert_eq!(world.stake(PROVIDER), STAKE - terms.collateral());
		world.check();
	}
}

/// `nearest` has passes of many kinds of memory: buffers queries, base, kept, hits.
#[test]
fn a_lie_about_a_kernel_of_the_catalogue_falls_with_one_challenge() {
	for (buffer, wrong) in [(2, workgroup(0, 0)), (3, workgroup(1, 0))] {
		let mut world = World::new();
		let honest = world.work(1);
		let lie = world.lie(&honest, buffer, 0);
		// The second pass reads what the first one wrote, and the lie with it.
		let also = if buffer == 2 { workgroup(1, 0) } else { wrong };
		let job = undetected(&mut world, &lie, 1, &[wrong, also]);
		let terms = Terms::of(&mut world, job);
		assert_eq!(challenge(&mut world, job, wrong, &lie), (Ok(()), terms.challenged()));
		assert_eq!(world.verdict(job), UPHELD);
		world.check();
	}
}
