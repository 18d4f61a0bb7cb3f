//! Leaving.

use super::*;

#[test]
fn leave_starts_the_unbonding_period_works() {
	run(|| {
		registered();
		assert_ok!(Providers::leave(by(PIA)));
		let free_at = START + UNBONDING;
		assert_eq!(pia().state, ProviderState::Leaving { free_at });
		assert_eq!(staked(PIA), STAKE);
		System::assert_last_event(Event::Leaving { provider: PIA, free_at }.into());
	});
}

#[test]
fn leave_twice_or_by_a_stranger_fails() {
	run(|| {
		registered();
		assert_ok!(Providers::leave(by(PIA)));
		Now::set(START + 1);
		assert_noop!(Providers::leave(by(PIA)), Error::<Test>::IsLeaving);
		assert_noop!(Providers::leave(by(RUI)), Error::<Test>::NotRegistered);
	});
}

#[test]
fn leave_while_a_job_runs_works_and_the_job_goes_on() {
	run(|| {
		let deal = engaged(offered());
		assert_ok!(Providers::leave(by(PIA)));
		Providers::release(&deal, Conduct::Kept);
		assert_eq!((pia().earmarked, pia().open_jobs), (0, 0));
	});
}

#[test]
fn withdraw_when_the_period_has_passed_works_and_a_block_before_fails() {
	run(|| {
		registered();
		assert_ok!(Providers::leave(by(PIA)));
		Now::set(START + UNBONDING - 1);
		assert_noop!(Providers::withdraw(by(PIA)), Error::<Test>::StillBonded);
		Now::set(START + UNBONDING);
		assert_ok!(Providers::withdraw(by(PIA)));
		assert_eq!((staked(PIA), free(PIA)), (0, MONEY));
		assert_eq!(Providers::provider(PIA), None);
		System::assert_last_event(Event::Left { provider: PIA, stake: STAKE }.into());
	});
}

#[test]
fn withdraw_without_leaving_or_by_a_stranger_fails() {
	run(|| {
		registered();
		Now::set(u32::MAX);
		assert_noop!(Providers::withdraw(by(PIA)), Error::<Test>::NotLeaving);
		assert_noop!(Providers::withdraw(by(RUI)), Error::<Test>::NotRegistered);
	});
}

#[test]
fn withdraw_while_a_job_is_open_or_offers_remain_fails() {
	run(|| {
		let offer = offered();
		let deal = engaged(offer);
		assert_ok!(Providers::leave(by(PIA)));
		Now::set(START + UNBONDING);
		assert_noop!(Providers::withdraw(by(PIA)), Error::<Test>::JobsOpen);
		Providers::release(&deal, Conduct::Kept);
		assert_noop!(Providers::withdraw(by(PIA)), Error::<Test>::OffersRemain);
		assert_ok!(Providers::withdraw_offer(by(PIA), offer));
		assert_ok!(Providers::withdraw(by(PIA)));
		assert_eq!(free(PIA), MONEY);
	});
}

#[test]
fn withdraw_of_what_a_slash_left_works() {
	run(|| {
		for left in [1, 0] {
			registered();
			assert_ok!(Providers::leave(by(PIA)));
			let (before, penalty) = (free(PIA), STAKE - left);
			Providers::slash(&PIA, penalty, &ANA, None);
			Now::set(Now::get() + UNBONDING);
			assert_ok!(Providers::withdraw(by(PIA)));
			assert_eq!((staked(PIA), free(PIA)), (0, before + left));
			System::assert_last_event(Event::Left { provider: PIA, stake: left }.into());
		}
	});
}
