//! Odd prices and odd accounts: every job can end.

use super::*;
use frame_support::traits::{
	fungible::Mutate, tokens::Preservation, LockableCurrency, WithdrawReasons,
};

/// The end of a job at a price, with what the provider, the treasury and the buyer get.
fn settled_at(price: u64) -> Payout<u64> {
	Terms::set(Ok((price, 2 * price)));
	let id = contestable();
	pass(CONTEST + 1);
	assert_ok!(settle(id));
	last_payout(id)
}

fn last_payout(job: JobId) -> Payout<u64> {
	let events = System::events();
	match &events.last().expect("there are events").event {
		RuntimeEvent::Jobs(Event::Finished { job: ended, payout, .. }) if *ended == job => *payout,
		other => panic!("{other:?} is no end of {job}"),
	}
}

/// Ends everything that a provider has elsewhere, so that its account is gone.
fn leave(who: AccountId) {
	Balances::transfer(&who, &ANA, free(who), Preservation::Expendable).unwrap();
	assert!(!System::account_exists(&who));
}

#[test]
fn the_fee_is_rounded_down() {
	run(|| {
		for (price, fee) in [(0, 0), (1, 0), (49, 0), (50, 1), (99, 1), (100, 2), (CAP, 12_000)] {
			let payout = settled_at(price);
			let expected = Payout { provider: price - fee, treasury: fee + AUDIT_FEE, buyer: 0 };
			assert_eq!(payout, expected);
		}
	});
}

#[test]
fn the_penalty_is_rounded_up() {
	run(|| {
		for (collateral, penalty) in [(0, 0), (1, 1), (3, 1), (4, 1), (5, 2), (u64::MAX, 1 << 62)] {
			Terms::set(Ok((1, collateral)));
			let id = running();
			assert_ok!(send(PIA, Call::give_up { job: id }));
			assert_eq!(Slashes::take(), [(PIA, penalty, BIA, None)]);
		}
	});
}

#[test]
fn the_part_for_the_trouble_is_rounded_down() {
	run(|| {
		for (price, part) in [(0, 0), (9, 0), (10, 1), (19, 1)] {
			Terms::set(Ok((price, 1)));
			let id = running();
			assert_ok!(Jobs::faulted(id, FaultKind::Race));
			let buyer = price - part + AUDIT_FEE - SHARE;
			assert_eq!(last_payout(id), Payout { provider: part, treasury: SHARE, buyer });
		}
	});
}

#[test]
fn a_buyer_may_compute_its_own_job() {
	run(|| {
		let id = open();
		assert_ok!(send(BIA, Call::accept { job: id, offer: OFFER }));
		assert_ok!(Jobs::attested(id, &BIA, OPEN));
		assert_ok!(Jobs::audited(id));
		pass(CONTEST + 1);
		assert_ok!(settle(id));
		assert_eq!(free(BIA), MONEY - RENT - 10_000 - AUDIT_FEE);
		assert_eq!(last_payout(id).provider, PRICE - 10_000);

		let id = open();
		assert_ok!(send(BIA, Call::accept { job: id, offer: OFFER }));
		assert_ok!(Jobs::faulted(id, FaultKind::Race));
		assert_eq!(free(BIA), MONEY - 2 * RENT - 10_000 - AUDIT_FEE - SHARE);
	});
}

#[test]
fn a_provider_whose_account_is_gone_is_paid_if_that_makes_an_account() {
	run(|| {
		leave(PIA);
		let payout = settled_at(ED);
		assert_eq!((payout.provider, free(PIA)), (ED, ED));
	});
}

#[test]
fn what_a_provider_whose_account_is_gone_cannot_be_paid_returns_to_the_buyer() {
	run(|| {
		leave(PIA);
		let payout = settled_at(ED - 1);
		assert_eq!(payout, Payout { provider: 0, treasury: AUDIT_FEE, buyer: ED - 1 });
		assert_eq!(AllTime::<Test>::get().paid, 0);

		Terms::set(Ok((10 * (ED - 1), 1)));
		let id = running();
		assert_ok!(Jobs::faulted(id, FaultKind::Race));
		assert_eq!(last_payout(id).provider, 0);
		assert_eq!(free(BIA), MONEY - 2 * RENT - AUDIT_FEE - SHARE);
		assert!(!System::account_exists(&PIA));
	});
}

/// Locks and holds overlap: a buyer can lock money that is in escrow.
#[test]
fn a_buyer_that_locks_its_money_still_pays() {
	run(|| {
		let (settled, faulted, refunded) = (contestable(), running(), running());
		Balances::set_lock(*b"everythg", &BIA, MONEY, WithdrawReasons::all());
		pass(CONTEST + 1);
		assert_ok!(settle(settled));
		assert_eq!(free(PIA), MONEY + PRICE - 10_000);
		assert_ok!(Jobs::faulted(faulted, FaultKind::Race));
		Opened::set(1);
		assert_ok!(Jobs::refunded(refunded, RefundReason::OpeningWrong, None));
		assert_eq!(held(BIA).0, 0);
		assert_eq!(free(TREASURY), ED + 10_000 + AUDIT_FEE + 2 * SHARE);
	});
}

#[test]
fn a_treasury_without_an_account_gets_one() {
	run(|| {
		leave(TREASURY);
		settled_at(PRICE);
		assert_eq!(free(TREASURY), 10_000 + AUDIT_FEE);
	});
}

/// The treasury takes what it can; what makes no account is burned, and the job ends.
#[test]
fn a_fee_that_makes_no_account_of_the_treasury_is_burned() {
	run(|| {
		leave(TREASURY);
		Asked::set(Ok(mutirao_types::Quote { workgroup_steps: 10, ..quote() }));
		let payout = settled_at(49);
		assert_eq!((payout.treasury, free(TREASURY)), (8, 0));
		Issuance::mutate(|all| *all -= 8);
	});
}
