//! What a chain tells besides the market: money, time, proxies, and how far its node is.

use std::{future::Future, time::Duration};

use mutirao_client::{
	api,
	pallets::{AttestationsExt, BenchmarksExt, JobsExt, ProvidersExt},
	AccountId, Balance, Blocks, Client, Error,
};

/// How long a fact may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer that may be awaited on any thread.
pub(crate) type Answer<T> = Result<T, Error>;

/// What a chain tells besides the market.
pub trait Facts: Sync {
	/// An account's spendable money, in planck.
	fn free(&self, account: AccountId) -> impl Future<Output = Answer<Balance>> + Send;

	/// Whether an account may serve jobs in the name of another.
	fn is_worker_of(
		&self,
		delegate: AccountId,
		provider: AccountId,
	) -> impl Future<Output = Answer<bool>> + Send;

	/// The timestamp of the last finalised block, in milliseconds since 1970, and its height.
	fn finalised(&self) -> impl Future<Output = Answer<(u64, u32)>> + Send;

	/// The protocol's numbers for providers.
	fn terms(&self) -> impl Future<Output = Answer<Terms>> + Send;
}

/// What is read of the market here.
pub trait Reads: ProvidersExt + JobsExt + AttestationsExt + BenchmarksExt + Blocks {}

impl<T: ProvidersExt + JobsExt + AttestationsExt + BenchmarksExt + Blocks> Reads for T {}

/// The protocol's numbers for providers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Terms {
	/// The least stake, in planck.
	pub minimum_stake: Balance,
	/// The longest life of an offer, in active blocks.
	pub max_offer_blocks: u32,
	/// Offers of one provider.
	pub max_offers: u32,
	/// An account with less than this is removed, in planck.
	pub existential_deposit: Balance,
	/// What a proxy puts on hold: the first one, and each more, in planck.
	pub proxy_deposit: (Balance, Balance),
}

/// Reads at the last finalised block; what goes wrong is told as a fact that cannot be read.
macro_rules! at_last_block {
	($client:expr, $what:literal, $at:ident => $read:expr) => {{
		let reading = async {
			let chain = $client.chain();
			let $at = chain.at_current_block().await.map_err(|error| unreadable($what, &error))?;
			$read
		};
		let late = |_| Error::Timeout { what: $what, after: PATIENCE };
		tokio::time::timeout(PATIENCE, reading).await.map_err(late)?
	}};
}

fn unreadable(what: &str, error: &dyn std::error::Error) -> Error {
	Error::Decode { what: what.into(), reason: error.to_string() }
}

impl Facts for Client {
	async fn free(&self, account: AccountId) -> Answer<Balance> {
		self.free_balance(&account).await
	}

	async fn is_worker_of(&self, delegate: AccountId, provider: AccountId) -> Answer<bool> {
		const WHAT: &str = "the provider's proxies";
		at_last_block!(self, "the provider's proxies", at => {
			let entry = at.storage().entry(api::storage().proxy().proxies());
			let entry = entry.map_err(|error| unreadable(WHAT, &error))?;
			let found = entry.try_fetch((provider,)).await;
			let Some(found) = found.map_err(|error| unreadable(WHAT, &error))? else {
				return Ok(false);
			};
			let (proxies, _) = found.decode().map_err(|error| unreadable(WHAT, &error))?;
			type Kind = api::runtime_types::mutirao_runtime::configs::accounts::ProxyType;
			Ok(proxies.0.iter().any(|proxy| {
				proxy.delegate == delegate
					&& proxy.delay == 0
					&& matches!(proxy.proxy_type, Kind::Worker | Kind::Any)
			}))
		})
	}

	async fn finalised(&self) -> Answer<(u64, u32)> {
		const WHAT: &str = "the chain's timestamp";
		at_last_block!(self, "the chain's timestamp", at => {
			let entry = at.storage().entry(api::storage().timestamp().now());
			let entry = entry.map_err(|error| unreadable(WHAT, &error))?;
			let found = entry.try_fetch(()).await.map_err(|error| unreadable(WHAT, &error))?;
			let time = match found {
				Some(found) => found.decode().map_err(|error| unreadable(WHAT, &error))?,
				None => 0,
			};
			Ok((time, u32::try_from(at.block_number()).unwrap_or(u32::MAX)))
		})
	}

	async fn terms(&self) -> Answer<Terms> {
		at_last_block!(self, "the protocol's constants", at => {
			let constants = at.constants();
			let all = api::constants();
			macro_rules! constant {
				($address:expr) => {
					constants
						.entry($address)
						.map_err(|error| unreadable("the protocol's constants", &error))?
				};
			}
			Ok(Terms {
				minimum_stake: constant!(all.providers().minimum_stake()),
				max_offer_blocks: constant!(all.providers().max_offer_blocks()),
				max_offers: constant!(all.providers().max_offers()),
				existential_deposit: constant!(all.balances().existential_deposit()),
				proxy_deposit: (
					constant!(all.proxy().proxy_deposit_base()),
					constant!(all.proxy().proxy_deposit_factor()),
				),
			})
		})
	}
}
