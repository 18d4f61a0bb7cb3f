//! What each lie is worth.

use super::*;

/// A digest that was not computed, at a place of the claim.
fn wrong(from: u32) -> impl Fn(&Workgroup) -> bool {
	move |workgroup| workgroup.number >= from
}

/// The liar claims this; the draw hits the lie at its first sample. Checks that it costs the score and,
/// once somebody reports it, a penalty.
#[track_caller]
fn is_refuted(who: AccountId, offer: OfferId, claimed: &mutirao_machine_prover::Computed) {
	let before = stake(who);
	assert_eq!(claim_and_prove(who, offer, claimed), 0);
	let workgroup = drawn(offer)[0];
	assert_last_event(Event::Refuted { offer, workgroup });
	assert_eq!(prove(who, offer, 1, claimed), Err(error(Error::ClaimRefuted)));
	// Now, and not only when the window ends.
	assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
	assert_eq!((scored(offer), stake(who)), (Some(0), before - PENALTY));
	// There is no second try.
	let window = window();
	if Active::get() <= window.claim_until {
		let honest = compute(offer, 1);
		assert_eq!(claim(who, offer, &honest), Err(error(Error::AlreadyClaimed)));
	}
	end_window();
	assert_eq!(conclude(CAIO, offer), Err(error(Error::NothingToConclude)));
	assert_eq!(scored(offer), Some(0));
}

#[test]
fn a_replayed_transcript_is_worth_nothing() {
	run(|| {
		let (offer, _) = open();
		let old = compute(offer, WHOLE);
		assert_eq!(claim_and_prove(PIA, offer, &old), SAMPLES);
		end_window();
		next_window();
		let replayed = present(offer, old.buffer(0).to_vec());
		is_refuted(PIA, offer, &replayed);
	});
}

#[test]
fn a_copied_transcript_is_worth_nothing() {
	run(|| {
		let (pias, ruis) = open();
		let honest = compute(pias, WHOLE);
		assert_eq!(claim(PIA, pias, &honest), Ok(Pays::Yes));
		let copied = present(ruis, honest.buffer(0).to_vec());
		is_refuted(RUI, ruis, &copied);
	});
}

#[test]
fn work_of_one_offer_is_worth_nothing_for_another_of_the_same_provider() {
	run(|| {
		let first = offered(PIA);
		let (second, _) = open();
		let copied = present(first, compute(second, WHOLE).buffer(0).to_vec());
		is_refuted(PIA, first, &copied);
	});
}

#[test]
fn a_late_claim_is_a_missed_window() {
	run(|| {
		let (offer, _) = open();
		let computed = compute(offer, WHOLE);
		pass_until(window().claim_until + 1);
		assert_eq!(claim(PIA, offer, &computed), Err(error(Error::TooLate)));
		end_window();
		assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
		assert_eq!((scored(offer), stake(PIA)), (Some(0), STAKE));
	});
}

#[test]
fn an_inflated_claim_is_refuted_when_it_is_drawn() {
	run(|| {
		let (offer, _) = open();
		let claimed = inflate(offer, &compute(offer, WHOLE / 2), WHOLE);
		assert_eq!(claim(PIA, offer, &claimed), Ok(Pays::Yes));
		pass(DRAW + 1);
		rig(offer, |drawn| drawn.iter().position(wrong(WHOLE / 2)) == Some(2));
		// What she computed she can prove; then it ends, for her.
		assert_eq!(prove_all(PIA, offer, &claimed), 2);
		assert!(Benchmarks::claim_of(offer).expect("it is not proven").refuted);
		assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
		assert_eq!((scored(offer), stake(PIA)), (Some(0), STAKE - PENALTY));
	});
}

#[test]
fn an_inflated_claim_that_is_drawn_and_kept_silent_about_is_lost_too() {
	run(|| {
		let (offer, _) = open();
		let claimed = inflate(offer, &compute(offer, WHOLE / 2), WHOLE);
		assert_eq!(claim(PIA, offer, &claimed), Ok(Pays::Yes));
		pass(DRAW + 1);
		rig(offer, |drawn| drawn.iter().position(wrong(WHOLE / 2)) == Some(3));
		(0..3).for_each(|sample| assert_eq!(prove(PIA, offer, sample, &claimed), Ok(Pays::No)));
		end_window();
		assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
		assert_eq!((scored(offer), stake(PIA)), (Some(0), STAKE - PENALTY));
	});
}

/// As often as the formula says: see `detection`.
#[test]
fn an_inflated_claim_that_is_never_drawn_passes() {
	run(|| {
		let (offer, _) = open();
		let claimed = inflate(offer, &compute(offer, WHOLE / 2), WHOLE);
		assert_eq!(claim(PIA, offer, &claimed), Ok(Pays::Yes));
		pass(DRAW + 1);
		rig(offer, |drawn| !drawn.iter().any(wrong(WHOLE / 2)));
		assert_eq!(prove_all(PIA, offer, &claimed), SAMPLES);
		assert_eq!(scored(offer), Some(speed_of(WHOLE)));
		// It has to pass in every recent window: one that it does not undoes the others.
		end_window();
		next_window();
		let claimed = inflate(offer, &compute(offer, WHOLE / 2), WHOLE);
		assert_eq!(claim(PIA, offer, &claimed), Ok(Pays::Yes));
		pass(DRAW + 1);
		rig(offer, |drawn| drawn.iter().any(wrong(WHOLE / 2)));
		assert!(prove_all(PIA, offer, &claimed) < SAMPLES);
		assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
		assert_eq!(scored(offer), Some(0));
	});
}

#[test]
fn a_half_idle_device_scores_half() {
	run(|| {
		let (pias, ruis) = open();
		measured(PIA, pias, WHOLE);
		measured(RUI, ruis, WHOLE / 2);
		assert_eq!(scored(pias), Some(speed_of(WHOLE)));
		// But for rounding.
		assert!(scored(ruis).is_some_and(|half| speed_of(WHOLE).abs_diff(2 * half) <= 1));
	});
}

/// A device that computes so many chains in each window, whoever asks.
struct SharedDevice {
	left: u32,
}

impl SharedDevice {
	fn compute(&mut self, offer: OfferId, chains: u32) -> mutirao_machine_prover::Computed {
		self.left = self.left.checked_sub(chains).expect("the device has no more time");
		compute(offer, chains)
	}
}

#[test]
fn two_offers_of_one_device_score_half_each() {
	run(|| {
		let (pias, ruis) = open();
		for _ in 0..2 {
			let mut device = SharedDevice { left: WHOLE };
			let (pia, rui) = (device.compute(pias, WHOLE / 2), device.compute(ruis, WHOLE / 2));
			assert_eq!(device.left, 0);
			assert_eq!(claim(PIA, pias, &pia), Ok(Pays::Yes));
			assert_eq!(claim_and_prove(RUI, ruis, &rui), SAMPLES);
			assert_eq!(prove_all(PIA, pias, &pia), SAMPLES);
			end_window();
			next_window();
		}
		let together = scored(pias).unwrap() + scored(ruis).unwrap();
		assert!(together <= speed_of(WHOLE));
		assert_eq!(scored(pias), Some(speed_of(WHOLE / 2)));
	});
}

/// Nor does it help to take turns: the lowest window counts.
#[test]
fn two_offers_that_take_turns_on_one_device_score_nothing() {
	run(|| {
		let (pias, ruis) = open();
		for (who, offer) in [(PIA, pias), (RUI, ruis)] {
			let mut device = SharedDevice { left: WHOLE };
			let computed = device.compute(offer, WHOLE);
			assert_eq!(claim_and_prove(who, offer, &computed), SAMPLES);
			end_window();
			next_window();
		}
		for offer in [pias, ruis] {
			let _ = conclude(CAIO, offer);
			assert_eq!(scored(offer), Some(0));
		}
	});
}

/// Nor to leave the offer out by pausing it: who is there takes part.
#[test]
fn a_paused_offer_misses_windows() {
	run(|| {
		let (offer, _) = open();
		measured(PIA, offer, WHOLE);
		end_window();
		assert_ok!(Providers::pause_offer(RuntimeOrigin::signed(PIA), offer));
		next_window();
		end_window();
		assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
		assert_eq!(scored(offer), Some(0));
	});
}
