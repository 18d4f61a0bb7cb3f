//! Which pallets `scripts/weights` measures on this runtime, and what their benchmarks need of one
//! another.

use crate::{
	configs::ProxyType,
	constants::{
		currency::MUT,
		market::{
			DRAW_BLOCKS, MAX_ACCEPT_BLOCKS, MAX_ATTEST_BLOCKS, MAX_CONTEST_BLOCKS, MAX_SAMPLES,
			RING_BLOCKS,
		},
	},
	AccountId, AllPalletsWithSystem, Balances, BlockNumber, Jobs, Programs, Providers, Proxy,
	Runtime, RuntimeOrigin,
};
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{
	account, define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList,
};
use frame_support::traits::{
	fungible::Mutate, Get, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys,
};
use mutirao_types::{BufferId, JobId, JobRequest, OfferId, ProgramId, Target, Times};

define_benchmarks!(
	[frame_system, frame_system_benchmarking::Pallet::<Runtime>]
	[pallet_attestations, crate::Attestations]
	[pallet_babe, crate::Babe]
	[pallet_balances, crate::Balances]
	[pallet_benchmarks, crate::Benchmarks]
	[pallet_grandpa, crate::Grandpa]
	[pallet_jobs, crate::Jobs]
	[pallet_programs, crate::Programs]
	[pallet_providers, crate::Providers]
	[pallet_timestamp, crate::Timestamp]
	[pallet_utility, crate::Utility]
);

impl frame_system_benchmarking::Config for Runtime {}

pub(crate) fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::<BenchmarkList>::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

pub(crate) fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::<BenchmarkBatch>::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}

/// What the proofs' benchmarks need of the rest of the market.
pub struct MarketHelper;

/// The last of as many proxies as an account may have.
fn worker_key(provider: &AccountId) -> AccountId {
	Balances::mint_into(provider, 10_000 * MUT).expect("there is room for more money");
	for number in 0..<Runtime as pallet_proxy::Config>::MaxProxies::get() {
		let key = account("worker", number, 0);
		Proxy::add_proxy_delegate(provider, key, ProxyType::Worker, 0).expect("there is room");
	}
	let (proxies, _) = Proxy::proxies(provider.clone());
	proxies.last().expect("they were added").delegate.clone()
}

impl pallet_attestations::BenchmarkHelper<AccountId> for MarketHelper {
	fn fund(who: &AccountId) {
		Balances::mint_into(who, 10_000 * MUT).expect("there is room for more money");
	}

	fn give_vrf_output() {
		pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some([7; 32]));
	}

	fn register(code: Vec<u8>) {
		let depositor = account("depositor", 0, 0);
		Self::fund(&depositor);
		let code = code.try_into().expect("no longer than a program may be");
		Programs::register(RuntimeOrigin::signed(depositor), code).expect("it is a program");
	}

	fn worker_key(provider: &AccountId) -> AccountId {
		worker_key(provider)
	}

	fn running_job(
		program: ProgramId,
		parameters: Vec<u32>,
		inputs: Vec<BufferId>,
	) -> (JobId, AccountId) {
		let (buyer, provider): (AccountId, AccountId) =
			(account("buyer", 0, 0), account("provider", 0, 0));
		Self::fund(&buyer);
		let offer = <Providers as mutirao_traits::Providers<_, _>>::benchmark_offer(&provider);
		let request = JobRequest {
			program,
			parameters: parameters.try_into().expect("parameters are few"),
			inputs: inputs.try_into().expect("inputs are few"),
			target: Target::Anyone,
			requirements: Default::default(),
			price_cap: 1_000 * MUT,
			samples: MAX_SAMPLES,
			times: Times {
				accept_within: MAX_ACCEPT_BLOCKS,
				attest_within: MAX_ATTEST_BLOCKS,
				contest_for: MAX_CONTEST_BLOCKS,
			},
		};
		let job = pallet_jobs::NextJob::<Runtime>::get();
		Jobs::post(RuntimeOrigin::signed(buyer), request).expect("the buyer can pay");
		Jobs::accept(RuntimeOrigin::signed(provider.clone()), job, offer)
			.expect("the offer takes any job");
		(job, provider)
	}
}

impl pallet_benchmarks::BenchmarkHelper<AccountId, BlockNumber> for MarketHelper {
	fn register(code: Vec<u8>) -> ProgramId {
		let program = BufferId::of(&code).hash;
		if !pallet_programs::Programs::<Runtime>::contains_key(program) {
			<Self as pallet_attestations::BenchmarkHelper<AccountId>>::register(code);
		}
		program
	}

	fn offer() -> (AccountId, OfferId) {
		let provider: AccountId = account("provider", 0, 0);
		let offer = <Providers as mutirao_traits::Providers<_, _>>::benchmark_offer(&provider);
		(provider, offer)
	}

	fn worker_key(provider: &AccountId) -> AccountId {
		worker_key(provider)
	}

	fn give_vrf_output(output: [u8; 32]) {
		pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some(output));
	}

	fn give_outputs_after(block: BlockNumber) {
		for block in (block..).skip(1).take(DRAW_BLOCKS as usize) {
			let output = [block as u8; 32];
			pallet_attestations::Ring::<Runtime>::insert(
				block % RING_BLOCKS,
				pallet_attestations::RingEntry { block, output },
			);
		}
	}
}
