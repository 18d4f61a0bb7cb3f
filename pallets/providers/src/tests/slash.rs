//! Taking stake.

use super::*;

/// Slashes Pia and holds the report to what happened: every planck of the penalty is accounted for,
/// and what is called burned is gone from the issuance.
#[track_caller]
fn slash(penalty: u64, buyer: AccountId, challenger: Option<AccountId>) -> SlashReport<u64> {
	let issued = Balances::total_issuance;
	let (before, stake, money) = (issued(), staked(PIA), free(buyer));
	let report = Providers::slash(&PIA, penalty, &buyer, challenger.as_ref());
	let taken = report.burned + report.to_buyer + report.to_challenger;
	assert_eq!(taken + report.shortfall, penalty);
	assert_eq!(issued(), before - report.burned);
	assert_eq!(staked(PIA), stake - taken);
	let own = if challenger == Some(buyer) { report.to_challenger } else { 0 };
	assert_eq!(free(buyer), money + report.to_buyer + own);
	System::assert_last_event(Event::Slashed { provider: PIA, penalty, report }.into());
	report
}

fn report(burned: u64, to_buyer: u64, to_challenger: u64) -> SlashReport<u64> {
	SlashReport { burned, to_buyer, to_challenger, shortfall: 0 }
}

#[test]
fn slash_burns_half_and_gives_the_buyer_the_rest_works() {
	run(|| {
		offered();
		assert_eq!(slash(1_000, ANA, None), report(500, 500, 0));
		assert_eq!((free(ANA), pia().stake), (MONEY + 500, STAKE - 1_000));
		// Nothing else of hers is touched.
		assert_eq!((rent(PIA), free(PIA)), (PER_OFFER, MONEY - STAKE - PER_OFFER));
	});
}

#[test]
fn slash_with_a_challenger_gives_it_half_of_the_rest_works() {
	run(|| {
		registered();
		assert_eq!(slash(1_000, ANA, Some(RUI)), report(500, 250, 250));
		assert_eq!((free(ANA), free(RUI)), (MONEY + 250, MONEY + 250));
	});
}

#[test]
fn slash_of_odd_amounts_is_split_to_the_planck_works() {
	run(|| {
		registered();
		for (penalty, burned, shared) in
			[(0, 0, 0), (1, 1, 0), (2, 1, 1), (3, 2, 1), (4, 2, 2), (5, 3, 2), (7, 4, 3)]
		{
			assert_eq!(slash(penalty, ANA, None), report(burned, shared, 0));
			let half = shared / 2;
			assert_eq!(slash(penalty, ANA, Some(RUI)), report(burned, shared - half, half));
		}
	});
}

#[test]
fn slash_of_more_than_is_there_takes_all_and_reports_the_shortfall_works() {
	run(|| {
		registered();
		let all = SlashReport { shortfall: 1, ..report(STAKE / 2, STAKE / 4, STAKE / 4) };
		assert_eq!(slash(STAKE + 1, ANA, Some(RUI)), all);
		assert_eq!((staked(PIA), pia().stake, free(PIA)), (0, 0, MONEY - STAKE));
		// There is nothing left.
		let nothing = SlashReport { shortfall: u64::MAX, ..Default::default() };
		assert_eq!(slash(u64::MAX, ANA, Some(RUI)), nothing);
	});
}

#[test]
fn slash_of_the_whole_stake_has_no_shortfall_works() {
	run(|| {
		registered();
		assert_eq!(slash(STAKE, ANA, None), report(STAKE / 2, STAKE / 2, 0));
	});
}

#[test]
fn slash_of_a_stranger_takes_nothing_works() {
	run(|| {
		let nothing = SlashReport { shortfall: 1_000, ..Default::default() };
		assert_eq!(slash(1_000, ANA, Some(RUI)), nothing);
		assert_eq!(free(PIA), MONEY);
	});
}

#[test]
fn slash_for_a_buyer_that_is_gone_burns_less_than_an_account_must_have_works() {
	run(|| {
		registered();
		let least = EXISTENTIAL;
		assert_eq!(slash(2 * (least - 1), ZOE, None), report(2 * (least - 1), 0, 0));
		assert!(!System::account_exists(&ZOE));
		assert_eq!(slash(2 * least, ZOE, None), report(least, least, 0));
		assert_eq!(free(ZOE), least);
		// Now that it exists it can get anything.
		assert_eq!(slash(2, ZOE, None), report(1, 1, 0));
	});
}

#[test]
fn slash_for_a_challenger_that_is_gone_burns_its_part_alone_works() {
	run(|| {
		registered();
		let least = EXISTENTIAL;
		let penalty = 4 * (least - 1);
		let half = penalty / 2;
		let lost = report(half + least - 1, least - 1, 0);
		assert_eq!(slash(penalty, ANA, Some(ZOE)), lost);
		assert!(!System::account_exists(&ZOE));
		assert_eq!(slash(4 * least, ANA, Some(ZOE)), report(2 * least, least, least));
		assert_eq!(free(ZOE), least);
	});
}

#[test]
fn slash_for_a_buyer_that_challenged_gives_it_both_parts_works() {
	run(|| {
		registered();
		assert_eq!(slash(1_000, ANA, Some(ANA)), report(500, 250, 250));
		assert_eq!(free(ANA), MONEY + 500);
	});
}

#[test]
fn slash_by_the_provider_itself_costs_it_half_works() {
	run(|| {
		registered();
		assert_eq!(slash(1_000, PIA, Some(PIA)), report(500, 250, 250));
		assert_eq!((free(PIA), pia().stake), (MONEY - STAKE + 500, STAKE - 1_000));
	});
}

#[test]
fn slash_of_up_to_the_collateral_leaves_other_jobs_covered_works() {
	for penalty in [0, 1, MINIMUM_STAKE - 1, MINIMUM_STAKE] {
		run(|| {
			assert_ok!(Providers::register(by(PIA), 2 * MINIMUM_STAKE, url("http://pia")));
			let offer = posted(OfferTerms { minimum_price: MINIMUM_STAKE / 2, ..terms() });
			let (lied, honest) = (engaged(offer), engaged(offer));
			assert_eq!(pia().earmarked, pia().stake);
			slash(penalty, ANA, Some(RUI));
			Providers::release(&lied, Conduct::Broken);
			assert_eq!(pia().earmarked, honest.collateral);
			assert!(pia().earmarked <= pia().stake);
			// The other job can still be paid for in full.
			assert_eq!(slash(honest.collateral, ANA, None).shortfall, 0);
			Providers::release(&honest, Conduct::Broken);
		});
	}
}

#[test]
fn slash_while_leaving_works() {
	run(|| {
		registered();
		assert_ok!(Providers::leave(by(PIA)));
		Now::set(START + UNBONDING);
		assert_eq!(slash(1_000, ANA, None), report(500, 500, 0));
	});
}
