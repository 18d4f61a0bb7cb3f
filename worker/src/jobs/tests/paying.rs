//! A hot key that runs out of money.

use mutirao_client::Balance;
use mutirao_types::Verdict;

use super::{
	super::What,
	support::{step, Market},
};
use crate::funds::{Funds, Money, Owed, Purse, USUAL_FEES};

/// What pays for so many jobs and no more.
async fn enough_for(market: &Market, jobs: usize) -> Balance {
	let Money { deposit, .. } = market.pocket.money().await.unwrap();
	let money = Money { free: 0, deposit };
	let mut funds = Funds { money, fees: USUAL_FEES, owed: Owed::default() };
	(1..jobs).for_each(|_| funds.take(0));
	funds.needed(0)
}

#[tokio::test]
async fn without_money_no_job_is_taken_and_those_that_were_are_done() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let first = market.post().await;
	while market.provider.count(first, What::Accept) == 0 {
		step(&mut worker).await;
	}
	market.pocket.set(enough_for(&market, 1).await - 1);
	let second = market.post().await;
	step(&mut worker).await;
	let status = worker.status().borrow().clone();
	assert!(status.refused[0].1.contains("hot key has"), "{status:?}");
	assert_eq!(status.funds.unwrap().jobs(), 0);
	assert_eq!(market.until_over(&mut worker, first).await, Verdict::Settled);
	assert_eq!(market.provider.count(second, What::Accept), 0);
	market.pocket.set(enough_for(&market, 1).await);
	let third = market.post().await;
	assert_eq!(market.until_over(&mut worker, third).await, Verdict::Settled);
}

#[tokio::test]
async fn what_jobs_that_were_taken_still_need_is_not_spent_on_another() {
	let market = Market::new().await;
	let mut worker = market.worker();
	market.pocket.set(enough_for(&market, 2).await);
	for _ in 0..3 {
		market.post().await;
	}
	let taken = || {
		let seen = market.provider.seen();
		seen.into_iter().filter(|seen| seen.what == What::Accept).count()
	};
	// Until they are taken, and no further: what was attested needs less.
	while taken() == 0 {
		worker.round().await.unwrap();
		while !worker.is_idle() {
			worker.landed().await.unwrap();
		}
	}
	assert_eq!(taken(), 2);
}

#[tokio::test]
async fn what_calls_cost_is_reckoned_with_from_then_on() {
	let market = Market::new().await;
	market.provider.charge(7_000_000_000);
	let mut worker = market.worker();
	let job = market.post().await;
	market.until_attested(&mut worker, job).await;
	step(&mut worker).await;
	let status = worker.status().borrow().clone();
	assert_eq!(status.funds.unwrap().fees.sum(), 14_000_000_000);
	assert!(status.earnings.fees >= 14_000_000_000);
}
