//! What follows from windows.

use super::*;
use mutirao_types::Permill;

fn reputation(who: AccountId) -> Permill {
	Providers::reputation(who).expect("is a provider")
}

#[test]
fn conclude_a_claim_that_was_not_proven_works() {
	run(|| {
		let (offer, _) = open();
		assert_eq!(claim(PIA, offer, &compute(offer, 2)), Ok(Pays::Yes));
		pass_until(window().prove_until);
		assert_eq!(conclude(CAIO, offer), Err(error(Error::NothingToConclude)));
		let (issuance, before, trusted) = (Balances::total_issuance(), free(CAIO), reputation(PIA));
		pass(1);
		assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
		let burned = PENALTY - REWARD;
		let penalty = SlashReport { burned, to_buyer: REWARD, to_challenger: 0, shortfall: 0 };
		let lost = Event::ClaimLost { offer, window: 0, provider: PIA, reporter: CAIO, penalty };
		System::assert_has_event(lost.into());
		assert_eq!((stake(PIA), free(CAIO)), (STAKE - PENALTY, before + REWARD));
		assert_eq!(Balances::total_issuance(), issuance - burned);
		assert!(reputation(PIA) < trusted);
		assert_eq!(scored(offer), Some(0));
		assert_eq!(conclude(CAIO, offer), Err(error(Error::NothingToConclude)));
	});
}

#[test]
fn conclude_a_missed_window_costs_the_score_and_no_stake_works() {
	run(|| {
		let (offer, _) = open();
		measured(PIA, offer, WHOLE);
		assert_eq!(scored(offer), Some(speed_of(WHOLE)));
		end_window();
		assert_eq!(conclude(CAIO, offer), Err(error(Error::NothingToConclude)));
		next_window();
		let trusted = reputation(PIA);
		end_window();
		assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
		assert_eq!((scored(offer), stake(PIA)), (Some(0), STAKE));
		assert_eq!(reputation(PIA), trusted);
	});
}

#[test]
fn a_missed_window_counts_until_it_is_no_longer_recent() {
	run(|| {
		let (offer, _) = open();
		end_window();
		for _ in 1..RECENT {
			next_window();
			measured(PIA, offer, WHOLE);
			assert_eq!(scored(offer), Some(0));
			end_window();
		}
		next_window();
		measured(PIA, offer, WHOLE);
		assert_eq!(scored(offer), Some(speed_of(WHOLE)));
		assert_eq!(Measurements::<Test>::get(offer).len() as u32, RECENT);
	});
}

#[test]
fn the_lowest_of_recent_windows_counts() {
	run(|| {
		let (offer, _) = open();
		let mut lowest = Vec::new();
		for chains in [8, 5, 7, 6, 8, 8, 8] {
			measured(PIA, offer, chains);
			lowest.push(scored(offer).expect("it was measured"));
			end_window();
			next_window();
		}
		assert_eq!(lowest, [8, 5, 5, 5, 5, 6, 6].map(speed_of));
	});
}

#[test]
fn conclude_for_an_offer_that_is_gone_fails() {
	run(|| {
		let (pias, ruis) = open();
		measured(PIA, pias, 2);
		end_window();
		assert_ok!(Providers::withdraw_offer(RuntimeOrigin::signed(PIA), pias));
		assert_ok!(Providers::withdraw_offer(RuntimeOrigin::signed(RUI), ruis));
		for offer in [pias, ruis, 1_000] {
			assert_eq!(conclude(CAIO, offer), Err(error(Error::NothingToConclude)));
		}
	});
}

#[test]
fn a_penalty_takes_no_collateral_of_jobs() {
	run(|| {
		use mutirao_traits::Providers as _;
		let (offer, _) = open();
		assert_eq!(claim(PIA, offer, &compute(offer, 2)), Ok(Pays::Yes));
		// A job's collateral is twice its price.
		let price = (STAKE - 100) / 2;
		let terms = mutirao_types::OfferTerms {
			price_per_gigastep: 1,
			minimum_price: price,
			maximum_price: price,
			capacity: 1,
			expires: Active::get() + 1_000,
		};
		assert_ok!(Providers::change_offer(RuntimeOrigin::signed(PIA), offer, terms));
		assert_ok!(Providers::engage(&PIA, offer, &Default::default(), 1, u64::MAX, 0));
		end_window();
		assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
		assert_eq!(stake(PIA), STAKE - 100);
		// Half of what is free is less than the reward.
		let penalty =
			SlashReport { burned: 50, to_buyer: 50, to_challenger: 0, shortfall: PENALTY - 100 };
		let lost = Event::ClaimLost { offer, window: 0, provider: PIA, reporter: CAIO, penalty };
		System::assert_has_event(lost.into());
	});
}
