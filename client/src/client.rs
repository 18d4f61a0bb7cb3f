//! A chain, seen through whichever of its nodes answers.

use crate::{
	api,
	backoff::Backoff,
	compatibility::Compatibility,
	connection::{Connection, Link},
	known_metadata,
	nonce::Nonces,
	scale,
	view::View,
	AccountId, Balance, Config, Error,
};
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use std::{future::Future, sync::Arc, time::Duration};
use subxt::{ext::scale_value::Value, ArcMetadata, OnlineClient, OnlineClientAtBlock};
use tokio::time::{sleep, timeout};

/// How long a node may take for one read.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Entries of a list that are read. The longest list, all open jobs, stays far below.
const MOST_ENTRIES: usize = 100_000;

/// The chain at one block.
pub(crate) type At = OnlineClientAtBlock<Config>;

/// Where to connect, and what to expect there.
#[derive(Clone)]
pub struct Options {
	/// Nodes of one chain, such as `ws://127.0.0.1:9944`. The first that answers, and serves the chain that
	/// the program was built for, is used until it does not, then the next.
	pub endpoints: Vec<String>,
	/// How long reads wait for a node to come back before they fail.
	pub patience: Duration,
	/// The chain that the program was built for: [`known_metadata`], unless it brings its own.
	pub known: ArcMetadata,
}

impl Options {
	/// These endpoints, a minute's patience, the known chain.
	///
	/// # Errors
	///
	/// Those of [`known_metadata`].
	pub fn new<S: Into<String>>(endpoints: impl IntoIterator<Item = S>) -> Result<Self, Error> {
		let endpoints = endpoints.into_iter().map(Into::into).collect();
		Ok(Self { endpoints, patience: Duration::from_secs(60), known: known_metadata()? })
	}
}

/// A connection to a chain. Clones share it.
///
/// Reads see the last finalised block. A read that fails because the connection broke is asked again over
/// another one; a transaction is looked for before it is sent again.
#[derive(Clone)]
pub struct Client {
	inner: Arc<Inner>,
}

struct Inner {
	connection: Connection,
	nonces: Nonces,
	patience: Duration,
}

impl Client {
	/// Connects to a node, such as `ws://127.0.0.1:9944`.
	///
	/// Unencrypted addresses are accepted: an own node on the same machine is the usual case.
	///
	/// # Errors
	///
	/// [`Error::Connect`] when nobody answers there, [`Error::Incompatible`] when what answers is not the
	/// chain that this program was built for.
	pub async fn connect(url: &str) -> Result<Self, Error> {
		Self::open(Options::new([url])?).await
	}

	/// Connects to the first of several nodes that answers and serves the chain that this program was
	/// built for. The others are passed over, with a warning that names them.
	///
	/// # Errors
	///
	/// As [`Self::connect`], when none is right; [`Error::NoEndpoint`] when none is named.
	pub async fn open(options: Options) -> Result<Self, Error> {
		let compatibility = Compatibility::with(options.known);
		let inner = Inner {
			connection: Connection::open(options.endpoints, compatibility).await?,
			nonces: Nonces::default(),
			patience: options.patience,
		};
		let client = Self { inner: Arc::new(inner) };
		client.latest("the chain's version").await?;
		Ok(client)
	}

	/// The connection in use, for what this client does not wrap. It is not replaced when it breaks: ask
	/// again.
	pub fn chain(&self) -> OnlineClient<Config> {
		self.inner.connection.link().chain.clone()
	}

	/// The address of the node in use.
	pub fn endpoint(&self) -> String {
		self.inner.connection.link().url.clone()
	}

	/// The spendable balance of an account, in planck; 0 if it does not exist.
	///
	/// # Errors
	///
	/// [`Error::Query`] when the node cannot answer.
	pub async fn free_balance(&self, account: &AccountId) -> Result<Balance, Error> {
		let account = *account;
		self.read("an account", |_, at| async move {
			let info = at.storage().entry(api::storage().system().account());
			let info = info.map_err(Error::query)?.try_fetch((account,)).await;
			match info.map_err(Error::query)? {
				Some(info) => Ok(info.decode().map_err(Error::query)?.data.free),
				None => Ok(0),
			}
		})
		.await
	}

	/// Asks a view function.
	pub(crate) async fn view<A, T>(&self, view: &View<A, T>, arguments: A) -> Result<T, Error>
	where
		A: Encode + TypeInfo + 'static,
		T: Decode + TypeInfo + 'static,
	{
		let arguments = arguments.encode();
		let (pallet, function) = (view.pallet, view.function);
		let answer = self.read("a view function", |_, at| {
			let arguments = arguments.clone();
			async move {
				let found = at.metadata_ref().pallet_by_name(pallet);
				let found = found.and_then(|pallet| pallet.view_function_by_name(function));
				let Some(id) = found.map(|function| *function.query_id()) else {
					return Err(Error::Decode {
						what: format!("{pallet}.{function}"),
						reason: "the chain does not have it".into(),
					});
				};
				let input = (id, arguments).encode();
				at.view_functions().call_raw(Some(&input)).await.map_err(Error::query)
			}
		});
		view.read(&answer.await?)
	}

	/// Reads a map's value.
	pub(crate) async fn stored<T: Decode + Send>(
		&self,
		pallet: &'static str,
		entry: &'static str,
		keys: Vec<Value>,
	) -> Result<Option<T>, Error> {
		let bytes = self.read("storage", |_, at| {
			let keys = keys.clone();
			async move {
				let entry = at.storage().entry((pallet, entry)).map_err(Error::query)?;
				let value = entry.try_fetch(keys).await.map_err(Error::query)?;
				Ok(value.map(|value| value.into_bytes()))
			}
		});
		let Some(bytes) = bytes.await? else { return Ok(None) };
		scale::decode(&format!("{pallet}.{entry}"), &bytes).map(Some)
	}

	/// The numbers that follow the key `first` in a double map, ascending. (Numbers are hashed with
	/// Twox64Concat, so they are the last eight bytes of a key.)
	pub(crate) async fn numbers(
		&self,
		pallet: &'static str,
		entry: &'static str,
		first: Value,
	) -> Result<Vec<u64>, Error> {
		self.read("a list", |_, at| {
			let first = first.clone();
			async move {
				let what = || format!("{pallet}.{entry}");
				let list = at.storage().entry((pallet, entry)).map_err(Error::query)?;
				let mut list = list.iter(vec![first]).await.map_err(Error::query)?;
				let mut numbers = Vec::new();
				while let Some(found) = list.next().await {
					let found = found.map_err(Error::query)?;
					let number = found.key_bytes().last_chunk().copied().map(u64::from_le_bytes);
					numbers.push(number.ok_or_else(|| Error::Decode {
						what: what(),
						reason: "a key is too short".into(),
					})?);
					if numbers.len() > MOST_ENTRIES {
						return Err(Error::TooLong { what: what(), most: MOST_ENTRIES });
					}
				}
				numbers.sort_unstable();
				Ok(numbers)
			}
		})
		.await
	}

	/// The chain at its last finalised block.
	pub(crate) async fn latest(&self, what: &'static str) -> Result<(Arc<Link>, At), Error> {
		self.read(what, |link, at| async move { Ok((link, at)) }).await
	}

	/// Asks about the last finalised block; asks again over another connection when this one is broken.
	pub(crate) async fn read<T, F>(
		&self,
		what: &'static str,
		ask: impl Fn(Arc<Link>, At) -> F + Send + Sync,
	) -> Result<T, Error>
	where
		T: Send,
		F: Future<Output = Result<T, Error>> + Send,
	{
		let mut backoff = Backoff::new(self.inner.patience);
		loop {
			let link = self.inner.connection.link();
			let asking = async {
				let at = link.chain.at_current_block().await.map_err(Error::query)?;
				let compatibility = self.inner.connection.compatibility();
				compatibility.check(at.spec_version(), at.metadata_ref())?;
				ask(link.clone(), at).await
			};
			let late = |_| Error::Timeout { what, after: READ_TIMEOUT };
			match timeout(READ_TIMEOUT, asking).await.map_err(late).and_then(|answer| answer) {
				Ok(answer) => return Ok(answer),
				// This node may be behind the others, or ahead of them.
				Err(error @ Error::Incompatible(_)) => {
					log::warn!("{}: {error}", link.url);
					// One that is right may come back.
					let wrong = |other: Error| if other.is_retryable() { other } else { error };
					self.inner.connection.renew(&link).await.map_err(wrong)?;
					self.inner.nonces.forget_all();
				}
				Err(error) if !error.is_retryable() || link.is_alive().await => return Err(error),
				Err(error) => self.recover(&link, &mut backoff, &error).await?,
			}
		}
	}

	/// Finds another connection in place of a broken one.
	async fn recover(
		&self,
		broken: &Link,
		backoff: &mut Backoff,
		because: &Error,
	) -> Result<(), Error> {
		log::warn!("lost the connection to {}: {because}", broken.url);
		loop {
			let error = match self.inner.connection.renew(broken).await {
				Ok(_) => {
					self.inner.nonces.forget_all();
					return Ok(());
				}
				Err(error) => error,
			};
			match backoff.pause() {
				Some(pause) if error.is_retryable() => sleep(pause).await,
				_ => return Err(error),
			}
		}
	}

	pub(crate) fn nonces(&self) -> &Nonces {
		&self.inner.nonces
	}
}
