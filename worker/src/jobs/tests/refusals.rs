//! Jobs that are not taken, seen from outside; each rule by itself is tested with the policy.

use mutirao_client::pallets::ProgramsExt;
use mutirao_types::{JobRequest, Target, Times};

use super::{
	super::{Policy, What},
	support::{inputs_of, step, Market},
};

/// What the status says of a job that is not taken.
async fn refusal(market: &Market, request: JobRequest<u128>) -> String {
	let mut worker = market.worker();
	let job = market.post_as(request).await;
	step(&mut worker).await;
	assert_eq!(market.provider.count(job, What::Accept), 0);
	let refused = worker.status().borrow().refused.clone();
	let why = refused.into_iter().find(|(refused, _)| *refused == job);
	why.map(|(_, why)| why).unwrap_or_default()
}

#[tokio::test]
async fn a_job_whose_inputs_do_not_match_their_names_is_not_taken() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	// What a source has is something else.
	let mut others = inputs_of(&market.program);
	others[0][0] ^= 1;
	*market.somewhere.buffers.lock().unwrap() = others;
	for _ in 0..10 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	assert_eq!(market.provider.count(job, What::Accept), 0);
	let status = worker.status().borrow().clone();
	assert!(status.refused[0].1.contains("inputs are missing"), "{status:?}");
	// The right bytes come: it is taken.
	*market.somewhere.buffers.lock().unwrap() = inputs_of(&market.program);
	for _ in 0..40 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	assert_eq!(market.provider.count(job, What::Accept), 1);
}

#[tokio::test]
async fn each_refusal_says_why() {
	let mut market = Market::new().await;
	let asked = market.request();
	let times = Times { contest_for: 100_000, ..asked.times };
	let why = refusal(&market, JobRequest { times, ..asked.clone() }).await;
	assert!(why.contains("contest window"), "{why}");
	let times = Times { attest_within: 15, ..asked.times };
	let why = refusal(&market, JobRequest { times, ..asked.clone() }).await;
	assert!(why.contains("blocks to be attested"), "{why}");
	let why = refusal(&market, JobRequest { price_cap: 5, ..asked.clone() }).await;
	assert!(why.contains("the buyer pays at most 5"), "{why}");
	market.policy = Policy { minimum_profit: u128::MAX, ..Policy::default() };
	let why = refusal(&market, asked.clone()).await;
	assert!(why.contains("this provider wants"), "{why}");
	market.policy = Policy { accept: false, ..Policy::default() };
	let why = refusal(&market, asked).await;
	assert!(why.contains("takes no new jobs"), "{why}");
}

#[tokio::test]
async fn a_job_for_another_offer_is_not_even_looked_at() {
	let market = Market::new().await;
	let target = Target::Offer(market.offers[0] + 1);
	assert_eq!(refusal(&market, JobRequest { target, ..market.request() }).await, "");
}

#[tokio::test]
async fn a_program_that_chain_and_worker_see_differently_is_not_taken() {
	let market = Market::new().await;
	let mut quote = market.program.quote.clone();
	quote.declared_steps += 1;
	market.chain.set_quote(market.program.id(), quote);
	let why = refusal(&market, market.request()).await;
	assert!(why.contains("the chain sees other sizes or steps"), "{why}");
	assert!(market.provider.program(market.program.id()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_program_that_is_no_program_is_not_taken() {
	let market = Market::new().await;
	let program = market.chain.add_program(vec![9, 9, 9], market.program.quote.clone());
	let why = refusal(&market, JobRequest { program, ..market.request() }).await;
	assert!(why.starts_with("the program is not taken"), "{why}");
}
