//! The ring of VRF outputs, overwritten before the openings.

use super::{
	money::{moved, Money, Terms},
	programs::{relay, workgroup, Rows},
	stages::{attested, challenge, open, open_all, settle_when_due, workgroups},
	ProofError,
};
use crate::market::world::{World, CHALLENGER, PROVIDER, STAKE};
use frame_support::assert_ok;
use mutirao_runtime::constants::market::RING_BLOCKS;
use mutirao_types::{JobId, JobState, RefundReason, Sample, Verdict};

const GROUPS: u32 = 12;

/// The chain goes on without the market for so long that it forgets the draws.
fn forget(world: &mut World) {
	world.chain.sudo(pallet_safe_mode::Call::force_enter {});
	for _ in 0..RING_BLOCKS + 10 {
		world.chain.next_block(Vec::new());
	}
	world.chain.sudo(pallet_safe_mode::Call::force_exit {});
}

fn redraw(world: &mut World, job: JobId) -> (crate::chain::DispatchOutcome, Money) {
	let call = pallet_attestations::Call::redraw { job };
	moved(world, |world| world.chain.call(CHALLENGER, call))
}

#[test]
fn a_forgotten_draw_is_drawn_anew_for_nothing_or_missed_at_the_providers_cost() {
	let mut world = relay(GROUPS);
	let wrong = workgroup(1, 0);
	let honest = Rows::new(GROUPS, 0).computed(&world);
	let lie = Rows::new(GROUPS, 0).lie(wrong).computed(&world);
	let (job, lying) = (attested(&mut world, &honest, 4), attested(&mut world, &lie, 1));
	let terms = [job, lying].map(|job| Terms::of(&mut world, job));
	let stalled = attested(&mut world, &honest, 1);
	let stalled_terms = Terms::of(&mut world, stalled);
	let before = workgroups(&mut world, job);
	assert_eq!(open(&mut world, job, 0, &honest, before[0]), (Ok(()), Money::default()));
	let remembered = redraw(&mut world, job);
	assert_eq!(remembered, (Err(ProofError::RandomnessRemembered.into()), Money::default()));
	assert!(world.fee_paid(CHALLENGER) > 0, "nothing was forgotten");

	forget(&mut world);
	let (outcome, nothing) = open(&mut world, job, 1, &honest, before[1]);
	assert_eq!(outcome, Err(ProofError::RandomnessForgotten.into()));
	assert_eq!(nothing, Money::default());
	for job in [job, lying] {
		assert_eq!(redraw(&mut world, job), (Ok(()), Money::default()));
		assert_eq!(world.fee_paid(CHALLENGER), 0, "who helps pays nothing");
	}
	let (outcome, nothing) = open(&mut world, job, 1, &honest, before[1]);
	assert_eq!(outcome, Err(ProofError::DrawNotReady.into()));
	assert_eq!(nothing, Money::default());

	let samples = world.samples(job);
	assert!(samples.iter().all(|Sample { opened, .. }| !opened), "all are opened anew");
	assert_ne!(workgroups(&mut world, job), before);
	open_all(&mut world, job, &honest);
	assert!(matches!(world.live(job).state, JobState::Contestable { .. }));
	assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms[0].settled()));

	// The new draw of the liar's job misses or hits; either way the lie falls.
	let drawn = workgroups(&mut world, lying)[0];
	let opened = open(&mut world, lying, 0, &lie, drawn);
	if drawn == wrong {
		assert_eq!(opened, (Ok(()), terms[1].lied(0)));
	} else {
		assert_eq!(opened, (Ok(()), Money::default()));
		assert_eq!(challenge(&mut world, lying, wrong, &lie), (Ok(()), terms[1].challenged()));
	}

	// Asking for another draw is the provider's business: what is not opened in time counts as wrong.
	let until = world.live(stalled).state.until();
	world.until(until);
	let late = redraw(&mut world, stalled);
	assert_eq!(late, (Err(ProofError::TooLate.into()), Money::default()));
	let (outcome, missed) = moved(&mut world, |world| world.settle(stalled));
	assert_ok!(outcome);
	assert_eq!(missed, stalled_terms.lied(0));
	assert_eq!(world.verdict(stalled), Verdict::Refunded(RefundReason::OpeningMissed));
	let lost = terms[1].collateral() + stalled_terms.collateral();
	assert_eq!(world.stake(PROVIDER), STAKE - lost);
	world.check();
}
