//! Peers: block sync, GRANDPA's gossip, warp sync.

use super::partial::{FullBackend, FullClient, FullPool, GrandpaLink};
use mutirao_runtime::{Block, Hash};
use sc_client_api::BlockBackend;
use sc_consensus::DefaultImportQueue;
use sc_network::{
	config::FullNetworkConfiguration,
	service::traits::{NetworkService, NotificationService},
	types::ProtocolName,
	NetworkBackend,
};
use sc_network_sync::{strategy::warp::WarpSyncConfig, SyncingService};
use sc_service::{error::Error as ServiceError, Configuration, TaskManager};
use sc_utils::mpsc::TracingUnboundedSender;
use std::sync::Arc;

/// A running network and the ends that other parts hold.
pub(super) struct Network {
	pub service: Arc<dyn NetworkService>,
	pub sync: Arc<SyncingService<Block>>,
	pub system_rpc_tx: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
	pub tx_handler_controller: sc_network_transactions::TransactionsHandlerController<Hash>,
	pub grandpa_notifications: Box<dyn NotificationService>,
	pub grandpa_protocol: ProtocolName,
}

pub(super) fn start<N: NetworkBackend<Block, Hash>>(
	config: &Configuration,
	client: &Arc<FullClient>,
	backend: &Arc<FullBackend>,
	transaction_pool: &Arc<FullPool>,
	task_manager: &TaskManager,
	import_queue: DefaultImportQueue<Block>,
	grandpa_link: &GrandpaLink,
) -> Result<Network, ServiceError> {
	let registry = config.prometheus_registry();
	let metrics = N::register_notification_metrics(registry);
	let mut net_config =
		FullNetworkConfiguration::<_, _, N>::new(&config.network, registry.cloned());
	let genesis_hash = client
		.block_hash(0)?
		.ok_or_else(|| ServiceError::Other("the database has no genesis block".into()))?;
	let grandpa_protocol =
		sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (grandpa_config, grandpa_notifications) =
		sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
			grandpa_protocol.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
	net_config.add_notification_protocol(grandpa_config);
	let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
		backend.clone(),
		grandpa_link.shared_authority_set().clone(),
		Vec::new(),
	));
	let (service, system_rpc_tx, tx_handler_controller, sync, _bitswap) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;
	Ok(Network {
		service,
		sync,
		system_rpc_tx,
		tx_handler_controller,
		grandpa_notifications,
		grandpa_protocol,
	})
}
