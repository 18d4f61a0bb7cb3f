//! A runtime's benchmarks, called as a node calls a runtime.

use anyhow::{anyhow, Context};
use codec::{Decode, Encode};
use frame_benchmarking::{
	BenchmarkBatch, BenchmarkConfig, BenchmarkList, BenchmarkParameter, BenchmarkResult,
};
use frame_support::traits::StorageInfo;
use sc_chain_spec::GenesisConfigBuilderRuntimeCaller;
use sc_client_db::BenchmarkingState;
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, RuntimeCode, WrappedRuntimeCode};
use sp_externalities::Extensions;
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::{OverlayedChanges, StateMachine};

type HostFunctions =
	(sp_io::SubstrateHostFunctions, frame_benchmarking::benchmarking::HostFunctions);

/// Instances of the runtime that the executor keeps.
const INSTANCES: usize = 2;

/// What is looked at.
#[derive(Clone, Copy)]
pub(crate) enum Look {
	/// How long it takes.
	Time,
	/// What it reads and writes, and the proof of it.
	Storage,
}

/// A pallet's benchmarks.
pub(crate) struct List {
	pub(crate) pallet: String,
	pub(crate) instance: String,
	pub(crate) benchmarks: Vec<Benchmark>,
	/// What is known of all storage of the runtime.
	pub(crate) storage: Vec<StorageInfo>,
}

/// A benchmark, and the parameters that it depends on: name, lowest and highest value.
pub(crate) struct Benchmark {
	pub(crate) name: String,
	pub(crate) parameters: Vec<(BenchmarkParameter, u32, u32)>,
}

pub(crate) struct Runtime {
	executor: WasmExecutor<HostFunctions>,
	code: WrappedRuntimeCode<'static>,
	hash: Vec<u8>,
	timed: BenchmarkingState<BlakeTwo256>,
	tracked: BenchmarkingState<BlakeTwo256>,
}

impl Runtime {
	/// A runtime with the state of one of its presets.
	pub(crate) fn new(code: Vec<u8>, preset: &str) -> anyhow::Result<Self> {
		let builder = GenesisConfigBuilderRuntimeCaller::<
			frame_benchmarking::benchmarking::HostFunctions,
		>::new(&code);
		let genesis = builder
			.get_storage_for_named_preset(Some(&preset.to_string()))
			.map_err(|error| anyhow!("no genesis of preset {preset}: {error}"))?;
		let state = |records_proof, counts| {
			BenchmarkingState::new(genesis.clone(), None, records_proof, counts)
				.map_err(|error| anyhow!("no state from the genesis: {error}"))
		};
		Ok(Self {
			executor: WasmExecutor::builder()
				.with_max_runtime_instances(INSTANCES)
				.with_runtime_cache_size(INSTANCES as u8)
				.build(),
			// A chain without relay chain records no proofs when it executes a block.
			timed: state(false, false)?,
			tracked: state(true, true)?,
			hash: sp_io::hashing::blake2_256(&code).to_vec(),
			code: WrappedRuntimeCode(code.into()),
		})
	}

	/// The benchmarks of a pallet; with `extra` those for comparison too.
	pub(crate) fn list(&self, pallet: &str, extra: bool) -> anyhow::Result<List> {
		let method = "Benchmark_benchmark_metadata";
		let (pallets, storage): (Vec<BenchmarkList>, Vec<StorageInfo>) = self
			.call(&self.timed, method, &extra.encode())
			.context("the runtime was built without `runtime-benchmarks`")?;
		let names = || pallets.iter().map(|one| text(&one.pallet)).collect::<Vec<_>>().join(", ");
		let found = pallets.iter().find(|one| one.pallet == pallet.as_bytes());
		let found = found.with_context(|| format!("no pallet {pallet}; there are {}", names()))?;
		let benchmark = |one: &frame_benchmarking::BenchmarkMetadata| Benchmark {
			name: text(&one.name),
			parameters: one.components.clone(),
		};
		Ok(List {
			pallet: pallet.into(),
			instance: text(&found.instance),
			benchmarks: found.benchmarks.iter().map(benchmark).collect(),
			storage,
		})
	}

	/// Runs a benchmark with certain values of its parameters so many times. With `verifies` also what
	/// the benchmark checks after each.
	pub(crate) fn run(
		&self,
		list: &List,
		benchmark: &Benchmark,
		values: &[(BenchmarkParameter, u32)],
		look: Look,
		repeats: u32,
		verifies: bool,
	) -> anyhow::Result<Vec<BenchmarkResult>> {
		let config = BenchmarkConfig {
			pallet: list.pallet.clone().into(),
			instance: list.instance.clone().into(),
			benchmark: benchmark.name.clone().into(),
			selected_components: values.to_vec(),
			verify: verifies,
			internal_repeats: repeats,
		};
		let state = match look {
			Look::Time => &self.timed,
			Look::Storage => &self.tracked,
		};
		let batches: Result<Vec<BenchmarkBatch>, String> =
			self.call(state, "Benchmark_dispatch_benchmark", &config.encode())?;
		let batches = batches.map_err(|error| anyhow!("{} failed: {error}", benchmark.name))?;
		Ok(batches.into_iter().flat_map(|batch| batch.results).collect())
	}

	fn call<R: Decode>(
		&self,
		state: &BenchmarkingState<BlakeTwo256>,
		method: &str,
		arguments: &[u8],
	) -> anyhow::Result<R> {
		let code =
			RuntimeCode { code_fetcher: &self.code, heap_pages: None, hash: self.hash.clone() };
		let result = StateMachine::new(
			state,
			&mut OverlayedChanges::default(),
			&self.executor,
			method,
			arguments,
			&mut Extensions::new(),
			&code,
			CallContext::Offchain,
		)
		.execute()
		.map_err(|error| anyhow!("{method}: {error}"))?;
		R::decode(&mut result.as_slice()).with_context(|| format!("{method} returned other bytes"))
	}
}

fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}
