//! Offers that are withdrawn: nothing is left of them, and nobody gets out of a claim so.

use super::*;

#[track_caller]
fn assert_nothing_is_left(offer: OfferId) {
	assert!(!Measurements::<Test>::contains_key(offer) && !Claims::<Test>::contains_key(offer));
}

fn withdraw(who: AccountId, offer: OfferId) -> Result<(), DispatchError> {
	frame_support::storage::with_storage_layer(|| {
		Providers::withdraw_offer(RuntimeOrigin::signed(who), offer)
	})
}

#[test]
fn withdraw_a_measured_offer_forgets_its_measurements_works() {
	run(|| {
		let (offer, other) = open();
		measured(PIA, offer, 2);
		measured(RUI, other, 2);
		assert_eq!(withdraw(PIA, offer), Ok(()));
		assert_nothing_is_left(offer);
		assert!(Measurements::<Test>::contains_key(other));
	});
}

#[test]
fn withdraw_an_offer_whose_claim_can_be_proven_fails_until_it_is() {
	run(|| {
		let (offer, _) = open();
		let computed = compute(offer, 2);
		assert_eq!(claim(PIA, offer, &computed), Ok(Pays::Yes));
		assert_eq!(withdraw(PIA, offer), Err(error(Error::ClaimNotEnded)));
		pass(DRAW + 1);
		assert_eq!(withdraw(PIA, offer), Err(error(Error::ClaimNotEnded)));
		assert_eq!(prove_all(PIA, offer, &computed), SAMPLES);
		assert_eq!(withdraw(PIA, offer), Ok(()));
		assert_nothing_is_left(offer);
	});
}

#[test]
fn withdraw_an_offer_whose_claim_is_lost_fails_until_it_is_paid_for() {
	run(|| {
		let (offer, other) = open();
		assert_eq!(claim(PIA, offer, &compute(offer, 2)), Ok(Pays::Yes));
		// One is refuted, the other's window ends.
		let lie = inflate(other, &compute(other, 1), 4);
		assert_eq!(claim(RUI, other, &lie), Ok(Pays::Yes));
		pass(DRAW + 1);
		rig(other, |drawn| drawn[0].number > 0);
		assert_eq!(prove_all(RUI, other, &lie), 0);
		assert_eq!(withdraw(RUI, other), Err(error(Error::ClaimNotConcluded)));
		end_window();
		for (who, offer) in [(PIA, offer), (RUI, other)] {
			assert_eq!(withdraw(who, offer), Err(error(Error::ClaimNotConcluded)));
			assert_eq!(conclude(CAIO, offer), Ok(Pays::No));
			assert_eq!(stake(who), STAKE - PENALTY);
			assert_eq!(withdraw(who, offer), Ok(()));
			assert_nothing_is_left(offer);
		}
	});
}

/// What nobody would be paid for concluding goes by itself.
#[test]
fn withdraw_an_offer_whose_window_was_void_forgets_its_claim_works() {
	run(|| {
		let (offer, _) = open();
		assert_eq!(claim(PIA, offer, &compute(offer, 2)), Ok(Pays::Yes));
		stand_still(2);
		assert!(Claims::<Test>::contains_key(offer) && Ended::<Test>::get().is_empty());
		assert_eq!(withdraw(PIA, offer), Ok(()));
		assert_nothing_is_left(offer);
		assert_eq!(stake(PIA), STAKE);
	});
}
