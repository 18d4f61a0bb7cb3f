//! Who has how much when a job has ended.

use super::*;

const FEE: u64 = 10_000; // 2 % of PRICE, rounded down
const PENALTY: u64 = 250_005; // 25 % of COLLATERAL, rounded up
const TROUBLE: u64 = 50_000; // 10 % of PRICE, rounded down
/// How many of the four drawn workgroups were opened, and what the chain has for it. There are never
/// more than are drawn.
const OPENED: [(u8, u64); 5] =
	[(0, 0), (1, SHARE), (3, 3 * SHARE), (4, AUDIT_FEE), (255, AUDIT_FEE)];

/// What Bia, Pia and the treasury have gained, what is held for places apart.
fn gains() -> [i64; 3] {
	let gain = |who, before: u64| {
		let (_, rent) = held(who);
		(free(who) + rent) as i64 - before as i64
	};
	assert_eq!(held(BIA).0, 0, "no job is left");
	[gain(BIA, MONEY), gain(PIA, MONEY), gain(TREASURY, ED)]
}

#[test]
fn settled_pays_the_provider_and_the_treasury() {
	run(|| {
		let id = contestable();
		pass(CONTEST + 1);
		assert_ok!(settle(id));
		let (provider, treasury) = (PRICE - FEE, FEE + AUDIT_FEE);
		let [of_pia, of_treasury] = [provider as i64, treasury as i64];
		assert_eq!(gains(), [-of_pia - of_treasury, of_pia, of_treasury]);
		assert_finished(id, Verdict::Settled, [provider, treasury, 0], None);
		assert_eq!(Releases::get(), [(deal(), Conduct::Kept)]);
		assert_eq!((Slashes::get(), Closed::get()), (vec![], vec![id]));
		let all = AllTime::<Test>::get();
		assert_eq!((all.settled, all.settled_steps, all.paid), (1, 77_777, provider.into()));
		assert_eq!((all.posted, all.refunded, all.faulted), (1, 0, 0));
	});
}

#[test]
fn refunded_gives_all_back_but_for_what_was_opened_and_slashes_by_its_reason() {
	for (reason, penalty) in [
		(RefundReason::GivenUp, Some(PENALTY)),
		(RefundReason::Late, Some(PENALTY)),
		(RefundReason::OpeningMissed, Some(COLLATERAL)),
		(RefundReason::OpeningWrong, Some(COLLATERAL)),
		(RefundReason::ChallengeUpheld, Some(COLLATERAL)),
		(RefundReason::DemandUnanswered, Some(COLLATERAL)),
		(RefundReason::Cancelled, None),
		(RefundReason::Expired, None),
	] {
		for (challenger, (opened, share)) in
			[None, Some(ANA)].into_iter().flat_map(|who| OPENED.map(|opened| (who, opened)))
		{
			run(|| {
				let id = attested();
				Opened::set(opened);
				let report = Jobs::refunded(id, reason, challenger.as_ref()).unwrap();
				let slashes: Vec<_> =
					penalty.iter().map(|due| (PIA, *due, BIA, challenger)).collect();
				assert_eq!(Slashes::get(), slashes);
				let (slash, conduct) = match penalty {
					Some(_) => (Some(REPORT), Conduct::Broken),
					None => (None, Conduct::Blameless),
				};
				assert_eq!(report, slash.unwrap_or_default());
				assert_eq!(Releases::get(), [(deal(), conduct)]);
				// The double slashes nothing.
				assert_eq!(gains(), [-(share as i64), 0, share as i64]);
				let payout = [0, share, PRICE + AUDIT_FEE - share];
				assert_finished(id, Verdict::Refunded(reason), payout, slash);
				let all = AllTime::<Test>::get();
				assert_eq!((all.refunded, all.settled, all.settled_steps, all.paid), (1, 0, 0, 0));
			});
		}
	}
}

#[test]
fn faulted_before_the_audit_pays_the_provider_for_its_trouble_and_the_chain_for_the_proof() {
	// The proof is a re-execution more than those before it.
	let shares = [SHARE, 2 * SHARE, AUDIT_FEE, AUDIT_FEE, AUDIT_FEE];
	let cases = OPENED.map(|(opened, _)| opened).into_iter().zip(shares);
	let before: [(fn() -> JobId, _, _); 1] = [(running, 0, SHARE)];
	let after = cases.map(|(opened, share)| (attested as fn() -> JobId, opened, share));
	for (stage, opened, share) in before.into_iter().chain(after) {
		run(|| {
			let id = stage();
			Opened::set(opened);
			assert_ok!(Jobs::faulted(id, FaultKind::Race));
			assert_eq!(gains(), [-((TROUBLE + share) as i64), TROUBLE as i64, share as i64]);
			let payout = [TROUBLE, share, PRICE + AUDIT_FEE - TROUBLE - share];
			assert_finished(id, Verdict::Faulted(FaultKind::Race), payout, None);
			assert_eq!(Releases::get(), [(deal(), Conduct::Blameless)]);
			assert!(Slashes::get().is_empty());
			let all = AllTime::<Test>::get();
			assert_eq!((all.faulted, all.settled, all.paid), (1, 0, TROUBLE.into()));
		});
	}
}

#[test]
fn faulted_by_a_drawn_workgroup_pays_for_the_trouble_when_the_window_has_passed() {
	run(|| {
		let id = contestable();
		Stands::set(Standing::Faulted(FaultKind::Fuel));
		Opened::set(4);
		pass(CONTEST + 1);
		assert_ok!(settle(id));
		let payout = [TROUBLE, AUDIT_FEE, PRICE - TROUBLE];
		assert_finished(id, Verdict::Faulted(FaultKind::Fuel), payout, None);
		let paid = (TROUBLE + AUDIT_FEE) as i64;
		assert_eq!(gains(), [-paid, TROUBLE as i64, AUDIT_FEE as i64]);
		assert_eq!(Releases::get(), [(deal(), Conduct::Blameless)]);
		assert!(Slashes::get().is_empty());
		assert_eq!(AllTime::<Test>::get().settled_steps, 0);
	});
}

/// A buyer and a provider in league, with a price of nothing, have no computation of the chain's for
/// nothing.
#[test]
fn what_the_chain_computed_is_paid_for_at_any_price() {
	run(|| {
		Terms::set(Ok((0, 0)));
		let [proven, missed] = [running(), attested()];
		assert_ok!(Jobs::faulted(proven, FaultKind::Race));
		Opened::set(3);
		pass(OPEN + 1);
		assert_ok!(settle(missed));
		assert_finished(
			missed,
			Verdict::Refunded(RefundReason::OpeningMissed),
			[0, 3 * SHARE, SHARE],
			Some(REPORT),
		);
		let paid = 4 * SHARE as i64;
		assert_eq!(gains(), [-paid, 0, paid]);
	});
}

#[test]
fn before_attestation_and_acceptance_the_chain_has_computed_nothing() {
	run(|| {
		let (cancelled, expired, given_up, late) = (open(), open(), running(), running());
		assert_ok!(send(BIA, Call::cancel { job: cancelled }));
		assert_ok!(send(PIA, Call::give_up { job: given_up }));
		pass(ATTEST + 1);
		assert_ok!(settle(expired));
		assert_ok!(settle(late));
		assert_eq!(gains(), [0, 0, 0]);
	});
}

#[test]
fn one_jobs_end_leaves_the_escrow_of_others() {
	run(|| {
		let [one, two, three] = accepted_ones();
		let each = PRICE + AUDIT_FEE;
		assert_eq!(held(BIA).0, 3 * each);
		assert_ok!(Jobs::refunded(three, RefundReason::ChallengeUpheld, Some(&ANA)));
		assert_eq!(held(BIA).0, 2 * each);
		assert_ok!(Jobs::faulted(two, FaultKind::Fuel));
		assert_eq!(held(BIA).0, each);
		assert_ok!(Jobs::refunded(one, RefundReason::Late, None));
		assert_eq!(held(BIA), (0, 3 * RENT));
	});
}
