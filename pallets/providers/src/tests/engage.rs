//! Taking jobs.

use super::*;

/// Pia takes a job that asks for something, if she can.
fn asking(offer: OfferId, requirements: Requirements) -> Result<Job, DispatchError> {
	Providers::engage(&PIA, offer, &requirements, GIGASTEP, u64::MAX, 0)
}

#[test]
fn engage_earmarks_collateral_and_a_place_works() {
	run(|| {
		let offer = offered();
		let events = System::event_count();
		let deal = engaged(offer);
		assert_eq!(deal, Deal { provider: PIA, offer, price: PRICE, collateral: 2 * PRICE });
		assert_eq!((pia().earmarked, pia().open_jobs), (2 * PRICE, 1));
		assert_eq!(Providers::offer(offer).expect("remains").running, 1);
		// No money moves, and it is the job's pallet that tells of it.
		assert_eq!((staked(PIA), System::event_count()), (STAKE, events));
	});
}

#[test]
fn engage_price_is_rounded_up_and_at_least_the_minimum_works() {
	run(|| {
		let offer = offered();
		let price = |steps| Providers::price(&Providers::offer(offer).unwrap(), steps).unwrap();
		// A fifth of a gigastep costs the minimum.
		for (steps, expected) in [
			(0, LEAST),
			(1, LEAST),
			(GIGASTEP / 5, LEAST),
			(GIGASTEP / 5 + 1, LEAST + 1),
			(GIGASTEP, PRICE),
			(GIGASTEP + 1, PRICE + 1),
			(GIGASTEP + GIGASTEP / 100, PRICE + 1),
			(GIGASTEP + GIGASTEP / 100 + 1, PRICE + 2),
		] {
			assert_eq!(price(steps), expected, "{steps} steps");
			let deal = engage(offer, steps).expect("she may");
			assert_eq!((deal.price, deal.collateral), (expected, 2 * expected));
			Providers::release(&deal, Conduct::Blameless);
		}
	});
}

#[test]
fn engage_at_the_cap_works_and_above_it_fails() {
	run(|| {
		let offer = offered();
		let requirements = Requirements::default();
		let capped = |cap| Providers::engage(&PIA, offer, &requirements, GIGASTEP, cap, 0);
		assert_noop!(capped(PRICE - 1), Error::<Test>::PriceAboveCap);
		assert_ok!(capped(PRICE));
	});
}

#[test]
fn engage_at_the_offers_maximum_price_works_and_above_it_fails() {
	run(|| {
		registered();
		let offer = posted(OfferTerms { maximum_price: PRICE, ..terms() });
		assert_noop!(engage(offer, GIGASTEP + 1), Error::<Test>::PriceAboveMaximum);
		let deal = engage(offer, GIGASTEP).expect("it costs no more than the most");
		assert_eq!(deal.collateral, 2 * PRICE);
		// This is the most that one job can cost the provider, whatever else it asks.
		let least = |least| {
			Providers::engage(&PIA, offer, &Requirements::default(), GIGASTEP, u64::MAX, least)
		};
		assert_noop!(least(2 * PRICE + 1), Error::<Test>::PriceAboveMaximum);
		Providers::release(&deal, Conduct::Blameless);
		assert_eq!(least(2 * PRICE).expect("it is no more").collateral, 2 * PRICE);
		// Jobs that were taken keep their price; dearer ones can be taken as soon as the owner says so.
		let raised = OfferTerms { maximum_price: PRICE + 1, ..terms() };
		assert_ok!(Providers::change_offer(by(PIA), offer, raised));
		assert_eq!(engage(offer, GIGASTEP + 1).map(|deal| deal.price), Ok(PRICE + 1));
	});
}

#[test]
fn engage_for_nothing_works() {
	run(|| {
		registered();
		let offer = posted(OfferTerms {
			price_per_gigastep: 0,
			minimum_price: 0,
			maximum_price: 0,
			..terms()
		});
		let deal = Providers::engage(&PIA, offer, &Requirements::default(), u64::MAX, 0, 0);
		assert_eq!(deal, Ok(Deal { provider: PIA, offer, price: 0, collateral: 0 }));
	});
}

#[test]
fn engage_for_less_than_the_least_collateral_earmarks_that_works() {
	run(|| {
		let offer = offered();
		let least = |least| {
			Providers::engage(&PIA, offer, &Requirements::default(), GIGASTEP, u64::MAX, least)
		};
		for (asked, expected) in [(2 * PRICE - 1, 2 * PRICE), (2 * PRICE + 1, 2 * PRICE + 1)] {
			let deal = least(asked).expect("she may");
			assert_eq!((deal.price, deal.collateral), (PRICE, expected));
			assert_eq!(pia().earmarked, expected);
			Providers::release(&deal, Conduct::Blameless);
		}
		assert_noop!(least(STAKE + 1), Error::<Test>::StakeNotFree);
		assert_noop!(least(u64::MAX), Error::<Test>::StakeNotFree);
		assert_eq!(least(STAKE).expect("she may").collateral, STAKE);
	});
}

#[test]
fn engage_for_more_than_there_can_be_money_fails() {
	run(|| {
		registered();
		let asking = |price_per_gigastep| posted(OfferTerms { price_per_gigastep, ..terms() });
		let (highest, half) = (asking(u64::MAX), asking(u64::MAX / 2 + 1));
		// The price is no balance.
		assert_noop!(engage(highest, GIGASTEP + 1), Error::<Test>::PriceAboveCap);
		assert_noop!(engage(highest, u64::MAX), Error::<Test>::PriceAboveCap);
		// The price is one, the collateral is not.
		assert_noop!(engage(highest, GIGASTEP), Error::<Test>::StakeNotFree);
		assert_noop!(engage(half, GIGASTEP), Error::<Test>::StakeNotFree);
	});
}

#[test]
fn engage_on_no_offer_or_on_another_ones_fails() {
	run(|| {
		let offer = offered();
		assert_noop!(engage(offer + 1, GIGASTEP), Error::<Test>::NoSuchOffer);
		assert_ok!(Providers::register(by(RUI), STAKE, url("http://rui")));
		for who in [RUI, ANA] {
			assert_noop!(
				Providers::engage(&who, offer, &Requirements::default(), GIGASTEP, u64::MAX, 0),
				Error::<Test>::NotOwnOffer
			);
		}
	});
}

#[test]
fn engage_on_a_paused_offer_fails_and_on_a_resumed_one_works() {
	run(|| {
		let offer = offered();
		assert_ok!(Providers::pause_offer(by(PIA), offer));
		assert_noop!(engage(offer, GIGASTEP), Error::<Test>::OfferPaused);
		assert_ok!(Providers::resume_offer(by(PIA), offer));
		engaged(offer);
	});
}

#[test]
fn engage_at_the_offers_expiry_works_and_a_block_later_fails() {
	run(|| {
		let offer = offered();
		Now::set(terms().expires);
		engaged(offer);
		Now::set(terms().expires + 1);
		assert_noop!(engage(offer, GIGASTEP), Error::<Test>::OfferExpired);
	});
}

#[test]
fn engage_up_to_the_capacity_works_and_beyond_it_fails() {
	run(|| {
		let (offer, other) = (offered(), posted(terms()));
		let first = engaged(offer);
		engaged(offer);
		assert_noop!(engage(offer, GIGASTEP), Error::<Test>::DeviceBusy);
		// Each offer has places of its own.
		engaged(other);
		Providers::release(&first, Conduct::Kept);
		engaged(offer);
		// With less capacity than jobs that run, jobs go on and none begins.
		assert_ok!(Providers::change_offer(by(PIA), offer, OfferTerms { capacity: 1, ..terms() }));
		assert_noop!(engage(offer, GIGASTEP), Error::<Test>::DeviceBusy);
	});
}

#[test]
fn engage_with_speed_as_asked_works_and_with_less_fails() {
	run(|| {
		let offer = offered();
		let speed = |steps_per_second| Requirements { steps_per_second, ..Default::default() };
		assert_noop!(asking(offer, speed(1)), Error::<Test>::ScoreTooLow);
		Providers::set_score(offer, Some(Score { steps_per_second: 700, expires: 100 }));
		assert_noop!(asking(offer, speed(701)), Error::<Test>::ScoreTooLow);
		assert_ok!(asking(offer, speed(700)));
	});
}

#[test]
fn engage_until_the_score_expires_works_and_a_block_later_fails() {
	run(|| {
		let offer = offered();
		let fast = Requirements { steps_per_second: 700, ..Default::default() };
		Providers::set_score(offer, Some(Score { steps_per_second: 700, expires: 100 }));
		Now::set(100);
		assert_ok!(asking(offer, fast.clone()));
		Now::set(101);
		assert_noop!(asking(offer, fast), Error::<Test>::ScoreTooLow);
		// Who does not ask for speed needs no score.
		engaged(offer);
	});
}

#[test]
fn engage_with_memory_as_asked_works_and_with_less_fails() {
	run(|| {
		let offer = offered();
		let memory = |memory_mib| Requirements { memory_mib, ..Default::default() };
		assert_noop!(asking(offer, memory(24_577)), Error::<Test>::MemoryTooSmall);
		assert_ok!(asking(offer, memory(24_576)));
	});
}

#[test]
fn engage_in_the_region_asked_for_works_and_elsewhere_fails() {
	run(|| {
		let offer = offered();
		let region = |country: &[u8; 2], subdivision: &[u8; 3]| Requirements {
			region: Some(Region { country: *country, subdivision: *subdivision }),
			..Default::default()
		};
		for elsewhere in [region(b"BR", b"RJ\0"), region(b"PT", b"\0\0\0"), region(b"PT", b"SP\0")]
		{
			assert_noop!(asking(offer, elsewhere), Error::<Test>::WrongRegion);
		}
		assert_ok!(asking(offer, region(b"BR", b"\0\0\0")));
		assert_ok!(asking(offer, region(b"BR", b"SP\0")));
	});
}

#[test]
fn engage_with_reputation_as_asked_works_and_with_less_fails() {
	run(|| {
		let offer = offered();
		let trusted =
			|parts| Requirements { reputation: Permill::from_parts(parts), ..Default::default() };
		assert_noop!(asking(offer, trusted(500_001)), Error::<Test>::ReputationTooLow);
		let deal = asking(offer, trusted(500_000)).expect("as good as any stranger");
		Providers::release(&deal, Conduct::Kept);
		// One kept obligation is worth two thirds, and a half-life later three fifths.
		let deal = asking(offer, trusted(666_000)).expect("kept one");
		Providers::release(&deal, Conduct::Blameless);
		assert_ok!(Providers::change_offer(
			by(PIA),
			offer,
			OfferTerms { expires: START + HALF_LIFE, ..terms() }
		));
		Now::set(START + HALF_LIFE);
		assert_noop!(asking(offer, trusted(600_001)), Error::<Test>::ReputationTooLow);
		assert_ok!(asking(offer, trusted(600_000)));
	});
}

#[test]
fn engage_with_all_stake_earmarked_works_and_a_planck_more_fails() {
	run(|| {
		registered();
		let asking = |price_per_gigastep| {
			posted(OfferTerms { price_per_gigastep, minimum_price: 0, ..terms() })
		};
		let (half, rest, more) = (asking(STAKE / 4), asking(STAKE / 4), asking(STAKE / 4 + 1));
		engaged(half);
		assert_noop!(engage(more, GIGASTEP), Error::<Test>::StakeNotFree);
		engaged(rest);
		assert_eq!(pia().earmarked, STAKE);
		// Collateral comes in twos: 1 is lacking of 2.
		assert_ok!(Providers::add_stake(by(PIA), 1));
		assert_noop!(engage(half, 1), Error::<Test>::StakeNotFree);
		assert_ok!(Providers::add_stake(by(PIA), 1));
		assert_ok!(engage(half, 1));
		assert_eq!(pia().earmarked, pia().stake);
	});
}

#[test]
fn engage_while_leaving_fails() {
	run(|| {
		let offer = offered();
		assert_ok!(Providers::leave(by(PIA)));
		assert_noop!(engage(offer, GIGASTEP), Error::<Test>::IsLeaving);
	});
}

#[test]
fn engage_with_the_least_stake_left_works_and_a_planck_less_fails() {
	run(|| {
		let offer = offered();
		Providers::slash(&PIA, STAKE - MINIMUM_STAKE, &ANA, None);
		engaged(offer);
		Providers::slash(&PIA, 1, &ANA, None);
		assert_noop!(engage(offer, GIGASTEP), Error::<Test>::StakeTooSmall);
		assert_ok!(Providers::add_stake(by(PIA), 1));
		engaged(offer);
	});
}
