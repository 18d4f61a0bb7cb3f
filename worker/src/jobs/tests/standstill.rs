//! A chain that takes no calls for a while, or not these.

use mutirao_client::{
	pallets::{AttestationsExt, JobsExt},
	DispatchError, Error,
};
use mutirao_types::{JobState, Verdict};

use super::{
	super::{Limits, What, Worker},
	support::{inputs_of, step, Flaky, Market},
};

/// What the chain says when it refuses for a reason that nobody has thought of.
fn refusal() -> Error {
	let error = DispatchError::Runtime { name: "Other".into(), meaning: "no" };
	Error::Failed { error, transaction: Default::default(), block: Default::default(), fee: 0 }
}

/// Until the job is taken, and no further.
async fn taken(market: &Market, worker: &mut Worker<Flaky>, job: u64) {
	while market.provider.count(job, What::Accept) == 0 {
		worker.round().await.unwrap();
		while !worker.is_idle() {
			worker.landed().await.unwrap();
		}
	}
}

#[tokio::test]
async fn in_safe_mode_a_duty_waits_and_costs_at_most_one_fee() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	taken(&market, &mut worker, job).await;
	market.chain.stand_still(true);
	for _ in 0..60 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	assert_eq!(market.provider.count(job, What::Attest), 1);
	assert!(worker.status().borrow().stands_still);
	market.chain.stand_still(false);
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	assert_eq!(market.provider.count(job, What::Attest), 2);
	assert!(!worker.status().borrow().stands_still);
}

/// Several calls of a job are made at a time, and what the first is told holds for the others.
#[tokio::test]
async fn once_a_call_was_not_taken_in_safe_mode_the_next_one_of_the_job_is_not_sent() {
	let mut market = Market::new().await;
	market.limits.calls = 1;
	let mut worker = market.worker();
	let job = market.post().await;
	market.until_attested(&mut worker, job).await;
	while market.provider.samples(job).await.unwrap().is_none() {
		market.chain.advance(1);
	}
	market.chain.stand_still(true);
	step(&mut worker).await;
	let sent = [0, 1].map(|sample| market.provider.count(job, What::Open(sample)));
	assert_eq!(sent, [1, 0]);
	market.chain.stand_still(false);
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
}

#[tokio::test]
async fn in_safe_mode_no_job_is_taken_and_the_clock_alone_tells() {
	let market = Market::new().await;
	let mut worker = market.worker();
	// Nobody can post a job in safe mode: this one was posted before, and its inputs come during it.
	let job = market.buyer.post(market.request()).await.unwrap();
	market.chain.stand_still(true);
	for _ in 0..4 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	*market.somewhere.buffers.lock().unwrap() = inputs_of(&market.program);
	market.sources.name(job, vec!["http://somewhere".into()]).unwrap();
	for _ in 0..40 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	assert_eq!(market.provider.count(job, What::Accept), 0);
	let refused = worker.status().borrow().refused.clone();
	assert!(refused[0].1.contains("it stands still"), "{refused:?}");
	market.chain.stand_still(false);
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
}

#[tokio::test]
async fn a_refused_duty_is_sent_again_in_another_block_however_it_presses_and_not_for_ever() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	taken(&market, &mut worker, job).await;
	let now = market.buyer.now().await.unwrap();
	let until = market.buyer.job(job).await.unwrap().unwrap().state.until();
	market.chain.advance(until - now - 18);
	let mut blocks = 0;
	while market.buyer.now().await.unwrap() < until {
		let before = market.provider.count(job, What::Attest);
		market.chain.fail_next_call(refusal());
		step(&mut worker).await;
		assert!(market.provider.count(job, What::Attest) <= before + 1, "once in a block");
		market.chain.advance(1);
		blocks += 1;
	}
	assert_eq!(market.provider.count(job, What::Attest), 8, "of {blocks} blocks");
}

#[tokio::test]
async fn a_call_that_takes_a_job_and_is_lost_does_not_block_the_job_for_long() {
	let mut market = Market::new().await;
	market.limits = Limits { keep: 20, ..Limits::default() };
	let mut worker = market.worker();
	let job = market.post().await;
	market.chain.fail_next_call(Error::Unclear { transaction: Default::default() });
	let mut blocks = 0;
	while market.provider.count(job, What::Accept) < 2 {
		step(&mut worker).await;
		market.chain.advance(1);
		blocks += 1;
		assert!(blocks < 30, "it is known by now that the first call was lost");
	}
	assert!(blocks > 16, "not while the first one may still take effect: {blocks}");
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
}

#[tokio::test]
async fn a_job_that_the_chain_does_not_let_us_take_is_tried_again_later() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	market.chain.fail_next_call(refusal());
	for _ in 0..6 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	assert_eq!(market.provider.count(job, What::Accept), 1);
	let status = worker.status().borrow().clone();
	assert!(status.refused[0].1.contains("did not let this provider take it"), "{status:?}");
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	assert_eq!(market.provider.count(job, What::Accept), 2);
}

#[tokio::test]
async fn a_job_that_the_chain_never_lets_us_take_is_not_tried_for_ever() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let times = mutirao_types::Times { accept_within: 500, ..market.request().times };
	let job = market.post_as(mutirao_types::JobRequest { times, ..market.request() }).await;
	for _ in 0..450 {
		market.chain.fail_next_call(refusal());
		step(&mut worker).await;
		market.chain.advance(1);
	}
	assert_eq!(market.provider.count(job, What::Accept), 5);
	let state = market.buyer.job(job).await.unwrap().unwrap().state;
	assert!(matches!(state, JobState::Open { .. }), "{state:?}");
}
