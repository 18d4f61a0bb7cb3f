//! The heaviest things the chain can be made to do fit into its blocks.

use frame_election_provider_support::{weights::SubstrateWeight, WeightInfo as _};
use frame_support::dispatch::DispatchClass;
use mutirao_runtime::{
	configs::RuntimeBlockWeights,
	constants::consensus::{
		MAX_ELECTABLE_TARGETS, MAX_ELECTING_VOTERS, MAX_NOMINATIONS, MAX_VALIDATORS,
	},
	weights::EquivocationWeight,
	Runtime,
};

#[test]
fn the_largest_election_fits_into_the_block_that_ends_a_session() {
	let election = SubstrateWeight::<Runtime>::phragmen(
		MAX_ELECTING_VOTERS,
		MAX_ELECTABLE_TARGETS,
		MAX_NOMINATIONS,
	);
	let block = RuntimeBlockWeights::get().max_block;
	assert!(election.all_lt(block), "{election:?} against {block:?}");
}

#[test]
fn an_equivocation_of_the_most_backed_validator_can_always_be_reported() {
	let normal = RuntimeBlockWeights::get().get(DispatchClass::Normal).max_extrinsic.unwrap();
	let babe = <EquivocationWeight<Runtime> as pallet_babe::WeightInfo>::report_equivocation(
		MAX_VALIDATORS,
		MAX_ELECTING_VOTERS,
	);
	let grandpa = <EquivocationWeight<Runtime> as pallet_grandpa::WeightInfo>::report_equivocation(
		MAX_VALIDATORS,
		MAX_ELECTING_VOTERS,
	);
	for report in [babe, grandpa] {
		assert!(report.all_lt(normal), "{report:?} against {normal:?}");
	}
}
