//! The JSON-RPC methods that this chain adds to sc-service's own (legacy and v2).

mod market;

use jsonrpsee::RpcModule;
use mutirao_runtime::{AccountId, Block, BlockNumber, Hash, Nonce};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sp_keystore::KeystorePtr;
use std::sync::Arc;
use substrate_frame_rpc_system::{System, SystemApiServer};

use crate::service::{FullBackend, FullClient, FullPool, FullSelectChain};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the methods read from.
#[derive(Clone)]
pub(crate) struct Dependencies {
	pub client: Arc<FullClient>,
	pub pool: Arc<FullPool>,
	pub select_chain: FullSelectChain,
	pub keystore: KeystorePtr,
	pub babe: BabeWorkerHandle<Block>,
	pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
	pub voter_state: SharedVoterState,
	pub justifications: GrandpaJustificationStream<Block>,
	pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

/// All methods, ready to serve.
///
/// # Errors
///
/// When two methods share a name, or the chain specification cannot carry a light client's
/// checkpoint.
pub(crate) fn create(
	dependencies: Dependencies,
	chain_spec: Box<dyn sc_service::ChainSpec>,
	executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, BoxError> {
	let Dependencies {
		client,
		pool,
		select_chain,
		keystore,
		babe,
		authority_set,
		voter_state,
		justifications,
		finality_proofs,
	} = dependencies;
	let mut module = RpcModule::new(());
	module.merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(System::new(
		client.clone(),
		pool,
	)))?;
	module.merge(TransactionPaymentApiServer::<Hash, _>::into_rpc(
		TransactionPayment::<_, Block>::new(client.clone()),
	))?;
	module.merge(Babe::new(client.clone(), babe.clone(), keystore, select_chain).into_rpc())?;
	module.merge(
		Grandpa::new(
			executor.clone(),
			authority_set.clone(),
			voter_state,
			justifications,
			finality_proofs,
		)
		.into_rpc(),
	)?;
	module.merge(market::create(client.clone(), executor)?)?;
	module.merge(SyncState::new(chain_spec, client, authority_set, babe)?.into_rpc())?;
	Ok(module)
}
