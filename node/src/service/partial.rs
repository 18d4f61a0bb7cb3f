//! The parts that subcommands need too: client, database, pool, block import.

use crate::rpc;
use mutirao_runtime::{apis::RuntimeApi, Block, Hash};
use sc_consensus_babe::{BabeBlockImport, BabeLink};
use sc_consensus_grandpa::{FinalityProofProvider, GrandpaBlockImport, LinkHalf, SharedVoterState};
use sc_service::{
	error::Error as ServiceError, BuildGenesisBlock, Configuration, GenesisBlockBuilder,
	PartialComponents,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::{inherents::InherentDataProvider as SlotInherent, SlotDuration};
use sp_inherents::CreateInherentDataProviders;
use sp_runtime::traits::Block as _;
use sp_timestamp::InherentDataProvider as TimestampInherent;
use std::sync::Arc;

/// How often a justification is kept even if nobody asks: light clients start from these.
pub(super) const GRANDPA_JUSTIFICATION_PERIOD: u32 = 512;

type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;
pub(crate) type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
pub(crate) type FullBackend = sc_service::TFullBackend<Block>;
pub(crate) type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
pub(crate) type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
pub(super) type GrandpaLink = LinkHalf<Block, FullClient, FullSelectChain>;
pub(super) type BlockImport = BabeBlockImport<
	Block,
	FullClient,
	GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>,
	CreateInherents,
	FullSelectChain,
>;
/// Makes the inherents of a block: its slot and its time.
pub(super) type CreateInherents = Arc<
	dyn CreateInherentDataProviders<
		Block,
		(),
		InherentDataProviders = (SlotInherent, TimestampInherent),
	>,
>;

/// What [`new_partial`] makes beyond sc-service's own list.
pub(crate) struct Other {
	pub(super) block_import: BlockImport,
	pub(super) grandpa_link: GrandpaLink,
	pub(super) babe_link: BabeLink<Block>,
	pub(super) rpc: rpc::Dependencies,
	pub(super) telemetry: Option<Telemetry>,
}

type Partial = PartialComponents<
	FullClient,
	FullBackend,
	FullSelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	FullPool,
	Other,
>;

/// Opens the database and sets up block import.
///
/// # Errors
///
/// When the database cannot be opened or holds another chain.
pub(crate) fn new_partial(config: &Configuration) -> Result<Partial, ServiceError> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;
	let executor: Executor = sc_service::new_wasm_executor(&config.executor);
	let backend = sc_service::new_db_backend(config.db_config())?;
	let genesis =
		config.chain_spec.as_storage_builder().build_storage().map_err(ServiceError::Other)?;
	let genesis_block = |commit| {
		let (backend, executor) = (backend.clone(), executor.clone());
		GenesisBlockBuilder::new_with_storage(genesis.clone(), commit, backend, executor)
	};
	let (client, backend, keystore_container, task_manager) =
		sc_service::new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
			config,
			telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
			executor.clone(),
			backend.clone(),
			genesis_block(!config.no_genesis())?,
			false,
		)?;
	let (expected, _) = genesis_block(false)?.build_genesis_block()?;
	refuse_other_genesis(config, expected.hash(), client.chain_info().genesis_hash)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});
	let select_chain = sc_consensus::LongestChain::new(backend.clone());
	let transaction_pool = Arc::from(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		GRANDPA_JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.as_ref().map(|t| t.handle()),
	)?;
	let justification_import = grandpa_import.clone();
	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let (block_import, babe_link) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_import,
		client.clone(),
		create_inherents(slot_duration),
		select_chain.clone(),
		OffchainTransactionPoolFactory::new(transaction_pool.clone()),
	)?;
	let (import_queue, babe_worker) =
		sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
			link: babe_link.clone(),
			block_import: block_import.clone(),
			justification_import: Some(Box::new(justification_import)),
			client: client.clone(),
			slot_duration,
			spawner: &task_manager.spawn_essential_handle(),
			registry: config.prometheus_registry(),
			telemetry: telemetry.as_ref().map(|t| t.handle()),
		})?;

	let authority_set = grandpa_link.shared_authority_set().clone();
	let rpc = rpc::Dependencies {
		client: client.clone(),
		pool: Arc::clone(&transaction_pool),
		select_chain: select_chain.clone(),
		keystore: keystore_container.keystore(),
		babe: babe_worker,
		authority_set: authority_set.clone(),
		voter_state: SharedVoterState::empty(),
		justifications: grandpa_link.justification_stream(),
		finality_proofs: FinalityProofProvider::new_for_service(
			backend.clone(),
			Some(authority_set),
		),
	};
	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Other { block_import, grandpa_link, babe_link, rpc, telemetry },
	})
}

/// A database that another chain wrote must not be continued under this one's name.
fn refuse_other_genesis(
	config: &Configuration,
	expected: Hash,
	found: Hash,
) -> Result<(), ServiceError> {
	if expected == found {
		return Ok(());
	}
	Err(ServiceError::Other(format!(
		"the database in {} has genesis {found:?}, but the chain {:?} has {expected:?}. Use another \
		 --base-path, the specification that made this database, or `purge-chain`.",
		config.base_path.path().display(),
		config.chain_spec.id(),
	)))
}

pub(super) fn create_inherents(slot_duration: SlotDuration) -> CreateInherents {
	Arc::new(move |_parent, ()| async move {
		let timestamp = TimestampInherent::from_system_time();
		let slot = SlotInherent::from_timestamp_and_slot_duration(*timestamp, slot_duration);
		Ok((slot, timestamp))
	})
}
