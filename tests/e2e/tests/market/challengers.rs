//! Whoever challenges an honest provider pays for it, and changes nothing.

use crate::{
	happy::{register, settled},
	ledger::{fees_of, Ledger},
	work::Work,
	world::{submit, World},
};
use anyhow::{ensure, Context, Result};
use mutirao_client::{
	pallets::AttestationsExt as _,
	types::{JobState, Workgroup},
	Account, Blocks as _,
};

/// A true witness of right work, and one of bytes that nobody committed to.
pub(crate) async fn of_honest_work(world: &World) -> Result<()> {
	let provider = world.provider("Slandered").await?;
	let worker = provider.start().await?;
	let (buyer, challenger) = (world.buyer("Content").await?, world.buyer("Slanderer").await?);
	let work = Work::of("sobel", &[64, 40])?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let offer = provider.offer()?;
	let (sent, challenged) = tokio::join!(
		submit(&buyer, &work, offer, &["--contest-for", "90"]),
		slander(world, &buyer, &challenger, &work),
	);
	challenged?;
	let receipt = sent?.json()?;
	settled(world, &buyer, &provider, &work, &ledger, &receipt["receipt"]).await?;
	worker.stop().await?;
	Ok(())
}

/// Challenges twice in vain, and counts what that has cost.
async fn slander(
	world: &World,
	buyer: &mutirao_e2e::Buyer,
	challenger: &mutirao_e2e::Buyer,
	work: &Work,
) -> Result<()> {
	let job = world.job_of(buyer).await?;
	world.job_is(job, |state| matches!(state, JobState::Contestable { .. })).await?;
	let workgroup = Workgroup { pass: 0, number: 3 };
	let (witness, steps) = work.computed()?.witness(workgroup)?;
	let mut forged = witness.clone();
	let slice = forged.slices.first_mut().context("it writes one buffer")?;
	slice.bytes[0] ^= 1;
	let (account, had) = (challenger.account(), world.money(challenger.account()).await?.total());
	let from = world.client.finalized_number().await?;
	let own = Account::new(world.client.clone(), challenger.key.clone());
	let included = own.challenge(job, workgroup, steps, witness).await?;
	ensure!(included.fee > 0, "a challenge of right work is free");
	let refused = own.challenge(job, workgroup, steps, forged).await;
	let error = refused.err().context("a forged witness was taken")?;
	ensure!(error.pallet_error().is_some_and(|(pallet, _)| pallet == "Attestations"), "{error}");
	let fees = fees_of(world, account, from).await?;
	ensure!(fees > included.fee, "only one of two challenges has cost something: {fees}");
	let has = world.money(account).await?.total();
	ensure!(has + fees == had, "it had {had}, paid fees of {fees}, and has {has}");
	Ok(())
}
