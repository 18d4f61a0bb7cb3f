//! Measured speeds.

use super::*;

#[test]
fn set_score_sets_and_takes_away_works() {
	run(|| {
		let (offer, other) = (offered(), posted(terms()));
		for score in [Some(Score { steps_per_second: 9, expires: 40 }), None] {
			Providers::set_score(offer, score);
			assert_eq!(Providers::offer(offer).expect("remains").score, score);
			assert_eq!(Providers::score(offer), score);
			assert_eq!(Providers::offer(other).expect("remains").score, None);
			System::assert_last_event(Event::ScoreSet { offer, score }.into());
		}
	});
}

#[test]
fn set_score_of_an_offer_that_is_gone_changes_nothing_works() {
	run(|| {
		let offer = offered();
		assert_ok!(Providers::withdraw_offer(by(PIA), offer));
		let events = System::event_count();
		Providers::set_score(offer, Some(Score { steps_per_second: 9, expires: 40 }));
		assert_eq!((Providers::offer(offer), System::event_count()), (None, events));
	});
}

#[test]
fn provider_of_an_offer_works() {
	run(|| {
		let offer = offered();
		assert_eq!(Providers::provider_of(offer), Some(PIA));
		assert_eq!(Providers::provider_of(offer + 1), None);
	});
}

#[test]
fn next_offer_is_above_all_that_were_posted_works() {
	run(|| {
		assert_eq!(Providers::next_offer(), 0);
		let offer = offered();
		assert_eq!(Providers::next_offer(), offer + 1);
		assert_ok!(Providers::withdraw_offer(by(PIA), offer));
		assert_eq!(Providers::next_offer(), offer + 1);
	});
}
