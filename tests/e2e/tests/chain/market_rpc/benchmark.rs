//! A benchmark window, from what governance chooses to an offer's score, as workers read it.

use super::world::{address, compiled, hex, offer, register, World};
use crate::market_rpc::{SAO_PAULO, SOON};
use anyhow::{ensure, Context, Result};
use mutirao_e2e::wait_for;
use mutirao_machine_prover::Computed;
use mutirao_runtime::{constants::currency::MUT, AccountId, Hash, RuntimeCall};
use mutirao_types::{benchmark::offer_seed, Benchmark, BufferId, Workgroup};
use serde_json::{json, Value};
use subxt_signer::sr25519::dev;

const KERNEL: &str = "benchmark_i8";
const SIZE: u32 = 2;

/// Windows as soon as there can be one, long enough to claim and to prove while they are read.
fn benchmark() -> Result<Benchmark> {
	Ok(Benchmark {
		program: BufferId::of(&compiled(KERNEL)?.encode()).hash,
		settings: vec![1].try_into().ok().context("one setting")?,
		interval: 1,
		window_blocks: 10,
		prove_blocks: 60,
		samples: 2,
	})
}

#[tokio::test]
async fn a_window_is_read_until_the_offer_has_a_score() -> Result<()> {
	let world = World::start().await?;
	let chosen = benchmark()?;
	world.submit(&dev::bob(), vec![register("https://bob.example"), offer(SAO_PAULO, MUT)]).await?;
	let before = world.ask("market_benchmark", json!([])).await?;
	ensure!(before["chosen"].is_null() && before["window"].is_null(), "{before}");
	ensure!(before["ended"] == json!([]), "{before}");
	choose(&world, &chosen).await?;

	let (window, _) = wait_for("a window", SOON, || async {
		let read = world.ask("market_benchmark", json!([])).await?;
		Ok(Some(read["window"].clone()).filter(|window| !window.is_null()))
	})
	.await?;
	ensure!(window["window"] == 0 && window["offers"] == 1, "{window}");
	let seed = seeded(&world, &window).await?;
	let work = Computed::by_vm(compiled(KERNEL)?, &chosen.parameters(SIZE, &seed), Vec::new())?;
	let transcript = work.transcript();
	let claim = pallet_benchmarks::Call::claim { offer: 0, size: SIZE, transcript };
	let at = world.submit(&dev::bob(), vec![claim.into()]).await?;
	let claim = claimed(&world, &work, &window, &at).await?;

	// Drawn, proven, measured.
	let drawn_at = claim["drawnAt"].as_u64().context("drawnAt")?;
	let claim_until = window["claimUntil"].as_u64().context("claimUntil")?;
	// All blocks of this chain are active, and so counted alike.
	let at = block(&world, drawn_at.max(claim_until + 1)).await?;
	let read = world.ask("market_benchmark", json!([at])).await?;
	ensure!(read["window"]["stage"] == "proving" && read["at"] == at.as_str(), "{read}");
	let read = world.ask("market_measurements", json!([0, at])).await?;
	let samples = read["claim"]["samples"].as_array().context("samples")?;
	ensure!(samples.len() == usize::from(chosen.samples), "{read}");
	let prove = |(sample, drawn): (u8, &Value)| -> Result<RuntimeCall> {
		let workgroup = Workgroup {
			pass: drawn["pass"].as_u64().context("pass")?.try_into()?,
			number: drawn["workgroup"].as_u64().context("workgroup")?.try_into()?,
		};
		let (witness, steps) = work.witness(workgroup)?;
		Ok(pallet_benchmarks::Call::prove { offer: 0, sample, steps, witness }.into())
	};
	let mut calls = (0..).zip(samples).map(prove).collect::<Result<Vec<_>>>()?;
	let last = calls.split_off(1);
	let at = world.submit(&dev::bob(), calls).await?;
	let read = world.ask("market_measurements", json!([0, at])).await?;
	ensure!(read["claim"]["opened"] == json!([0]) && read["claim"]["due"] == json!([1]), "{read}");
	ensure!(read["claim"]["samples"][0]["opened"] == true && read["score"].is_null(), "{read}");
	world.submit(&dev::bob(), last).await?;
	let read = world.ask("market_measurements", json!([0])).await?;
	let speed = &claim["stepsPerSecond"];
	ensure!(read["claim"].is_null() && read["lost"].is_null(), "{read}");
	ensure!(read["measurements"] == json!([{ "window": 0, "stepsPerSecond": speed }]), "{read}");
	ensure!(read["score"]["stepsPerSecond"] == *speed, "{read}");
	let stored = world.ask("market_offer", json!([0])).await?;
	ensure!(stored["score"] == read["score"], "{stored}");
	world.refused("market_benchmark", json!([hex(&[9; 32])]), 11001).await?;
	world.refused("market_measurements", json!([0, hex(&[9; 32])]), 11001).await
}

/// Governance chooses, here by the development key. The event tells the same as the method.
async fn choose(world: &World, chosen: &Benchmark) -> Result<()> {
	let code = compiled(KERNEL)?.encode().try_into().ok().context("the program fits")?;
	let benchmark = Some(chosen.clone());
	let set: Box<RuntimeCall> =
		Box::new(pallet_benchmarks::Call::set_benchmark { benchmark }.into());
	let calls = vec![
		pallet_programs::Call::register { code }.into(),
		pallet_sudo::Call::sudo { call: set }.into(),
	];
	let mut events = world.subscribe("market_subscribeEvents", json!([])).await?;
	let at = world.submit(&dev::alice(), calls).await?;
	let read = world.ask("market_benchmark", json!([at])).await?;
	let expected = json!({
		"program": hex(&chosen.program),
		"settings": chosen.settings.to_vec(),
		"interval": chosen.interval,
		"windowBlocks": chosen.window_blocks,
		"proveBlocks": chosen.prove_blocks,
		"samples": chosen.samples,
	});
	ensure!(read["chosen"] == expected && read["at"] == at.as_str(), "{read}");
	let told = world.next(&mut events).await?;
	ensure!(told["block"]["hash"] == at.as_str(), "{told}");
	let set = told["events"].as_array().and_then(|list| list.last()).context("an event")?;
	ensure!(set["pallet"] == "benchmarks" && set["name"] == "BenchmarkSet", "{told}");
	ensure!(set["fields"]["benchmark"] == expected, "{told}");
	events.unsubscribe().await
}

/// The offer's seed, which is told with the window's, and not a block earlier.
async fn seeded(world: &World, window: &Value) -> Result<[u8; 32]> {
	let seeded_at = window["seededAt"].as_u64().context("seededAt")?;
	let at = block(world, seeded_at).await?;
	let earlier = block(world, seeded_at - 1).await?;
	let read = world.ask("market_benchmark", json!([earlier])).await?;
	ensure!(read["window"]["stage"] == "waitingForSeed", "{read}");
	ensure!(read["window"]["seed"].is_null(), "{read}");
	ensure!(world.ask("market_measurements", json!([0, earlier])).await?["seed"].is_null());

	let read = world.ask("market_benchmark", json!([at])).await?;
	ensure!(read["window"]["stage"] == "computing", "{read}");
	let seed: Hash = read["window"]["seed"].as_str().context("a seed")?.parse()?;
	let bob = AccountId::from(dev::bob().public_key().0);
	let of_offer = offer_seed(&seed.0, &bob, 0);
	let read = world.ask("market_measurements", json!([0, at])).await?;
	ensure!(read["seed"] == hex(&of_offer) && read["claim"].is_null(), "{read}");
	ensure!(read["measurements"] == json!([]) && read["score"].is_null(), "{read}");
	Ok(of_offer)
}

/// The claim at its own block, before its workgroups are drawn.
async fn claimed(world: &World, work: &Computed, window: &Value, at: &str) -> Result<Value> {
	let read = world.ask("market_measurements", json!([0, at])).await?;
	let claim = &read["claim"];
	let transcript = work.transcript();
	ensure!(claim["window"] == 0 && claim["size"] == SIZE, "{read}");
	ensure!(claim["provider"] == address(&dev::bob()), "{read}");
	ensure!(claim["root"] == hex(&mutirao_types::transcript_root(&transcript)), "{read}");
	ensure!(claim["transcript"][0]["hash"] == hex(&transcript[0].hash), "{read}");
	ensure!(claim["samples"].is_null() && claim["sampleCount"] == 2, "not drawn: {read}");
	ensure!(claim["due"] == json!([0, 1]) && claim["opened"] == json!([]), "{read}");
	ensure!(claim["proveUntil"] == window["proveUntil"] && claim["refuted"] == false, "{read}");
	Ok(claim.clone())
}

/// The hash of a block of the best chain, once it is there.
async fn block(world: &World, number: u64) -> Result<String> {
	let hash = || async { world.node.rpc.block_hash(number).await };
	Ok(wait_for("a block", SOON, hash).await?.0)
}
