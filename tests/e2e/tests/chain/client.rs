//! The typed client against a real node.

use anyhow::{ensure, Context, Result};
use jsonrpsee::rpc_params;
use mutirao_client::{
	known_metadata,
	pallets::{JobsExt, ProvidersExt},
	types::{Backend, Device, JobStateKind, OfferState, OfferTerms, Region},
	Account, Blocks, Call, Client, Error, Follower, Options, ProxyType, Submit, SubmitOptions,
	Until,
};
use mutirao_e2e::Node;
use std::time::Duration;
use subxt::{
	ext::{
		codec::{Decode, Encode},
		frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed},
	},
	ArcMetadata, Metadata,
};
use subxt_signer::sr25519::{dev, Keypair};

const MUT: u128 = 1_000_000_000_000;
const AT_ONCE: u128 = 20;
/// Transactions that are in a pool when its node dies.
const ON_THEIR_WAY: u128 = 3;
/// No job has this number.
const NO_JOB: u64 = 999_999;

fn account(key: &Keypair) -> mutirao_client::AccountId {
	key.public_key().to_account_id()
}

fn device() -> Result<Device> {
	let label = |text: &str| text.as_bytes().to_vec().try_into();
	Ok(Device {
		adapter: label("A test's adapter").map_err(|_| anyhow::anyhow!("too long"))?,
		driver: label("none").map_err(|_| anyhow::anyhow!("too long"))?,
		backend: Backend::Other,
		memory_mib: 1_024,
		region: Region { country: *b"BR", subdivision: *b"SP\0" },
		watts: 0,
	})
}

#[tokio::test]
async fn twenty_transactions_of_one_account_at_once_are_all_finalised() -> Result<()> {
	let node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let bob = account(&dev::bob());
	let before = client.free_balance(&bob).await?;
	let sending: Vec<_> = (0..AT_ONCE)
		.map(|_| {
			let client = client.clone();
			tokio::spawn(async move { client.transfer(&dev::alice(), bob, MUT).await })
		})
		.collect();
	let mut transactions = Vec::new();
	for sent in sending {
		let receipt = sent.await??;
		ensure!(receipt.finalized_after.is_some() && receipt.fee > 0, "{receipt:?}");
		transactions.push(receipt.transaction);
	}
	transactions.sort();
	transactions.dedup();
	ensure!(transactions.len() as u128 == AT_ONCE, "a transaction was counted twice");
	ensure!(client.free_balance(&bob).await? == before + AT_ONCE * MUT);
	let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
	let next = node.rpc.call("system_accountNextIndex", rpc_params![alice]).await?;
	ensure!(next == 20, "{next}");
	Ok(())
}

#[tokio::test]
async fn a_failed_call_speaks_its_doc_sentence_by_proxy_too() -> Result<()> {
	const NO_SUCH_JOB: &str = "Jobs.NoSuchJob: No job that has not ended has this number.";
	let node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let quick = SubmitOptions { until: Until::InBlock, ..Default::default() };
	let alice = Account::new(client.clone(), dev::alice()).with(quick);
	let error = alice.accept(NO_JOB, 0).await.err().context("there is no such job")?;
	ensure!(error.to_string().contains(NO_SUCH_JOB), "{error}");
	ensure!(error.pallet_error() == Some(("Jobs", "NoSuchJob")) && !error.is_retryable());

	let (delegate, kind) = (account(&dev::bob()), ProxyType::Worker);
	alice.submit(Call::AddProxy { delegate, kind }).await?;
	let worker = Account::new(client, dev::bob()).with(quick).acting_for(alice.account(), kind);
	ensure!(worker.account() == alice.account() && worker.signer() == delegate);
	let error = worker.accept(NO_JOB, 0).await.err().context("there is no such job")?;
	ensure!(error.to_string().contains(NO_SUCH_JOB), "{error}");
	// A worker's key can serve jobs, and not touch the stake.
	let error = worker.add_stake(MUT).await.err().context("a worker may not")?;
	ensure!(error.pallet_error() == Some(("System", "CallFiltered")), "{error}");
	Ok(())
}

#[tokio::test]
async fn what_a_provider_posts_is_read_back_in_the_same_words() -> Result<()> {
	let node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let dave = Account::new(client.clone(), dev::dave());
	let endpoint = b"http://127.0.0.1:8080".to_vec();
	let endpoint = endpoint.try_into().map_err(|_| anyhow::anyhow!("too long"))?;
	let start = client.finalized_number().await?;
	dave.register_provider(200 * MUT, endpoint).await?;
	let terms = OfferTerms {
		price_per_gigastep: MUT,
		minimum_price: MUT / 10,
		maximum_price: 10 * MUT,
		capacity: 2,
		expires: client.now().await? + 1_000,
	};
	let offer = dave.post_offer(device()?, terms.clone()).await?;
	let provider = client.provider(dave.account()).await?.context("registered")?;
	ensure!(provider.stake == 200 * MUT && provider.offers == 1, "{provider:?}");
	ensure!(client.offers_of(dave.account()).await? == [offer]);
	dave.pause_offer(offer).await?;
	let read = client.offer(offer).await?.context("posted")?;
	ensure!(read.terms == terms && read.device == device()?, "{read:?}");
	ensure!(read.state == OfferState::Paused && read.provider == dave.account(), "{read:?}");
	for stage in [JobStateKind::Open, JobStateKind::Running, JobStateKind::Finished] {
		ensure!(client.jobs_at(stage).await?.is_empty());
	}
	ensure!(client.job(NO_JOB).await?.is_none() && client.offer(NO_JOB).await?.is_none());

	let (mut follower, mut events) = (Follower::from(start + 1), 0);
	while follower.position() <= client.finalized_number().await? {
		let block = follower.next(&client).await?;
		let hash = node.rpc.block_hash(block.number.into()).await?;
		ensure!(hash == Some(format!("{:?}", block.hash)), "block {}", block.number);
		events += block.events.len();
	}
	ensure!(events >= 3, "registered, posted, paused: {events} events");
	Ok(())
}

#[tokio::test]
async fn the_client_goes_on_when_its_node_is_restarted() -> Result<()> {
	let node = Node::dev().await?;
	// Nobody serves the first endpoint; the second one goes away and comes back.
	let client = Client::open(Options::new(["ws://127.0.0.1:9".into(), node.ws_url()])?).await?;
	let bob = account(&dev::bob());
	let before = client.free_balance(&bob).await?;
	client.transfer(&dev::alice(), bob, MUT).await?;

	let (status, options) = node.stop()?;
	ensure!(status.success(), "a node asked to stop ended with {status}");
	let reader = client.clone();
	let reading = tokio::spawn(async move { reader.free_balance(&bob).await });
	tokio::time::sleep(Duration::from_secs(2)).await;
	ensure!(!reading.is_finished(), "read from a node that is down: {:?}", reading.await);
	let node = options.start().await?;
	ensure!(reading.await?? == before + MUT);
	client.transfer(&dev::alice(), bob, MUT).await?;

	// A power cut, while transactions are on their way: each takes effect, once, and so does the one that
	// is sent as soon as the node is back.
	let send = || {
		let client = client.clone();
		tokio::spawn(async move { client.transfer(&dev::alice(), bob, MUT).await })
	};
	let sending: Vec<_> = (0..ON_THEIR_WAY).map(|_| send()).collect();
	tokio::time::sleep(Duration::from_millis(300)).await;
	let node = node.kill()?.start().await?;
	for sent in sending.into_iter().chain([send()]) {
		sent.await??;
	}
	let sent = 2 + ON_THEIR_WAY + 1;
	ensure!(client.free_balance(&bob).await? == before + sent * MUT);
	ensure!(client.endpoint() == node.ws_url());
	Ok(())
}

/// What a program knows that was built for a chain whose Jobs had Programs' calls.
fn other_metadata() -> Result<ArcMetadata> {
	let bytes = include_bytes!("../../../../client/metadata.scale");
	let mut metadata = RuntimeMetadataPrefixed::decode(&mut &bytes[..])?;
	macro_rules! exchange {
		($pallets:expr) => {{
			let programs = $pallets.iter().find(|pallet| pallet.name == "Programs");
			let calls = programs.context("no Programs")?.calls.clone();
			let jobs = $pallets.iter_mut().find(|pallet| pallet.name == "Jobs");
			jobs.context("no Jobs")?.calls = calls;
		}};
	}
	match &mut metadata.1 {
		RuntimeMetadata::V15(metadata) => exchange!(metadata.pallets),
		RuntimeMetadata::V16(metadata) => exchange!(metadata.pallets),
		_ => anyhow::bail!("another version of metadata"),
	}
	Ok(Metadata::decode_from(&metadata.encode())?.arc())
}

#[tokio::test]
async fn a_chain_that_the_program_does_not_understand_is_refused() -> Result<()> {
	let node = Node::dev().await?;
	let options = Options::new([node.ws_url()])?;
	let known = other_metadata()?;
	let refused = Client::open(Options { known, ..options.clone() }).await.err();
	let error = refused.context("the chain is another one")?;
	ensure!(matches!(error, Error::Incompatible(_)) && !error.is_retryable(), "{error:?}");
	let text = error.to_string();
	ensure!(text.contains("it has no call Jobs.register"), "{text}");
	ensure!(text.contains("Update this program"), "{text}");
	Client::open(Options { known: known_metadata()?, ..options }).await?;
	Ok(())
}
