//! The tasks of consensus: authoring, finality, and finding the other validators.

use super::partial::{
	create_inherents, BlockImport, FullClient, FullPool, FullSelectChain, GrandpaLink,
};
use futures::StreamExt;
use mutirao_runtime::Block;
use sc_consensus_babe::{BabeLink, BabeParams, SlotProportion};
use sc_consensus_grandpa::{GrandpaParams, SharedVoterState, VotingRulesBuilder};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network::{
	event::Event,
	service::traits::{NetworkService, NotificationService},
	types::ProtocolName,
	Multiaddr,
};
use sc_network_sync::SyncingService;
use sc_service::{
	config::Role, error::Error as ServiceError, ChainType, Configuration, TaskManager,
};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_keystore::KeystorePtr;
use std::{sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;

/// What is read from the configuration before sc-service consumes it.
pub(super) struct Settings {
	pub role: Role,
	name: String,
	force_authoring: bool,
	enable_grandpa: bool,
	chain_type: ChainType,
	publish_non_global_ips: bool,
	public_addresses: Vec<Multiaddr>,
}

impl Settings {
	pub(super) fn of(config: &Configuration) -> Self {
		Self {
			role: config.role,
			name: config.network.node_name.clone(),
			force_authoring: config.force_authoring,
			enable_grandpa: !config.disable_grandpa,
			chain_type: config.chain_spec.chain_type(),
			publish_non_global_ips: config.network.allow_non_globals_in_dht,
			public_addresses: config.network.public_addresses.clone(),
		}
	}
}

/// What all tasks share.
pub(super) struct Tasks {
	pub settings: Settings,
	pub client: Arc<FullClient>,
	pub transaction_pool: Arc<FullPool>,
	pub keystore: KeystorePtr,
	pub network: Arc<dyn NetworkService>,
	pub sync: Arc<SyncingService<Block>>,
	pub telemetry: Option<TelemetryHandle>,
	pub prometheus: Option<Registry>,
}

impl Tasks {
	/// Authors blocks in our slots.
	pub(super) fn start_authoring(
		&self,
		tasks: &TaskManager,
		select_chain: FullSelectChain,
		block_import: BlockImport,
		babe_link: BabeLink<Block>,
	) -> Result<(), ServiceError> {
		let env = sc_basic_authorship::ProposerFactory::new(
			tasks.spawn_handle(),
			self.client.clone(),
			self.transaction_pool.clone(),
			self.prometheus.as_ref(),
			self.telemetry.clone(),
		);
		let slot_duration = babe_link.config().slot_duration();
		let babe = sc_consensus_babe::start_babe(BabeParams {
			keystore: self.keystore.clone(),
			client: self.client.clone(),
			select_chain,
			env,
			block_import,
			sync_oracle: self.sync.clone(),
			justification_sync_link: self.sync.clone(),
			create_inherent_data_providers: create_inherents(slot_duration),
			force_authoring: self.settings.force_authoring,
			// Slower blocks while finality lags: what is built meanwhile may have to be undone.
			backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
			babe_link,
			block_proposal_slot_portion: SlotProportion::new(0.5),
			max_block_proposal_slot_portion: None,
			telemetry: self.telemetry.clone(),
		})?;
		tasks.spawn_essential_handle().spawn_blocking("babe", Some("block-authoring"), babe);
		Ok(())
	}

	/// Publishes our address under our authority key, and finds those of the others.
	pub(super) fn start_authority_discovery(&self, tasks: &TaskManager) {
		let dht_events = self.network.event_stream("authority-discovery").filter_map(|e| async {
			match e {
				Event::Dht(e) => Some(e),
				_ => None,
			}
		});
		let (worker, _service) = sc_authority_discovery::new_worker_and_service_with_config(
			sc_authority_discovery::WorkerConfig {
				publish_non_global_ips: self.settings.publish_non_global_ips,
				public_addresses: self.settings.public_addresses.clone(),
				..Default::default()
			},
			self.client.clone(),
			Arc::new(self.network.clone()),
			Box::pin(dht_events),
			sc_authority_discovery::Role::PublishAndDiscover(self.keystore.clone()),
			self.prometheus.clone(),
			tasks.spawn_handle(),
		);
		tasks.spawn_handle().spawn("authority-discovery", Some("networking"), worker.run());
	}

	/// Votes on finality if we are a validator, and follows it in any case.
	pub(super) fn start_finality(
		&self,
		tasks: &TaskManager,
		link: GrandpaLink,
		notification_service: Box<dyn NotificationService>,
		protocol_name: ProtocolName,
		shared_voter_state: SharedVoterState,
	) -> Result<(), ServiceError> {
		if !self.settings.enable_grandpa {
			return Ok(());
		}
		let config = sc_consensus_grandpa::Config {
			gossip_duration: Duration::from_millis(333),
			justification_generation_period: super::partial::GRANDPA_JUSTIFICATION_PERIOD,
			name: Some(self.settings.name.clone()),
			observer_enabled: false,
			keystore: self.settings.role.is_authority().then(|| self.keystore.clone()),
			local_role: self.settings.role,
			telemetry: self.telemetry.clone(),
			protocol_name,
		};
		let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
			config,
			link,
			network: self.network.clone(),
			sync: self.sync.clone(),
			notification_service,
			voting_rule: voting_rules(&self.settings.chain_type).build(),
			prometheus_registry: self.prometheus.clone(),
			shared_voter_state,
			telemetry: self.telemetry.clone(),
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(
				self.transaction_pool.clone(),
			),
		})?;
		tasks.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
		Ok(())
	}
}

/// How far behind the best block votes stay: blocks that others may still fork are not worth a vote.
/// On a development chain nobody forks, and whoever tries something waits for finality.
fn voting_rules(chain: &ChainType) -> VotingRulesBuilder<Block, FullClient> {
	match chain {
		ChainType::Development => VotingRulesBuilder::new(),
		_ => VotingRulesBuilder::default(),
	}
}
