//! How often the chain's own draws find a lie, and that a challenge finds it whenever they do not.
//!
//! Many jobs with one transcript: every job's number makes its own draw, and every round has other
//! authors' randomness. Whatever becomes of a job, its provider loses the collateral.

use super::{
	money::{Money, Terms},
	programs::{relay, workgroup, Rows},
	stages::workgroups,
};
use crate::market::world::{World, BUYER, CHALLENGER, PROVIDER, STAKE};
use mutirao_machine_prover::Computed;
use mutirao_runtime::RuntimeCall;
use mutirao_types::{JobId, RefundReason, Verdict, Workgroup};
use sp_keyring::Sr25519Keyring;

const ROUNDS: u32 = 4;
const JOBS: u32 = 60;
/// The measured share is within so many standard deviations of a binomial distribution.
const DEVIATIONS: f64 = 3.0;

/// Calls that must all succeed. They pay no fees, so that all money that moves is the verdicts'.
#[track_caller]
fn all_ok(world: &mut World, calls: Vec<(Sr25519Keyring, RuntimeCall)>) {
	for (call, (_, outcome)) in world.chain.dispatch_in_block(calls) {
		assert!(outcome.is_ok(), "{call:?}: {outcome:?}");
	}
}

fn attested(world: &mut World, work: &Computed, samples: u8) -> Vec<JobId> {
	let first = world.chain.run(pallet_jobs::NextJob::<mutirao_runtime::Runtime>::get);
	let jobs: Vec<JobId> = (first..first + u64::from(JOBS)).collect();
	let mut request = world.request(work);
	request.samples = samples;
	let post = || (BUYER, RuntimeCall::from(pallet_jobs::Call::post { request: request.clone() }));
	all_ok(world, jobs.iter().map(|_| post()).collect());
	let offer = world.offer;
	// The lies of the round before have paused it.
	all_ok(world, vec![(PROVIDER, pallet_providers::Call::resume_offer { offer }.into())]);
	let accept = |job: &JobId| (PROVIDER, pallet_jobs::Call::accept { job: *job, offer }.into());
	all_ok(world, jobs.iter().map(accept).collect());
	let attest = |job: &JobId| {
		let call = pallet_attestations::Call::attest { job: *job, transcript: work.transcript() };
		(PROVIDER, call.into())
	};
	all_ok(world, jobs.iter().map(attest).collect());
	jobs
}

/// The provider opens what is drawn, up to the first lie.
fn openings(
	job: JobId,
	work: &Computed,
	drawn: &[Workgroup],
	wrong: &[Workgroup],
) -> Vec<(Sr25519Keyring, RuntimeCall)> {
	let lie = drawn.iter().position(|one| wrong.contains(one));
	let shown = lie.map_or(drawn.len(), |place| place + 1);
	let call = |(sample, drawn): (u8, &Workgroup)| {
		let (witness, steps) = work.witness(*drawn).unwrap();
		(PROVIDER, pallet_attestations::Call::open { job, sample, steps, witness }.into())
	};
	(0..).zip(drawn).take(shown).map(call).collect()
}

fn challenge(job: JobId, work: &Computed, workgroup: Workgroup) -> (Sr25519Keyring, RuntimeCall) {
	let (witness, steps) = work.witness(workgroup).unwrap();
	(CHALLENGER, pallet_attestations::Call::challenge { job, workgroup, steps, witness }.into())
}

/// Lies of these workgroups, in many jobs.
#[track_caller]
fn measure(groups: u32, samples: u8, wrong: &[Workgroup]) {
	let mut world = relay(groups);
	let rows = wrong.iter().fold(Rows::new(groups, 0), |rows, at| rows.lie(*at));
	let work = rows.computed(&world);
	let (mut found, mut lost, mut expected) = (0, 0, Money::default());
	let before = Money::of(&mut world);
	for _ in 0..ROUNDS {
		let jobs = attested(&mut world, &work, samples);
		let terms = Terms::of(&mut world, jobs[0]);
		let draws: Vec<_> = jobs.iter().map(|job| workgroups(&mut world, *job)).collect();
		let is_found = |drawn: &[Workgroup]| drawn.iter().any(|one| wrong.contains(one));
		let (hit, missed): (Vec<_>, Vec<_>) =
			jobs.iter().zip(&draws).partition(|(_, drawn)| is_found(drawn));
		let open = |(job, drawn): (&JobId, &Vec<_>)| openings(*job, &work, drawn, wrong);
		all_ok(&mut world, jobs.iter().zip(&draws).flat_map(open).collect());
		let prove = |(job, _): &(&JobId, _)| challenge(**job, &work, wrong[0]);
		all_ok(&mut world, missed.iter().map(prove).collect());
		for (job, reason) in hit
			.iter()
			.map(|(job, _)| (**job, RefundReason::OpeningWrong))
			.chain(missed.iter().map(|(job, _)| (**job, RefundReason::ChallengeUpheld)))
		{
			assert_eq!(world.verdict(job), Verdict::Refunded(reason));
		}
		found += hit.len() as u32;
		lost += terms.collateral() * jobs.len() as u128;
		let before_lie = |drawn: &[Workgroup]| drawn.iter().position(|one| wrong.contains(one));
		expected = hit
			.iter()
			.filter_map(|(_, drawn)| before_lie(drawn))
			.fold(expected, |sum, opened| sum.plus(terms.lied(opened as i128)))
			.plus(terms.challenged().times(missed.len() as u32));
	}
	assert_eq!(Money::of(&mut world).since(before), expected);
	assert_eq!(world.stake(PROVIDER), STAKE - lost);
	assert_eq!((world.escrow(BUYER), world.earmarked(PROVIDER)), (0, 0));
	world.check();

	let share = wrong.iter().map(|at| f64::from(at.pass + 1)).sum::<f64>();
	let share = share / (3.0 * f64::from(groups));
	let probability = 1.0 - (1.0 - share).powi(samples.into());
	let count = f64::from(ROUNDS * JOBS);
	let deviation = (count * probability * (1.0 - probability)).sqrt();
	let off = f64::from(found) - count * probability;
	assert!(
		off.abs() <= DEVIATIONS * deviation,
		"{found} of {count} were found, {} were to be, ± {deviation}",
		count * probability,
	);
}

#[test]
fn one_wrong_workgroup_of_n_is_drawn_as_often_as_stated() {
	for (groups, samples) in [(2, 1), (7, 4), (40, 16)] {
		measure(groups, samples, &[workgroup(1, groups - 1)]);
	}
}

#[test]
fn a_lie_about_an_early_pass_is_drawn_by_the_steps_that_it_declares() {
	for (groups, samples) in [(3, 2), (20, 8)] {
		measure(groups, samples, &[workgroup(0, 1)]);
	}
}

#[test]
fn half_the_work_skipped_is_drawn_as_often_as_stated() {
	let skipped: Vec<_> =
		[0, 1].into_iter().flat_map(|pass| (0..3).map(move |n| workgroup(pass, n))).collect();
	measure(6, 4, &skipped);
}
