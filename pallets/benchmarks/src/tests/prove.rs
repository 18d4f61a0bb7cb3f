//! Proofs.

use super::*;
use mutirao_types::Witness;

#[test]
fn prove_all_samples_gives_a_score_works() {
	run(|| {
		let (offer, _) = open();
		let computed = compute(offer, WHOLE);
		assert_eq!(claim(PIA, offer, &computed), Ok(Pays::Yes));
		pass(DRAW + 1);
		for sample in 0..SAMPLES {
			assert_eq!(scored(offer), None);
			let workgroup = drawn(offer)[usize::from(sample)];
			assert_eq!(prove(PIA, offer, sample, &computed), Ok(Pays::No));
			System::assert_has_event(Event::Proven { offer, sample, workgroup }.into());
		}
		let steps_per_second = speed_of(WHOLE);
		System::assert_has_event(Event::Measured { offer, window: 0, steps_per_second }.into());
		let expires = window().prove_until + SCORE_BLOCKS;
		assert_eq!(score(offer), Some(Score { steps_per_second, expires }));
		assert!(!Claims::<Test>::contains_key(offer));
		let measured = Measurement { window: 0, steps_per_second };
		assert_eq!(Benchmarks::measurements(offer), vec![measured]);
		// Nothing is left to be proven for free.
		let call = Call::prove { offer, sample: 0, steps: 1, witness: Witness::default() };
		assert_eq!(send(PIA, call), Err(error(Error::NoClaim)));
	});
}

#[test]
fn equal_claims_of_two_offers_are_drawn_apart_works() {
	run(|| {
		let (pias, ruis) = open();
		let digests = vec![7; 16 * 100_000];
		let (pia, rui) = (present(pias, digests.clone()), present(ruis, digests));
		assert_eq!(pia.transcript(), rui.transcript());
		assert_eq!(claim(PIA, pias, &pia), Ok(Pays::Yes));
		assert_eq!(claim(RUI, ruis, &rui), Ok(Pays::Yes));
		pass(DRAW + 1);
		let (pia, rui) = (drawn(pias), drawn(ruis));
		assert!(pia.iter().zip(&rui).all(|(one, other)| one != other), "{pia:?} {rui:?}");
	});
}

#[test]
fn prove_before_the_draw_fails() {
	run(|| {
		let (offer, _) = open();
		let computed = compute(offer, 1);
		assert_eq!(claim(PIA, offer, &computed), Ok(Pays::Yes));
		pass(DRAW);
		assert_eq!(Benchmarks::samples(offer), None);
		let (witness, steps) = computed.witness(Workgroup { pass: 0, number: 0 }).unwrap();
		let call = Call::prove { offer, sample: 0, steps, witness };
		let early = pallet_attestations::Error::<Test>::DrawNotReady;
		assert_eq!(send(PIA, call.clone()), Err(early.into()));
		pass(1);
		assert_eq!(send(PIA, call), Ok(Pays::No));
	});
}

#[test]
fn prove_at_the_deadline_works_and_after_it_fails() {
	run(|| {
		let (pias, ruis) = open();
		let (pia, rui) = (compute(pias, 2), compute(ruis, 2));
		assert_eq!(claim(PIA, pias, &pia), Ok(Pays::Yes));
		assert_eq!(claim(RUI, ruis, &rui), Ok(Pays::Yes));
		pass_until(window().prove_until);
		let (witness, steps) = rui.witness(drawn(ruis)[0]).unwrap();
		assert_eq!(prove_all(PIA, pias, &pia), SAMPLES);
		pass(1);
		let call = Call::prove { offer: ruis, sample: 0, steps, witness };
		assert_eq!(send(RUI, call), Err(error(Error::NoClaim)));
	});
}

#[test]
fn prove_by_the_providers_worker_key_is_the_providers_and_free() {
	run(|| {
		let (offer, _) = open();
		let computed = compute(offer, 3);
		assert_eq!(claim(PIA, offer, &computed), Ok(Pays::Yes));
		pass(DRAW + 1);
		assert_eq!(prove(CAIO, offer, 0, &computed), Err(error(Error::NotOwnOffer)));
		assert_eq!(prove(PIAS_KEY, offer, 0, &computed), Ok(Pays::No));
		assert_eq!(prove(PIA, offer, 0, &computed), Err(error(Error::AlreadyProven)));
		assert_eq!(claim(PIAS_KEY, offer, &computed), Err(error(Error::NotOwnOffer)));
	});
}

#[test]
fn prove_what_is_not_ones_own_or_not_there_or_proven_fails() {
	run(|| {
		let (offer, other) = open();
		let computed = compute(offer, 3);
		assert_eq!(claim(PIA, offer, &computed), Ok(Pays::Yes));
		pass(DRAW + 1);
		assert_eq!(prove(RUI, offer, 0, &computed), Err(error(Error::NotOwnOffer)));
		assert_eq!(prove(PIA, offer, 0, &computed), Ok(Pays::No));
		assert_eq!(prove(PIA, offer, 0, &computed), Err(error(Error::AlreadyProven)));
		let call = |offer, sample| {
			let witness = Witness::default();
			Call::prove { offer, sample, steps: 1, witness }
		};
		assert_eq!(send(PIA, call(offer, SAMPLES)), Err(error(Error::NoSuchSample)));
		assert_eq!(send(RUI, call(other, 0)), Err(error(Error::NoClaim)));
	});
}

#[test]
fn prove_what_does_not_verify_changes_nothing_and_pays_fails() {
	run(|| {
		let (offer, _) = open();
		let computed = compute(offer, 3);
		assert_eq!(claim(PIA, offer, &computed), Ok(Pays::Yes));
		pass(DRAW + 1);
		let before = Claims::<Test>::get(offer);
		let (witness, steps) = computed.witness(drawn(offer)[0]).unwrap();
		let mut forged = witness.clone();
		forged.slices[0].bytes[0] ^= 1;
		let call = |steps, witness| Call::prove { offer, sample: 0, steps, witness };
		let refused = pallet_attestations::Error::<Test>::OpeningDoesNotVerify;
		assert_eq!(send(PIA, call(steps, forged)), Err(refused.into()));
		let refused = pallet_attestations::Error::<Test>::TooManySteps;
		assert_eq!(send(PIA, call(steps - 1, witness.clone())), Err(refused.into()));
		assert_eq!(Claims::<Test>::get(offer), before);
		assert_eq!(send(PIA, call(steps, witness)), Ok(Pays::No));
	});
}
