//! `scripts/bench chain`: figures of four validators on this machine, as JSON lines.

// Each program that measures uses a part of it.
#[allow(dead_code)]
mod figures;

use anyhow::Result;
use figures::{print, print_quantiles, process::resident_bytes};
use mutirao_e2e::{wait_for, Network, Node};
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(1_200);
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Blocks over which intervals and lags are taken.
const BLOCKS: usize = 200;

#[tokio::main]
async fn main() -> Result<()> {
	let wasm = mutirao_runtime::wasm_binary().map_err(anyhow::Error::msg)?;
	print("runtime_wasm_compressed", wasm.len() as f64, "bytes");
	single_node().await?;
	four_validators().await
}

async fn single_node() -> Result<()> {
	let start = Instant::now();
	let node = Node::dev().await?;
	wait_for("the first finalised block", LONG, || async {
		Ok((node.rpc.finalized().await? >= 1).then_some(()))
	})
	.await?;
	print("dev_start_to_first_finalised_block", start.elapsed().as_secs_f64(), "s");
	tokio::time::sleep(Duration::from_secs(30)).await;
	print("dev_node_rss", resident_bytes(node.pid())?, "bytes");
	Ok(())
}

async fn four_validators() -> Result<()> {
	let start = Instant::now();
	let network = Network::start().await?;
	let rpc = network.node(0)?.rpc.clone();
	wait_for("the first finalised block", LONG, || async {
		Ok((rpc.finalized().await? >= 1).then_some(()))
	})
	.await?;
	print("four_validators_start_to_first_finalised_block", start.elapsed().as_secs_f64(), "s");

	// When each height became the best block here, and how long after that it was final.
	let (mut best, mut finalized) = (rpc.best().await?, rpc.finalized().await?);
	let mut seen = vec![(best, Instant::now())];
	let (mut intervals, mut lags, mut distances) = (Vec::new(), Vec::new(), Vec::new());
	while intervals.len() < BLOCKS {
		tokio::time::sleep(POLL_INTERVAL).await;
		let now = Instant::now();
		let height = rpc.best().await?;
		if height > best {
			let last = seen.last().map_or(now, |(_, at)| *at);
			intervals.push((now - last).as_secs_f64());
			seen.push((height, now));
			best = height;
		}
		let height = rpc.finalized().await?;
		if height > finalized {
			distances.push(best.saturating_sub(height) as f64);
			// One vote may make several blocks final: each has a lag of its own.
			lags.extend(
				seen.iter()
					.filter(|(at_height, _)| finalized < *at_height && *at_height <= height)
					.map(|(_, at)| (now - *at).as_secs_f64()),
			);
			finalized = height;
		}
	}
	for (name, values, unit) in [
		("block_interval", intervals, "s"),
		("finality_lag", lags, "s"),
		("finality_lag_blocks", distances, "blocks"),
	] {
		print_quantiles(name, values, unit)?;
	}
	print("validator_rss", resident_bytes(network.node(0)?.pid())?, "bytes");
	Ok(())
}
