//! Figures of the market and of its proofs, as JSON lines: `scripts/bench market`, `scripts/bench proofs`.
//! Each is also held to a bound, so that a change that ruins one is seen.

mod proofs;
mod windows;

use crate::market::World;
use codec::MaxEncodedLen;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::GetCallMetadata,
	weights::Weight,
};
use mutirao_runtime::{
	configs::RuntimeBlockWeights, constants::currency::MUT, Runtime, RuntimeCall, RuntimeEvent,
};
use pallet_attestations::{Ring, RingEntry};
use sp_keyring::Sr25519Keyring::Bob;

fn print(name: &str, value: f64, unit: &str) {
	println!("{}", serde_json::json!({ "name": name, "value": value, "unit": unit }));
}

fn micros(weight: Weight) -> f64 {
	weight.ref_time() as f64 / 1e6
}

fn base() -> Weight {
	RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic
}

/// What ordinary transactions may take of a block.
fn block_micros() -> f64 {
	micros(RuntimeBlockWeights::get().get(DispatchClass::Normal).max_total.unwrap())
}

/// What a transfer takes, its transaction's own part included.
fn transfer() -> Weight {
	let dest = Bob.to_account_id().into();
	let transfer = pallet_balances::Call::transfer_keep_alive { dest, value: MUT };
	RuntimeCall::from(transfer).get_dispatch_info().call_weight + base()
}

/// What the signed transactions of the last block took.
fn taken(world: &mut World) -> Weight {
	let taken = world.chain.events().into_iter().filter_map(|event| match event {
		RuntimeEvent::System(frame_system::Event::ExtrinsicSuccess { dispatch_info }) => {
			(dispatch_info.class == DispatchClass::Normal).then_some(dispatch_info.weight)
		}
		_ => None,
	});
	taken.fold(Weight::zero(), |sum, weight| sum + weight)
}

#[test]
fn market() {
	let mut world = World::new();
	let work = world.work(1);
	let (block, transfer) = (block_micros(), micros(transfer()));
	print("weight of a transfer", transfer, "us");
	for call in crate::weights::calls(&world, &work) {
		let name = call.get_call_metadata();
		let ratio = micros(call.get_dispatch_info().call_weight + base()) / transfer;
		let name = format!("weight of {}.{}", name.pallet_name, name.function_name);
		print(&name, ratio, "transfers");
	}

	// What was paid for and not used is not part of it.
	let mut life = Weight::zero();
	let job = world.post(&work);
	life += taken(&mut world);
	world.accept(job).expect("accepted");
	life += taken(&mut world);
	world.attest(job, &work).expect("attested");
	life += taken(&mut world);
	for (sample, drawn) in world.samples(job).into_iter().enumerate() {
		let (witness, steps) = work.witness(drawn.workgroup).unwrap();
		world.open(job, sample as u8, witness, steps).expect("opened");
		life += taken(&mut world);
	}
	let until = world.live(job).state.until();
	world.until(until + 1);
	world.settle(job).expect("settled");
	life += taken(&mut world);
	let jobs = block / micros(life);
	print("transfers in a block", block / transfer, "transfers");
	print("jobs in a block, from post to settle with 4 openings", jobs, "jobs");
	print("a job's life", micros(life) / transfer, "transfers");
	assert!(jobs > 20.0, "a block takes the whole life of {jobs} jobs");
}

/// Bytes of the market's storage, but for the ring of VRF outputs, which blocks fill.
fn without_ring(world: &mut World) -> usize {
	let all = world.chain.storage_bytes();
	let key = Ring::<Runtime>::hashed_key_for(0).len();
	let entries = world.chain.run(|| Ring::<Runtime>::iter_keys().count());
	all - entries * (key + RingEntry::<u32>::max_encoded_len())
}

#[test]
fn storage() {
	let mut world = World::new();
	let work = world.work(1);
	let account = frame_system::Account::<Runtime>::hashed_key_for(Bob.to_account_id()).len()
		+ frame_system::AccountInfo::<u32, pallet_balances::AccountData<u128>>::max_encoded_len();
	let empty = without_ring(&mut world);
	let bytes = |world: &mut World, stage: &str| {
		let bytes = without_ring(world) - empty;
		print(&format!("storage of a job that is {stage}, keys included"), bytes as f64, "bytes");
		bytes
	};
	print("storage of an account, key included", account as f64, "bytes");
	let job = world.post(&work);
	let open = bytes(&mut world, "open");
	world.accept(job).expect("accepted");
	bytes(&mut world, "running");
	world.attest(job, &work).expect("attested");
	bytes(&mut world, "attested");
	world.open_all(job, &work).into_iter().for_each(|outcome| outcome.expect("opened"));
	let contestable = bytes(&mut world, "contestable");
	let until = world.live(job).state.until();
	world.until(until + 1);
	world.settle(job).expect("settled");
	let finished = bytes(&mut world, "finished");
	assert!(finished < open && contestable < 2_000, "{open} open, {finished} finished");
}
