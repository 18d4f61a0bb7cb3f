//! Jobs that go well: outputs equal to the reference, everybody's money to the last planck.

use crate::world::{planck, submit, Work, World};
use anyhow::{ensure, Context, Result};
use mutirao_client::types::Verdict;
use mutirao_e2e::{Buyer, Provider};
use serde_json::Value;

/// The protocol's part of a price.
const FEE_DIVISOR: u128 = 50;

/// Runs one kernel as a paid job, and checks what came of it.
pub(crate) async fn settles(world: &World, kernel: &str, parameters: &[u32]) -> Result<()> {
	let provider = world.provider(&format!("Provider-{kernel}")).await?;
	let worker = provider.start().await?;
	let buyer = world.buyer(&format!("Buyer-{kernel}")).await?;
	let work = Work::of(kernel, parameters)?;
	register(&buyer, &work).await?;
	let before = Before::read(world, &buyer, &provider).await?;
	let receipt = submit(&buyer, &work, provider.offer()?, &[]).await?.json()?;
	right_outputs(&buyer, &work)?;
	money(world, &buyer, &provider, &before, &receipt["receipt"]).await?;
	worker.stop().await?;
	Ok(())
}

/// Registers the kernel's program, which is none of a job's costs.
pub(crate) async fn register(buyer: &Buyer, work: &Work) -> Result<()> {
	buyer.run(&["program", "register", work.kernel.name]).await?.success()?;
	Ok(())
}

/// Balances before a job.
pub(crate) struct Before {
	buyer: u128,
	provider: u128,
	stake: u128,
}

impl Before {
	pub(crate) async fn read(world: &World, buyer: &Buyer, provider: &Provider) -> Result<Self> {
		Ok(Self {
			buyer: world.money(buyer.account()).await?.total(),
			provider: world.money(provider.account()).await?.total(),
			stake: world.record(provider).await?.stake,
		})
	}
}

/// Every output's file holds what the reference computes.
pub(crate) fn right_outputs(buyer: &Buyer, work: &Work) -> Result<()> {
	for (name, expected) in work.outputs.iter().zip(work.expected()) {
		let found = std::fs::read(buyer.file("outputs").join(name))?;
		ensure!(found == expected, "the output {name} differs from the reference");
	}
	Ok(())
}

/// The buyer paid what the receipt says, the provider got the price less the fee, and nothing is stuck.
pub(crate) async fn money(
	world: &World,
	buyer: &Buyer,
	provider: &Provider,
	before: &Before,
	receipt: &Value,
) -> Result<()> {
	let job = receipt["job"].as_u64().context("the receipt names the job")?;
	let finished = world.finished(job).await?;
	ensure!(finished.verdict == Verdict::Settled, "{:?}", finished.verdict);
	let price = planck(receipt, "price")?;
	let deal = finished.deal.context("it was accepted")?;
	ensure!(price == deal.price, "the receipt says {price}, the chain {}", deal.price);
	ensure!(receipt["audits_drawn"] == receipt["audits_passed"] && receipt["audits_drawn"] != 0);
	let buyer_now = world.money(buyer.account()).await?;
	let paid = before.buyer - buyer_now.total();
	ensure!(paid == planck(receipt, "total")?, "the buyer paid {paid}: {receipt}");
	// Deposits for the places of program and job, and no more.
	let earned = world.money(provider.account()).await?.total() - before.provider;
	ensure!(earned == price - price / FEE_DIVISOR, "the provider earned {earned} of {price}");
	let record = world.record(provider).await?;
	ensure!(record.stake == before.stake && record.earmarked == 0 && record.open_jobs == 0);
	Ok(())
}

/// Two providers: the cheaper one is chosen, unless it is too far away.
pub(crate) async fn the_cheaper_of_two(world: &World) -> Result<()> {
	let cheap = ["--price-per-gigastep", "1 planck", "--minimum-price", "5 planck"];
	let cheap = world.provider_with("Cheap", "vm", &cheap).await?;
	let dear = ["--price-per-gigastep", "9 MUT", "--minimum-price", "1 MUT"];
	let dear = world.provider_with("Dear", "vm", &dear).await?;
	let workers = (cheap.start().await?, dear.start().await?);
	let buyer = world.buyer("Thrifty").await?;
	let work = Work::of("sobel", &[64, 40])?;
	let mut arguments = work.arguments(&buyer)?;
	let to = buyer.file("outputs").display().to_string();
	let further = ["--wait", "--contest-for", "30", "--to", &to];
	arguments.extend(further.map(ToOwned::to_owned));
	let receipt = buyer.json(&arguments).await?;
	right_outputs(&buyer, &work)?;
	let chosen = receipt["receipt"]["deal"]["offer"].as_u64();
	ensure!(chosen == Some(cheap.offer()?), "offer {chosen:?} was chosen");
	drop(workers);
	Ok(())
}
