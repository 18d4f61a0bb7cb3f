//! Who may upload what.

use std::time::Duration;

use mutirao_client::pallets::JobsExt;
use mutirao_data::{
	serve::{Gate, Refusal},
	wire::UploadToken,
};
use mutirao_types::{JobRequest, Target};
use subxt_signer::sr25519::dev;

use super::{
	super::owner_of,
	support::{faulty_program, step, Market},
};

const GENESIS: [u8; 32] = [5; 32];

/// Alice's token; the buyer is somebody else unless a test says so.
fn token(market: &Market, job: u64) -> UploadToken {
	UploadToken::sign(&dev::alice(), market.account().0, job, GENESIS, u64::MAX)
}

#[tokio::test]
async fn the_buyer_of_a_job_that_would_be_taken_may_upload_its_inputs_and_nobody_else() {
	let market = Market::new().await;
	let worker = market.worker();
	let gate = worker.gate(GENESIS);
	assert_eq!(gate.audience().provider, market.account().0);
	let alice = market.chain.account(dev::alice().public_key().0);
	let job = alice.post(market.request()).await.unwrap();
	let inputs = market.request().inputs.to_vec();
	assert_eq!(gate.inputs(job).await.unwrap(), inputs);
	assert_eq!(gate.permit(job, &token(&market, job)).await.unwrap(), inputs);
	drop((gate, worker));
	assert_eq!(market.store().owners(), [owner_of(job)], "they are pinned before they come");

	let worker = market.worker();
	let gate = worker.gate(GENESIS);
	let foreign = market.buyer.post(market.request()).await.unwrap();
	let refused = gate.permit(foreign, &token(&market, foreign)).await.unwrap_err();
	assert!(matches!(refused, Refusal::Forbidden(_)), "{refused}");
	let refused = gate.permit(99, &token(&market, 99)).await.unwrap_err();
	assert!(matches!(refused, Refusal::NotFound(_)), "{refused}");
}

#[tokio::test]
async fn what_would_not_be_taken_is_not_uploaded_either() {
	let market = Market::new().await;
	let worker = market.worker();
	let gate = worker.gate(GENESIS);
	let alice = market.chain.account(dev::alice().public_key().0);
	let cheap = JobRequest { price_cap: 1, ..market.request() };
	let elsewhere = JobRequest { target: Target::Offer(77), ..market.request() };
	for request in [cheap, elsewhere] {
		let job = alice.post(request).await.unwrap();
		let refused = gate.permit(job, &token(&market, job)).await.unwrap_err();
		assert!(matches!(refused, Refusal::Forbidden(_)), "{refused}");
		let named = gate.sources(job, &token(&market, job), vec!["http://x".into()]).await;
		assert!(named.is_err());
	}
}

#[tokio::test]
async fn sources_that_a_buyer_names_are_used_and_pins_of_jobs_that_end_go() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let gate = worker.gate(GENESIS);
	let alice = market.chain.account(dev::alice().public_key().0);
	*market.somewhere.buffers.lock().unwrap() = super::support::inputs_of(&market.program);
	let job = alice.post(market.request()).await.unwrap();
	let urls = vec!["ftp://x".to_owned()];
	assert!(gate.sources(job, &token(&market, job), urls).await.is_err());
	gate.sources(job, &token(&market, job), vec!["http://x".into()]).await.unwrap();
	step(&mut worker).await;
	assert!(alice.job(job).await.unwrap().unwrap().state.deal().is_some(), "it is taken");

	let gone = alice.post(market.request()).await.unwrap();
	gate.permit(gone, &token(&market, gone)).await.unwrap();
	alice.cancel(gone).await.unwrap();
	for _ in 0..6 {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	drop((gate, worker));
	assert_eq!(market.store().owners(), [owner_of(job)]);
}

#[tokio::test]
async fn a_program_that_does_not_come_keeps_no_other_from_being_read() {
	let market = Market::new().await;
	let other = faulty_program();
	let stuck = market.chain.add_program(other.code, other.quote);
	market.provider.hang_at(stuck);
	let worker = market.worker();
	let programs = &worker.shared.programs;
	let (stuck, request) = (JobRequest { program: stuck, ..market.request() }, market.request());
	tokio::select! {
		biased;
		_ = programs.plan(&market.provider, &stuck) => panic!("it never comes"),
		planned = programs.plan(&market.provider, &request) => assert!(planned.unwrap().is_ok()),
		() = tokio::time::sleep(Duration::from_secs(5)) => panic!("the other waits for it"),
	}
}
