//! Nodes that stop in the middle of a job.

use crate::{
	happy::{register, settled},
	ledger::Ledger,
	work::Work,
	world::{node_options, submit, World},
};
use anyhow::Result;
use mutirao_client::types::JobState;
use mutirao_e2e::{free_ports, Network};
use std::future::Future;

/// A chain's only node dies and comes back with the database it had; worker, buyer and this test find it
/// again. The first of the worker's endpoints was never there.
pub(crate) async fn the_only_node_restarts() -> Result<()> {
	let node = node_options()?.start().await?;
	let [nobody, ..] = free_ports()?;
	let world = World::at(vec![format!("ws://127.0.0.1:{nobody}"), node.ws_url()]).await?;
	a_job_with_an_outage(&world, async { node.kill()?.start().await }).await
}

/// One of four validators dies, the one that everybody is connected to: the others go on, and everybody
/// goes on with them.
pub(crate) async fn one_of_four_validators_dies() -> Result<()> {
	let mut network = Network::start().await?;
	let urls: Result<Vec<String>> = (0..4).map(|index| Ok(network.node(index)?.ws_url())).collect();
	let world = World::at(urls?).await?;
	let outage = async {
		network.kill(0)?;
		Ok(network)
	};
	a_job_with_an_outage(&world, outage).await
}

/// Runs a job; once it is accepted, the outage comes, and leaves what runs then. The job settles all the
/// same.
async fn a_job_with_an_outage<T>(
	world: &World,
	outage: impl Future<Output = Result<T>>,
) -> Result<()> {
	let provider = world.provider("Provider-of-the-outage").await?;
	let worker = provider.start().await?;
	let buyer = world.buyer("Buyer-of-the-outage").await?;
	let work = Work::of("sobel", &[64, 40])?;
	register(&buyer, &work).await?;
	let ledger = Ledger::open(world, &buyer, &provider).await?;
	let offer = provider.offer()?;
	let (sent, outage) = tokio::join!(submit(&buyer, &work, offer, &[]), async {
		let job = world.job_of(&buyer).await?;
		world.job_is(job, |state| !matches!(state, JobState::Open { .. })).await?;
		outage.await
	});
	let _running = outage?;
	let receipt = sent?.json()?;
	settled(world, &buyer, &provider, &work, &ledger, &receipt["receipt"]).await?;
	worker.stop().await?;
	Ok(())
}
