//! Whole jobs on a chain in memory, with providers whose data planes are served in this process.

mod end;
mod market;
mod provider;
mod races;

use std::time::Duration;

use mutirao_client::{pallets::JobsExt, types::JobStateKind};
use mutirao_machine_prover::Computed;

use self::{
	market::{market, HEIGHT, WIDTH},
	provider::Manner,
};
use super::{
	check::CheckArgs,
	contest::ContestArgs,
	costs::Costs,
	place::Wishes,
	save,
	track::{complete, Standing},
};
use crate::{
	commands::judge,
	exit::{failure_of, Failure},
};

fn check(full: bool, challenge: bool) -> (CheckArgs, ContestArgs) {
	(CheckArgs { full, check: 16, gpu: false, adapter: None }, ContestArgs { challenge })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_from_offer_to_checked_outputs() {
	let market = market(&[(50, Manner::Honest), (40, Manner::Honest)]).await;
	let record = market.run(&market.wishes(), check(true, false)).await.unwrap();
	assert!(record.settled(), "{record:?}");
	judge(&record).unwrap();
	let deal = record.deal.as_ref().unwrap();
	assert_eq!((deal.offer, deal.price.as_str()), (1, "40"), "the cheaper one");
	assert_eq!(record.audits.len(), 2);
	assert!(record.audits.iter().all(|audit| audit.passed));
	let heights = record.heights;
	let order =
		[heights.posted, heights.accepted, heights.attested, heights.audited, heights.finished];
	assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{order:?}");
	let found = record.check.as_ref().unwrap();
	assert_eq!((found.right, found.workgroups), (true, found.of));
	let store = market.buyer().store(record.job).unwrap();
	let outputs = save::write(&record, &store).unwrap().outputs;
	let (work, inputs) = market.work();
	let computed = Computed::by_vm(work.kernel.program, &work.parameters, inputs).unwrap();
	let wanted = &computed.outputs()[0][..(WIDTH * HEIGHT) as usize];
	let png = image::open(outputs[0].file.as_ref().unwrap()).unwrap().to_luma8();
	assert_eq!((png.width(), png.height()), (WIDTH, HEIGHT));
	assert!(png.as_raw().iter().eq(wanted));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_offer_is_asked_when_the_first_does_not_accept() {
	let market = market(&[(10, Manner::Idle), (50, Manner::Honest)]).await;
	let record = market.run(&market.wishes(), check(false, false)).await.unwrap();
	assert_eq!(record.deal.as_ref().unwrap().offer, 1);
	assert_eq!(record.job, 1);
	let first = market.buyer().record(0).unwrap();
	assert_eq!(first.replaced_by, Some(1));
	assert!(first.verdict.unwrap().starts_with("refunded"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_accepting_is_an_error_and_all_money_comes_back() {
	let market = market(&[(10, Manner::Idle)]).await;
	let error = market.place(&market.wishes()).await.unwrap_err();
	assert_eq!(failure_of(&error), Failure::NoOffer, "{error:#}");
	assert!(market.account.jobs_at(JobStateKind::Open).await.unwrap().is_empty());
	let dear = Wishes { max_price: Some(9), ..market.wishes() };
	let error = market.place(&dear).await.unwrap_err();
	assert!(error.to_string().contains("--max-price"), "{error:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lie_that_the_draws_missed_is_proven() {
	let market = market(&[(50, Manner::Liar)]).await;
	let record = market.run(&market.wishes(), check(true, true)).await.unwrap();
	assert_eq!(record.check.as_ref().unwrap().wrong, Some((0, 4)));
	assert_eq!(record.verdict.as_deref(), Some("refunded: challenge upheld"));
	assert_eq!(failure_of(&judge(&record).unwrap_err()), Failure::Wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_leave_to_challenge_a_lie_is_told_and_paid() {
	let market = market(&[(50, Manner::Liar)]).await;
	let record = market.run(&market.wishes(), check(true, false)).await.unwrap();
	assert!(record.settled());
	assert_eq!(failure_of(&judge(&record).unwrap_err()), Failure::Wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn withheld_results_are_demanded_and_the_price_comes_back() {
	let market = market(&[(50, Manner::Withholder)]).await;
	let record = market.run(&market.wishes(), check(false, true)).await.unwrap();
	assert_eq!(record.verdict.as_deref(), Some("refunded: demand unanswered"));
	assert_eq!(failure_of(&judge(&record).unwrap_err()), Failure::NotDone);
	assert_eq!((record.demands.len(), record.lost_deposits()), (1, 0));
}

/// Whoever waits for a slow answer must not miss the time to demand it.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_never_answers_is_one_that_withholds() {
	let market = market(&[(50, Manner::Staller)]).await;
	let record = market.run(&market.wishes(), check(false, true)).await.unwrap();
	assert_eq!(record.verdict.as_deref(), Some("refunded: demand unanswered"));
}

/// The provider shows what is demanded, and nothing more: it is paid, and has the deposit too.
#[tokio::test(flavor = "multi_thread")]
async fn a_demand_that_was_answered_is_a_cost() {
	let market = market(&[(50, Manner::Shower)]).await;
	market.chain.set_fee(7);
	let mut record = market.place(&market.wishes()).await.unwrap();
	let (check, contest) = check(false, true);
	// As often as somebody may break off and go on: one demand is made.
	for _ in 0..20 {
		let (buyer, patience) = (market.buyer(), Some(Duration::from_secs(3)));
		let ended = buyer.finish(&mut record, &market.kernel, &check, &contest, patience).await;
		assert_eq!(failure_of(&ended.unwrap_err()), Failure::Unfinished);
		if record.settled() {
			break;
		}
		record = buyer.record(record.job).unwrap();
	}
	assert_eq!(failure_of(&judge(&record).unwrap_err()), Failure::Unavailable);
	let terms = market.buyer().terms;
	let costs = Costs::of(&record, terms.protocol_fee);
	assert_eq!(record.demands.len(), 1);
	assert_eq!(costs.demand_deposits, Some(terms.demand_deposit.to_string()));
	assert!(costs.add_up() && costs.transaction_fees.parse::<u64>().unwrap() >= 14, "{costs:?}");
	// Where the answer was not seen, the state tells.
	let mut unseen = record.clone();
	unseen.demands[0].answered = false;
	let standing = Standing::of(&market.account, record.job).await.unwrap();
	complete(&market.account, &mut unseen, &standing).await.unwrap();
	assert_eq!(unseen.demands, record.demands);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_record_is_made_anew_from_the_chain() {
	let market = market(&[(50, Manner::Liar)]).await;
	let placed = market.place(&market.wishes()).await.unwrap();
	let buyer = market.stranger();
	let (mut record, kernel) = buyer.find(placed.job).await.unwrap();
	assert_eq!((&record.inputs, &record.parameters), (&placed.inputs, &placed.parameters));
	assert_eq!((&record.buyer, &record.program), (&placed.buyer, &placed.program));
	let patience = Some(Duration::from_secs(60));
	// Whoever looks can prove the lie.
	let (check, contest) = check(true, true);
	buyer.finish(&mut record, &kernel, &check, &contest, patience).await.unwrap();
	assert_eq!(record.verdict.as_deref(), Some("refunded: challenge upheld"));
	let error = buyer.find(99).await.unwrap_err();
	assert_eq!(failure_of(&error), Failure::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_job_is_taken_by_whoever_has_its_inputs() {
	let market = market(&[(50, Manner::Idle), (60, Manner::Honest)]).await;
	let open = Wishes { open: true, ..market.wishes() };
	let record = market.run(&open, check(false, false)).await.unwrap();
	assert_eq!((record.job, record.deal.unwrap().offer), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_never_answers_keeps_nobody_from_an_open_job() {
	let market = market(&[(50, Manner::Deaf), (60, Manner::Honest)]).await;
	let open = Wishes { open: true, ..market.wishes() };
	let record = market.place(&open).await.unwrap();
	assert_eq!((record.job, record.deal.unwrap().offer), (0, 1));
	// Nor from the next offer.
	let record = market.place(&market.wishes()).await.unwrap();
	assert_eq!((record.job, record.deal.unwrap().offer), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_submit_is_gone_on_with_from_its_record() {
	let market = market(&[(50, Manner::Honest)]).await;
	let placed = market.place(&market.wishes()).await.unwrap();
	// All that the next process knows.
	let mut record = market.buyer().record(placed.job).unwrap();
	assert_eq!(record, placed);
	let (buyer, (check, contest)) = (market.buyer(), check(true, false));
	let none = Some(Duration::ZERO);
	let error = buyer.finish(&mut record, &market.kernel, &check, &contest, none).await;
	assert_eq!(failure_of(&error.unwrap_err()), Failure::Unfinished);
	let mut record = market.buyer().record(placed.job).unwrap();
	let patience = Some(Duration::from_secs(60));
	buyer.finish(&mut record, &market.kernel, &check, &contest, patience).await.unwrap();
	judge(&record).unwrap();
}
