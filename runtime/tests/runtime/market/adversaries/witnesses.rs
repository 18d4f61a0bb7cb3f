//! Openings that are withheld or spoiled, as the provider's and as a challenger's.

use super::{
	money::{moved, Money, Terms},
	programs::{relay, workgroup, Rows, X, Y, Z},
	stages::{
		attested, challenge, challenge_with, drawn, open, open_all, settle_when_due, undetected,
		workgroups,
	},
	ProofError,
};
use crate::market::world::{World, BUYER, CHALLENGER, OTHER_PROVIDER, PROVIDER, STAKE};
use frame_support::assert_ok;
use mutirao_machine_prover::Computed;
use mutirao_runtime::configs::ProxyType;
use mutirao_types::{RefundReason, Verdict, Witness, Workgroup};
use sp_runtime::DispatchError;

const GROUPS: u32 = 12;
/// It reads words 240 to 336 of `y` and owns words 240 to 288 of `z`: chunks 0 and 1 of both.
const AT: Workgroup = workgroup(1, 5);

/// The witness to spoil, and where its parts come from: this job and one with other inputs.
struct Spoil<'a> {
	mine: &'a Computed,
	other: &'a Computed,
	witness: &'a mut Witness,
}

/// The opening of what it reads.
macro_rules! read {
	($spoil:ident) => {
		$spoil.witness.reads[0].as_mut().expect("it reads")
	};
}

type Case = (&'static str, DispatchError, fn(&mut Spoil<'_>));

fn cases() -> Vec<Case> {
	type E = ProofError;
	let cases: Vec<(_, _, fn(&mut Spoil<'_>))> = vec![
		("chunks read, swapped", E::OpeningDoesNotVerify, |spoil| {
			read!(spoil).bytes.rotate_left(1024);
		}),
		("numbers of chunks read, swapped", E::OpeningDoesNotVerify, |spoil| {
			read!(spoil).chunks.swap(0, 1);
		}),
		("chunks written, swapped", E::OpeningDoesNotVerify, |spoil| {
			spoil.witness.slices[0].bytes.rotate_left(1024);
		}),
		("numbers of chunks written, swapped", E::WrongSliceChunks, |spoil| {
			spoil.witness.slices[0].chunks.swap(0, 1);
		}),
		("what another pass reads", E::OpeningDoesNotVerify, |spoil| {
			spoil.witness.reads[0] = Some(spoil.mine.open(X, &[0, 1]).unwrap());
		}),
		("what it wrote as what it read", E::OpeningDoesNotVerify, |spoil| {
			spoil.witness.reads[0] = Some(spoil.mine.open(Z, &[0, 1]).unwrap());
		}),
		("what another pass wrote", E::OpeningDoesNotVerify, |spoil| {
			spoil.witness.slices[0] = spoil.mine.open(Y, &[0, 1]).unwrap();
		}),
		("another job's witness", E::OpeningDoesNotVerify, |spoil| {
			*spoil.witness = spoil.other.witness(AT).unwrap().0;
		}),
		("another job's slice", E::OpeningDoesNotVerify, |spoil| {
			spoil.witness.slices = spoil.other.witness(AT).unwrap().0.slices;
		}),
		("the first chunk read, missing", E::ChunkMissing, |spoil| {
			spoil.witness.reads[0] = Some(spoil.mine.open(Y, &[1]).unwrap());
		}),
		("the last chunk read, missing", E::ChunkMissing, |spoil| {
			spoil.witness.reads[0] = Some(spoil.mine.open(Y, &[0]).unwrap());
		}),
		("all chunks read, missing", E::ChunkMissing, |spoil| spoil.witness.reads[0] = None),
		("a chunk written, missing", E::WrongSliceChunks, |spoil| {
			spoil.witness.slices[0] = spoil.mine.open(Z, &[1]).unwrap();
		}),
		("no slice", E::WrongNumberOfOpenings, |spoil| spoil.witness.slices.clear()),
		("nothing", E::WrongNumberOfOpenings, |spoil| *spoil.witness = Witness::default()),
		("a bit", E::OpeningDoesNotVerify, |spoil| read!(spoil).bytes[1500] ^= 1),
		("a sibling too few", E::OpeningDoesNotVerify, |spoil| {
			read!(spoil).siblings.clear();
		}),
	];
	cases.into_iter().map(|(name, error, spoil)| (name, error.into(), spoil)).collect()
}

fn spoiled(case: &Case, mine: &Computed, other: &Computed) -> (Witness, u64) {
	let (mut witness, steps) = mine.witness(AT).unwrap();
	assert_eq!(witness.reads[0].as_ref().unwrap().chunks, [0, 1]);
	assert_eq!(witness.slices[0].chunks, [0, 1]);
	case.2(&mut Spoil { mine, other, witness: &mut witness });
	(witness, steps)
}

/// Work that is right, or wrong where it is looked at, and another job's.
fn works(world: &World) -> [(Computed, Computed); 2] {
	let other = || Rows::new(GROUPS, 1).computed(world);
	let honest = Rows::new(GROUPS, 0);
	[(honest.computed(world), other()), (honest.lie(AT).computed(world), other())]
}

#[test]
fn spoiled_openings_pay_and_change_nothing() {
	let mut world = relay(GROUPS);
	for (honest, (work, other)) in [true, false].into_iter().zip(works(&world)) {
		let job = drawn(&mut world, &work, 16, |drawn| drawn.contains(&AT));
		let terms = Terms::of(&mut world, job);
		let sample = workgroups(&mut world, job).iter().position(|one| *one == AT).unwrap() as u8;
		let state = world.live(job);
		for case in &cases() {
			let (witness, steps) = spoiled(case, &work, &other);
			let (outcome, moved) =
				moved(&mut world, |world| world.open(job, sample, witness, steps));
			assert_eq!(outcome, Err(case.1), "{}", case.0);
			assert_eq!(moved, Money::default(), "{}", case.0);
			assert!(world.fee_paid(PROVIDER) > 0, "{}", case.0);
			assert_eq!(world.live(job), state, "{}", case.0);
		}
		let expected = if honest { Money::default() } else { terms.lied(0) };
		assert_eq!(open(&mut world, job, sample, &work, AT), (Ok(()), expected));
	}
	world.check();
}

#[test]
fn spoiled_challenges_pay_and_change_nothing() {
	let mut world = relay(GROUPS);
	for (honest, (work, other)) in [true, false].into_iter().zip(works(&world)) {
		// The window has 15 blocks.
		for cases in cases().chunks(10) {
			let job = undetected(&mut world, &work, 2, &[AT]);
			let terms = Terms::of(&mut world, job);
			let state = world.live(job);
			for case in cases {
				let (witness, steps) = spoiled(case, &work, &other);
				let (outcome, moved) = challenge_with(&mut world, job, AT, witness, steps);
				assert_eq!(outcome, Err(case.1), "{}", case.0);
				assert_eq!(moved, Money::default(), "{}", case.0);
				assert!(world.fee_paid(CHALLENGER) > 0, "{}", case.0);
				assert_eq!(world.live(job), state, "{}", case.0);
			}
			let expected = if honest { Money::default() } else { terms.challenged() };
			assert_eq!(challenge(&mut world, job, AT, &work), (Ok(()), expected));
		}
	}
	world.check();
}

#[test]
fn withheld_openings_cost_the_collateral_however_many_are_shown() {
	for shown in [0, 1, 3] {
		let mut world = relay(GROUPS);
		let work = Rows::new(GROUPS, 0).computed(&world);
		let job = attested(&mut world, &work, 4);
		let terms = Terms::of(&mut world, job);
		let drawn = workgroups(&mut world, job);
		for (sample, drawn) in (0..).zip(&drawn).take(shown) {
			assert_eq!(open(&mut world, job, sample, &work, *drawn), (Ok(()), Money::default()));
		}
		world.until_last_block_of_stage(job);
		let early = pallet_jobs::Error::<mutirao_runtime::Runtime>::DeadlineNotReached;
		assert_eq!(world.settle(job), Err(early.into()));
		let (outcome, late) = open(&mut world, job, 3, &work, drawn[3]);
		assert_eq!((outcome, late), (Err(ProofError::TooLate.into()), Money::default()));
		let missed = Verdict::Refunded(RefundReason::OpeningMissed);
		assert_eq!(settle_when_due(&mut world, job), (missed, terms.lied(shown as i128)));
		assert_eq!(world.fee_paid(CHALLENGER), 0, "who ends a job pays no fee");
		assert_eq!(world.stake(PROVIDER), STAKE - terms.collateral());
		assert_eq!((world.escrow(BUYER), world.earmarked(PROVIDER)), (0, 0));
		world.check();
	}
}

/// What must be done in time needs no money: a worker's key opens as itself, and pays nothing.
#[test]
fn a_worker_key_opens_for_its_provider_free() {
	let mut world = relay(GROUPS);
	let work = Rows::new(GROUPS, 0).computed(&world);
	let job = drawn(&mut world, &work, 2, |_| true);
	let workgroups = workgroups(&mut world, job);
	let mut open_as = |proxy_type, delay| {
		let delegate = CHALLENGER.to_account_id().into();
		world.chain.ok(PROVIDER, pallet_proxy::Call::add_proxy { delegate, proxy_type, delay });
		let (witness, steps) = work.witness(workgroups[0]).unwrap();
		let call = pallet_attestations::Call::open { job, sample: 0, steps, witness };
		(world.chain.call(CHALLENGER, call), world.fee_paid(CHALLENGER) == 0)
	};
	let refused = (Err(ProofError::NotProvider.into()), false);
	assert_eq!(open_as(ProxyType::Any, 0), refused, "it may, but as a proxy");
	assert_eq!(open_as(ProxyType::Worker, 1), refused, "it has to announce what it does");
	assert_eq!(open_as(ProxyType::Worker, 0), (Ok(()), true));
	world.check();
}

/// Only the provider answers for its job: nobody else can open it, rightly or wrongly.
#[test]
fn nobody_else_opens_and_nothing_else_is_opened() {
	let mut world = relay(GROUPS);
	let work = Rows::new(GROUPS, 0).lie(AT).computed(&world);
	let job = drawn(&mut world, &work, 2, |drawn| !drawn.contains(&AT));
	let drawn = workgroups(&mut world, job);
	let (witness, steps) = work.witness(drawn[0]).unwrap();
	let call = pallet_attestations::Call::open { job, sample: 0, steps, witness };
	let (outcome, nothing) = moved(&mut world, |world| world.chain.call(OTHER_PROVIDER, call));
	assert_eq!((outcome, nothing), (Err(ProofError::NotProvider.into()), Money::default()));
	let (outcome, nothing) = open(&mut world, job, 0, &work, workgroup(0, 11));
	assert!(outcome.is_err(), "it was not drawn");
	assert_eq!(nothing, Money::default());
	open_all(&mut world, job, &work);
	assert_ok!(challenge(&mut world, job, AT, &work).0);
	world.check();
}
