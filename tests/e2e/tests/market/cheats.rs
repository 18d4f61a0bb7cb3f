//! Providers that cheat, and what it costs them.

use crate::world::{submit, Money, Work, World};
use anyhow::{ensure, Context, Result};
use mutirao_client::types::{RefundReason, Verdict};
use mutirao_e2e::{Buyer, Provider};

/// What a lie costs: at least a part of the stake, and the buyer is not worse off for it.
async fn is_punished(
	world: &World,
	buyer: &Buyer,
	before: Money,
	provider: &Provider,
	reasons: &[RefundReason],
) -> Result<()> {
	let job = world.job_of(buyer).await?;
	let finished = world.finished(job).await?;
	let expected: Vec<Verdict> = reasons.iter().map(|reason| Verdict::Refunded(*reason)).collect();
	ensure!(expected.contains(&finished.verdict), "{:?}", finished.verdict);
	let record = world.record(provider).await?;
	let collateral = finished.deal.context("it was accepted")?.collateral;
	let lost = 1_000_000_000_000_000 - record.stake;
	ensure!(lost > 0 && lost <= collateral, "the provider lost {lost} of {collateral}");
	ensure!(record.earmarked == 0 && record.open_jobs == 0, "{record:?}");
	let now = world.money(buyer.account()).await?;
	// It paid fees of transactions, and got a part of the slash.
	ensure!(now.total() + 1_000_000_000_000 > before.total(), "{before:?} {now:?}");
	Ok(())
}

/// A device that changes its results is caught by the audit, or by the buyer's own check.
pub(crate) async fn a_liar(world: &World, fault: &str, work: Work) -> Result<()> {
	let name = format!("Liar-{fault}");
	let provider = world.provider_with(&name, "vm", &[]).await?;
	provider.lie(fault)?;
	let worker = provider.start().await?;
	let buyer = world.buyer(&format!("Cheated-by-{fault}")).await?;
	let before = world.money(buyer.account()).await?;
	let sent = submit(&buyer, &work, provider.offer()?, &["--full"]).await?;
	ensure!(sent.code == Some(14), "exit code {:?}: {}{}", sent.code, sent.stdout, sent.stderr);
	let reasons =
		[RefundReason::OpeningWrong, RefundReason::ChallengeUpheld, RefundReason::OpeningMissed];
	is_punished(world, &buyer, before, &provider, &reasons).await?;
	drop(worker);
	Ok(())
}

/// Ends its worker at a point of a job, for good.
async fn stops_at(
	world: &World,
	name: &str,
	point: &str,
	timeout: &str,
	reason: RefundReason,
) -> Result<()> {
	let provider = world.provider(name).await?;
	let worker = provider.start_with(&[("MUTIRAO_FAULT_POINT", point)]).await?;
	let buyer = world.buyer(&format!("Buyer-of-{name}")).await?;
	let before = world.money(buyer.account()).await?;
	let work = Work::of("sobel", &[64, 40])?;
	let further = ["--timeout", timeout];
	let sent = submit(&buyer, &work, provider.offer()?, &further).await?;
	ensure!(sent.code != Some(0), "{}", sent.stdout);
	is_punished(world, &buyer, before, &provider, &[reason]).await?;
	drop(worker);
	Ok(())
}

/// Accepts, and never attests.
pub(crate) async fn a_sleeper(world: &World) -> Result<()> {
	stops_at(world, "Sleeper", "after-accept", "120", RefundReason::Late).await
}

/// Attests, and never opens.
pub(crate) async fn a_mute(world: &World) -> Result<()> {
	stops_at(world, "Mute", "after-attest", "120", RefundReason::OpeningMissed).await
}
