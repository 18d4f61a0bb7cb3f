//! The `market_*` methods, for explorers and dApps: docs/rpc.md.
//!
//! Answers come from the runtime of the block that is asked about, over its market API, so they stay
//! right across upgrades. Only events are decoded with this node's own types ([`events`]).
//!
//! | module | what |
//! |---|---|
//! | [`questions`], [`params`] | what may be asked, checked |
//! | [`view`] | what is answered, as JSON |
//! | [`events`] | events, as JSON |
//! | [`query`] | asking the runtime |
//! | [`blocks`], [`subscribe`], [`places`] | following the chain, and how many may |
//! | [`once`] | what many followers need, made once |
//! | [`error`] | what can go wrong, each with a code |

mod blocks;
mod error;
mod events;
mod once;
mod params;
mod places;
mod query;
mod questions;
mod subscribe;
mod view;

use crate::service::FullClient;
use error::Error;
use jsonrpsee::{
	core::RegisterMethodError,
	types::{ErrorObjectOwned, Params},
	Methods, PendingSubscriptionSink, RpcModule, SubscriptionCloseResponse,
};
use query::Market;
use sc_rpc::SubscriptionTaskExecutor;
use serde::{de::DeserializeOwned, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// The OpenRPC document of these methods.
const DOCUMENT: &str = include_str!("openrpc.json");

/// All methods, ready to serve.
///
/// # Errors
///
/// When the document is not JSON, or two methods share a name.
pub(super) fn create(
	client: Arc<FullClient>,
	executor: SubscriptionTaskExecutor,
) -> Result<Methods, super::BoxError> {
	let mut module = RpcModule::new(Market::new(client, executor));
	answer(&mut module, "market_offers", Market::offers)?;
	answer(&mut module, "market_offer", Market::offer)?;
	answer(&mut module, "market_provider", Market::provider)?;
	answer(&mut module, "market_job", Market::job)?;
	answer(&mut module, "market_jobs", Market::jobs)?;
	answer(&mut module, "market_programs", Market::programs)?;
	answer(&mut module, "market_program", Market::program)?;
	answer(&mut module, "market_totals", Market::totals)?;
	answer(&mut module, "market_estimate", Market::estimate)?;
	answer(&mut module, "market_attestation", Market::attestation)?;
	answer(&mut module, "market_benchmark", Market::benchmark)?;
	answer(&mut module, "market_measurements", Market::measurements)?;
	module.register_subscription(
		"market_subscribeJob",
		"market_jobState",
		"market_unsubscribeJob",
		|params, pending, market, _| async move {
			match question(&params) {
				Ok(asked) => subscribe::job(&market, pending, asked).await,
				Err(error) => refuse(pending, error).await,
			}
		},
	)?;
	module.register_subscription(
		"market_subscribeEvents",
		"market_blockEvents",
		"market_unsubscribeEvents",
		|params, pending, market, _| async move {
			match question(&params) {
				Ok(asked) => subscribe::events(&market, pending, asked).await,
				Err(error) => refuse(pending, error).await,
			}
		},
	)?;
	let document: Value = serde_json::from_str(DOCUMENT)?;
	module.register_method("rpc.discover", move |_, _, _| {
		Ok::<_, ErrorObjectOwned>(document.clone())
	})?;
	Ok(module.into())
}

/// Serves a method. It reads the database and runs the runtime, so it gets a thread of its own.
fn answer<Question, Answer>(
	module: &mut RpcModule<Market>,
	method: &'static str,
	answer: fn(&Market, Question) -> Result<Answer, Error>,
) -> Result<(), RegisterMethodError>
where
	Question: DeserializeOwned + 'static,
	Answer: Serialize + Clone + 'static,
{
	module.register_blocking_method(
		method,
		move |params, market, _| -> Result<Answer, ErrorObjectOwned> {
			Ok(answer(&market, question(&params)?)?)
		},
	)?;
	Ok(())
}

/// Parameters by position or by name; none at all is an empty list.
fn question<Question: DeserializeOwned>(params: &Params<'_>) -> Result<Question, ErrorObjectOwned> {
	match params.as_str() {
		Some(_) => params.parse(),
		None => Params::new(Some("[]")).parse(),
	}
}

async fn refuse(
	pending: PendingSubscriptionSink,
	error: impl Into<ErrorObjectOwned>,
) -> SubscriptionCloseResponse {
	pending.reject(error).await;
	SubscriptionCloseResponse::None
}
