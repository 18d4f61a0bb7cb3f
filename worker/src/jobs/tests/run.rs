//! The loop as the program runs it: over blocks, until it is told to stop.

use std::time::Duration;

use mutirao_client::Error;
use mutirao_data::store::Store;
use mutirao_types::Verdict;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
	super::{run, JobsError, Journal},
	support::{gone, Market},
};

#[tokio::test]
async fn it_follows_blocks_does_its_jobs_and_stops_when_it_is_told() {
	let market = Market::new().await;
	let job = market.post().await;
	let stop = CancellationToken::new();
	let running = tokio::spawn(run(market.worker(), stop.clone()));
	let done = async {
		while market.verdict(job).await.is_none() {
			market.chain.advance(1);
			sleep(Duration::from_millis(10)).await;
		}
	};
	timeout(Duration::from_secs(30), done).await.expect("it takes seconds");
	assert_eq!(market.verdict(job).await, Some(Verdict::Settled));
	stop.cancel();
	timeout(Duration::from_secs(5), running).await.unwrap().unwrap().unwrap();
	gone().await;
	let journal = Journal::open(&market.path("journal.redb")).unwrap();
	assert!(journal.next_block().unwrap().is_some_and(|next| next > 1), "it goes on from there");
}

#[tokio::test]
async fn what_its_jobs_need_is_pinned_when_it_starts_and_nothing_else_in_their_names() {
	let market = Market::new().await;
	let mut worker = market.worker();
	let job = market.post().await;
	market.until_attested(&mut worker, job).await;
	drop(worker);
	gone().await;
	// What a crash may leave: results without their pin, and a pin of others.
	let journal = Journal::open(&market.path("journal.redb")).unwrap();
	let record = journal.get(job).unwrap().unwrap();
	drop(journal);
	let store = market.store();
	let other = store.put(&[7; 5_000]).unwrap();
	store.unpin(&record.owner()).unwrap();
	store.pin(&record.owner(), &[other]).unwrap();
	drop(store);
	let stop = CancellationToken::new();
	stop.cancel();
	run(market.worker(), stop).await.unwrap();
	gone().await;
	let store = Store::open(market.path("store"), 1).unwrap();
	store.collect().unwrap();
	assert!(record.buffers().len() > 2, "inputs and results: {record:?}");
	assert!(record.buffers().iter().all(|id| store.contains(id)));
	assert!(!store.contains(&other));
}

#[tokio::test]
async fn a_chain_that_it_does_not_understand_ends_it_with_a_clear_word() {
	let market = Market::new().await;
	let worker = market.worker();
	let reason = "the chain does not have it".to_owned();
	market.chain.fail_next_read(Error::Decode { what: "Jobs.now".into(), reason });
	let ended = timeout(Duration::from_secs(5), run(worker, CancellationToken::new()));
	let error = ended.await.expect("at once").unwrap_err();
	assert!(matches!(error, JobsError::Chain(_)), "{error}");
	assert!(error.to_string().contains("must not guess"), "{error}");
}

#[tokio::test]
async fn an_account_that_is_no_provider_is_told_what_to_do() {
	let market = Market::new().await;
	let worker = market.stranger();
	let ended = timeout(Duration::from_secs(5), run(worker, CancellationToken::new()));
	let error = ended.await.expect("at once").unwrap_err().to_string();
	assert!(error.contains("mutirao-worker register"), "{error}");
}
