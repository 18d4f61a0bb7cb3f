//! `scripts/bench worker`, the chain's part: what an idle worker takes beside a development node, and
//! where the time of its jobs goes. JSON lines.

// Each program that measures uses a part of it.
#[allow(dead_code)]
mod figures;

use anyhow::{ensure, Result};
use figures::{
	lives::{Lives, Stage},
	market::{adapter, arguments, steps_of, KERNEL, PROVIDER},
	print, print_quantiles,
	process::{cpu_seconds, resident_bytes, worker},
};
use mutirao_client::Client;
use mutirao_e2e::{wait_for, Buyer, Node, Provider};
use std::time::{Duration, Instant};

/// For how long the idle worker is watched.
const IDLE: Duration = Duration::from_secs(60);
/// Jobs, each posted when the one before is with the provider.
const JOBS: usize = 8;
const LONG: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> Result<()> {
	let adapter = adapter()?;
	eprintln!("on {adapter}");
	let node = Node::dev().await?;
	let client = Client::connect(&node.ws_url()).await?;
	let provider = Provider::register(&node, &client, PROVIDER, &adapter, &[]).await?;
	let running = provider.start().await?;
	idle(worker(&provider.settings())?).await?;

	let buyer = Buyer::new(&node, &client, "Buyer").await?;
	buyer.run(&["program", "register", KERNEL]).await?.success()?;
	let arguments = arguments(&buyer, provider.offer()?)?;
	for _ in 0..JOBS {
		buyer.json(&arguments).await?;
	}
	let mut lives = Lives::default();
	let start = Instant::now();
	while lives.reached(Stage::Attested) < JOBS {
		ensure!(start.elapsed() < LONG, "jobs were not attested:\n{}", provider.log());
		tokio::time::sleep(Duration::from_secs(1)).await;
		lives.catch_up(&client).await?;
	}
	let (blocks, seconds) = lives.between(Stage::Accepted, Stage::Attested)?;
	print_quantiles("worker/accept_to_attest_blocks", blocks, "blocks")?;
	print_quantiles("worker/accept_to_attest", seconds, "s")?;
	steps(&provider).await?;
	running.stop().await?;
	Ok(())
}

/// What a worker takes that has nothing to do.
async fn idle(pid: u32) -> Result<()> {
	let (before, start) = (cpu_seconds(pid)?, Instant::now());
	tokio::time::sleep(IDLE).await;
	let share = (cpu_seconds(pid)? - before) / start.elapsed().as_secs_f64();
	print("worker/idle_cpu", 100.0 * share, "% of one core");
	print("worker/idle_rss", resident_bytes(pid)?, "bytes");
	Ok(())
}

/// Where the time of a job goes: the means.
async fn steps(provider: &Provider) -> Result<()> {
	let all = wait_for("the metrics", LONG, || async {
		let steps = steps_of(provider).await?;
		// The self-check is the last of a job, and is counted some seconds later.
		Ok((steps.count("self_check") >= JOBS).then_some(steps))
	});
	let steps = all.await?.0;
	for step in ["fetch", "upload", "gpu", "read_back_and_hash", "self_check"] {
		print(&format!("worker/job/{step}"), steps.seconds(step) / JOBS as f64, "s");
	}
	// Accept, attest, open, settle: from signing until the call is final.
	let calls = steps.count("sign").max(1) as f64;
	print("worker/call_to_final", steps.seconds("sign") / calls, "s");
	Ok(())
}
