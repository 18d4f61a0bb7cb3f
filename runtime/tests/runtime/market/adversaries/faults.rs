//! Programs that do in one workgroup what programs may not. The buyer pays a tenth and what the chain
//! has computed, or all of it.

use super::{
	money::{moved, Money, Terms},
	programs::{
		next, relay, relay_with_table, slice, workgroup, Rows, LANES, OVERRUN, RACE, READS,
	},
	stages::{
		attested, challenge, drawn, leave_turn_of_epoch, open, open_all, running, settle_when_due,
		undetected, workgroups,
	},
	ProofError,
};
use crate::{
	chain::DispatchOutcome,
	market::world::{World, BUYER, CHALLENGER, PROVIDER, STAKE},
};
use mutirao_machine_prover::Computed;
use mutirao_types::{FaultKind, JobState, RefundReason, Verdict, Workgroup};
use sp_keyring::Sr25519Keyring;

const GROUPS: u32 = 4;
const EARLY: Workgroup = workgroup(0, 2);
const LATE: Workgroup = workgroup(1, 2);

/// A chain with each kind of program, what triggers its fault, and the fault.
fn kinds() -> [(World, u32, FaultKind); 3] {
	[
		(relay(GROUPS), RACE, FaultKind::Race),
		(relay(GROUPS), OVERRUN, FaultKind::Fuel),
		(relay_with_table(GROUPS, 1_100), READS, FaultKind::Reads),
	]
}

fn prove(
	world: &mut World,
	by: Sr25519Keyring,
	job: u64,
	workgroup: Workgroup,
	work: &Computed,
) -> (DispatchOutcome, Money) {
	let (witness, steps) = work.fault_witness(workgroup).unwrap();
	let call = pallet_attestations::Call::prove_fault { job, workgroup, steps, witness };
	leave_turn_of_epoch(world);
	moved(world, |world| world.chain.call(by, call))
}

#[test]
fn a_fault_in_one_workgroup_is_proven_before_the_audit_by_anybody() {
	for (mut world, trigger, fault) in kinds() {
		let work = Rows::with_fault(GROUPS, EARLY.number, trigger).computed(&world);
		for by in [PROVIDER, CHALLENGER, BUYER] {
			for stage in [running, attested] {
				let job = stage(&mut world, &work, 2);
				let terms = Terms::of(&mut world, job);
				let other = prove(&mut world, by, job, workgroup(0, 0), &work);
				assert_eq!(other, (Err(ProofError::NoFault.into()), Money::default()));
				let proven = prove(&mut world, by, job, EARLY, &work);
				assert_eq!(proven, (Ok(()), terms.faulted(1)), "{fault:?} by {by}");
				assert_eq!(world.fee_paid(by), 0);
				assert_eq!(world.verdict(job), Verdict::Faulted(fault));
			}
		}
		assert_eq!((world.escrow(BUYER), world.earmarked(PROVIDER)), (0, 0));
		assert_eq!(world.stake(PROVIDER), STAKE, "a fault is not the provider's");
		world.check();
	}
}

#[test]
fn a_drawn_fault_from_inputs_ends_the_job_at_once() {
	for (mut world, trigger, fault) in kinds() {
		let work = Rows::with_fault(GROUPS, EARLY.number, trigger).computed(&world);
		let job = drawn(&mut world, &work, 8, |drawn| drawn.contains(&EARLY));
		let terms = Terms::of(&mut world, job);
		let drawn = workgroups(&mut world, job);
		let sample = drawn.iter().position(|one| *one == EARLY).unwrap() as u8;
		assert_eq!(open(&mut world, job, sample, &work, EARLY), (Ok(()), terms.faulted(1)));
		assert_eq!(world.fee_paid(PROVIDER), 0);
		assert_eq!(world.verdict(job), Verdict::Faulted(fault));
		assert_eq!(world.stake(PROVIDER), STAKE);
		world.check();
	}
}

#[test]
fn a_drawn_fault_from_written_buffers_stands_at_the_windows_end() {
	for (mut world, trigger, fault) in kinds() {
		let work = Rows::with_late_fault(GROUPS, LATE.number, trigger).computed(&world);
		let job = drawn(&mut world, &work, 2, |drawn| drawn[0] == LATE);
		let terms = Terms::of(&mut world, job);
		open_all(&mut world, job, &work);
		assert!(matches!(world.live(job).state, JobState::Contestable { .. }));
		// What it read is right, and it cannot be challenged itself.
		let right = challenge(&mut world, job, EARLY, &work);
		assert_eq!(right, (Ok(()), Money::default()));
		assert!(world.fee_paid(CHALLENGER) > 0);
		let void = challenge(&mut world, job, LATE, &work);
		assert_eq!(void, (Err(ProofError::ProgramFaults.into()), Money::default()));
		let end = settle_when_due(&mut world, job);
		assert_eq!(end, (Verdict::Faulted(fault), terms.faulted(2)));
		assert_eq!(world.stake(PROVIDER), STAKE);
		world.check();
	}
}

/// A buyer that knows of a fault on purpose has the other results, and pays for all.
#[test]
fn a_fault_that_was_not_drawn_is_paid_for_in_full() {
	for (mut world, trigger, fault) in kinds() {
		let works = [
			(Rows::with_fault(GROUPS, EARLY.number, trigger), EARLY),
			(Rows::with_late_fault(GROUPS, LATE.number, trigger), LATE),
		];
		for (rows, at) in works {
			let work = rows.computed(&world);
			let job = undetected(&mut world, &work, 2, &[at]);
			let terms = Terms::of(&mut world, job);
			let (outcome, nothing) = prove(&mut world, BUYER, job, at, &work);
			assert!(outcome.is_err(), "{fault:?}");
			assert_eq!(nothing, Money::default());
			let void = challenge(&mut world, job, at, &work);
			assert_eq!(void, (Err(ProofError::ProgramFaults.into()), Money::default()));
			assert_eq!(settle_when_due(&mut world, job), (Verdict::Settled, terms.settled()));
		}
		world.check();
	}
}

/// A provider makes up what a pass reads, so that the honest program seems to be at fault.
#[test]
fn a_made_up_fault_falls_with_a_challenge_of_what_was_read() {
	for (mut world, trigger, _) in kinds() {
		let mut rows = Rows::new(GROUPS, 0);
		rows.y[slice(LATE.number).start + 3] = trigger;
		rows.z = next(&rows.y);
		let work = rows.computed(&world);
		let job =
			drawn(&mut world, &work, 2, |drawn| drawn.contains(&LATE) && !drawn.contains(&EARLY));
		let terms = Terms::of(&mut world, job);
		open_all(&mut world, job, &work);
		let upheld = challenge(&mut world, job, EARLY, &work);
		assert_eq!(upheld, (Ok(()), terms.challenged()));
		assert_eq!(world.verdict(job), Verdict::Refunded(RefundReason::ChallengeUpheld));
		assert_eq!(world.stake(PROVIDER), STAKE - terms.collateral());
		world.check();
	}
}

/// The bytes of an honest job do not prove a fault, nor do made-up ones verify.
#[test]
fn a_fault_of_other_inputs_proves_nothing() {
	let mut world = relay(GROUPS);
	let honest = Rows::new(GROUPS, 0).computed(&world);
	let racing = Rows::with_fault(GROUPS, EARLY.number, RACE).computed(&world);
	let job = running(&mut world, &honest, 2);
	let made_up = prove(&mut world, PROVIDER, job, EARLY, &racing);
	assert_eq!(made_up, (Err(ProofError::OpeningDoesNotVerify.into()), Money::default()));
	assert!(world.fee_paid(PROVIDER) > 0);
	let none = prove(&mut world, PROVIDER, job, EARLY, &honest);
	assert_eq!(none, (Err(ProofError::NoFault.into()), Money::default()));
	let late = prove(&mut world, PROVIDER, job, LATE, &honest);
	assert_eq!(late, (Err(ProofError::ReadsWrittenBuffers.into()), Money::default()));
	world.check();
}

/// A lie elsewhere in a job at fault: whatever is found first decides.
#[test]
fn a_lie_beside_a_fault_costs_the_collateral_if_it_is_opened_first() {
	let lie = workgroup(1, 0);
	for (first, second) in [(lie, EARLY), (EARLY, lie)] {
		let mut world = relay(GROUPS);
		let rows = Rows::with_fault(GROUPS, EARLY.number, RACE).lie(lie);
		assert_eq!(rows.x.len(), GROUPS as usize * LANES);
		let work = rows.computed(&world);
		let job = drawn(&mut world, &work, 4, |drawn| {
			let place = |at| drawn.iter().position(|one| *one == at);
			let both = place(first).zip(place(second));
			both.is_some_and(|(first, second)| first < second)
		});
		let terms = Terms::of(&mut world, job);
		let drawn = workgroups(&mut world, job);
		let place = drawn.iter().position(|one| *one == first).unwrap();
		for (sample, drawn) in (0..).zip(&drawn).take(place) {
			assert_eq!(open(&mut world, job, sample, &work, *drawn), (Ok(()), Money::default()));
		}
		let opened = place as i128;
		let expected = if first == lie { terms.lied(opened) } else { terms.faulted(opened + 1) };
		assert_eq!(open(&mut world, job, place as u8, &work, first), (Ok(()), expected));
		world.check();
	}
}
