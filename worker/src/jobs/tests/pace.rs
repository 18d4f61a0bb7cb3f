//! How fast a job goes beside others.

use std::time::Duration;

use mutirao_client::pallets::JobsExt;
use mutirao_types::{JobRequest, JobStateKind, Times};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
	super::{run, What, Worker},
	support::{step, Flaky, Market, Scripted, CAPACITY},
};

/// Offers, and one device for each.
const OFFERS: usize = 4;

/// A market whose places are all taken but one, by jobs of which nothing is owed.
async fn nearly_full() -> (Market, Worker<Flaky>, usize) {
	let names = ["one", "two", "three", "four"];
	let market = Market::with(names[..OFFERS].iter().map(|name| Scripted::honest(name)).collect());
	let market = market.await;
	let mut worker = market.worker();
	let times = Times { contest_for: 500, ..market.request().times };
	let others = OFFERS * usize::from(CAPACITY) - 1;
	let mut jobs = Vec::new();
	for _ in 0..others {
		jobs.push(market.post_as(JobRequest { times, ..market.request() }).await);
	}
	for job in jobs {
		let kind = || async {
			let found = market.buyer.job(job).await.unwrap();
			found.map(|job| job.state.kind())
		};
		while kind().await != Some(JobStateKind::Contestable) {
			step(&mut worker).await;
			market.chain.advance(1);
		}
	}
	step(&mut worker).await;
	(market, worker, others)
}

async fn until_seen(market: &Market, job: u64, what: What) {
	let seen = async {
		while market.provider.count(job, what) == 0 {
			sleep(Duration::from_millis(1)).await;
		}
	};
	timeout(Duration::from_secs(20), seen).await.expect("it comes in time");
}

/// Each look at a job is a read over the network, and some milliseconds.
#[tokio::test]
async fn a_jobs_next_step_does_not_wait_for_looks_at_all_the_others() {
	let (market, worker, others) = nearly_full().await;
	let stop = CancellationToken::new();
	let running = tokio::spawn(run(worker, stop.clone()));
	let job = market.post().await;
	market.chain.advance(1);
	until_seen(&market, job, What::Accept).await;
	let before = market.provider.asked_for_jobs();
	until_seen(&market, job, What::Attest).await;
	let asked = market.provider.asked_for_jobs() - before;
	stop.cancel();
	running.await.unwrap().unwrap();
	// Two blocks were made at most, in each of which all are looked at.
	assert!(asked < 2 * others + 8, "{asked} looks with {others} other jobs");
}

#[tokio::test]
async fn in_a_round_many_jobs_are_looked_at_at_once() {
	let (market, mut worker, others) = nearly_full().await;
	market.provider.forget_most_at_once();
	worker.round().await.unwrap();
	let at_once = market.provider.most_at_once();
	assert!(at_once >= others / 2, "{at_once} of {others}");
}
