//! Providers that cheat, and what it costs them.

use crate::{
	happy::register,
	ledger::{fees_of, Ledger, DEMAND},
	work::Work,
	world::{planck, submit, World},
};
use anyhow::{ensure, Context, Result};
use mutirao_client::{
	types::{RefundReason, Verdict},
	Balance, Blocks as _,
};
use serde_json::Value;

/// Sets a data plane where the chain does not say that it is.
pub(crate) const UNREACHABLE: (&str, &str) = ("MUTIRAO_WORKER_DATA_LISTEN", "127.0.0.1:0");

/// A device that changes its results is caught by the audit, or by the buyer's own check.
pub(crate) async fn a_liar(world: &World, fault: &str, work: Work) -> Result<()> {
	let provider = world.provider(&format!("Liar-{fault}")).await?;
	provider.lie(fault)?;
	let worker = provider.start().await?;
	let buyer = world.buyer(&format!("Cheated-by-{fault}")).await?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let sent = submit(&buyer, &work, provider.offer()?, &["--full"]).await?;
	ensure!(sent.code == Some(14), "exit code {:?}: {}{}", sent.code, sent.stdout, sent.stderr);
	let reasons =
		[RefundReason::OpeningWrong, RefundReason::ChallengeUpheld, RefundReason::OpeningMissed];
	let job = world.job_of(&buyer).await?;
	ledger.close(world, &provider, job, &reasons.map(Verdict::Refunded)).await?;
	drop(worker);
	Ok(())
}

/// One workgroup of hundreds is wrong, the chain draws another one, and the buyer does not contest it: a
/// stranger's watchtower does, and has its part of the collateral.
pub(crate) async fn a_liar_under_a_watchtower(world: &World) -> Result<()> {
	let watcher = world.provider("Watcher").await?;
	let provider = world.provider("Liar-unseen").await?;
	provider.lie("one-workgroup")?;
	let worker = provider.start().await?;
	let buyer = world.buyer("Trusting").await?;
	let work = Work::of("mandelbrot", &[512, 256, 0, 0, 0, 1])?;
	register(&buyer, &work).await?;
	let hot = watcher.hot_account()?;
	let (from, had) = (world.client.finalized_number().await?, world.money(hot).await?);
	let mut ledger = Ledger::open(world, &buyer, &provider).await?;
	ledger.samples = 1;
	let tower = watcher.watch(&["--jobs", "any", "--workgroups", "all"])?;
	let further = ["--audits", "1", "--no-challenge", "--contest-for", "90"];
	let sent = submit(&buyer, &work, provider.offer()?, &further).await?;
	ensure!(sent.code == Some(14), "exit code {:?}: {}{}", sent.code, sent.stdout, sent.stderr);
	let job = world.job_of(&buyer).await?;
	let upheld = Verdict::Refunded(RefundReason::ChallengeUpheld);
	let story = ledger.close(world, &provider, job, &[upheld]).await?;
	ensure!(story.challenger == Some(hot), "{:?} was faster", story.challenger);
	let seen = tower.stop().await?;
	ensure!(seen["upheld"].as_u64() >= Some(1) && seen["failed"] == 0, "{seen}");
	let has = world.money(hot).await?.total() + fees_of(world, hot, from).await?;
	let earned = has - had.total();
	let said = seen["earned"].as_u64().map(u128::from).context("what it earned")?;
	ensure!(earned == said && earned > 0, "the watchtower earned {earned}, and says: {seen}");
	drop(worker);
	Ok(())
}

/// Ends its worker at a point of a job, for good.
async fn stops_at(world: &World, name: &str, point: &str, reason: RefundReason) -> Result<()> {
	let provider = world.provider(name).await?;
	let worker = provider.start_with(&[("MUTIRAO_FAULT_POINT", point)]).await?;
	let buyer = world.buyer(&format!("Buyer-of-{name}")).await?;
	let work = Work::of("sobel", &[64, 40])?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let sent = submit(&buyer, &work, provider.offer()?, &["--timeout", "120"]).await?;
	ensure!(sent.code == Some(12), "exit code {:?}: {}{}", sent.code, sent.stdout, sent.stderr);
	let job = world.job_of(&buyer).await?;
	ledger.close(world, &provider, job, &[Verdict::Refunded(reason)]).await?;
	drop(worker);
	Ok(())
}

/// Accepts, and never attests.
pub(crate) async fn a_sleeper(world: &World) -> Result<()> {
	stops_at(world, "Sleeper", "after-accept", RefundReason::Late).await
}

/// Attests, and never opens.
pub(crate) async fn a_mute(world: &World) -> Result<()> {
	stops_at(world, "Mute", "after-attest", RefundReason::OpeningMissed).await
}

/// Attests and opens, and serves its outputs to nobody: its data plane is not where the chain says.
/// Whether it shows on the chain what is demanded there decides what it has of that.
pub(crate) async fn a_withholder(world: &World, shows: bool) -> Result<()> {
	let name = if shows { "Withholder-that-shows" } else { "Withholder" };
	let provider = world.provider(name).await?;
	let mut variables = vec![UNREACHABLE];
	if !shows {
		variables.push(("MUTIRAO_FAULT_POINT", "before-supply"));
	}
	let worker = provider.start_with(&variables).await?;
	let buyer = world.buyer(&format!("Buyer-of-{name}")).await?;
	// It has no inputs, which nobody could bring to this provider.
	let work = Work::of("mandelbrot", &[32, 16, 0, 0, 0, 100])?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let sent = submit(&buyer, &work, provider.offer()?, &["--contest-for", "90"]).await?;
	let (code, verdict) = match shows {
		true => (13, Verdict::Settled),
		false => (12, Verdict::Refunded(RefundReason::DemandUnanswered)),
	};
	ensure!(sent.code == Some(code), "exit code {:?}: {}{}", sent.code, sent.stdout, sent.stderr);
	let job = world.job_of(&buyer).await?;
	let story = ledger.close(world, &provider, job, &[verdict]).await?;
	ensure!(story.supplied == usize::from(shows), "{} chunks were shown", story.supplied);
	// No fee was spent that the receipt does not know of, as for calls in vain.
	let receipt: Value = serde_json::from_str(&sent.stdout)?;
	let fees = fees_of(world, buyer.account(), ledger.from).await?;
	let said = planck(&receipt["receipt"], "transaction_fees")?;
	ensure!(fees == said, "fees of {fees} were paid, and the receipt says {said}");
	let said = planck(&receipt["receipt"], "demand_deposits")?;
	let answered = story.supplied as Balance * DEMAND;
	ensure!(said == answered, "answers took {answered}, and the receipt says {said}");
	drop(worker);
	Ok(())
}
