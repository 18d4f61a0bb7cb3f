//! Workers that are killed in the middle of a job, and go on.

use crate::{
	cheats::UNREACHABLE,
	griefers::Grief,
	happy::{register, settled},
	ledger::Ledger,
	work::Work,
	world::{submit, World, LONG},
};
use anyhow::{ensure, Result};
use mutirao_client::types::{FaultKind, Verdict};
use mutirao_e2e::{Buyer, Provider, Sent, Worker};

/// Where workers are always killed.
pub(crate) const SOME: &[&str] =
	&["before-accept", "after-accept", "after-compute", "after-attest", "after-open"];
/// Where else every job comes by, if nothing goes wrong.
pub(crate) const OTHERS: &[&str] = &[
	"before-compute",
	"after-check",
	"before-attest",
	"before-open",
	"before-settle",
	"after-settle",
	"before-conclude",
	"after-conclude",
];
/// Where a job comes by whose program is at fault.
pub(crate) const AT_FAULTS: &[&str] = &["before-prove-fault", "after-prove-fault"];
/// Where a job comes by of which a chunk is demanded. At no point of a hand-back, of a chain that stood
/// still, and of a day after a job is a worker killed here: the worker's own tests do that.
pub(crate) const AT_DEMANDS: &[&str] = &["before-supply", "after-supply"];
/// The variable that asks for the others, too: `MUTIRAO_FAULT_POINTS=all`.
pub(crate) const ALL_VARIABLE: &str = "MUTIRAO_FAULT_POINTS";

/// A worker dies as if the machine lost power, is started again, and the job settles.
pub(crate) async fn at(world: &World, point: &str) -> Result<()> {
	let (provider, buyer) = people(world, point).await?;
	let work = Work::of("sobel", &[64, 40])?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let (sent, reborn) = submit_and_kill(&provider, &buyer, &work, point, &[]).await?;
	settled(world, &buyer, &provider, &work, &ledger, &sent.json()?["receipt"]).await?;
	reborn.stop().await?;
	Ok(())
}

/// The same while it shows that a program is at fault.
pub(crate) async fn at_a_fault(world: &World, point: &str) -> Result<()> {
	let (provider, buyer) = people(world, point).await?;
	let work = Grief::Race.work(&buyer)?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let (sent, reborn) = submit_and_kill(&provider, &buyer, &work, point, &[]).await?;
	ensure!(sent.code == Some(5), "exit code {:?}: {}{}", sent.code, sent.stdout, sent.stderr);
	let (job, race) = (world.job_of(&buyer).await?, Verdict::Faulted(FaultKind::Race));
	ledger.close(world, &provider, job, &[race]).await?;
	reborn.stop().await?;
	Ok(())
}

/// The same while it shows a chunk that is demanded, because its data plane cannot be reached.
pub(crate) async fn at_a_demand(world: &World, point: &str) -> Result<()> {
	let (provider, buyer) = people(world, point).await?;
	let work = Work::of("mandelbrot", &[32, 16, 0, 0, 0, 100])?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let (sent, reborn) = submit_and_kill(&provider, &buyer, &work, point, &[UNREACHABLE]).await?;
	ensure!(sent.code == Some(13), "exit code {:?}: {}{}", sent.code, sent.stdout, sent.stderr);
	let job = world.job_of(&buyer).await?;
	let story = ledger.close(world, &provider, job, &[Verdict::Settled]).await?;
	ensure!(story.supplied == 1, "{} chunks were shown", story.supplied);
	reborn.stop().await?;
	Ok(())
}

async fn people(world: &World, point: &str) -> Result<(Provider, Buyer)> {
	let provider = world.provider(&format!("Phoenix-{point}")).await?;
	Ok((provider, world.buyer(&format!("Buyer-of-Phoenix-{point}")).await?))
}

/// Submits work to a worker that dies at this point and is started again; how the buyer's command ended.
async fn submit_and_kill<'a>(
	provider: &'a Provider,
	buyer: &Buyer,
	work: &Work,
	point: &str,
	settings: &[(&str, &str)],
) -> Result<(Sent, Worker<'a>)> {
	let variables = [settings, &[("MUTIRAO_FAULT_POINT", point)]].concat();
	let mut dying = provider.start_with(&variables).await?;
	let offer = provider.offer()?;
	let (sent, reborn) =
		tokio::join!(submit(buyer, work, offer, &["--contest-for", "60"]), async {
			let status = dying.ended(LONG).await?;
			ensure!(!status.success(), "the worker did not stop at {point}");
			provider.start_with(settings).await
		});
	Ok((sent?, reborn?))
}
