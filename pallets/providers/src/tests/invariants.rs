//! Each invariant, broken on purpose.

use super::*;

/// Pia runs a job on one of two offers; then the storage is corrupted.
#[track_caller]
fn broken_by(corrupt: impl FnOnce(), complaint: &'static str) {
	externalities().execute_with(|| {
		Now::set(START);
		engaged(offered());
		posted(terms());
		assert_ok!(Providers::do_try_state());
		corrupt();
		assert_eq!(Providers::do_try_state(), Err(complaint.into()));
	});
}

fn corrupt_record(change: impl FnOnce(&mut Provider<u64>)) {
	Stored::<Test>::mutate(PIA, |record| change(record.as_mut().expect("is a provider")));
}

#[test]
fn the_hold_equals_the_recorded_stake() {
	let complaint = "stake is not what is on hold";
	broken_by(|| corrupt_record(|record| record.stake -= 1), complaint);
	broken_by(|| corrupt_record(|record| record.stake += 1), complaint);
	broken_by(|| drop(crate::asset::seize::<Test>(&PIA, 1)), complaint);
}

#[test]
fn earmarked_is_at_most_the_stake() {
	broken_by(
		|| corrupt_record(|record| record.earmarked = STAKE + 1),
		"stake does not cover the running jobs",
	);
}

#[test]
fn running_jobs_add_up_to_the_open_ones() {
	let complaint = "offers' running jobs are not the open ones";
	broken_by(|| corrupt_record(|record| record.open_jobs += 1), complaint);
	broken_by(
		|| Offers::<Test>::mutate(1, |record| record.as_mut().expect("posted").offer.running += 1),
		complaint,
	);
}

#[test]
fn the_index_agrees_with_the_offers() {
	broken_by(|| Offers::<Test>::remove(1), "the index names no offer");
	broken_by(
		|| OffersByProvider::<Test>::insert(RUI, 1, ()),
		"an offer is listed under another provider",
	);
	broken_by(|| OffersByProvider::<Test>::remove(PIA, 1), "an offer is not in the index");
	broken_by(|| NextOffer::<Test>::put(1), "an offer has a number that was never given");
	broken_by(
		|| corrupt_record(|record| record.offers += 1),
		"a provider's number of offers is wrong",
	);
}

#[test]
fn each_offer_has_a_provider() {
	broken_by(|| Stored::<Test>::remove(PIA), "an offer has no provider");
}
