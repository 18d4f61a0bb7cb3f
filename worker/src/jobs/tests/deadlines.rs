//! Deadlines that are met, and what is done about those that cannot be.

use mutirao_client::pallets::JobsExt;
use mutirao_types::{JobRequest, RefundReason, Times, Verdict};

use super::{
	super::What,
	support::{step, Market, Mode, Scripted},
};

#[tokio::test]
async fn a_job_that_nobody_could_take_in_time_is_let_go() {
	let market = Market::new().await;
	let mut worker = market.worker();
	// Its inputs never come.
	let job = market.buyer.post(market.request()).await.unwrap();
	for _ in 0..60 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	assert_eq!(market.buyer.settle(job).await.unwrap(), Verdict::Refunded(RefundReason::Expired));
	step(&mut worker).await;
	assert_eq!(market.provider.count(job, What::Accept), 0);
	assert!(worker.status().borrow().jobs.is_empty());
}

#[tokio::test]
async fn a_running_job_that_cannot_be_done_in_time_is_given_up_at_once() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	// Taken, and then nothing happens for long: the machine was off.
	while market.provider.count(job, What::Accept) == 0 {
		worker.round().await.unwrap();
		while !worker.is_idle() {
			worker.landed().await.unwrap();
		}
	}
	drop(worker);
	market.chain.advance(200);
	let mut worker = market.worker();
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Refunded(RefundReason::GivenUp));
	assert_eq!(market.devices[0].runs(), 0);
}

#[tokio::test]
async fn a_job_that_is_late_is_settled_so_that_stake_is_free_again() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	while market.provider.count(job, What::Accept) == 0 {
		worker.round().await.unwrap();
		while !worker.is_idle() {
			worker.landed().await.unwrap();
		}
	}
	drop(worker);
	market.chain.advance(205);
	let mut worker = market.worker();
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Refunded(RefundReason::Late));
	let status = worker.status().borrow().clone();
	assert_eq!((status.earnings.failed, status.earnings.settled), (1, 0));
}

#[tokio::test]
async fn a_job_is_opened_by_a_worker_that_comes_back_within_the_time_to_open() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	while market.provider.count(job, What::Attest) == 0 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	drop(worker);
	market.chain.advance(90);
	let mut worker = market.worker();
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	assert_eq!(market.devices[0].runs(), 1, "what was computed is still there");
}

#[tokio::test]
async fn a_job_whose_opening_time_has_passed_is_settled() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	while market.provider.count(job, What::Attest) == 0 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	drop(worker);
	market.chain.advance(120);
	let mut worker = market.worker();
	let verdict = market.until_over(&mut worker, job).await;
	assert_eq!(verdict, Verdict::Refunded(RefundReason::OpeningMissed));
	assert_eq!(market.provider.count(job, What::Open(0)), 0, "too late: nothing is sent");
}

#[tokio::test]
async fn an_endless_job_is_stopped_when_it_is_settled_by_others() {
	let market = Market::with(vec![Scripted::new("slow", Mode::Endless)]).await;
	let mut worker = market.worker();
	let times = Times { accept_within: 50, attest_within: 40, contest_for: 10 };
	let job = market.post_as(JobRequest { times, ..market.request() }).await;
	while market.devices[0].runs() == 0 {
		worker.round().await.unwrap();
		let soon = std::time::Duration::from_millis(5);
		let _ = tokio::time::timeout(soon, worker.landed()).await;
	}
	market.chain.advance(60);
	market.buyer.settle(job).await.unwrap();
	step(&mut worker).await;
	step(&mut worker).await;
	assert_eq!(market.verdict(job).await, Some(Verdict::Refunded(RefundReason::Late)));
	assert!(worker.is_idle());
}
