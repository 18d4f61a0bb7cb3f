//! Several endpoints, of which some are wrong or die.

use super::{
	changed_bytes,
	node::{FakeBlocks, FakeNode, Manner},
};
use crate::{Blocks, Client, Error, Options};
use std::{sync::atomic::Ordering, time::Duration};
use subxt_signer::sr25519::dev;

fn known() -> Vec<u8> {
	include_bytes!("../../metadata.scale").to_vec()
}

fn other() -> Vec<u8> {
	changed_bytes("JobRequest", "samples")
}

async fn open(nodes: &[&FakeNode], patience: Duration) -> Result<Client, Error> {
	let options = Options::new(nodes.iter().map(|node| node.url.clone()))?;
	Client::open(Options { patience, ..options }).await
}

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn an_endpoint_that_is_not_understood_is_passed_over() {
	let chain = FakeBlocks::new(1);
	let wrong = FakeBlocks::new(2).node(other(), Manner::Includes).await;
	let right = chain.node(known(), Manner::Includes).await;
	let client = open(&[&wrong, &right], PATIENCE).await.unwrap();
	assert_eq!(client.endpoint(), right.url);
	assert_eq!(client.finalized_number().await.unwrap(), 1);
	assert_eq!(wrong.connections.load(Ordering::SeqCst), 1, "it was asked");
}

#[tokio::test]
async fn without_a_right_endpoint_the_error_says_what_is_wrong() {
	let wrong = FakeBlocks::new(2).node(other(), Manner::Includes).await;
	let error = open(&[&wrong], PATIENCE).await.err().expect("it is not understood");
	assert!(matches!(error, Error::Incompatible(_)), "{error}");
}

#[tokio::test]
async fn when_the_node_in_use_dies_wrong_ones_are_passed_over_until_a_right_one() {
	let chain = FakeBlocks::new(1);
	let right = chain.node(known(), Manner::Includes).await;
	let other_chain = FakeBlocks::new(2).node(known(), Manner::Includes).await;
	let old_runtime = chain.node(other(), Manner::Includes).await;
	let second = chain.node(known(), Manner::Includes).await;
	let client = open(&[&right, &other_chain, &old_runtime, &second], PATIENCE).await.unwrap();
	assert_eq!(client.endpoint(), right.url);
	drop(right);
	assert_eq!(client.finalized_number().await.unwrap(), 1);
	assert_eq!(client.endpoint(), second.url);
	for passed in [&other_chain, &old_runtime] {
		assert_eq!(passed.connections.load(Ordering::SeqCst), 1);
	}
}

#[tokio::test]
async fn a_wrong_endpoint_does_not_end_the_wait_for_a_right_one() {
	let chain = FakeBlocks::new(1);
	let right = chain.node(known(), Manner::Includes).await;
	let wrong = FakeBlocks::new(2).node(known(), Manner::Includes).await;
	let client = open(&[&right, &wrong], Duration::ZERO).await.unwrap();
	drop(right);
	let error = client.finalized_number().await.expect_err("nobody right answers");
	assert!(error.is_retryable() && matches!(error, Error::Connect { .. }), "{error}");
}

#[tokio::test]
async fn a_transaction_survives_the_node_that_took_it() {
	let chain = FakeBlocks::new(1);
	let first = chain.node(known(), Manner::DiesWithIt).await;
	let wrong = FakeBlocks::new(2).node(known(), Manner::Includes).await;
	let second = chain.node(known(), Manner::Includes).await;
	let client = open(&[&first, &wrong, &second], PATIENCE).await.unwrap();
	assert_eq!(client.endpoint(), first.url);
	let to = dev::bob().public_key().into();
	let sent = client.transfer(&dev::alice(), to, 5).await.unwrap();
	assert_eq!((client.endpoint(), sent.block_number), (second.url.clone(), 2));
	assert_eq!(chain.transactions().len(), 1, "once");
}
