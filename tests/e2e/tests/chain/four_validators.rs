//! Four validators on loopback, killed and restarted.

use anyhow::{ensure, Result};
use mutirao_e2e::{holds_for, wait_for, Network};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(150);
const SURVIVOR: usize = 0;

async fn finality_passes(network: &Network, height: u64) -> Result<()> {
	let rpc = &network.node(SURVIVOR)?.rpc;
	wait_for(&format!("block {height} to be final"), SOON, || async {
		Ok((rpc.finalized().await? >= height).then_some(()))
	})
	.await?;
	Ok(())
}

#[tokio::test]
async fn finality_survives_one_validator_down_and_resumes_after_two() -> Result<()> {
	let mut network = Network::start().await?;
	finality_passes(&network, 3).await?;

	// One of four killed: finality goes on.
	network.kill(3)?;
	let height = network.node(SURVIVOR)?.rpc.best().await?;
	finality_passes(&network, height + 2).await?;

	// Restarted: it catches up to the same chain.
	network.restart(3).await?;
	let height = network.node(SURVIVOR)?.rpc.finalized().await?;
	let returned = &network.node(3)?.rpc;
	wait_for("the restarted validator to catch up", SOON, || async {
		Ok((returned.finalized().await? >= height).then_some(()))
	})
	.await?;
	let (ours, theirs) = (
		network.node(SURVIVOR)?.rpc.block_hash(height).await?,
		network.node(3)?.rpc.block_hash(height).await?,
	);
	ensure!(ours.is_some() && ours == theirs, "two chains: {ours:?} and {theirs:?}");

	// Two of four down: blocks go on, finality does not. What was already voted on may still end.
	network.kill(2)?;
	network.kill(3)?;
	tokio::time::sleep(Duration::from_secs(6)).await;
	let rpc = network.node(SURVIVOR)?.rpc.clone();
	let (stalled, best) = (rpc.finalized().await?, rpc.best().await?);
	holds_for(Duration::from_secs(15), || async {
		let finalized = rpc.finalized().await?;
		ensure!(finalized == stalled, "finality went on to {finalized} with half the validators");
		Ok(())
	})
	.await?;
	// Half of the slots are those of a dead validator, by lot: several in a row may stay empty.
	wait_for("blocks to go on", SOON, || async { Ok((rpc.best().await? > best).then_some(())) })
		.await?;
	ensure!(rpc.finalized().await? == stalled, "finality went on with half the validators");

	// Both return: finality resumes.
	network.restart(2).await?;
	network.restart(3).await?;
	finality_passes(&network, best + 1).await
}
