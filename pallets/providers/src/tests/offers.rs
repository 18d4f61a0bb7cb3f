//! Offers.

use super::*;
use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;

#[test]
fn post_offer_holds_rent_and_lists_the_offer_works() {
	run(|| {
		registered();
		assert_ok!(Providers::post_offer(by(PIA), device(), terms()));
		let offer = Providers::offer(0).expect("was posted");
		assert_eq!((offer.provider, &offer.device, &offer.terms), (PIA, &device(), &terms()));
		assert_eq!((offer.state, offer.running, offer.score), (OfferState::Active, 0, None));
		assert!(OffersByProvider::<Test>::contains_key(PIA, 0));
		assert_eq!((rent(PIA), staked(PIA)), (PER_OFFER, STAKE));
		System::assert_last_event(
			Event::OfferPosted { offer: 0, provider: PIA, device: device(), terms: terms() }.into(),
		);
	});
}

#[test]
fn post_offer_numbers_offers_and_never_gives_a_number_twice_works() {
	run(|| {
		assert_eq!(offered(), 0);
		assert_eq!(posted(terms()), 1);
		assert_eq!((pia().offers, rent(PIA)), (2, 2 * PER_OFFER));
		assert_ok!(Providers::withdraw_offer(by(PIA), 1));
		assert_eq!(posted(terms()), 2);
	});
}

#[test]
fn post_offer_by_a_stranger_or_a_leaver_fails() {
	run(|| {
		registered();
		assert_noop!(
			Providers::post_offer(by(RUI), device(), terms()),
			Error::<Test>::NotRegistered
		);
		assert_ok!(Providers::leave(by(PIA)));
		assert_noop!(Providers::post_offer(by(PIA), device(), terms()), Error::<Test>::IsLeaving);
	});
}

#[test]
fn post_offer_up_to_the_limit_works_and_one_more_fails() {
	run(|| {
		registered();
		for _ in 0..MAX_OFFERS {
			posted(terms());
		}
		assert_noop!(
			Providers::post_offer(by(PIA), device(), terms()),
			Error::<Test>::TooManyOffers
		);
		assert_ok!(Providers::withdraw_offer(by(PIA), 1));
		posted(terms());
	});
}

#[test]
fn post_offer_without_money_for_the_rent_fails() {
	run(|| {
		let most = MONEY - EXISTENTIAL - PER_OFFER;
		assert_ok!(Providers::register(by(PIA), most + 1, url("http://pia")));
		assert_noop!(
			Providers::post_offer(by(PIA), device(), terms()),
			TokenError::FundsUnavailable
		);
		assert_ok!(Providers::register(by(RUI), most, url("http://rui")));
		assert_ok!(Providers::post_offer(by(RUI), device(), terms()));
	});
}

#[test]
fn post_offer_with_a_malformed_label_fails() {
	run(|| {
		registered();
		for bad in [label(b""), label(&[0xff]), label("ção".as_bytes().split_at(1).0)] {
			for device in [
				Device { adapter: bad.clone(), ..device() },
				Device { driver: bad.clone(), ..device() },
			] {
				assert_noop!(
					Providers::post_offer(by(PIA), device, terms()),
					Error::<Test>::MalformedLabel
				);
			}
		}
		let device = Device { adapter: label("Aceleração".as_bytes()), ..device() };
		assert_ok!(Providers::post_offer(by(PIA), device, terms()));
	});
}

#[test]
fn post_offer_with_a_malformed_region_fails() {
	run(|| {
		registered();
		for (country, subdivision) in [(*b"br", [0; 3]), (*b"BR", *b"sp\0"), ([0; 2], [0; 3])] {
			let device = Device { region: Region { country, subdivision }, ..device() };
			assert_noop!(
				Providers::post_offer(by(PIA), device, terms()),
				Error::<Test>::MalformedRegion
			);
		}
	});
}

/// What no offer may ask.
fn unacceptable_terms() -> Vec<(OfferTerms<u64>, Error<Test>)> {
	let expiring = |expires| (OfferTerms { expires, ..terms() }, Error::<Test>::ExpiryOutOfRange);
	vec![
		(OfferTerms { capacity: 0, ..terms() }, Error::<Test>::NoCapacity),
		(OfferTerms { maximum_price: LEAST - 1, ..terms() }, Error::<Test>::MaximumPriceTooLow),
		expiring(0),
		expiring(START - 1),
		expiring(START),
		expiring(START + MAX_OFFER_BLOCKS + 1),
		expiring(u32::MAX),
	]
}

/// What is only just acceptable.
fn extreme_terms() -> Vec<OfferTerms<u64>> {
	vec![
		OfferTerms { capacity: 1, maximum_price: LEAST, ..terms() },
		OfferTerms { expires: START + 1, ..terms() },
		OfferTerms {
			price_per_gigastep: u64::MAX,
			minimum_price: u64::MAX,
			maximum_price: u64::MAX,
			capacity: u16::MAX,
			expires: START + MAX_OFFER_BLOCKS,
		},
	]
}

#[test]
fn post_offer_with_extreme_terms_works_and_beyond_them_fails() {
	run(|| {
		registered();
		for (terms, error) in unacceptable_terms() {
			assert_noop!(Providers::post_offer(by(PIA), device(), terms), error);
		}
		for terms in extreme_terms() {
			posted(terms);
		}
	});
}

#[test]
fn post_offer_rents_the_place_that_the_longest_offer_takes_works() {
	run(|| {
		registered();
		let longest = label(&[b'x'; 64]);
		let device = Device { adapter: longest.clone(), driver: longest, ..device() };
		assert_ok!(Providers::post_offer(by(PIA), device, terms()));
		Providers::set_score(0, Some(Score { steps_per_second: u64::MAX, expires: u32::MAX }));
		for _ in 0..FAILURES {
			Providers::release(&engaged(0), Conduct::Broken);
		}
		let record = Offers::<Test>::get(0).expect("was posted").encode().len();
		let keys = PIA.encode().len() + 0u64.encode().len();
		let footprint = Providers::offer_footprint();
		assert_eq!((footprint.count, footprint.size), (2, (record + keys) as u64));
	});
}

#[test]
fn change_offer_changes_the_terms_and_nothing_else_works() {
	run(|| {
		let offer = offered();
		let score = Some(Score { steps_per_second: 5, expires: 100 });
		Providers::set_score(offer, score);
		engaged(offer);
		assert_ok!(Providers::pause_offer(by(PIA), offer));
		for terms in extreme_terms() {
			assert_ok!(Providers::change_offer(by(PIA), offer, terms.clone()));
			System::assert_last_event(Event::OfferChanged { offer, terms: terms.clone() }.into());
			let found = Providers::offer(offer).expect("remains");
			assert_eq!((found.device, found.terms), (device(), terms));
			assert_eq!((found.state, found.running, found.score), (OfferState::Paused, 1, score));
			assert_eq!(rent(PIA), PER_OFFER);
		}
	});
}

#[test]
fn change_offer_to_unacceptable_terms_fails() {
	run(|| {
		let offer = offered();
		for (terms, error) in unacceptable_terms() {
			assert_noop!(Providers::change_offer(by(PIA), offer, terms), error);
		}
	});
}

#[test]
fn pause_offer_and_resume_offer_works() {
	run(|| {
		let offer = offered();
		assert_ok!(Providers::pause_offer(by(PIA), offer));
		System::assert_last_event(Event::OfferPaused { offer }.into());
		assert_eq!(Providers::offer(offer).expect("remains").state, OfferState::Paused);
		assert_ok!(Providers::resume_offer(by(PIA), offer));
		System::assert_last_event(Event::OfferResumed { offer }.into());
		assert_eq!(Providers::offer(offer).expect("remains").state, OfferState::Active);
	});
}

#[test]
fn withdraw_offer_frees_the_rent_and_leaves_nothing_works() {
	run(|| {
		let offer = offered();
		assert_ok!(Providers::leave(by(PIA)));
		assert_ok!(Providers::withdraw_offer(by(PIA), offer));
		assert_eq!((rent(PIA), free(PIA)), (0, MONEY - STAKE));
		assert_eq!(Providers::offer(offer), None);
		assert!(!OffersByProvider::<Test>::contains_key(PIA, offer));
		assert_eq!(pia().offers, 0);
		System::assert_last_event(Event::OfferWithdrawn { offer }.into());
	});
}

#[test]
fn withdraw_offer_while_a_job_runs_on_it_fails() {
	run(|| {
		let (offer, other) = (offered(), posted(terms()));
		let deal = engaged(offer);
		assert_noop!(Providers::withdraw_offer(by(PIA), offer), Error::<Test>::JobsOpen);
		assert_ok!(Providers::withdraw_offer(by(PIA), other));
		Providers::release(&deal, Conduct::Kept);
		assert_ok!(Providers::withdraw_offer(by(PIA), offer));
	});
}

#[test]
fn withdraw_offer_that_has_to_answer_for_something_fails() {
	run(|| {
		let offer = offered();
		Objects::set(true);
		assert_noop!(Providers::withdraw_offer(by(PIA), offer), DispatchError::Other("objection"));
		Objects::set(false);
		assert_ok!(Providers::withdraw_offer(by(PIA), offer));
	});
}

/// What others do when an offer is withdrawn is paid for.
#[test]
fn withdraw_offer_weighs_what_others_do_too() {
	let weight = crate::Call::<Test>::withdraw_offer { offer: 0 }.get_dispatch_info().call_weight;
	assert_eq!(weight, <() as crate::WeightInfo>::withdraw_offer() + OBJECTION_WEIGHT);
}

type OfferCall = fn(RuntimeOrigin, OfferId) -> DispatchResult;

/// Every call on an offer.
const ON_AN_OFFER: [OfferCall; 4] = [
	|origin, offer| Providers::change_offer(origin, offer, terms()),
	Providers::pause_offer,
	Providers::resume_offer,
	Providers::withdraw_offer,
];

#[test]
fn every_call_on_an_offer_of_another_or_on_none_fails() {
	run(|| {
		let offer = offered();
		assert_ok!(Providers::register(by(RUI), STAKE, url("http://rui")));
		for call in ON_AN_OFFER {
			for who in [RUI, ANA] {
				assert_noop!(call(by(who), offer), Error::<Test>::NotOwnOffer);
			}
			assert_noop!(call(by(PIA), offer + 1), Error::<Test>::NoSuchOffer);
		}
	});
}
