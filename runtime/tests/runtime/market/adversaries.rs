//! Every way to cheat that we know of, and what it costs.

use super::world::{price, World, BUYER, CHALLENGER, OTHER_PROVIDER, PROVIDER, STAKE};
use frame_support::assert_ok;
use mutirao_runtime::{constants::market::SUPPLY_BLOCKS, Runtime};
use mutirao_types::{JobBuffer, RefundReason, Verdict, Workgroup};

type ProofError = pallet_attestations::Error<Runtime>;

/// `nearest` has buffers queries, base, kept, hits; `kept` is what its first pass writes.
const KEPT: usize = 2;
const HITS: usize = 3;

/// A job whose lie the draw did not hit, in its window.
fn undetected(world: &mut World, buffer: usize) -> (u64, mutirao_machine_prover::Computed) {
	for seed in 0..100 {
		let honest = world.work(seed);
		let lie = world.lie(&honest, buffer, 0);
		let job = world.post(&lie);
		assert_ok!(world.accept(job));
		assert_ok!(world.attest(job, &lie));
		let samples = world.samples(job);
		let pass = (buffer - KEPT) as u16;
		if samples.iter().all(|sample| sample.workgroup != Workgroup { pass, number: 0 }) {
			// The second pass reads what the first one wrote, and the lie with it: it is opened as it
			// was computed.
			let opened = world.open_all(job, &lie);
			if opened.iter().all(Result::is_ok)
				&& world.chain.run(|| mutirao_runtime::Jobs::job(job)).is_some()
			{
				return (job, lie);
			}
		}
	}
	panic!("a lie in one workgroup is always drawn?");
}

#[test]
fn a_drawn_lie_costs_the_collateral() {
	let mut world = World::new();
	let honest = world.work(1);
	// Every slice is wrong: whatever is drawn is.
	let mut lie = world.lie(&honest, HITS, 0);
	for byte in (0..lie.buffer(HITS).len()).step_by(4).skip(1) {
		lie = world.lie(&lie, HITS, byte);
	}
	for byte in (0..lie.buffer(KEPT).len()).step_by(4) {
		lie = world.lie(&lie, KEPT, byte);
	}
	let job = world.post(&honest);
	assert_ok!(world.accept(job));
	assert_ok!(world.attest(job, &lie));
	let collateral = 2 * price(honest.summary().declared_steps);
	let issuance = world.chain.issuance();
	let samples = world.samples(job);
	let (witness, steps) = lie.witness(samples[0].workgroup).unwrap();
	assert_ok!(world.open(job, 0, witness, steps));
	assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::OpeningWrong));
	assert_eq!(world.stake(PROVIDER), STAKE - collateral);
	assert_eq!(world.chain.issuance(), issuance - collateral / 2);
	assert_eq!(world.escrow(BUYER), 0);
	world.check();
}

#[test]
fn a_lie_in_one_workgroup_is_proven_by_one_transaction_and_costs_the_collateral() {
	for buffer in [KEPT, HITS] {
		let mut world = World::new();
		let (job, lie) = undetected(&mut world, buffer);
		let stake = world.stake(PROVIDER);
		let (buyer, challenger, issuance) =
			(world.chain.total(BUYER), world.chain.total(CHALLENGER), world.chain.issuance());
		let workgroup = Workgroup { pass: (buffer - KEPT) as u16, number: 0 };
		assert_ok!(world.challenge(job, workgroup, &lie));
		assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::ChallengeUpheld));

		let collateral = 2 * price(lie.summary().declared_steps);
		let slash = world.slash();
		assert_eq!(slash.burned, collateral - collateral / 2, "half is burned");
		assert_eq!(slash.to_challenger, collateral / 2 / 2);
		assert_eq!(slash.to_buyer, collateral / 2 - slash.to_challenger);
		assert_eq!(world.stake(PROVIDER), stake - collateral);
		assert_eq!(world.chain.total(BUYER), buyer + slash.to_buyer);
		assert_eq!(world.chain.total(CHALLENGER), challenger + slash.to_challenger, "and no fee");
		assert_eq!(world.chain.issuance(), issuance - slash.burned);
		world.check();
	}
}

#[test]
fn a_provider_that_challenges_itself_loses() {
	let mut world = World::new();
	let (job, lie) = undetected(&mut world, HITS);
	let both = |world: &mut World| world.chain.total(PROVIDER) + world.chain.total(CHALLENGER);
	let before = both(&mut world);
	assert_ok!(world.challenge(job, Workgroup { pass: 1, number: 0 }, &lie));
	let collateral = 2 * price(lie.summary().declared_steps);
	assert!(both(&mut world) <= before - collateral * 3 / 4, "three quarters are gone");
}

#[test]
fn a_challenger_that_is_wrong_pays_for_the_computation() {
	let mut world = World::new();
	let honest = world.work(1);
	let job = world.contestable(&honest);
	let before = world.chain.total(CHALLENGER);
	assert_ok!(world.challenge(job, Workgroup { pass: 0, number: 1 }, &honest));
	let fee = world.fee_paid(CHALLENGER);
	assert!(fee > 0);
	assert_eq!(world.chain.total(CHALLENGER), before - fee);
	assert!(world.live(job).state.until() > 0);
	let until = world.live(job).state.until();
	world.until(until + 1);
	assert_ok!(world.settle(job));
	assert_eq!(world.verdict(job), Verdict::Settled);
	world.check();
}

#[test]
fn of_two_challengers_in_one_block_the_first_is_rewarded() {
	let mut world = World::new();
	let (job, lie) = undetected(&mut world, HITS);
	let workgroup = Workgroup { pass: 1, number: 0 };
	let (witness, steps) = lie.witness(workgroup).unwrap();
	let call =
		|| pallet_attestations::Call::challenge { job, workgroup, steps, witness: witness.clone() };
	let first = world.chain.sign(CHALLENGER, call());
	let second = world.chain.sign(OTHER_PROVIDER, call());
	let outcomes = world.chain.next_block(vec![first, second]);
	assert_eq!(outcomes, [Ok(()), Err(ProofError::NoSuchJob.into())]);
	world.check();
}

#[test]
fn another_jobs_witness_does_not_verify() {
	let mut world = World::new();
	let (mine, other) = (world.work(1), world.work(2));
	let job = world.post(&mine);
	assert_ok!(world.accept(job));
	assert_ok!(world.attest(job, &mine));
	let samples = world.samples(job);
	let (witness, steps) = other.witness(samples[0].workgroup).unwrap();
	let before = world.chain.total(PROVIDER);
	assert_eq!(world.open(job, 0, witness, steps), Err(ProofError::OpeningDoesNotVerify.into()));
	assert!(world.chain.total(PROVIDER) < before, "what does not verify pays");
	// Nothing changed: the right one still opens.
	let (witness, steps) = mine.witness(samples[0].workgroup).unwrap();
	assert_ok!(world.open(job, 0, witness, steps));
	world.check();
}

#[test]
fn an_unanswered_demand_costs_the_collateral_and_an_answered_one_nothing() {
	for answered in [true, false] {
		let mut world = World::new();
		let honest = world.work(1);
		let job = world.contestable(&honest);
		let buffer = JobBuffer::Written(1);
		let demand = pallet_attestations::Call::demand { job, buffer, chunk: 0 };
		world.chain.ok(CHALLENGER, demand);
		if answered {
			let opening = honest.open(HITS, &[0]).unwrap();
			let supply = pallet_attestations::Call::supply { job, buffer, opening };
			let before = world.chain.total(PROVIDER);
			world.chain.ok(PROVIDER, supply);
			assert!(world.chain.total(PROVIDER) > before, "the deposit is the provider's");
		}
		let until = world.live(job).state.until();
		world.until(until + 1);
		if !answered {
			assert_eq!(
				world.settle(job),
				Err(pallet_jobs::Error::<Runtime>::ContestPending.into())
			);
			world.until(until + SUPPLY_BLOCKS + 1);
		}
		assert_ok!(world.settle(job));
		let expected = match answered {
			true => Verdict::Settled,
			false => Verdict::Refunded(RefundReason::DemandUnanswered),
		};
		assert_eq!(world.verdict(job), expected);
		world.check();
	}
}

#[test]
fn a_verdict_against_a_leaving_provider_takes_its_collateral() {
	let mut world = World::new();
	let (job, lie) = undetected(&mut world, HITS);
	let stake = world.stake(PROVIDER);
	world.chain.ok(PROVIDER, pallet_providers::Call::leave {});
	assert_ok!(world.challenge(job, Workgroup { pass: 1, number: 0 }, &lie));
	let collateral = 2 * price(lie.summary().declared_steps);
	assert_eq!(world.stake(PROVIDER), stake - collateral);
	world.check();
}

#[test]
fn forgotten_randomness_is_drawn_anew_and_nobody_loses() {
	let mut world = World::new();
	let work = world.work(1);
	let job = world.post(&work);
	assert_ok!(world.accept(job));
	assert_ok!(world.attest(job, &work));
	world.chain.sudo(pallet_safe_mode::Call::force_enter {});
	for _ in 0..mutirao_runtime::constants::market::RING_BLOCKS + 10 {
		world.chain.next_block(Vec::new());
	}
	world.chain.sudo(pallet_safe_mode::Call::force_exit {});
	let redraw = || pallet_attestations::Call::redraw { job };
	world.chain.ok(CHALLENGER, redraw());
	assert_eq!(
		world.chain.call(CHALLENGER, redraw()),
		Err(ProofError::RandomnessRemembered.into())
	);
	for outcome in world.open_all(job, &work) {
		assert_ok!(outcome);
	}
	assert!(matches!(world.live(job).state, mutirao_types::JobState::Contestable { .. }));
	world.check();
}
