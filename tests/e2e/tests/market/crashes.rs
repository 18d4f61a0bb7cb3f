//! Workers that are killed in the middle of a job, and go on.

use crate::{
	happy::{money, register, right_outputs, Before},
	world::{submit, Work, World},
};
use anyhow::{ensure, Result};
use std::time::Duration;

/// A worker dies as if the machine lost power, is started again, and the job settles.
pub(crate) async fn at(world: &World, point: &str) -> Result<()> {
	let provider = world.provider(&format!("Phoenix-{point}")).await?;
	let buyer = world.buyer(&format!("Buyer-of-Phoenix-{point}")).await?;
	let work = Work::of("sobel", &[64, 40])?;
	register(&buyer, &work).await?;
	let before = Before::read(world, &buyer, &provider).await?;
	let mut dying = provider.start_with(&[("MUTIRAO_FAULT_POINT", point)]).await?;
	let offer = provider.offer()?;
	let (sent, reborn) = tokio::join!(submit(&buyer, &work, offer, &[]), async {
		let status = dying.ended(Duration::from_secs(300)).await?;
		ensure!(!status.success(), "the worker did not stop at {point}");
		provider.start().await
	});
	let reborn = reborn?;
	let receipt = sent?.json()?;
	right_outputs(&buyer, &work)?;
	money(world, &buyer, &provider, &before, &receipt["receipt"]).await?;
	reborn.stop().await?;
	Ok(())
}
