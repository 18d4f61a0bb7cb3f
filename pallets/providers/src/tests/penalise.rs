//! Lies that concern no job.

use super::*;
use mutirao_traits::Penalties;

#[test]
fn penalise_burns_half_and_gives_the_reporter_the_rest_works() {
	run(|| {
		registered();
		let issuance = Balances::total_issuance();
		let trusted = Providers::reputation(PIA).expect("is a provider");
		let report = SlashReport { burned: 51, to_buyer: 50, to_challenger: 0, shortfall: 0 };
		assert_eq!(Providers::penalise(&PIA, 101, &RUI, u64::MAX), report);
		assert_eq!((pia().stake, staked(PIA)), (STAKE - 101, STAKE - 101));
		assert_eq!(free(RUI), MONEY + 50);
		assert_eq!(Balances::total_issuance(), issuance - 51);
		assert!(Providers::reputation(PIA).expect("is a provider") < trusted);
	});
}

#[test]
fn penalise_burns_what_exceeds_the_reward_works() {
	run(|| {
		registered();
		let issuance = Balances::total_issuance();
		for (reward, given) in [(50, 50), (49, 49), (0, 0)] {
			let burned = 101 - given;
			let report = SlashReport { burned, to_buyer: given, ..SlashReport::default() };
			assert_eq!(Providers::penalise(&PIA, 101, &RUI, reward), report);
			let slashed = Event::Slashed { provider: PIA, penalty: 101, report };
			System::assert_has_event(slashed.into());
		}
		assert_eq!((staked(PIA), free(RUI)), (STAKE - 3 * 101, MONEY + 99));
		assert_eq!(Balances::total_issuance(), issuance - (3 * 101 - 99));
	});
}

#[test]
fn penalise_leaves_what_answers_for_jobs_works() {
	run(|| {
		let offer = offered();
		let job = engaged(offer);
		let free_stake = STAKE - job.collateral;
		let report = Providers::penalise(&PIA, u64::MAX, &RUI, u64::MAX);
		assert_eq!(report.burned + report.to_buyer, free_stake);
		assert_eq!(report.shortfall, u64::MAX - free_stake);
		assert_eq!((pia().stake, pia().earmarked), (job.collateral, job.collateral));
	});
}

#[test]
fn penalise_who_is_no_provider_reports_the_shortfall_works() {
	run(|| {
		let report = SlashReport { shortfall: 7, ..SlashReport::default() };
		assert_eq!(Providers::penalise(&ZOE, 7, &RUI, 7), report);
		assert_eq!(free(RUI), MONEY);
	});
}
