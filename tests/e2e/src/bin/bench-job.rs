//! `scripts/bench job`: how long paid jobs take from stage to stage on a development chain with one
//! provider, and the chain's share of their work. JSON lines.

// Each program that measures uses a part of it.
#[allow(dead_code)]
mod figures;

use anyhow::{ensure, Context, Result};
use figures::{
	lives::{Lives, Stage},
	market::{adapter, arguments, steps_of, widen, KERNEL, PROVIDER},
	print, print_quantiles,
};
use mutirao_client::Client;
use mutirao_e2e::{Buyer, Node, Provider};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Buyers that post side by side, each the next job when the one before is with the provider.
const BUYERS: usize = 5;
/// Jobs of each.
const JOBS_EACH: usize = 10;
const JOBS: usize = BUYERS * JOBS_EACH;
/// From the last post to the last settlement.
const LONG: Duration = Duration::from_secs(420);
/// What the worker does for a job before the chain sees its result.
const WORK: [&str; 5] = ["fetch", "upload", "gpu", "read_back_and_hash", "self_check"];

#[tokio::main]
async fn main() -> Result<()> {
	let adapter = adapter()?;
	eprintln!("on {adapter}");
	let node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let provider = Provider::register(&node, &client, PROVIDER, &adapter, &[]).await?;
	widen(&provider, JOBS)?;
	let running = provider.start().await?;
	let mut buyers = Vec::new();
	for number in 0..BUYERS {
		buyers.push(Buyer::new(&node, &client, &format!("Buyer-{number}")).await?);
	}
	buyers[0].run(&["program", "register", KERNEL]).await?.success()?;

	let offer = provider.offer()?;
	let mut posting = JoinSet::new();
	for buyer in buyers {
		posting.spawn(async move {
			let arguments = arguments(&buyer, offer)?;
			for _ in 0..JOBS_EACH {
				buyer.json(&arguments).await?;
			}
			anyhow::Ok(())
		});
	}
	while let Some(posted) = posting.join_next().await {
		posted??;
	}
	let mut lives = Lives::default();
	let start = Instant::now();
	while lives.reached(Stage::Settled) < JOBS {
		ensure!(start.elapsed() < LONG, "jobs did not settle:\n{}", provider.log());
		tokio::time::sleep(Duration::from_secs(1)).await;
		lives.catch_up(&client).await?;
	}
	report(&lives)?;
	share(&lives, &provider).await?;
	let fees = &running.status()?["earnings"]["fees_planck"];
	let fees: f64 = fees.as_str().context("no fees in the status")?.parse()?;
	print("job/fees_of_the_worker", fees / 1e12 / JOBS as f64, "MUT");
	running.stop().await?;
	Ok(())
}

fn report(lives: &Lives) -> Result<()> {
	for (name, from, to) in [
		("post_to_accept", Stage::Posted, Stage::Accepted),
		("accept_to_attest", Stage::Accepted, Stage::Attested),
		("attest_to_audited", Stage::Attested, Stage::Audited),
		("audited_to_settled", Stage::Audited, Stage::Settled),
		("post_to_settled", Stage::Posted, Stage::Settled),
	] {
		let (blocks, seconds) = lives.between(from, to)?;
		print_quantiles(&format!("job/{name}_blocks"), blocks, "blocks")?;
		print_quantiles(&format!("job/{name}"), seconds, "s")?;
	}
	Ok(())
}

/// The chain's part of the work that is done for a job: the weight of its extrinsics, from post to
/// settle, beside the worker's time for it.
async fn share(lives: &Lives, provider: &Provider) -> Result<()> {
	let steps = steps_of(provider).await?;
	let work: f64 = WORK.iter().map(|step| steps.seconds(step)).sum();
	let (weight, work) = (lives.weight_milliseconds(), 1e3 * work / JOBS as f64);
	print("job/chain_weight", weight, "ms");
	print("job/worker_time", work, "ms");
	print("job/chain_share_of_work", 100.0 * weight / (weight + work), "%");
	Ok(())
}
