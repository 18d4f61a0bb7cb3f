//! What providers say.

use super::*;
use frame_support::traits::Get;
use sp_runtime::{traits::Convert, TokenError};

#[test]
fn claim_works() {
	run(|| {
		let (offer, _) = open();
		let computed = compute(offer, WHOLE);
		let fee = Benchmarks::claim_fee(WHOLE).expect("there is a window");
		assert_eq!(claim(PIA, offer, &computed), Ok(Pays::Yes));
		let found = Benchmarks::claim_of(offer).expect("it was claimed");
		assert_eq!((found.window, found.provider, found.size), (0, PIA, WHOLE));
		assert_eq!((found.steps, found.steps_per_second), (steps_of(WHOLE), speed_of(WHOLE)));
		assert_eq!((found.proven, found.refuted), (0, false));
		assert_last_event(Event::Claimed {
			offer,
			window: 0,
			size: WHOLE,
			steps_per_second: speed_of(WHOLE),
			transcript: computed.transcript(),
			anchor: System::block_number(),
			fee,
		});
		// Nothing is proven yet.
		assert_eq!(score(offer), None);
	});
}

/// What the proofs of a claim cost the chain, the smallest one's as well.
#[test]
fn claim_pays_for_its_proofs_whatever_its_size_works() {
	run(|| {
		let (pias, ruis) = open();
		let work = |chains| program().summary(&benchmark().parameters(chains, &[0; 32])).unwrap();
		let each = |chains| AuditPrice::convert(work(chains).passes[0].fuel);
		let fee = u64::from(SAMPLES) * each(1);
		assert_eq!((each(1), Benchmarks::claim_fee(1)), (each(WHOLE), Some(fee)));
		assert!(fee > u64::from(SAMPLES) * AUDIT_BASE, "it grows with the steps of a workgroup");
		let (pia, rui, issuance) = (free(PIA), free(RUI), Balances::total_issuance());
		assert_eq!(claim(PIA, pias, &compute(pias, 1)), Ok(Pays::Yes));
		assert_eq!((free(PIA), free(TREASURY)), (pia - fee, fee));
		assert_eq!(claim(RUI, ruis, &compute(ruis, WHOLE)), Ok(Pays::Yes));
		assert_eq!((free(RUI), free(TREASURY)), (rui - fee, 2 * fee));
		// Stake is not touched, and nothing is given back to who proves.
		pass(DRAW + 1);
		assert_eq!(prove_all(PIA, pias, &compute(pias, 1)), SAMPLES);
		assert_eq!((stake(PIA), free(PIA)), (STAKE, pia - fee));
		assert_eq!((Balances::total_issuance(), free(TREASURY)), (issuance, 2 * fee));
	});
}

#[test]
fn claim_without_free_money_for_its_proofs_fails() {
	run(|| {
		let (offer, _) = open();
		let fee = Benchmarks::claim_fee(1).expect("there is a window");
		let computed = compute(offer, 1);
		let leave = |rest| {
			let all = free(PIA) - rest;
			assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(PIA), CAIO, all));
		};
		let least: u64 = <Test as pallet_balances::Config>::ExistentialDeposit::get();
		leave(least + fee);
		assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(PIA), CAIO, 1));
		let nothing_happens = || {
			assert_eq!(claim(PIA, offer, &computed), Err(TokenError::FundsUnavailable.into()));
			assert_eq!((Benchmarks::claim_of(offer), free(TREASURY)), (None, 0));
		};
		nothing_happens();
		assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(CAIO), PIA, 1));
		assert_eq!(claim(PIA, offer, &computed), Ok(Pays::Yes));
	});
}

#[test]
fn claim_that_is_refused_pays_nothing_fails() {
	run(|| {
		let (offer, _) = open();
		let before = free(PIA);
		let transcript = compute(offer, 2).transcript();
		assert!(send(PIA, Call::claim { offer, size: 3, transcript }).is_err());
		assert_eq!((free(PIA), free(TREASURY)), (before, 0));
	});
}

#[test]
fn the_fee_of_a_claim_is_told_for_windows_and_sizes_that_there_are() {
	run(|| {
		assert_eq!(Benchmarks::claim_fee(1), None);
		open();
		assert_eq!(Benchmarks::claim_fee(0), None);
		assert!(Benchmarks::claim_fee(1).is_some_and(|fee| fee > 0));
	});
}

#[test]
fn claim_without_a_window_or_a_seed_fails() {
	run(|| {
		let offer = offered(PIA);
		let call = || Call::claim { offer, size: 1, transcript: Transcript::default() };
		assert_eq!(send(PIA, call()), Err(error(Error::NoWindow)));
		chosen();
		pass(1);
		assert_eq!(send(PIA, call()), Err(error(Error::NoWindow)));
	});
}

#[test]
fn claim_at_the_deadline_works_and_after_it_fails() {
	run(|| {
		let (pias, ruis) = open();
		let (pia, rui) = (compute(pias, 2), compute(ruis, 2));
		pass_until(window().claim_until);
		assert_eq!(claim(PIA, pias, &pia), Ok(Pays::Yes));
		pass(1);
		assert_eq!(claim(RUI, ruis, &rui), Err(error(Error::TooLate)));
	});
}

#[test]
fn claim_for_an_offer_that_came_later_fails() {
	run(|| {
		open();
		let offer = offered(PIA);
		let computed = compute(offer, 1);
		assert_eq!(claim(PIA, offer, &computed), Err(error(Error::NotInWindow)));
		end_window();
		// It was not there, so it has missed nothing.
		assert_eq!(conclude(CAIO, offer), Err(error(Error::NothingToConclude)));
		next_window();
		measured(PIA, offer, WHOLE);
		assert_eq!(scored(offer), Some(speed_of(WHOLE)));
	});
}

#[test]
fn claim_for_what_is_not_ones_own_fails() {
	run(|| {
		let (offer, other) = open();
		let computed = compute(offer, 1);
		assert_eq!(claim(RUI, offer, &computed), Err(error(Error::NotOwnOffer)));
		assert_ok!(Providers::withdraw_offer(RuntimeOrigin::signed(RUI), other));
		assert_eq!(claim(RUI, other, &computed), Err(error(Error::NoSuchOffer)));
	});
}

#[test]
fn claim_twice_fails() {
	run(|| {
		let (offer, _) = open();
		let (less, more) = (compute(offer, 1), compute(offer, 2));
		assert_eq!(claim(PIA, offer, &less), Ok(Pays::Yes));
		assert_eq!(claim(PIA, offer, &more), Err(error(Error::AlreadyClaimed)));
		pass(DRAW + 1);
		assert_eq!(prove_all(PIA, offer, &less), SAMPLES);
		assert_eq!(claim(PIA, offer, &more), Err(error(Error::AlreadyClaimed)));
	});
}

#[test]
fn claim_of_another_size_than_the_transcripts_fails() {
	run(|| {
		let (offer, _) = open();
		let transcript = compute(offer, 2).transcript();
		let call = |size, transcript| Call::claim { offer, size, transcript };
		let wrong = pallet_attestations::Error::<Test>::WrongBufferLength;
		assert_eq!(send(PIA, call(3, transcript.clone())), Err(wrong.into()));
		let wrong = pallet_attestations::Error::<Test>::WrongTranscriptLength;
		assert_eq!(send(PIA, call(2, Transcript::default())), Err(wrong.into()));
		let wrong = pallet_programs::Error::<Test>::ParametersDoNotFit;
		assert_eq!(send(PIA, call(0, transcript)), Err(wrong.into()));
	});
}

#[test]
fn claim_while_an_old_one_is_lost_fails() {
	run(|| {
		let (offer, _) = open();
		assert_eq!(claim(PIA, offer, &compute(offer, 1)), Ok(Pays::Yes));
		end_window();
		next_window();
		let computed = compute(offer, 1);
		assert_eq!(claim(PIA, offer, &computed), Err(error(Error::ClaimNotConcluded)));
		assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
		assert_eq!(claim(PIA, offer, &computed), Ok(Pays::Yes));
	});
}
