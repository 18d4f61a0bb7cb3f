//! A job that goes well, and what the worker remembers of it.

use mutirao_client::pallets::{AttestationsExt, JobsExt, ProvidersExt};
use mutirao_machine_core::{run_workgroup, ChunkId, Program, Witness as Chunks};
use mutirao_types::{transcript_root, JobBuffer, OfferState, Sample, Target, Verdict, Workgroup};

use super::{
	super::{owner_of, What},
	support::{step, Market, Scripted, PRICE},
};

#[tokio::test]
async fn a_job_is_taken_computed_attested_opened_settled_and_kept_for_a_while() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	for what in [What::Accept, What::Attest, What::Open(0), What::Open(1), What::Settle] {
		assert_eq!(market.provider.count(job, what), 1, "{what:?}");
	}
	let status = worker.status().borrow().clone();
	assert_eq!(status.earnings.earned, PRICE - PRICE / 50);
	assert_eq!((status.earnings.settled, status.earnings.lost), (1, 0));
	assert_eq!(status.jobs.len(), 1, "its results are kept: {:?}", status.jobs);
	assert_eq!(market.devices[0].runs(), 1);
	market.chain.advance(25);
	step(&mut worker).await;
	step(&mut worker).await;
	assert!(worker.status().borrow().jobs.is_empty());
	drop(worker);
	assert!(market.store().owners().is_empty(), "nothing is pinned any more");
	assert!(!market.path("work").join(owner_of(job)).exists());
}

#[tokio::test]
async fn what_is_attested_and_shown_is_what_the_vm_computes() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	market.until_attested(&mut worker, job).await;
	let transcript = market.provider.attestation(job).await.unwrap().unwrap().transcript;
	let inputs = super::support::inputs_of(&market.program);
	let program = Program::decode(&market.program.code).unwrap();
	let right = mutirao_machine_prover::Computed::by_vm(
		program.clone(),
		&market.program.parameters,
		inputs,
	);
	let right = right.unwrap();
	assert_eq!(transcript_root(&transcript), transcript_root(&right.transcript()));
	// Any opened witness re-executes as the chain would do it.
	let workgroup = Workgroup { pass: 1, number: 1 };
	let (witness, _) = right.witness(workgroup).unwrap();
	let mut chunks = Chunks::new();
	let opening = witness.reads[0].as_ref().unwrap();
	let mut slots = (0u8..).zip(&right.summary().passes[1].slots);
	let slot = slots.find(|(_, slot)| slot.slice_words.is_none()).unwrap().0;
	for (chunk, bytes) in opening.verify(&transcript[0]).unwrap().iter() {
		chunks.push(ChunkId { slot, chunk }, bytes).unwrap();
	}
	let run = run_workgroup(&program, 1, &market.program.parameters, 1, &chunks).unwrap();
	let slice = witness.slices[0].verify(&transcript[1]).unwrap();
	let words: Vec<u8> = run.slices[0].iter().flat_map(|word| word.to_le_bytes()).collect();
	assert_eq!(&slice.get(0).unwrap()[256..512], words);
}

/// What `status` says is to be done for the only job.
async fn duty(market: &Market) -> String {
	let status =
		crate::status::gather(&market.provider, market.account(), &[], None).await.unwrap();
	status.jobs[0].duty.clone()
}

#[tokio::test]
async fn a_demand_is_answered_and_one_that_was_missed_is_found() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	while !matches!(
		market.buyer.job(job).await.unwrap().map(|job| job.state.kind()),
		Some(mutirao_types::JobStateKind::Contestable)
	) {
		step(&mut worker).await;
		market.chain.advance(1);
	}
	assert_eq!(duty(&market).await, "nothing, unless a chunk is demanded");
	for (buffer, chunk) in [(JobBuffer::Input(0), 0), (JobBuffer::Written(1), 0)] {
		// Nobody tells the worker: it sees that the chain counts more demands than it knows.
		market.buyer.demand(job, buffer, chunk).await.unwrap();
		assert_eq!(duty(&market).await, "answer demands");
		step(&mut worker).await;
		assert_eq!(market.provider.pending_demand(job, buffer, chunk).await.unwrap(), None);
		assert_eq!(market.provider.count(job, What::Supply(buffer, chunk)), 1);
	}
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
}

#[tokio::test]
async fn several_jobs_run_at_once_up_to_the_capacity_and_directed_ones_go_first() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let mut jobs = Vec::new();
	for _ in 0..5 {
		jobs.push(market.post().await);
	}
	let directed =
		mutirao_types::JobRequest { target: Target::Offer(market.offers[0]), ..market.request() };
	let directed = market.post_as(directed).await;
	step(&mut worker).await;
	let running = market.buyer.offer(market.offers[0]).await.unwrap().unwrap().running;
	assert_eq!(running, super::support::CAPACITY);
	let taken = market.buyer.job(directed).await.unwrap().unwrap();
	assert!(taken.state.deal().is_some(), "the directed one is among them");
	assert!(market.buyer.job(jobs[4]).await.unwrap().unwrap().state.deal().is_none());
}

#[tokio::test]
async fn each_offer_has_its_device() {
	let devices = vec![Scripted::honest("one"), Scripted::honest("two")];
	let market = Market::with(devices).await;
	market.provider.pause_offer(market.offers[0]).await.unwrap();
	let mut worker = market.worker();
	let job = market.post().await;
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	assert_eq!((market.devices[0].runs(), market.devices[1].runs()), (0, 1));
	let first = market.buyer.offer(market.offers[0]).await.unwrap().unwrap();
	assert_eq!(first.state, OfferState::Paused);
}

#[tokio::test]
async fn a_worker_that_lost_its_journal_finds_its_jobs_and_keeps_their_promises() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	market.until_attested(&mut worker, job).await;
	drop(worker);
	std::fs::remove_file(market.path("journal.redb")).unwrap();
	std::fs::remove_dir_all(market.path("store")).unwrap();
	let mut worker = market.worker();
	assert_eq!(market.until_over(&mut worker, job).await, Verdict::Settled);
	assert_eq!(market.provider.count(job, What::Attest), 1);
	assert_eq!(market.devices[0].runs(), 2, "it was computed again, to be opened");
	let opened = |sample: &Sample| sample.opened;
	assert!(market.provider.samples(job).await.unwrap().is_none_or(|all| all.iter().all(opened)));
}
