//! The market over JSON-RPC, as explorers and dApps read it: docs/rpc.md.

mod benchmark;
mod schema;
mod world;

use anyhow::{ensure, Context, Result};
use jsonrpsee::{core::params::ObjectParams, rpc_params};
use mutirao_e2e::wait_for;
use mutirao_runtime::{constants::currency::MUT, RuntimeCall};
use mutirao_types::{JobBuffer, Region, Target, Workgroup};
use serde_json::{json, Value};
use std::{collections::BTreeSet, time::Duration};
use subxt_signer::sr25519::dev;
use world::{
	address, all_pages, hex, numbers, offer, register, World, PARAMETERS, PRICE_CAP, SAMPLES, STAKE,
};

const SOON: Duration = Duration::from_secs(120);
const SAO_PAULO: Region = Region { country: *b"BR", subdivision: *b"SP\0" };
const GERMANY: Region = Region { country: *b"DE", subdivision: [0; 3] };

/// Alice's program; Bob's offers 0 in São Paulo for 1 MUT and 1 in Germany for 2 MUT; Charlie's offer
/// 2 in Germany for 3 MUT, paused; Dave's jobs 0 and 1, and 2 that only offer 1 may accept.
async fn populated() -> Result<World> {
	let world = World::start().await?;
	let program = pallet_programs::Call::register { code: world.code() };
	world.submit(&dev::alice(), vec![program.into()]).await?;
	let calls =
		vec![register("https://bob.example:8443"), offer(SAO_PAULO, MUT), offer(GERMANY, 2 * MUT)];
	world.submit(&dev::bob(), calls).await?;
	let pause = pallet_providers::Call::pause_offer { offer: 2 }.into();
	let calls = vec![register("https://charlie.example"), offer(GERMANY, 3 * MUT), pause];
	world.submit(&dev::charlie(), calls).await?;
	let work = world.work()?;
	let targets = [Target::Anyone, Target::Anyone, Target::Offer(1)];
	let post = |target| -> RuntimeCall {
		pallet_jobs::Call::post { request: world.request(&work, target) }.into()
	};
	world.submit(&dev::dave(), targets.map(post).into()).await?;
	// Or a subscription to final blocks would begin before the market does.
	let best = world.node.rpc.best().await?;
	wait_for("finality", SOON, || async {
		Ok((world.node.rpc.finalized().await? >= best).then_some(()))
	})
	.await?;
	Ok(world)
}

fn accept(job: u64) -> RuntimeCall {
	pallet_jobs::Call::accept { job, offer: 0 }.into()
}

#[tokio::test]
async fn what_was_written_is_read_back() -> Result<()> {
	let world = populated().await?;
	let (bob, dave) = (address(&dev::bob()), address(&dev::dave()));

	let one = world.ask("market_offer", json!([0])).await?;
	ensure!(one["provider"] == bob.as_str() && one["device"]["region"] == "BR-SP", "{one}");
	ensure!(one["terms"]["pricePerGigastep"] == MUT.to_string(), "{one}");
	ensure!(one["available"] == true && one["reputation"] == 500_000, "{one}");
	let paused = world.ask("market_offer", json!([2])).await?;
	ensure!(paused["state"] == "paused" && paused["available"] == false, "{paused}");

	let provider = world.ask("market_provider", json!([bob])).await?;
	ensure!(provider["endpoint"] == "https://bob.example:8443", "{provider}");
	ensure!(provider["stake"] == STAKE.to_string() && provider["offers"] == 2, "{provider}");

	let job = world.ask("market_job", json!([2])).await?;
	ensure!(job["buyer"] == dave.as_str() && job["stage"] == "open", "{job}");
	ensure!(job["program"] == world.program() && job["request"]["target"] == 1, "{job}");
	ensure!(job["request"]["parameters"] == json!(PARAMETERS), "{job}");
	ensure!(job["request"]["priceCap"] == PRICE_CAP.to_string(), "{job}");
	let inputs = world.work()?.inputs();
	let names: Vec<_> = inputs.iter().map(|one| hex(&one.hash)).collect();
	let read = job["request"]["inputs"].as_array().context("inputs")?;
	ensure!(read.iter().map(|one| &one["hash"]).eq(names.iter()), "{job}");

	let program = world.ask("market_program", json!([world.program()])).await?;
	ensure!(program["depositor"] == address(&dev::alice()) && program["uses"] == 3, "{program}");
	ensure!(program["parameters"][1]["name"] == "vectors" && program["passes"] == 2, "{program}");
	let programs = world.ask("market_programs", json!([])).await?;
	ensure!(programs["items"][0]["program"] == world.program(), "{programs}");

	let totals = world.ask("market_totals", json!([])).await?;
	ensure!(totals["jobsPosted"] == 3 && totals["offersPosted"] == 3, "{totals}");
	ensure!(totals["now"].as_u64() > Some(0), "{totals}");
	by_name(&world, &job).await?;
	estimates(&world, &job).await?;
	history(&world).await
}

/// Parameters may be given by name too.
async fn by_name(world: &World, job: &Value) -> Result<()> {
	let mut params = ObjectParams::new();
	params.insert("job", 2)?;
	let named = world.call_by_name("market_job", params).await?;
	ensure!(named == *job, "{named}");
	Ok(())
}

async fn estimates(world: &World, job: &Value) -> Result<()> {
	let estimate = |options: Value| json!([world.program(), PARAMETERS, options]);
	let cheapest = world.ask("market_estimate", estimate(json!({}))).await?;
	ensure!(cheapest["declaredSteps"] == job["declaredSteps"], "{cheapest}");
	ensure!(cheapest["auditFee"] == job["auditFee"], "{cheapest}");
	ensure!(cheapest["offer"]["offer"] == 0 && cheapest["allScanned"] == true, "{cheapest}");
	let steps: u128 = job["declaredSteps"].as_str().context("steps")?.parse()?;
	let price = |mut_per_gigastep: u128| {
		(steps * mut_per_gigastep * MUT).div_ceil(1_000_000_000).max(1).to_string()
	};
	ensure!(cheapest["offer"]["price"] == price(1), "{cheapest}");

	let german = json!({ "filter": { "region": "DE" } });
	let german = world.ask("market_estimate", estimate(german)).await?;
	ensure!(german["offer"]["offer"] == 1 && german["offer"]["price"] == price(2), "{german}");
	// A paused offer has a price, but is nobody's cheapest.
	let paused = world.ask("market_estimate", estimate(json!({ "offer": 2 }))).await?;
	ensure!(paused["offer"]["price"] == price(3), "{paused}");
	let nobody = json!({ "filter": { "region": "AQ" } });
	let nobody = world.ask("market_estimate", estimate(nobody)).await?;
	ensure!(nobody["offer"].is_null() && nobody["allScanned"] == true, "{nobody}");
	let dear = world.ask("market_estimate", estimate(json!({ "samples": 16 }))).await?;
	let fee = |of: &Value| of["auditFee"].as_str().unwrap_or_default().parse::<u128>();
	ensure!(fee(&dear)? == 4 * fee(&cheapest)?, "{dear}");

	let wrong = |code, program: Value, parameters: Value, options: Value| {
		world.refused("market_estimate", json!([program, parameters, options]), code)
	};
	let program = || json!(world.program());
	wrong(11021, json!(hex(&[7; 32])), json!(PARAMETERS), json!({})).await?;
	wrong(11022, program(), json!([1, 2]), json!({})).await?;
	wrong(11022, program(), json!(vec![1; 33]), json!({})).await?;
	wrong(11023, program(), json!(PARAMETERS), json!({ "samples": 0 })).await?;
	wrong(11023, program(), json!(PARAMETERS), json!({ "samples": 17 })).await?;
	wrong(11025, program(), json!(PARAMETERS), json!({ "offer": 99 })).await?;
	wrong(11015, program(), json!(PARAMETERS), json!({ "offer": 0, "filter": {} })).await
}

/// A block that is named is asked, not the best one.
async fn history(world: &World) -> Result<()> {
	let genesis = world.node.rpc.block_hash(0).await?.context("genesis")?;
	ensure!(world.ask("market_job", json!([2, genesis])).await?.is_null());
	let before = world.ask("market_totals", json!([genesis])).await?;
	ensure!(before["jobsPosted"] == 0 && before["at"] == genesis.as_str(), "{before}");
	world.refused("market_job", json!([2, hex(&[9; 32])]), 11001).await
}

#[tokio::test]
async fn lists_are_filtered_paged_and_bounded() -> Result<()> {
	let world = populated().await?;
	let (bob, dave) = (address(&dev::bob()), address(&dev::dave()));
	world.submit(&dev::bob(), vec![accept(0)]).await?;

	for (filter, offers) in [
		(json!({}), vec![0, 1, 2]),
		(json!({ "available": true }), vec![0, 1]),
		(json!({ "region": "BR" }), vec![0]),
		(json!({ "region": "BR-SP" }), vec![0]),
		(json!({ "region": "BR-RJ" }), vec![]),
		(json!({ "region": "DE", "available": true }), vec![1]),
		(json!({ "provider": bob }), vec![0, 1]),
		(json!({ "provider": dave }), vec![]),
		(json!({ "maxPricePerGigastep": (2 * MUT).to_string() }), vec![0, 1]),
		(json!({ "maxPricePerGigastep": "0" }), vec![]),
		(json!({ "memoryMib": 81_559 }), vec![0, 1, 2]),
		(json!({ "memoryMib": 81_560 }), vec![]),
		(json!({ "stepsPerSecond": "1" }), vec![]),
		(json!({ "reputation": 500_000 }), vec![0, 1, 2]),
		(json!({ "reputation": 500_001 }), vec![]),
	] {
		let offers: Vec<u64> = offers;
		let page = world.ask("market_offers", json!([filter])).await?;
		ensure!(numbers(&page, "offer") == offers && page["next"].is_null(), "{filter}: {page}");
	}
	for (filter, jobs) in [
		(json!({ "buyer": dave }), vec![0, 1, 2]),
		(json!({ "buyer": bob }), vec![]),
		(json!({ "provider": bob }), vec![0]),
		(json!({ "state": "open" }), vec![1, 2]),
		(json!({ "state": "running" }), vec![0]),
		(json!({ "state": "finished" }), vec![]),
	] {
		let jobs: Vec<u64> = jobs;
		let page = world.ask("market_jobs", json!([filter])).await?;
		ensure!(numbers(&page, "job") == jobs && page["next"].is_null(), "{filter}: {page}");
	}

	// Page by page, each once and all of them.
	let distinct = |items: &[Value], name: &str| {
		items.iter().map(|item| item[name].to_string()).collect::<BTreeSet<_>>().len()
	};
	for limit in [1, 2, 3, 100] {
		let offers = all_pages(&world, "market_offers", Some(json!({})), limit).await?;
		ensure!(offers.len() == 3 && distinct(&offers, "offer") == 3, "{offers:?}");
		let of_dave = Some(json!({ "buyer": dave }));
		let jobs = all_pages(&world, "market_jobs", of_dave, limit).await?;
		ensure!(jobs.len() == 3 && distinct(&jobs, "job") == 3, "{jobs:?}");
		let programs = all_pages(&world, "market_programs", None, limit).await?;
		ensure!(programs.len() == 1, "{programs:?}");
	}
	// More than a page has is no error; a cursor need not exist.
	let most = world.ask("market_offers", json!([{}, { "limit": 4_294_967_295u32 }])).await?;
	ensure!(numbers(&most, "offer") == [0u64, 1, 2], "{most}");
	world.ask("market_jobs", json!([{ "state": "open" }, { "after": u32::MAX }])).await?;
	world.ask("market_programs", json!([{ "after": hex(&[7; 32]) }])).await?;
	wrong_questions(&world).await
}

async fn wrong_questions(world: &World) -> Result<()> {
	for (method, number) in [
		("market_offer", 99),
		("market_job", 99),
		("market_attestation", 0),
		("market_measurements", 99),
	] {
		ensure!(world.ask(method, json!([number])).await?.is_null(), "{method}");
	}
	let nobody = address(&dev::eve());
	ensure!(world.ask("market_provider", json!([nobody])).await?.is_null());
	ensure!(world.ask("market_program", json!([hex(&[7; 32])])).await?.is_null());

	for region in ["", "B", "br", "BRA", "BR-", "BR-SAOP", "BR-sp", "BR-SP-1", "ÃO", "B1"] {
		let filter = json!([{ "region": region }]);
		world.refused("market_offers", filter, 11010).await.context(region)?;
	}
	for amount in ["", "-1", "+1", "1.5", "0x10", "340282366920938463463374607431768211456"] {
		let filter = json!([{ "maxPricePerGigastep": amount }]);
		world.refused("market_offers", filter, 11011).await.context(amount)?;
	}
	let dear_speed = json!([{ "stepsPerSecond": "18446744073709551616" }]);
	world.refused("market_offers", dear_speed, 11011).await?;
	world.refused("market_offers", json!([{ "reputation": 1_000_001 }]), 11012).await?;
	world.refused("market_offers", json!([{}, { "limit": 0 }]), 11013).await?;
	world.refused("market_programs", json!([{ "limit": 0 }]), 11013).await?;
	world.refused("market_jobs", json!([{}]), 11014).await?;
	let two = json!([{ "state": "open", "buyer": nobody }]);
	world.refused("market_jobs", two, 11014).await?;

	for (method, params) in [
		("market_offers", json!([{ "place": "BR" }])),
		("market_offers", json!([{}, { "after": "zero" }])),
		("market_offers", json!([{}, { "after": -1 }])),
		("market_offers", json!([{}, { "limit": -1 }])),
		("market_offers", json!([{ "maxPricePerGigastep": 5 }])),
		("market_offers", json!([{ "provider": "nobody" }])),
		("market_jobs", json!([])),
		("market_jobs", json!([{ "state": "lost" }])),
		("market_programs", json!([{ "after": 5 }])),
		("market_programs", json!([{ "after": "0x07" }])),
		("market_job", json!([])),
		("market_job", json!(["1"])),
		("market_job", json!([1, null, 1])),
		("market_job", json!([1, "0x00"])),
		("market_benchmark", json!(["0x00"])),
		("market_benchmark", json!([null, 1])),
		("market_measurements", json!([])),
		("market_measurements", json!(["1"])),
		("market_estimate", json!([world.program(), [-1]])),
		("market_subscribeJob", json!([0, "newest"])),
	] {
		world.malformed(method, params).await?;
	}
	Ok(())
}

#[tokio::test]
async fn the_document_and_the_node_name_the_same_methods() -> Result<()> {
	let world = World::start().await?;
	let methods = world.node.rpc.call("rpc_methods", rpc_params![]).await?;
	let served: BTreeSet<_> = methods["methods"]
		.as_array()
		.context("methods")?
		.iter()
		.filter_map(Value::as_str)
		.filter(|name| name.starts_with("market_"))
		.collect();
	let described: BTreeSet<_> = world.document.names().into_iter().collect();
	ensure!(served == described, "served: {served:?}, described: {described:?}");
	ensure!(methods.to_string().contains("\"rpc.discover\""), "{methods}");
	ensure!(world.document.0["openrpc"] == "1.3.2", "{}", world.document.0["openrpc"]);
	// What is written for people names every method and code too.
	let guide = include_str!("../../../../docs/rpc.md");
	let errors = world.document.0["components"]["errors"].as_object().context("errors")?;
	for code in errors.values().map(|error| &error["code"]) {
		ensure!(guide.contains(&format!("| {code} |")), "docs/rpc.md has no {code}");
	}
	for name in described.iter().filter(|name| !name.contains("_unsubscribe")) {
		ensure!(guide.contains(&format!("| `{name}` |")), "docs/rpc.md has no {name}");
	}
	Ok(())
}

#[tokio::test]
async fn a_jobs_life_is_followed_to_its_end() -> Result<()> {
	let world = populated().await?;
	let mut first = world.subscribe("market_subscribeJob", json!([0])).await?;
	let mut second = world.subscribe("market_subscribeJob", json!([1, "finalized"])).await?;
	let mut events = world.subscribe("market_subscribeEvents", json!([{ "job": 0 }])).await?;
	let of_bob = json!([{ "account": address(&dev::bob()) }, "finalized"]);
	let mut bobs = world.subscribe("market_subscribeEvents", of_bob).await?;
	world.no_subscription("market_subscribeJob", json!([99]), 11020).await?;
	for job in [&mut first, &mut second] {
		let message = world.next(job).await?;
		ensure!(message["job"]["stage"] == "open", "{message}");
	}

	// Accepted: each subscription tells it, and in which block.
	let block = world.submit(&dev::bob(), vec![accept(0), accept(1)]).await?;
	let running = world.next(&mut first).await?;
	ensure!(running["job"]["stage"] == "running", "{running}");
	ensure!(running["job"]["deal"]["provider"] == address(&dev::bob()), "{running}");
	ensure!(running["block"]["hash"] == block.as_str(), "{running}");
	ensure!(running["block"]["finalized"] == false, "{running}");
	let running = world.next(&mut second).await?;
	ensure!(running["job"]["stage"] == "running", "{running}");
	ensure!(running["block"]["finalized"] == true, "{running}");
	let told = world.next(&mut events).await?;
	let list = told["events"].as_array().context("events")?;
	ensure!(list.len() == 1 && list[0]["name"] == "Accepted", "{told}");
	ensure!(list[0]["pallet"] == "jobs" && list[0]["fields"]["offer"] == 0, "{told}");
	ensure!(list[0]["extrinsic"].as_u64() > Some(0), "a transaction caused it: {told}");
	let told = world.next(&mut bobs).await?;
	ensure!(told["block"]["hash"] == block.as_str(), "{told}");
	ensure!(told["events"].as_array().map(Vec::len) == Some(2), "both jobs: {told}");

	// Given up: the reason is told, and the subscription has nothing more to say.
	let give_up = pallet_jobs::Call::give_up { job: 1 };
	world.submit(&dev::bob(), vec![give_up.into()]).await?;
	let end = world.next(&mut second).await?;
	let verdict = json!({ "outcome": "refunded", "reason": "givenUp", "fault": null });
	ensure!(end["job"]["stage"] == "finished" && end["job"]["verdict"] == verdict, "{end}");
	let finished = world.ask("market_jobs", json!([{ "state": "finished" }])).await?;
	ensure!(numbers(&finished, "job") == [1u64], "{finished}");
	let mut ended = world.subscribe("market_subscribeJob", json!([1])).await?;
	ensure!(world.next(&mut ended).await?["job"]["stage"] == "finished");

	attested(&world).await?;
	let stages = [world.next(&mut first).await?, world.next(&mut first).await?];
	let stages: Vec<_> = stages.iter().map(|message| &message["job"]["stage"]).collect();
	ensure!(stages == ["attested", "contestable"], "{stages:?}");
	demanded(&world).await?;
	first.unsubscribe().await?;
	events.unsubscribe().await
}

/// What is attested, drawn and due is read, and then opened.
async fn attested(world: &World) -> Result<()> {
	let work = world.work()?;
	let transcript = work.transcript();
	let attest = pallet_attestations::Call::attest { job: 0, transcript: transcript.clone() };
	world.submit(&dev::bob(), vec![attest.into()]).await?;
	let read = world.ask("market_attestation", json!([0])).await?;
	ensure!(read["root"] == hex(&mutirao_types::transcript_root(&transcript)), "{read}");
	ensure!(read["transcript"][0]["hash"] == hex(&transcript[0].hash), "{read}");
	ensure!(read["samples"].is_null() && read["sampleCount"] == SAMPLES, "not drawn: {read}");
	ensure!(read["due"] == json!([0, 1, 2, 3]) && read["opened"] == json!([]), "{read}");
	ensure!(read["openUntil"].is_u64() && read["demandUntil"].is_null(), "{read}");

	let drawn_at = read["drawnAt"].as_u64().context("drawnAt")?;
	wait_for("the draw", SOON, || async {
		Ok((world.node.rpc.best().await? >= drawn_at).then_some(()))
	})
	.await?;
	let before = world.node.rpc.block_hash(drawn_at - 1).await?.context("a block")?;
	let read = world.ask("market_attestation", json!([0, before])).await?;
	ensure!(read["samples"].is_null(), "known a block too early: {read}");
	let at = world.node.rpc.block_hash(drawn_at).await?.context("a block")?;
	let read = world.ask("market_attestation", json!([0, at])).await?;
	let samples = read["samples"].as_array().context("samples")?;
	ensure!(samples.len() == usize::from(SAMPLES), "{read}");
	let open = |(number, sample): (u8, &Value)| -> Result<RuntimeCall> {
		let workgroup = Workgroup {
			pass: sample["pass"].as_u64().context("pass")?.try_into()?,
			number: sample["workgroup"].as_u64().context("workgroup")?.try_into()?,
		};
		let (witness, steps) = work.witness(workgroup)?;
		Ok(pallet_attestations::Call::open { job: 0, sample: number, steps, witness }.into())
	};
	let calls = (0..).zip(samples).map(open).collect::<Result<Vec<_>>>()?;
	world.submit(&dev::bob(), calls).await?;
	Ok(())
}

/// A demand is read while it waits.
async fn demanded(world: &World) -> Result<()> {
	let buffer = JobBuffer::Written(0);
	let demand = pallet_attestations::Call::demand { job: 0, buffer, chunk: 0 };
	world.submit(&dev::dave(), vec![demand.into()]).await?;
	let read = world.ask("market_attestation", json!([0])).await?;
	ensure!(read["opened"] == json!([0, 1, 2, 3]) && read["due"] == json!([]), "{read}");
	ensure!(read["openUntil"].is_null() && read["demandUntil"].is_u64(), "{read}");
	let demands = read["demands"].as_array().context("demands")?;
	ensure!(demands.len() == 1 && demands[0]["by"] == address(&dev::dave()), "{read}");
	ensure!(demands[0]["buffer"] == json!({ "kind": "written", "place": 0 }), "{read}");
	Ok(())
}

/// Events are decoded with the node's own types: after an upgrade it says that it cannot, and still
/// answers everything else by asking the new runtime.
#[tokio::test]
async fn events_of_another_runtime_are_refused_and_the_rest_is_answered() -> Result<()> {
	let world = World::start().await?;
	let mut before = world.subscribe("market_subscribeEvents", json!([])).await?;
	let code = mutirao_runtime::upgraded::WASM_BINARY.context("built without WASM")?.to_vec();
	let call: Box<RuntimeCall> =
		Box::new(frame_system::Call::set_code_without_checks { code }.into());
	let weight = Default::default();
	let sudo = pallet_sudo::Call::sudo_unchecked_weight { call, weight };
	world.submit(&dev::alice(), vec![sudo.into()]).await?;
	world.ended(&mut before).await?;
	world.no_subscription("market_subscribeEvents", json!([]), 11031).await?;
	world.ask("market_totals", json!([])).await?;
	world.ask("market_offers", json!([])).await?;
	Ok(())
}

/// Subscriptions are bounded on each connection and over all of them, and a place is free again when
/// one ends, or its connection.
#[tokio::test]
async fn a_node_serves_so_many_subscriptions_and_no_more() -> Result<()> {
	const MOST: usize = 256;
	const MOST_OF_ONE: usize = 16;
	const METHOD: &str = "market_subscribeEvents";
	let world = World::start().await?;
	let (mut connections, mut open) = (Vec::new(), Vec::new());
	for _ in 0..MOST / MOST_OF_ONE {
		let connection = world.connect().await?;
		for _ in 0..MOST_OF_ONE {
			open.push(world.subscribe_on(&connection, METHOD, json!([])).await?);
		}
		// No client takes everybody's places: neither with this method nor with the other.
		world.no_subscription_on(&connection, METHOD, json!([]), 11035).await?;
		let other = "market_subscribeJob";
		world.no_subscription_on(&connection, other, json!([0]), 11035).await?;
		connections.push(connection);
	}
	world.no_subscription(METHOD, json!([]), 11030).await?;
	world.ask("market_totals", json!([])).await?;
	open.pop().context("one of them")?.unsubscribe().await?;
	let free = || async { Ok(world.subscribe(METHOD, json!([])).await.ok()) };
	let mut own = vec![wait_for("a free place", SOON, free).await?.0];
	world.no_subscription(METHOD, json!([]), 11030).await?;
	// A connection that ends gives back all that it had.
	drop((connections.swap_remove(0), open.drain(..MOST_OF_ONE)));
	while own.len() < MOST_OF_ONE {
		own.push(wait_for("the places of a connection that ended", SOON, free).await?.0);
	}
	world.no_subscription(METHOD, json!([]), 11035).await?;
	// All of them are told of the same block, which is decoded once.
	let at = world.submit(&dev::bob(), vec![register("https://bob.example")]).await?;
	for messages in open.iter_mut().chain(&mut own) {
		let told = world.next(messages).await?;
		ensure!(told["block"]["hash"] == at.as_str(), "{told}");
		ensure!(told["events"][0]["name"] == "Registered", "{told}");
	}
	Ok(())
}
