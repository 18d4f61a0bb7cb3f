use super::*;
use frame_support::dispatch::GetDispatchInfo;

/// Settles a job at its deadline, which fails, and one block later, which works.
#[track_caller]
fn assert_settles_after_its_deadline(job: JobId, expected: Verdict) {
	pass_until(state(job).until());
	assert_noop!(settle(job), Error::<Test>::DeadlineNotReached);
	pass(1);
	assert_eq!(settle(job), Ok(Pays::No));
	assert_eq!(verdict(job), expected);
	let finished = Jobs::finished_job(job).unwrap();
	assert_eq!(finished.ended_at, Jobs::now());
}

#[test]
fn settle_of_an_open_job_after_its_deadline_works() {
	run(|| {
		let id = open();
		assert_settles_after_its_deadline(id, Verdict::Refunded(RefundReason::Expired));
	});
}

#[test]
fn settle_of_a_running_job_after_its_deadline_works() {
	run(|| {
		let id = running();
		assert_settles_after_its_deadline(id, Verdict::Refunded(RefundReason::Late));
	});
}

#[test]
fn settle_of_an_attested_job_after_its_deadline_works() {
	run(|| {
		let id = attested();
		assert_settles_after_its_deadline(id, Verdict::Refunded(RefundReason::OpeningMissed));
	});
}

#[test]
fn settle_of_a_contestable_job_after_its_deadline_works() {
	run(|| {
		let id = contestable();
		assert_settles_after_its_deadline(id, Verdict::Settled);
		let finished = Jobs::finished_job(id).unwrap();
		assert_eq!(finished.deal, Some(deal()));
	});
}

#[test]
fn settle_while_a_demand_waits_for_its_answer_fails() {
	run(|| {
		let id = contestable();
		pass(CONTEST + 1);
		Stands::set(Standing::Pending);
		assert_noop!(settle(id), Error::<Test>::ContestPending);
		Stands::set(Standing::Clear);
		assert_ok!(settle(id));
	});
}

#[test]
fn settle_of_a_lost_contest_refunds_works() {
	run(|| {
		let id = contestable();
		Stands::set(Standing::Lost(RefundReason::DemandUnanswered));
		assert_settles_after_its_deadline(id, Verdict::Refunded(RefundReason::DemandUnanswered));
		assert_eq!(Slashes::get(), [(PIA, COLLATERAL, BIA, None)]);
	});
}

/// A contest is of the last stage only.
#[test]
fn settle_of_an_earlier_stage_does_not_ask_for_the_contest_works() {
	run(|| {
		Stands::set(Standing::Pending);
		let ids = [open(), running(), attested()];
		pass(ATTEST + 1);
		for id in ids {
			assert_ok!(settle(id));
		}
	});
}

#[test]
fn settle_of_no_job_or_twice_fails() {
	run(|| {
		let id = contestable();
		pass(CONTEST + 1);
		assert_ok!(settle(id));
		assert_noop!(settle(id), Error::<Test>::NoSuchJob);
		assert_noop!(settle(id + 1), Error::<Test>::NoSuchJob);
	});
}

#[test]
fn settle_pays_for_the_contest_only_when_it_was_lost_works() {
	run(|| {
		let [clear, lost] = [contestable(), contestable()];
		pass(CONTEST + 1);
		let settle = |job, standing| {
			Stands::set(standing);
			let call = RuntimeCall::from(Call::settle { job });
			let info = call.get_dispatch_info();
			let sent = call.dispatch(RuntimeOrigin::signed(ANA)).expect("it is due");
			(info.call_weight, sent.calc_actual_weight(&info))
		};
		let (charged, taken) = settle(clear, Standing::Clear);
		assert_eq!(charged - taken, CONTEST_WEIGHT);
		let (charged, taken) = settle(lost, Standing::Lost(RefundReason::DemandUnanswered));
		assert_eq!(charged, taken);
	});
}
