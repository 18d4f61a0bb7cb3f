//! What jobs take that are not taken yet, or not computed yet: of the disk, of the device, of the fetches.

use std::{sync::atomic::Ordering, time::Duration};

use mutirao_client::pallets::JobsExt;
use mutirao_data::{
	serve::{Gate, Refusal},
	wire::UploadToken,
};
use mutirao_types::{Benchmark, BufferId, JobRequest, JobStateKind, RefundReason, Times, Verdict};
use subxt_signer::sr25519::dev;

use super::{
	super::{flights::Kind, What},
	support::{step, Market, Mode, Scripted, BUYER},
};

fn why(worker: &super::super::Worker<super::support::Flaky>, job: u64) -> String {
	let refused = worker.status().borrow().refused.clone();
	let why = refused.into_iter().find(|(refused, _)| *refused == job);
	why.map(|(_, why)| why).unwrap_or_default()
}

#[tokio::test]
async fn room_for_what_taken_jobs_will_write_is_kept() {
	// Its device does not end, so nothing is written yet. Each job writes 1,024 bytes, and all have the same
	// input of 512.
	let mut market = Market::with(vec![Scripted::new("endless", Mode::Endless)]).await;
	market.quota = 512 + 1_024 + 1_023;
	let mut worker = market.worker();
	let jobs = [market.post().await, market.post().await];
	worker.round().await.unwrap();
	while !worker.flights.jobs(Kind::Prepare).is_empty() {
		worker.landed().await.unwrap();
	}
	for _ in 0..4 {
		worker.round().await.unwrap();
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	let taken: usize = jobs.iter().map(|job| market.provider.count(*job, What::Accept)).sum();
	assert_eq!(taken, 1);
	let other = jobs.into_iter().find(|job| market.provider.count(*job, What::Accept) == 0);
	let why = why(&worker, other.unwrap());
	assert!(why.contains("need 1024 bytes; the store has room for 1023"), "{why}");
	// A worker that starts again knows it, too.
	drop(worker);
	super::support::gone().await;
	let mut worker = market.worker();
	worker.round().await.unwrap();
	assert!(self::why(&worker, other.unwrap()).contains("room for 1023"));
}

#[tokio::test]
async fn a_job_whose_results_find_no_room_is_not_computed_for_ever() {
	let mut market = Market::new().await;
	market.quota = 4_096;
	let mut worker = market.worker();
	let job = market.post().await;
	while market.provider.count(job, What::Accept) == 0 {
		worker.round().await.unwrap();
		worker.landed().await.unwrap();
	}
	// Something else fills the disk.
	let store = worker.shared.parts.store.clone();
	let other = store.put(&[1; 3_000]).unwrap();
	store.pin("other", &[other]).unwrap();
	let verdict = market.until_over(&mut worker, job).await;
	assert_eq!(verdict, Verdict::Refunded(RefundReason::GivenUp));
	assert_eq!(market.devices[0].runs(), 3);
}

#[tokio::test]
async fn a_job_that_nobody_can_take_any_more_is_not_fetched_any_more() {
	let market = Market::new().await;
	market.somewhere.hangs.store(true, Ordering::Relaxed);
	let mut worker = market.worker();
	let job = market.post().await;
	worker.round().await.unwrap();
	assert_eq!(worker.flights.jobs(Kind::Prepare), [job]);
	market.buyer.cancel(job).await.unwrap();
	market.chain.advance(1);
	worker.round().await.unwrap();
	let landed = tokio::time::timeout(Duration::from_secs(5), worker.landed()).await;
	landed.expect("the fetch is stopped").unwrap();
	assert!(worker.is_idle());
}

#[tokio::test]
async fn a_fetch_ends_with_the_time_in_which_the_job_can_be_taken() {
	let market = Market::new().await;
	market.somewhere.hangs.store(true, Ordering::Relaxed);
	let mut worker = market.worker();
	let times = Times { accept_within: 2, ..market.request().times };
	let job = market.post_as(JobRequest { times, ..market.request() }).await;
	worker.round().await.unwrap();
	assert_eq!(worker.flights.jobs(Kind::Prepare), [job]);
	// Two blocks, by the clock of this machine; nobody says that the job is gone.
	let landed = tokio::time::timeout(Duration::from_secs(12), worker.landed()).await;
	landed.expect("it ends by itself").unwrap();
}

#[tokio::test]
async fn one_buyer_leaves_fetches_to_others() {
	let market = Market::new().await;
	market.somewhere.hangs.store(true, Ordering::Relaxed);
	let mut worker = market.worker();
	let mut jobs = Vec::new();
	for _ in 0..6 {
		jobs.push(market.post().await);
	}
	let other = market.chain.account([8; 32]).post(market.request()).await.unwrap();
	market.sources.name(other, vec!["http://somewhere".into()]).unwrap();
	worker.round().await.unwrap();
	let fetching = worker.flights.jobs(Kind::Prepare);
	assert_eq!(fetching.len(), 3, "two of one buyer, one of the other: {fetching:?}");
	assert!(fetching.contains(&other));
	let waits = jobs.into_iter().filter(|job| why(&worker, *job).contains("this buyer's jobs"));
	assert_eq!(waits.count(), 4);
}

#[tokio::test]
async fn one_buyer_has_not_all_of_the_disk_for_jobs_that_nobody_took() {
	let mut market = Market::new().await;
	// The inputs of two jobs are a quarter of it.
	market.quota = 8 * 512;
	let worker = market.worker();
	let gate = worker.gate([5; 32]);
	let alice = market.chain.account(dev::alice().public_key().0);
	let mut answers = Vec::new();
	for _ in 0..3 {
		let job = alice.post(market.request()).await.unwrap();
		let token = UploadToken::sign(&dev::alice(), market.account().0, job, [5; 32], u64::MAX);
		answers.push(gate.permit(job, &token).await);
	}
	assert!(answers[0].is_ok() && answers[1].is_ok(), "{answers:?}");
	let refused = answers[2].as_ref().unwrap_err();
	assert!(
		matches!(refused, Refusal::Busy(why) if why.contains("this buyer's jobs")),
		"{refused}"
	);
}

#[tokio::test]
async fn a_device_that_a_benchmark_window_keeps_is_no_device_for_a_close_deadline() {
	let market = Market::new().await;
	let benchmark = Benchmark {
		program: [1; 32],
		settings: Default::default(),
		interval: 1,
		window_blocks: 100,
		prove_blocks: 200,
		samples: 2,
	};
	market.chain.open_window(benchmark, [7; 32]);
	let mut worker = market.worker();
	let times = |attest_within| Times { attest_within, ..market.request().times };
	let post = |times| market.post_as(JobRequest { times, ..market.request() });
	let (close, far) = (post(times(60)).await, post(times(200)).await);
	step(&mut worker).await;
	assert!(why(&worker, close).contains("blocks to be attested"), "{}", why(&worker, close));
	let taken = market.buyer.job(far).await.unwrap().unwrap().state.kind();
	assert_ne!(taken, JobStateKind::Open);
	market.chain.advance(45);
	step(&mut worker).await;
	assert_eq!(market.provider.count(close, What::Accept), 0, "it is still kept for 54 blocks");
}

#[tokio::test]
async fn a_number_that_is_no_job_is_asked_once() {
	let market = Market::new().await;
	let worker = market.worker();
	let gate = worker.gate([5; 32]);
	let asked = market.provider.asked_for_jobs();
	for _ in 0..20 {
		assert!(matches!(gate.inputs(99).await, Err(Refusal::NotFound(_))));
	}
	assert_eq!(market.provider.asked_for_jobs() - asked, 1);
	let job = market.buyer.post(market.request()).await.unwrap();
	let all = futures::future::join_all((0..20).map(|_| gate.inputs(job))).await;
	let expected: Vec<BufferId> = market.request().inputs.to_vec();
	assert!(all.iter().all(|inputs| *inputs == Ok(expected.clone())));
	assert_eq!(market.provider.asked_for_jobs() - asked, 2);
	assert_eq!(market.buyer.job(job).await.unwrap().unwrap().buyer.0, BUYER);
}
