//! The node's parts and how they are put together.

mod consensus;
mod network;
mod partial;
mod ports;

pub(crate) use partial::{new_partial, FullBackend, FullClient, FullPool, FullSelectChain};

use mutirao_runtime::{Block, Hash};
use sc_network::NetworkBackend;
use sc_service::{error::Error as ServiceError, Configuration, PartialComponents, TaskManager};

/// Starts a node.
///
/// # Errors
///
/// When a part cannot start: the database is locked, a port is taken, genesis does not match.
pub(crate) fn new_full<N: NetworkBackend<Block, Hash>>(
	config: Configuration,
) -> Result<TaskManager, ServiceError> {
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: partial::Other { block_import, grandpa_link, babe_link, rpc, mut telemetry },
	} = new_partial(&config)?;
	ports::refuse_busy(&config)?;

	let network = network::start::<N>(
		&config,
		&client,
		&backend,
		&transaction_pool,
		&task_manager,
		import_queue,
		&grandpa_link,
	)?;

	let settings = consensus::Settings::of(&config);
	let prometheus = config.prometheus_registry().cloned();
	let chain_spec = config.chain_spec.cloned_box();
	let voter_state = rpc.voter_state.clone();

	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		config,
		client: client.clone(),
		backend,
		task_manager: &mut task_manager,
		keystore: keystore_container.keystore(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder: Box::new(move |executor| {
			crate::rpc::create(rpc.clone(), chain_spec.cloned_box(), executor).map_err(Into::into)
		}),
		network: network.service.clone(),
		system_rpc_tx: network.system_rpc_tx,
		tx_handler_controller: network.tx_handler_controller,
		sync_service: network.sync.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	let tasks = consensus::Tasks {
		settings,
		client,
		transaction_pool,
		keystore: keystore_container.keystore(),
		network: network.service,
		sync: network.sync,
		telemetry: telemetry.as_ref().map(|t| t.handle()),
		prometheus,
	};
	if tasks.settings.role.is_authority() {
		tasks.start_authoring(&task_manager, select_chain, block_import, babe_link)?;
		tasks.start_authority_discovery(&task_manager);
	}
	tasks.start_finality(
		&task_manager,
		grandpa_link,
		network.grandpa_notifications,
		network.grandpa_protocol,
		voter_state,
	)?;
	Ok(task_manager)
}
