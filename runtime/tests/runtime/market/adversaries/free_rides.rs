//! A buyer and a provider in league, who would have the chain compute for them, and honest buyers, who
//! must not pay for what others made the chain compute. The price is nothing, so that no slash of it
//! and no fee on it does the work.

use super::{
	money::{moved, Money, Terms},
	programs::{relay, workgroup, Rows, RACE},
	stages::{attested, challenge, drawn, open, settle_when_due, undetected, workgroups},
};
use crate::market::world::{World, CHALLENGER, PROVIDER, STAKE};
use frame_support::assert_ok;
use mutirao_runtime::{constants::market::SUPPLY_BLOCKS, Providers, Runtime};
use mutirao_types::{FaultKind, JobBuffer, RefundReason, Verdict};

const GROUPS: u32 = 4;

/// The provider works for nothing.
fn for_nothing() -> World {
	let mut world = relay(GROUPS);
	let offer = world.offer;
	let mut terms = world.chain.run(|| Providers::offer(offer)).expect("it was posted").terms;
	terms.minimum_price = 0;
	world.chain.ok(PROVIDER, pallet_providers::Call::change_offer { offer, terms });
	world
}

/// Nothing but what the chain computed moves, and it is paid for.
#[track_caller]
fn assert_paid(moved: Money, reexecutions: i128, terms: Terms) {
	assert!(terms.share() > 0);
	assert_eq!(moved.treasury, terms.share() * reexecutions);
	assert!(moved.provider + moved.buyer + moved.challenger <= -moved.treasury);
}

#[test]
fn openings_before_one_that_is_withheld_are_paid_for() {
	for opened in 0..=3 {
		let mut world = for_nothing();
		let work = Rows::new(GROUPS, 0).computed(&world);
		let job = attested(&mut world, &work, 4);
		let terms = Terms::of(&mut world, job);
		for (sample, drawn) in (0..).zip(workgroups(&mut world, job)).take(opened) {
			assert_ok!(open(&mut world, job, sample, &work, drawn).0);
			assert_eq!(world.fee_paid(PROVIDER), 0);
		}
		let (verdict, moved) = settle_when_due(&mut world, job);
		assert_eq!(verdict, Verdict::Refunded(RefundReason::OpeningMissed));
		assert_eq!(moved, terms.lied(opened as i128));
		assert_paid(moved, opened as i128, terms);
		assert!(moved.buyer > 0, "the buyer is no worse off");
		world.check();
	}
}

#[test]
fn a_proof_of_a_fault_is_paid_for_as_the_openings_before_it() {
	for opened in [0, 1, 3] {
		let mut world = for_nothing();
		let fault = workgroup(0, 2);
		let work = Rows::with_fault(GROUPS, fault.number, RACE).computed(&world);
		let job = drawn(&mut world, &work, 4, |drawn| !drawn[..opened].contains(&fault));
		let terms = Terms::of(&mut world, job);
		for (sample, drawn) in (0..).zip(workgroups(&mut world, job)).take(opened) {
			assert_ok!(open(&mut world, job, sample, &work, drawn).0);
		}
		let (witness, steps) = work.fault_witness(fault).unwrap();
		let call = pallet_attestations::Call::prove_fault { job, workgroup: fault, steps, witness };
		let (outcome, moved) = moved(&mut world, |world| world.chain.call(CHALLENGER, call));
		assert_ok!(outcome);
		assert_eq!(world.fee_paid(CHALLENGER), 0);
		assert_eq!(world.verdict(job), Verdict::Faulted(FaultKind::Race));
		assert_eq!(moved, terms.faulted(opened as i128 + 1));
		assert_paid(moved, opened as i128 + 1, terms);
		assert_eq!(world.stake(PROVIDER), STAKE, "a fault is not the provider's");
		world.check();
	}
}

/// All was opened, so the whole audit fee is spent; what is left of the slash is more.
#[test]
fn a_buyer_whose_provider_lied_is_no_worse_off() {
	let mut world = for_nothing();
	let wrong = workgroup(1, 1);
	let work = Rows::new(GROUPS, 0).lie(wrong).computed(&world);

	let job = drawn(&mut world, &work, 2, |drawn| drawn[1] == wrong && drawn[0] != wrong);
	let terms = Terms::of(&mut world, job);
	let right = workgroups(&mut world, job)[0];
	assert_ok!(open(&mut world, job, 0, &work, right).0);
	let (outcome, found) = open(&mut world, job, 1, &work, wrong);
	assert_eq!((outcome, found), (Ok(()), terms.lied(1)));
	assert!(found.buyer > 0);

	let job = undetected(&mut world, &work, 2, &[wrong]);
	let terms = Terms::of(&mut world, job);
	let (outcome, upheld) = challenge(&mut world, job, wrong, &work);
	assert_eq!((outcome, upheld), (Ok(()), terms.challenged()));
	assert_paid(upheld, 2, terms);
	assert_eq!(upheld.buyer, 0, "a quarter of the least collateral is the audit fee");
	assert_eq!(upheld.challenger, upheld.treasury);

	let job = undetected(&mut world, &work, 2, &[]);
	let terms = Terms::of(&mut world, job);
	let demand = pallet_attestations::Call::demand { job, buffer: JobBuffer::Written(0), chunk: 0 };
	world.chain.ok(CHALLENGER, demand);
	let lost_after = world.chain.run(mutirao_runtime::Jobs::now) + SUPPLY_BLOCKS;
	world.until(lost_after + 1);
	let (verdict, unanswered) = settle_when_due(&mut world, job);
	assert_eq!(verdict, Verdict::Refunded(RefundReason::DemandUnanswered));
	assert_eq!(unanswered, terms.unanswered());
	assert!(unanswered.buyer > 0);
	world.check();
}

#[test]
fn what_is_at_stake_in_a_job_for_nothing_is_four_audit_fees() {
	let mut world = for_nothing();
	let work = Rows::new(GROUPS, 0).computed(&world);
	let job = super::stages::running(&mut world, &work, 16);
	let audit_fee = world.live(job).audit_fee;
	assert!(audit_fee > 0);
	assert_eq!(world.earmarked(PROVIDER), 4 * audit_fee);

	// Stake that does not cover it takes no job.
	let provider = PROVIDER.to_account_id();
	world.chain.run(|| {
		pallet_providers::Providers::<Runtime>::mutate(&provider, |record| {
			let record = record.as_mut().expect("it is registered");
			record.earmarked = STAKE - 4 * audit_fee + 1;
		});
	});
	let mut request = world.request(&work);
	request.samples = 16;
	let job = world.post_request(request);
	let refused = pallet_providers::Error::<Runtime>::StakeNotFree;
	assert_eq!(world.accept(job), Err(refused.into()));
}
