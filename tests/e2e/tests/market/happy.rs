//! Jobs that go well: outputs equal to the reference, everybody's money to the last planck.

use crate::{
	ledger::Ledger,
	work::Work,
	world::{planck, submit, World},
};
use anyhow::{ensure, Context, Result};
use mutirao_client::types::Verdict;
use mutirao_e2e::{Buyer, Provider};
use serde_json::Value;

/// Runs one kernel as a paid job, and checks what came of it.
pub(crate) async fn settles(world: &World, kernel: &str, parameters: &[u32]) -> Result<()> {
	let provider = world.provider(&format!("Provider-{kernel}")).await?;
	let worker = provider.start().await?;
	let buyer = world.buyer(&format!("Buyer-{kernel}")).await?;
	let work = Work::of(kernel, parameters)?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let receipt = submit(&buyer, &work, provider.offer()?, &[]).await?.json()?;
	settled(world, &buyer, &provider, &work, &ledger, &receipt["receipt"]).await?;
	worker.stop().await?;
	Ok(())
}

/// Registers the program, which is none of a job's costs. Another scenario may do it at the same time.
pub(crate) async fn register(buyer: &Buyer, work: &Work) -> Result<()> {
	let sent = buyer.run(&["program", "register", &work.name]).await?;
	if !sent.stderr.contains("Programs.AlreadyRegistered") {
		sent.success()?;
	}
	Ok(())
}

/// Every output's file holds what the reference computes.
fn right_outputs(buyer: &Buyer, work: &Work) -> Result<()> {
	for (name, expected) in work.outputs.iter().zip(work.expected()?) {
		let found = std::fs::read(buyer.file("outputs").join(name))?;
		ensure!(found == expected, "the output {name} differs from the reference");
	}
	Ok(())
}

/// The outputs are right, the buyer paid what the receipt says, and everybody has what the rules say.
pub(crate) async fn settled(
	world: &World,
	buyer: &Buyer,
	provider: &Provider,
	work: &Work,
	ledger: &Ledger,
	receipt: &Value,
) -> Result<()> {
	right_outputs(buyer, work)?;
	let job = receipt["job"].as_u64().context("the receipt names the job")?;
	ledger.close(world, provider, job, &[Verdict::Settled]).await?;
	let deal = world.finished(job).await?.deal.context("it was accepted")?;
	let price = planck(receipt, "price")?;
	ensure!(price == deal.price, "the receipt says {price}, the chain {}", deal.price);
	ensure!(receipt["audits_drawn"] == receipt["audits_passed"] && receipt["audits_drawn"] != 0);
	let paid = ledger.buyer_has - world.money(buyer.account()).await?.total();
	ensure!(paid == planck(receipt, "total")?, "the buyer paid {paid}: {receipt}");
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
