//! What calls are charged, and what of it is given back. The mock's weights show what they are made of.

use super::*;
use frame_support::dispatch::{GetDispatchInfo, PostDispatchInfo};
use mutirao_machine_core::{
	bytecode::{Expression, Term},
	Outline, Program,
};

const CHUNK: u64 = 10_000_000_000;
const SIBLING: u64 = 1_000 * CHUNK;
const KILOSTEP: u64 = 10_000_000;
const CODE: u64 = 100;

fn charged(call: Call<Test>) -> u64 {
	call.get_dispatch_info().call_weight.ref_time()
}

fn actual(who: AccountId, call: Call<Test>) -> u64 {
	let sent = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(who));
	let PostDispatchInfo { actual_weight, .. } = sent.expect("the call succeeds");
	actual_weight.expect("it says what it took").ref_time()
}

/// Chunks and siblings of a witness.
fn size(witness: &Witness) -> (u64, u64) {
	let openings = witness.reads.iter().flatten().chain(&witness.slices);
	openings.fold((0, 0), |(chunks, siblings), opening| {
		(chunks + opening.chunks.len() as u64, siblings + opening.siblings.len() as u64)
	})
}

#[test]
fn a_re_execution_pays_for_the_longest_program_and_all_steps_and_has_the_rest_back() {
	run(|| {
		let code = relay().encode().len() as u64;
		let at = workgroup(1, 4);
		let (fuel, job) = (u64::from(FUEL[1]), 10);
		let work = drawn_as(&Rows::new(GROUPS), at);
		assert_eq!(work.id, job);
		let (witness, steps) = work.witness(at);
		let (chunks, siblings) = size(&witness);
		assert_eq!(chunks, 3);
		let witnessed = chunks * CHUNK + siblings * SIBLING;

		let open = Call::open { job, sample: 0, steps, witness: witness.clone() };
		let before = 1 + witnessed + 65_536 * CODE + fuel / 1_000 * KILOSTEP;
		assert_eq!(charged(open.clone()), before);
		// A thousand steps and some.
		let after = 1 + witnessed + code * CODE + 2 * KILOSTEP;
		assert_eq!(actual(PIA, open), after);

		let challenge = Call::challenge { job, workgroup: at, steps, witness };
		assert_eq!(charged(challenge.clone()), before + 1);
		assert_eq!(actual(CAIO, challenge), after + 1);
	});
}

#[test]
fn a_fault_takes_all_steps() {
	run(|| {
		let at = workgroup(0, 4);
		let work = running(&Rows::with_fault(GROUPS, 4, OVERRUN), 1);
		let (witness, steps) = work.computed.fault_witness(at).unwrap();
		let proof = Call::prove_fault { job: work.id, workgroup: at, steps, witness };
		let spare = (65_536 - relay().encode().len() as u64) * CODE;
		assert_eq!(charged(proof.clone()) - actual(CAIO, proof), spare);
	});
}

#[test]
fn steps_that_cannot_be_re_executed_are_not_charged() {
	run(|| {
		let with = |steps| {
			let witness = Witness::default();
			charged(Call::open { job: 1, sample: 0, steps, witness })
		};
		assert_eq!(with(MAX_STEPS), with(u64::MAX));
		assert_eq!(with(MAX_STEPS) - with(MAX_STEPS - 1_000), KILOSTEP);
		assert_eq!(with(1), with(1_000), "kilosteps are rounded up");
	});
}

#[test]
fn supplying_is_charged_by_its_length() {
	run(|| {
		let work = running(&Rows::new(GROUPS), 1);
		let opening = work.computed.open(3, &[0]).unwrap();
		let buffer = JobBuffer::Written(1);
		let supply = Call::supply { job: work.id, buffer, opening };
		assert_eq!(charged(supply), 2, "a chunk of four has two siblings");
	});
}

/// The program decides what it takes, not the transcript, which may be as short as the caller likes.
#[test]
fn attesting_is_charged_for_the_largest_program_and_has_the_rest_back() {
	run(|| {
		let work = running(&Rows::new(GROUPS), 1);
		let transcript = work.computed.transcript();
		for transcript in [Transcript::default(), transcript.clone()] {
			assert_eq!(charged(Call::attest { job: work.id, transcript }), 256);
		}
		// Four buffers, two of which are written. Passes have 11 terms each, and buffers 3.
		assert_eq!(actual(PIA, Call::attest { job: work.id, transcript }), 4);
	});
}

/// Few buffers may take as long as many, when their sizes are long to compute.
#[test]
fn attesting_pays_for_what_is_computed_of_the_program() {
	run(|| {
		let mut definition = relay().definition().clone();
		let one = || Expression::constant(1);
		let long =
			(0..30).fold(Expression::constant(FUEL[0]), |fuel, _| fuel.join(Term::Mul, one()));
		let added = long.0.len() - 1;
		for pass in &mut definition.passes {
			pass.fuel = long.clone();
		}
		let program = Program::new(definition).unwrap();
		let terms = Outline::of(&program).terms();
		assert_eq!(terms, Outline::of(&relay()).terms() + 2 * added);
		let work = running(&Rows::new(GROUPS), 1);
		let mut slow = TestJobs::job(work.id).unwrap();
		slow.request.program = register(program.encode());
		put(work.id, slow);
		let transcript = work.computed.transcript();
		let expected = terms.div_ceil(16) as u64;
		assert!(expected > 4);
		assert_eq!(actual(PIA, Call::attest { job: work.id, transcript }), expected);
	});
}
