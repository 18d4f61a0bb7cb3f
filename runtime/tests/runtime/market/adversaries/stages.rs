//! Jobs brought to where somebody cheats.

use super::money::{moved, Money};
use crate::{
	chain::DispatchOutcome,
	market::world::{World, CHALLENGER, PROVIDER},
};
use frame_support::assert_ok;
use mutirao_machine_prover::Computed;
use mutirao_runtime::{constants::time::EPOCH_BLOCKS, Babe};
use mutirao_types::{JobId, Verdict, Witness, Workgroup};

/// Draws that a test may take until it has the one that it is about.
const DRAWS: usize = 80;

/// A job that its provider has accepted.
#[track_caller]
pub(super) fn running(world: &mut World, work: &Computed, samples: u8) -> JobId {
	let mut request = world.request(work);
	request.samples = samples;
	let job = world.post_request(request);
	assert_ok!(world.accept(job));
	job
}

/// A job whose transcript is attested.
#[track_caller]
pub(super) fn attested(world: &mut World, work: &Computed, samples: u8) -> JobId {
	let job = running(world, work, samples);
	assert_ok!(world.attest(job, work));
	job
}

/// A job whose draw is such. The jobs with other draws stay behind.
#[track_caller]
pub(super) fn drawn(
	world: &mut World,
	work: &Computed,
	samples: u8,
	is_wanted: impl Fn(&[Workgroup]) -> bool,
) -> JobId {
	for _ in 0..DRAWS {
		let job = attested(world, work, samples);
		if is_wanted(&workgroups(world, job)) {
			return job;
		}
	}
	panic!("no such draw in {DRAWS}");
}

/// A job in its contest window, in which these workgroups were not drawn.
#[track_caller]
pub(super) fn undetected(
	world: &mut World,
	work: &Computed,
	samples: u8,
	wrong: &[Workgroup],
) -> JobId {
	let missed = |drawn: &[Workgroup]| drawn.iter().all(|one| !wrong.contains(one));
	let job = drawn(world, work, samples, missed);
	open_all(world, job, work);
	job
}

/// Opens all that is drawn, for nothing.
#[track_caller]
pub(super) fn open_all(world: &mut World, job: JobId, work: &Computed) {
	for (sample, drawn) in (0..).zip(workgroups(world, job)) {
		let (outcome, moved) = open(world, job, sample, work, drawn);
		assert_ok!(outcome);
		assert_eq!((moved, world.fee_paid(PROVIDER)), (Money::default(), 0));
	}
}

/// The block in which an epoch turns has no room for the largest witnesses; authors keep them for the
/// next one.
pub(super) fn leave_turn_of_epoch(world: &mut World) {
	let turns = world.chain.run(|| {
		let end = *Babe::current_epoch_start() + u64::from(EPOCH_BLOCKS);
		*Babe::current_slot() + 1 >= end
	});
	if turns {
		world.chain.next_block(Vec::new());
	}
}

/// Opens one sample as the provider's bytes show it.
#[track_caller]
pub(super) fn open(
	world: &mut World,
	job: JobId,
	sample: u8,
	work: &Computed,
	drawn: Workgroup,
) -> (DispatchOutcome, Money) {
	let (witness, steps) = work.witness(drawn).unwrap();
	leave_turn_of_epoch(world);
	moved(world, |world| world.open(job, sample, witness, steps))
}

/// A challenge and what it moves.
#[track_caller]
pub(super) fn challenge(
	world: &mut World,
	job: JobId,
	at: Workgroup,
	work: &Computed,
) -> (DispatchOutcome, Money) {
	let (witness, steps) = work.witness(at).unwrap();
	challenge_with(world, job, at, witness, steps)
}

/// A challenge with a witness that somebody has made up.
#[track_caller]
pub(super) fn challenge_with(
	world: &mut World,
	job: JobId,
	workgroup: Workgroup,
	witness: Witness,
	steps: u64,
) -> (DispatchOutcome, Money) {
	let call = pallet_attestations::Call::challenge { job, workgroup, steps, witness };
	moved(world, |world| world.chain.call(CHALLENGER, call))
}

/// Settles once the stage has passed, and what it moves.
#[track_caller]
pub(super) fn settle_when_due(world: &mut World, job: JobId) -> (Verdict, Money) {
	let until = world.live(job).state.until();
	world.until(until + 1);
	let (outcome, moved) = moved(world, |world| world.settle(job));
	assert_ok!(outcome);
	(world.verdict(job), moved)
}

pub(super) fn workgroups(world: &mut World, job: JobId) -> Vec<Workgroup> {
	world.samples(job).into_iter().map(|sample| sample.workgroup).collect()
}
