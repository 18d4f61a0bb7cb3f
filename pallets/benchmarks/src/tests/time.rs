//! Time that passes, and time that does not.

use super::*;
use mutirao_traits::Providers as _;
use mutirao_types::Requirements;

fn engage(offer: OfferId) -> Result<(), DispatchError> {
	let requirements =
		Requirements { steps_per_second: speed_of(WHOLE), ..Requirements::default() };
	frame_support::storage::with_storage_layer(|| {
		Providers::engage(&PIA, offer, &requirements, 1, u64::MAX, 0).map(|deal| {
			Providers::release(&deal, mutirao_traits::Conduct::Blameless);
		})
	})
}

#[test]
fn a_score_expires() {
	run(|| {
		let (offer, _) = open();
		assert_ok!(Benchmarks::set_benchmark(RuntimeOrigin::root(), None));
		assert!(engage(offer).is_err());
		measured(PIA, offer, WHOLE);
		let expires = window().prove_until + SCORE_BLOCKS;
		assert_eq!(score(offer).map(|score| score.expires), Some(expires));
		pass_until(expires);
		assert_eq!(engage(offer), Ok(()));
		pass(1);
		assert_eq!(engage(offer), Err(pallet_providers::Error::<Test>::ScoreTooLow.into()));
		// Nobody can give it a longer life.
		assert_eq!(conclude(PIA, offer), Err(error(Error::NothingToConclude)));
	});
}

#[test]
fn another_window_renews_a_score() {
	run(|| {
		let (offer, _) = open();
		measured(PIA, offer, WHOLE);
		let first = score(offer).unwrap();
		end_window();
		next_window();
		measured(PIA, offer, WHOLE);
		let second = score(offer).unwrap();
		assert_eq!(first.steps_per_second, second.steps_per_second);
		assert_eq!(second.expires, window().prove_until + SCORE_BLOCKS);
		assert!(second.expires > first.expires);
	});
}

#[test]
fn a_window_in_which_the_chain_stood_still_is_void() {
	// Before the seed, while devices compute, while claims are proven.
	for blocks in [1, DRAW + 2, DRAW + WINDOW + 4] {
		run(|| {
			let (pias, ruis) = (offered(PIA), offered(RUI));
			chosen();
			pass(1);
			pass(blocks);
			if let Some(computed) = window().start.map(|_| compute(pias, 2)) {
				if Active::get() <= window().claim_until {
					assert_eq!(claim(PIA, pias, &computed), Ok(Pays::Yes));
				}
			}
			assert_ok!(Benchmarks::set_benchmark(RuntimeOrigin::root(), None));
			stand_still(1);
			assert_last_event(Event::WindowVoided { window: 0 });
			assert_eq!((Benchmarks::window(), Ended::<Test>::get().len()), (None, 0));
			pass(40);
			// Neither who missed it nor who could not prove has done wrong.
			assert_eq!(conclude(CAIO, ruis), Err(error(Error::NothingToConclude)));
			let had_claim = Claims::<Test>::contains_key(pias);
			assert_eq!(conclude(CAIO, pias).is_ok(), had_claim);
			assert_eq!((stake(PIA), score(pias)), (STAKE, None));
		});
	}
}

#[test]
fn a_claim_of_a_void_window_does_not_stand_in_the_way() {
	run(|| {
		let (offer, _) = open();
		assert_eq!(claim(PIA, offer, &compute(offer, 2)), Ok(Pays::Yes));
		stand_still(3);
		next_window();
		measured(PIA, offer, WHOLE);
		assert_eq!((scored(offer), stake(PIA)), (Some(speed_of(WHOLE)), STAKE));
	});
}

#[test]
fn a_void_window_leaves_scores_as_they_are() {
	run(|| {
		let (offer, _) = open();
		measured(PIA, offer, WHOLE);
		end_window();
		let before = score(offer);
		next_window();
		stand_still(1);
		assert_eq!(conclude(CAIO, offer), Err(error(Error::NothingToConclude)));
		assert_eq!(score(offer), before);
		next_window();
		measured(PIA, offer, WHOLE);
		assert_eq!(scored(offer), Some(speed_of(WHOLE)));
	});
}

#[test]
fn late_blocks_do_not_raise_scores() {
	run(|| {
		let (offer, _) = open();
		let computed = compute(offer, WHOLE);
		// The next block is late by as long as the window is: so much longer the device had.
		let window_ms = u64::from(WINDOW) * BLOCK_MS;
		pass(1);
		Millis::set(&(window().start.unwrap().at_ms + 2 * window_ms));
		assert_eq!(claim_and_prove(PIA, offer, &computed), SAMPLES);
		assert_eq!(scored(offer), Some(steps_of(WHOLE) * 1_000 / (2 * window_ms)));
	});
}

#[test]
fn a_claim_in_the_last_block_and_in_the_first_are_worth_the_same() {
	run(|| {
		let (pias, ruis) = open();
		let rui = compute(ruis, WHOLE);
		measured(PIA, pias, WHOLE);
		pass_until(window().claim_until);
		assert_eq!(claim_and_prove(RUI, ruis, &rui), SAMPLES);
		assert_eq!(scored(pias), scored(ruis));
	});
}
