//! Ending jobs, and what is remembered of them.

use super::*;

fn reputation() -> u32 {
	Providers::reputation(PIA).expect("is a provider").deconstruct()
}

#[test]
fn release_frees_one_jobs_collateral_and_place_works() {
	run(|| {
		let offer = offered();
		let first = engage(offer, 2 * GIGASTEP).expect("she may");
		let second = engaged(offer);
		Providers::release(&first, Conduct::Kept);
		assert_eq!((pia().earmarked, pia().open_jobs), (second.collateral, 1));
		assert_eq!(Providers::offer(offer).expect("remains").running, 1);
		Providers::release(&second, Conduct::Broken);
		assert_eq!((pia().earmarked, pia().open_jobs), (0, 0));
		assert_eq!(Providers::offer(offer).expect("remains").running, 0);
		// Freed, not paid out.
		assert_eq!((staked(PIA), pia().stake), (STAKE, STAKE));
	});
}

#[test]
fn release_frees_what_was_earmarked_whatever_the_offer_asks_now_works() {
	run(|| {
		let offer = offered();
		let deal = engaged(offer);
		assert_ok!(Providers::change_offer(
			by(PIA),
			offer,
			OfferTerms { price_per_gigastep: 7 * PRICE, ..terms() }
		));
		Providers::release(&deal, Conduct::Kept);
		assert_eq!(pia().earmarked, 0);
	});
}

#[test]
fn release_remembers_what_was_kept_and_broken_works() {
	run(|| {
		let offer = offered();
		for (conduct, expected) in [
			(Conduct::Kept, Permill::from_rational(2u32, 3)),
			(Conduct::Broken, Permill::from_rational(2u32, 4)),
			(Conduct::Broken, Permill::from_rational(2u32, 5)),
		] {
			Providers::release(&engaged(offer), conduct);
			assert_eq!(Providers::reputation(PIA), Some(expected));
			System::assert_last_event(
				Event::ReputationChanged { provider: PIA, estimate: expected }.into(),
			);
		}
	});
}

#[test]
fn release_of_broken_jobs_within_a_period_pauses_their_offer_works() {
	run(|| {
		registered();
		let (offer, other) = (posted(OfferTerms { capacity: 3, ..terms() }), posted(terms()));
		let state = |offer| Providers::offer(offer).expect("remains").state;
		// One of them will be too long ago to count.
		Providers::release(&engaged(offer), Conduct::Broken);
		Now::set(START + 1);
		Providers::release(&engaged(offer), Conduct::Broken);
		Now::set(START + 1 + FAILURE_PERIOD);
		Providers::release(&engaged(offer), Conduct::Broken);
		Providers::release(&engaged(offer), Conduct::Kept);
		let open = [engaged(offer), engaged(offer), engaged(offer)];
		assert_eq!(state(offer), OfferState::Active);
		Providers::release(&open[0], Conduct::Broken);
		assert_eq!((state(offer), state(other)), (OfferState::Paused, OfferState::Active));
		System::assert_has_event(Event::OfferPaused { offer }.into());
		assert_eq!(engage(offer, GIGASTEP), Err(Error::<Test>::OfferPaused.into()));
		// What is open then may fail too. Resuming gives as many failures as at first.
		Providers::release(&open[1], Conduct::Broken);
		assert_ok!(Providers::resume_offer(by(PIA), offer));
		Providers::release(&open[2], Conduct::Broken);
		Providers::release(&engaged(offer), Conduct::Broken);
		assert_eq!(state(offer), OfferState::Active);
		Providers::release(&engaged(offer), Conduct::Broken);
		assert_eq!(state(offer), OfferState::Paused);
	});
}

#[test]
fn release_without_blame_leaves_reputation_alone_works() {
	run(|| {
		let offer = offered();
		Providers::release(&engaged(offer), Conduct::Kept);
		let (before, events) = (pia().reputation, System::event_count());
		Now::set(START + 5);
		Providers::release(&engaged(offer), Conduct::Blameless);
		assert_eq!((pia().reputation, System::event_count()), (before, events));
	});
}

#[test]
fn reputation_is_forgotten_by_halves_works() {
	run(|| {
		let offer = offered();
		Providers::release(&engaged(offer), Conduct::Kept);
		let one = pia().reputation.kept;
		Now::set(START + HALF_LIFE);
		assert_eq!(reputation(), 600_000);
		// Readers see what it weighs now; what is stored changes with the next verdict.
		let seen = Providers::provider(PIA).expect("is a provider").reputation;
		assert_eq!((seen.kept, seen.at), (one / 2, START + HALF_LIFE));
		assert_eq!(pia().reputation, Reputation { kept: one, broken: 0, at: START });
		Providers::release(&engage_late(offer), Conduct::Broken);
		assert_eq!(
			pia().reputation,
			Reputation { kept: one / 2, broken: one, at: START + HALF_LIFE }
		);
	});
}

/// Pia takes a job, having prolonged her offer.
fn engage_late(offer: OfferId) -> Job {
	let expires = Now::get() + 1;
	assert_ok!(Providers::change_offer(by(PIA), offer, OfferTerms { expires, ..terms() }));
	engaged(offer)
}

#[test]
fn reputation_changes_by_nothing_but_verdicts_works() {
	run(|| {
		let offer = offered();
		engaged(offer);
		Providers::slash(&PIA, STAKE / 2, &ANA, Some(&RUI));
		Providers::set_score(offer, Some(Score { steps_per_second: 1, expires: 100 }));
		assert_ok!(Providers::add_stake(by(PIA), STAKE));
		assert_ok!(Providers::set_endpoint(by(PIA), url("http://elsewhere")));
		assert_ok!(Providers::change_offer(by(PIA), offer, terms()));
		assert_ok!(Providers::pause_offer(by(PIA), offer));
		assert_ok!(Providers::resume_offer(by(PIA), offer));
		let other = posted(terms());
		assert_ok!(Providers::withdraw_offer(by(PIA), other));
		assert_ok!(Providers::leave(by(PIA)));
		assert_eq!(pia().reputation, Reputation::default());
		assert_eq!(reputation(), 500_000);
		assert_eq!(Providers::reputation(ANA), None);
	});
}
