//! Weights are measured and not made up, and the largest workgroup that they allow fits into its part of
//! a block.

use crate::market::{device, register, World};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{Get, GetCallMetadata, GetCallName},
	weights::Weight,
};
use mutirao_machine_prover::Computed;
use mutirao_runtime::{
	configs::{MaxWorkgroupSteps, RuntimeBlockWeights},
	constants::{
		currency::MUT,
		market::{MAX_BATCH, REEXECUTION_PERCENT},
	},
	Attestations, Runtime, RuntimeCall,
};
use mutirao_types::{JobBuffer, OfferTerms, Workgroup};
use pallet_attestations::WeightInfo as _;
use pallet_jobs::WeightInfo as _;
use sp_runtime::Perbill;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::{Path, PathBuf},
};

type AttestationsWeight = <Runtime as pallet_attestations::Config>::WeightInfo;
type JobsWeight = <Runtime as pallet_jobs::Config>::WeightInfo;

/// Every call of the market's pallets, as a user of `world` would make it.
pub(crate) fn calls(world: &World, work: &Computed) -> Vec<RuntimeCall> {
	use pallet_attestations::Call as Attestations;
	use pallet_jobs::Call as Jobs;
	use pallet_programs::Call as Programs;
	use pallet_providers::Call as Providers;
	let (job, offer, sample, chunk) = (0, world.offer, 0, 0);
	let request = world.request(work);
	let requests = vec![request.clone(); MAX_BATCH as usize];
	let terms = OfferTerms {
		price_per_gigastep: MUT,
		minimum_price: MUT,
		maximum_price: MUT,
		capacity: 1,
		expires: 1,
	};
	let endpoint = b"https://gpu.example:8443".to_vec().try_into().unwrap();
	let workgroup = Workgroup { pass: 0, number: 0 };
	let (witness, steps) = work.witness(workgroup).unwrap();
	let fault = work.fault_witness(workgroup).unwrap().0;
	let buffer = JobBuffer::Input(0);
	let opening = work.open(0, &[chunk]).unwrap();
	vec![
		Programs::register { code: world.program.encode().try_into().unwrap() }.into(),
		Programs::remove { program: world.id }.into(),
		register(MUT),
		Providers::add_stake { amount: MUT }.into(),
		Providers::set_endpoint { endpoint }.into(),
		Providers::leave {}.into(),
		Providers::withdraw {}.into(),
		Providers::post_offer { device: device(), terms: terms.clone() }.into(),
		Providers::change_offer { offer, terms }.into(),
		Providers::pause_offer { offer }.into(),
		Providers::resume_offer { offer }.into(),
		Providers::withdraw_offer { offer }.into(),
		Jobs::post { request }.into(),
		Jobs::post_batch { requests: requests.try_into().unwrap() }.into(),
		Jobs::cancel { job }.into(),
		Jobs::accept { job, offer }.into(),
		Jobs::give_up { job }.into(),
		Jobs::settle { job }.into(),
		Jobs::prune { job }.into(),
		Attestations::attest { job, transcript: work.transcript() }.into(),
		Attestations::redraw { job }.into(),
		Attestations::open { job, sample, steps, witness: witness.clone() }.into(),
		Attestations::challenge { job, workgroup, steps, witness }.into(),
		Attestations::prove_fault { job, workgroup, steps, witness: fault }.into(),
		Attestations::demand { job, buffer, chunk }.into(),
		Attestations::supply { job, buffer, opening }.into(),
	]
}

/// A file of each pallet of this repository, by the pallet's folder.
fn of_each_pallet(file: &str) -> BTreeMap<String, String> {
	let pallets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pallets");
	let folders = fs::read_dir(pallets).unwrap().map(|entry| entry.unwrap().path());
	let read = |folder: PathBuf| {
		let text = fs::read_to_string(folder.join(file));
		let text = text.unwrap_or_else(|error| panic!("{}/{file}: {error}", folder.display()));
		(folder.file_name().unwrap().to_str().unwrap().to_string(), text)
	};
	folders.map(read).collect()
}

/// The name of a function that a line begins with.
fn function(line: &str) -> Option<&str> {
	line.trim().strip_prefix("fn ")?.split('(').next()
}

#[test]
fn every_file_of_weights_was_written_by_a_measurement_of_all_benchmarks() {
	let all_benchmarks = of_each_pallet("src/benchmarking.rs");
	for (pallet, weights) in of_each_pallet("src/weights.rs") {
		let header =
			format!("//! Weights of `pallet_{pallet}`, measured. Written by `scripts/weights`");
		assert!(weights.starts_with(&header), "the weights of {pallet} are placeholders");
		let facts = weights.lines().take_while(|line| line.starts_with("//!")).collect::<String>();
		for fact in ["Date: 20", "steps: ", "repeat: ", "CPU: "] {
			assert!(facts.contains(fact), "the weights of {pallet} do not say {fact}");
		}
		let declared = weights.lines().skip_while(|line| !line.starts_with("pub trait WeightInfo"));
		let declared = declared.take_while(|line| *line != "}").filter_map(function);
		let benchmarks = all_benchmarks[&pallet].lines();
		let measured = benchmarks.clone().zip(benchmarks.skip(1));
		let measured = measured
			.filter(|(attribute, _)| attribute.trim() == "#[benchmark]")
			.filter_map(|(_, line)| function(line));
		assert_eq!(
			declared.collect::<BTreeSet<_>>(),
			measured.collect::<BTreeSet<_>>(),
			"benchmarks have changed: scripts/weights {pallet}"
		);
	}
}

#[test]
fn every_call_costs_more_than_a_read_of_the_database() {
	let world = World::new();
	let work = world.work(1);
	let calls = calls(&world, &work);
	let read = <Runtime as frame_system::Config>::DbWeight::get().reads(1);
	for call in &calls {
		let name = call.get_call_metadata();
		let weight = call.get_dispatch_info().call_weight;
		assert!(weight.ref_time() > read.ref_time(), "{name:?} costs {weight:?}");
		assert!(weight.proof_size() > 0, "{name:?} reads nothing");
		let most = RuntimeBlockWeights::get().get(DispatchClass::Normal).max_extrinsic.unwrap();
		assert!(weight.all_lt(most), "{name:?} fits into no block");
	}
	for hook in [JobsWeight::tick(), AttestationsWeight::remember_last_vrf()] {
		assert!(hook.ref_time() > read.ref_time() && hook.proof_size() > 0, "{hook:?}");
	}
	let known = calls.iter().map(|call| call.get_call_metadata());
	let known: BTreeSet<_> = known.map(|call| (call.pallet_name, call.function_name)).collect();
	let names = |pallet, names: &[&'static str]| -> Vec<_> {
		names.iter().map(|name| (pallet, *name)).collect()
	};
	let all = [
		names("Programs", pallet_programs::Call::<Runtime>::get_call_names()),
		names("Providers", pallet_providers::Call::<Runtime>::get_call_names()),
		names("Jobs", pallet_jobs::Call::<Runtime>::get_call_names()),
		names("Attestations", pallet_attestations::Call::<Runtime>::get_call_names()),
	];
	assert_eq!(known, all.concat().into_iter().collect(), "a call is missing here");
}

#[test]
fn what_a_re_execution_is_made_of_costs_by_its_size() {
	type Part = fn(u32) -> Weight;
	let parts: [(&str, Part); 4] = [
		("decode_program", AttestationsWeight::decode_program),
		("verify_chunks", AttestationsWeight::verify_chunks),
		("verify_siblings", AttestationsWeight::verify_siblings),
		("execute_kilosteps", AttestationsWeight::execute_kilosteps),
	];
	for (name, part) in parts {
		let (less, more) = (part(1_000).ref_time(), part(2_000).ref_time());
		assert!(more > less, "{name} costs {less}, and {more} for twice as much");
	}
}

/// Everything at its largest: steps, witness, program, and a slash at the end.
fn largest_opening(steps: u64) -> u64 {
	let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
	Attestations::largest_reexecution_weight(steps).saturating_add(base).ref_time()
}

#[test]
fn the_largest_workgroup_fits_into_its_part_of_a_block_and_no_larger_one() {
	let block = RuntimeBlockWeights::get().max_block.ref_time();
	let part = Perbill::from_percent(REEXECUTION_PERCENT) * block;
	let steps = MaxWorkgroupSteps::get();
	assert!(largest_opening(steps) <= part, "{steps} steps take too long");
	// It is a round number.
	let rounding = steps / 10 + 1_000_000;
	assert!(largest_opening(steps + rounding) > part, "there is room for more than {steps} steps");
}

#[test]
fn the_catalogues_workgroups_can_be_re_executed() {
	for kernel in mutirao_kernels::KERNELS {
		let program = crate::market::compiled(kernel.name);
		for parameters in kernel.examples {
			let passes = program.summary(parameters).unwrap().passes;
			let largest = passes.iter().map(|pass| pass.fuel).max().unwrap();
			let most = MaxWorkgroupSteps::get();
			assert!(largest <= most, "{} {parameters:?}: {largest} of {most}", kernel.name);
		}
	}
}
